"""Decisions and their races, on both databases."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain import audit_events
from bot.domain.errors import AlreadyDecided, InvalidId, NotAllowed
from bot.domain.expense import Decision, Expense, State
from tests.support.rooms import (
    LUNCH,
    MANAGER,
    OTHER_MANAGER,
    REQUESTER,
    STRANGER,
    WINDOW,
    Rooms,
    caller,
    rooms,
)


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url) as opened:
        yield opened


async def test_a_decision_is_recorded_with_who_when_and_why(here: Rooms) -> None:
    expense = await here.waiting()
    decided = await here.decisions.decide(expense.id, Decision.REJECTED, MANAGER, "Too much")
    assert decided == await here.expenses.get(expense.id)
    assert decided.state is State.REJECTED
    assert (decided.decided_by, decided.reason) == (MANAGER, "Too much")
    assert decided.decided_at
    assert decided.is_undelivered
    entry = (await here.expenses.history(expense.id))[-1]
    assert (entry.event, entry.actor) == (audit_events.Decided("Too much"), MANAGER)


async def test_a_step_is_logged_once_it_is_committed_and_never_what_people_wrote(
    here: Rooms, caplog: pytest.LogCaptureFixture
) -> None:
    expense = await here.submissions.submit(REQUESTER, LUNCH, "key")
    caplog.set_level(logging.INFO, "bot")
    await here.workflow_calls.create(expense.id, caller(expense.id))
    await here.workflow_calls.register_callback(
        expense.id, b"token", caller(expense.id), datetime.now(UTC) + WINDOW
    )
    late = {"seen": expense.version, "event": audit_events.Withdrawn(), "actor": REQUESTER}
    assert await here.expenses.change(expense, to=State.WITHDRAWN, **late) is None
    await here.decisions.decide(expense.id, Decision.REJECTED, MANAGER, "Too much wine")
    told = [
        (line.getMessage(), *(getattr(line, name) for name in ("expense_id", "actor", "state")))
        for line in caplog.records
    ]
    assert told == [
        ("recorded: create", expense.id, "worker", "CREATED"),
        ("recorded: register_callback", expense.id, "worker", "CREATED"),
        ("recorded: decide", expense.id, MANAGER, "REJECTED"),
    ]
    whole = " ".join(str(vars(line)) for line in caplog.records)
    for written in ("wine", LUNCH.description, str(LUNCH.money.amount), "token"):
        assert written not in whole


async def test_strangers_are_refused_and_that_is_written_down(here: Rooms) -> None:
    expense = await here.waiting()
    with pytest.raises(NotAllowed):
        await here.decisions.decide(expense.id, Decision.APPROVED, STRANGER)
    assert await here.expenses.get(expense.id) == expense
    entry = (await here.expenses.history(expense.id))[-1]
    assert (entry.event.stored_as, entry.actor) == ("refuse", STRANGER)


async def test_requesters_never_decide_their_own_even_as_approvers(here: Rooms) -> None:
    expense = await here.submissions.submit(REQUESTER, LUNCH, "view V1")
    await here.workflow_calls.create(expense.id, caller(expense.id))
    await here.workflow_calls.register_callback(expense.id, b"token", caller(expense.id))
    with pytest.raises(NotAllowed, match="your own"):
        await here.decisions.decide(expense.id, Decision.APPROVED, REQUESTER)
    assert (await here.expenses.get(expense.id)).is_open


async def test_the_same_decision_of_the_same_person_is_no_error(here: Rooms) -> None:
    expense = await here.waiting()
    first = await here.decisions.decide(expense.id, Decision.APPROVED, MANAGER)
    assert await here.decisions.decide(expense.id, Decision.APPROVED, MANAGER) == first


@pytest.mark.parametrize(
    ("decision", "person"),
    [(Decision.REJECTED, MANAGER), (Decision.APPROVED, OTHER_MANAGER)],
)
async def test_any_other_second_decision_is_told_who_was_first(
    here: Rooms, decision: Decision, person: str
) -> None:
    expense = await here.waiting()
    first = await here.decisions.decide(expense.id, Decision.APPROVED, MANAGER)
    with pytest.raises(AlreadyDecided) as caught:
        await here.decisions.decide(expense.id, decision, person)
    assert caught.value.expense == first


async def test_a_reason_may_follow_a_rejection_once(here: Rooms) -> None:
    expense = await here.waiting()
    await here.decisions.decide(expense.id, Decision.REJECTED, MANAGER)
    explained = await here.decisions.decide(expense.id, Decision.REJECTED, MANAGER, "Because")
    again = await here.decisions.decide(expense.id, Decision.REJECTED, MANAGER, "Because")
    assert explained.reason == again.reason == "Because"
    # A form that is corrected because its first answer came too late: they learn which one counts.
    with pytest.raises(AlreadyDecided) as told:
        await here.decisions.decide(expense.id, Decision.REJECTED, MANAGER, "Or rather")
    assert told.value.expense.reason == "Because"


async def test_after_the_window_nothing_is_decided(here: Rooms) -> None:
    expense = await here.waiting(datetime.now(UTC) - timedelta(seconds=1))
    with pytest.raises(AlreadyDecided, match="run out"):
        await here.decisions.decide(expense.id, Decision.APPROVED, MANAGER)
    assert (await here.expenses.get(expense.id)).is_open


async def test_of_fifty_simultaneous_decisions_exactly_one_wins(here: Rooms) -> None:
    expense = await here.waiting()
    people = [MANAGER, OTHER_MANAGER]
    attempts = [
        here.decisions.decide(
            expense.id, random.choice([Decision.APPROVED, Decision.REJECTED]), people[i % 2], str(i)
        )
        for i in range(50)
    ]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    final = await here.expenses.get(expense.id)
    decided = [
        entry
        for entry in await here.expenses.history(expense.id)
        if isinstance(entry.event, audit_events.Decided)
    ]
    assert len(decided) == 1
    for result in results:
        # Everybody either is the decision, or was told of it.
        told = result if isinstance(result, Expense) else getattr(result, "expense", None)
        assert told is not None, result
        assert (told.decision, told.decided_by) == (final.decision, final.decided_by)


async def test_a_decision_and_the_deadline_at_the_same_instant_end_as_one(here: Rooms) -> None:
    for _ in range(20):
        expense = await here.waiting()
        await asyncio.gather(
            here.decisions.decide(expense.id, Decision.APPROVED, MANAGER),
            here.workflow_calls.expire(expense),
            return_exceptions=True,
        )
        final = await here.expenses.get(expense.id)
        # Expiry is Temporal's word: it may follow a decision that came too late, never precede it.
        assert final.state in (State.APPROVED, State.EXPIRED)
        if final.state is State.EXPIRED and final.decided_by:
            assert (await here.events(expense.id))[-2:] == ["decide", "expire"]


async def test_requesters_and_approvers_see_an_expense_and_nobody_else(here: Rooms) -> None:
    expense = await here.submissions.submit(REQUESTER, LUNCH, "view V1")
    assert await here.decisions.get_for(REQUESTER, expense.id) == expense
    assert await here.decisions.get_for(MANAGER, expense.id) == expense
    for person, expense_id in ((STRANGER, expense.id), (STRANGER, "none"), (MANAGER, "none")):
        with pytest.raises(InvalidId) as refusal:
            await here.decisions.get_for(person, expense_id)
        assert str(refusal.value) == "There is no expense with this id that you may see."


async def test_my_expenses_are_listed_newest_first(here: Rooms) -> None:
    ids = [(await here.submissions.submit(REQUESTER, LUNCH, f"view {i}")).id for i in range(5)]
    await here.submissions.submit(MANAGER, LUNCH, "view other")
    assert [e.id for e in await here.decisions.list_for(REQUESTER, 3)] == ids[:1:-1]
