"""Who sees to what is outstanding, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.database.encryption import Cipher
from bot.database.expense_rows import HEAD_START
from bot.database.messages import Message
from bot.database.outbox import Outbox
from bot.domain.expense import Decision
from bot.domain.people.audience import approvers
from tests.support.rooms import LUNCH, MANAGER, REQUESTER, SECRET, Rooms, rooms

LEASE = timedelta(seconds=30)
NO_LEASE = timedelta(seconds=0)


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url) as opened:
        yield opened


async def released(here: Rooms, expense_id: str, next_look: datetime | None) -> None:
    due = await here.outbox.claim(expense_id, LEASE)
    assert due
    await here.outbox.release(due, next_look)


async def test_whoever_changes_an_expense_has_a_head_start(here: Rooms) -> None:
    await here.created("e")
    assert await here.outbox.due(10) == []
    await asyncio.sleep(HEAD_START.total_seconds() + 0.1)
    assert await here.outbox.due(10) == ["e"]


async def test_what_is_released_is_due_when_it_was_said_to_be(here: Rooms) -> None:
    now = datetime.now(UTC)
    for expense_id, next_look in (
        ("later", now + timedelta(hours=1)),
        ("second", now - timedelta(seconds=1)),
        ("first", now - timedelta(seconds=2)),
        ("never", None),
    ):
        await here.created(expense_id)
        await released(here, expense_id, next_look)
    assert await here.outbox.due(10) == ["first", "second"]
    assert await here.outbox.due(1) == ["first"]


async def test_one_process_at_a_time_has_an_expense(here: Rooms) -> None:
    expense = await here.created()
    claims = await asyncio.gather(*(here.outbox.claim(expense.id, LEASE) for _ in range(10)))
    assert len([claim for claim in claims if claim]) == 1


async def test_a_lease_that_ended_leaves_the_expense_to_others(here: Rooms) -> None:
    expense = await here.created()
    assert await here.outbox.claim(expense.id, NO_LEASE)
    first = await here.outbox.claim(expense.id, NO_LEASE)
    assert first
    await here.outbox.renew(first, LEASE)
    assert await here.outbox.claim(expense.id, LEASE) is None


async def test_only_what_is_due_is_taken_on_when_that_is_asked(here: Rooms) -> None:
    expense = await here.created()
    assert await here.outbox.claim(expense.id, LEASE, due=True) is None
    await released(here, expense.id, datetime.now(UTC) - timedelta(seconds=1))
    assert await here.outbox.claim(expense.id, LEASE, due=True)


async def test_what_changed_meanwhile_stays_due(here: Rooms) -> None:
    expense = await here.waiting()
    due = await here.outbox.claim(expense.id, LEASE)
    assert due
    await here.decisions.decide(expense.id, Decision.APPROVED, MANAGER)
    await here.outbox.release(due, None)
    await asyncio.sleep(HEAD_START.total_seconds() + 0.1)
    assert await here.outbox.due(10) == [expense.id]


async def test_looks_are_counted_from_the_last_change(here: Rooms) -> None:
    expense = await here.waiting()
    for attempt in range(3):
        due = await here.outbox.claim(expense.id, LEASE)
        assert due
        assert due.attempts == attempt
        await here.outbox.release(due, None)
    await here.decisions.decide(expense.id, Decision.APPROVED, MANAGER)
    due = await here.outbox.claim(expense.id, LEASE)
    assert due
    assert due.attempts == 0


async def test_a_delivery_is_marked_unless_the_expense_has_changed(here: Rooms) -> None:
    expense = await here.waiting()
    decided = await here.decisions.decide(expense.id, Decision.REJECTED, MANAGER)
    await here.decisions.decide(expense.id, Decision.REJECTED, MANAGER, "Because")
    await here.deliver(decided)
    assert (await here.expenses.get(expense.id)).is_undelivered
    await here.deliver(await here.expenses.get(expense.id))
    assert not (await here.expenses.get(expense.id)).is_undelivered


async def test_an_audience_has_one_message(here: Rooms) -> None:
    expense = await here.created()
    first = Message(
        expense_id=expense.id, audience=approvers(0), channel="C1", ts="1.0", shown_version=1
    )
    assert await here.messages.find(expense.id, approvers(0)) is None
    assert await here.messages.add(first)
    twin = Message(
        expense_id=expense.id, audience=approvers(0), channel="C1", ts="2.0", shown_version=1
    )
    assert not await here.messages.add(twin)
    assert await here.messages.find(expense.id, approvers(0)) == first


async def test_a_task_token_cannot_be_read_without_its_key(here: Rooms) -> None:
    expense = await here.waiting()
    stranger = Outbox(here.database, Cipher(["another secret of thirty-two characters"]))
    due = await stranger.claim(expense.id, NO_LEASE)
    assert due
    # Delivery goes on by id, where the workflow is known.
    assert due.callback.task_token is None
    assert due.callback.workflow_id
    rotated = Outbox(here.database, Cipher(["a new secret of thirty-two characters!", SECRET]))
    due = await rotated.claim(expense.id, LEASE)
    assert due
    assert due.callback.task_token == b"token"


async def test_a_message_that_was_found_is_remembered_and_brought_up_to_date(here: Rooms) -> None:
    expense = await here.created()
    await released(here, expense.id, None)
    found = Message(
        expense_id=expense.id, audience=approvers(0), channel="C0", ts="1.0", shown_version=0
    )
    await here.messages.adopt(found)
    assert await here.messages.find(expense.id, approvers(0)) == found
    assert await here.outbox.due(10) == [expense.id]


async def test_a_message_that_is_remembered_stays_the_one(here: Rooms) -> None:
    expense = await here.created()
    message = Message(
        expense_id=expense.id, audience=approvers(0), channel="C0", ts="1.0", shown_version=1
    )
    assert await here.messages.add(message)
    await released(here, expense.id, None)
    other = Message(
        expense_id=expense.id, audience=approvers(0), channel="C0", ts="2.0", shown_version=0
    )
    await asyncio.gather(here.messages.adopt(other), here.messages.adopt(other))
    assert await here.messages.find(expense.id, approvers(0)) == message
    assert await here.outbox.due(10) == []


async def test_a_renewal_that_comes_after_the_release_keeps_nobody_off(here: Rooms) -> None:
    expense = await here.created()
    due = await here.outbox.claim(expense.id, LEASE)
    assert due
    await here.outbox.release(due, None)
    await here.outbox.renew(due, LEASE)
    assert await here.outbox.claim(expense.id, LEASE)


async def test_whoever_comes_back_late_does_not_end_what_is_due(here: Rooms) -> None:
    """One bot stalls, another takes the expense on, and has to come again for it."""
    expense = await here.waiting()
    slow = await here.outbox.claim(expense.id, timedelta(0))
    quick = await here.outbox.claim(expense.id, LEASE)
    assert slow
    assert quick
    await here.outbox.release(slow, None)
    await here.outbox.release(quick, datetime.now(UTC))
    assert expense.id in await here.outbox.due(10)


async def test_a_rejection_that_temporal_took_is_marked_before_slack_is_asked(here: Rooms) -> None:
    expense = await here.waiting()
    decided = await here.decisions.decide(expense.id, Decision.REJECTED, MANAGER)
    await here.outbox.mark_delivered(decided)
    assert not (await here.expenses.get(expense.id)).is_undelivered


async def test_a_bot_killed_before_it_noted_the_start_knows_since_when_it_can_have_been(
    here: Rooms,
) -> None:
    """Temporal cannot have removed the workflow of what was submitted just now."""
    submitted = await here.submissions.submit(REQUESTER, LUNCH, "form")
    order = await here.created("order")
    ours, of_others = await here.outbox.read(submitted.id), await here.outbox.read(order.id)
    assert ours
    assert of_others
    assert ours.callback.started_at == submitted.created_at
    assert of_others.callback.started_at is None
