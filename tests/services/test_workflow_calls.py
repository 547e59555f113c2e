"""How expenses begin and end, on both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.database.schema import expenses
from bot.domain.errors import IdAlreadyExists, InvalidId, InvalidState
from bot.domain.expense import Caller, Decision, Expense, State
from bot.services.workflow_calls import DEFAULT_WINDOW
from tests.support.rooms import LUNCH, MANAGER, REQUESTER, Rooms, caller, rooms


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url) as opened:
        yield opened


async def test_a_submission_is_recorded_as_it_was_asked(here: Rooms) -> None:
    expense = await here.submissions.submit(REQUESTER, LUNCH, "view V1")
    assert await here.expenses.get(expense.id) == expense
    assert (expense.state, expense.claim, expense.requester) == (State.SUBMITTED, LUNCH, REQUESTER)
    assert here.changed == [expense.id]


async def test_a_repeated_submission_is_the_same_expense(here: Rooms) -> None:
    first = await here.submissions.submit(REQUESTER, LUNCH, "view V1")
    again = await here.submissions.submit(REQUESTER, LUNCH, "view V1")
    assert again == first
    assert await here.events(first.id) == ["submit"]


async def test_another_submission_is_another_expense(here: Rooms) -> None:
    first = await here.submissions.submit(REQUESTER, LUNCH, "view V1")
    assert (await here.submissions.submit(REQUESTER, LUNCH, "view V2")).id != first.id
    assert (await here.submissions.submit(MANAGER, LUNCH, "view V1")).id != first.id


async def test_an_id_that_nobody_submitted_is_created_on_the_spot(here: Rooms) -> None:
    await here.workflow_calls.create("from-elsewhere", Caller())
    assert (await here.expenses.get("from-elsewhere")).state is State.CREATED


async def test_creating_again_succeeds_for_the_same_run_only(here: Rooms) -> None:
    await here.workflow_calls.create("e", caller("e"))
    await here.workflow_calls.create("e", caller("e"))
    for stranger in (Caller(), caller("e", "run-2")):
        with pytest.raises(IdAlreadyExists):
            await here.workflow_calls.create("e", stranger)
    assert await here.events("e") == ["create"]


async def test_an_unnamed_caller_cannot_be_known_again(here: Rooms) -> None:
    await here.workflow_calls.create("e", Caller())
    with pytest.raises(IdAlreadyExists):
        await here.workflow_calls.create("e", Caller())


async def test_a_submitted_expense_is_created_by_its_own_workflow_only(here: Rooms) -> None:
    expense = await here.submissions.submit(REQUESTER, LUNCH, "view V1")
    with pytest.raises(IdAlreadyExists):
        await here.workflow_calls.create(expense.id, Caller(workflow_id="mine", run_id="r"))
    await here.workflow_calls.create(expense.id, caller(expense.id))
    await here.workflow_calls.create(expense.id, caller(expense.id))
    assert (await here.expenses.get(expense.id)).state is State.CREATED


async def test_registering_opens_the_window(here: Rooms) -> None:
    expense = await here.created()
    until = datetime.now(UTC) + timedelta(hours=1)
    await here.workflow_calls.register_callback(expense.id, b"token", caller(expense.id), until)
    assert (await here.expenses.get(expense.id)).decide_by == until


async def test_a_worker_that_does_not_say_gets_the_contracts_window(here: Rooms) -> None:
    expense = await here.created()
    await here.workflow_calls.register_callback(expense.id, b"token", Caller())
    decide_by = (await here.expenses.get(expense.id)).decide_by
    assert decide_by
    assert abs(decide_by - datetime.now(UTC) - DEFAULT_WINDOW) < timedelta(seconds=10)


async def test_registering_again_replaces_the_token(here: Rooms) -> None:
    expense = await here.waiting()
    await here.workflow_calls.register_callback(expense.id, b"newer", caller(expense.id))
    due = await here.outbox.claim(expense.id, timedelta(seconds=1))
    assert due
    assert due.callback.task_token == b"newer"
    assert await here.events(expense.id) == ["create", "register_callback", "register_again"]


async def test_task_tokens_are_stored_encrypted_and_never_shown(here: Rooms) -> None:
    expense = await here.waiting()
    [row] = await here.database.execute(select(expenses.c.task_token))
    assert b"token" not in row.task_token
    due = await here.outbox.claim(expense.id, timedelta(seconds=1))
    assert due
    assert due.callback.task_token == b"token"
    assert "b'token'" not in repr(due)


async def test_registering_wants_a_created_expense(here: Rooms) -> None:
    with pytest.raises(InvalidId):
        await here.workflow_calls.register_callback("unknown", b"token", Caller())
    expense = await here.submissions.submit(REQUESTER, LUNCH, "view V1")
    for stranger in (Caller(), caller("another")):
        with pytest.raises(InvalidState):
            await here.workflow_calls.register_callback(expense.id, b"token", stranger)


async def test_registering_proves_that_it_was_created(here: Rooms) -> None:
    """The database may come from a backup that was made before."""
    expense = await here.submissions.submit(REQUESTER, LUNCH, "view V1")
    await here.workflow_calls.register_callback(expense.id, b"token", caller(expense.id))
    found = await here.expenses.get(expense.id)
    assert (found.state, found.caller) == (State.CREATED, caller(expense.id))
    assert await here.events(expense.id) == ["submit", "create", "register_callback"]


async def test_a_paid_expense_gives_its_decision_to_its_own_workflow_again(here: Rooms) -> None:
    """Temporal may come from a backup that was made before."""
    expense = await here.waiting()
    await here.decisions.decide(expense.id, Decision.APPROVED, MANAGER)
    await here.reimbursement.pay(expense.id)
    with pytest.raises(InvalidState):
        await here.workflow_calls.register_callback(expense.id, b"again", Caller())
    await here.workflow_calls.register_callback(expense.id, b"again", caller(expense.id))
    found = await here.expenses.get(expense.id)
    assert (found.state, found.decision, found.is_undelivered) == (
        State.COMPLETED,
        Decision.APPROVED,
        True,
    )


async def test_another_workflow_cannot_take_a_registration_over(here: Rooms) -> None:
    expense = await here.waiting()
    with pytest.raises(InvalidState):
        await here.workflow_calls.register_callback(
            expense.id, b"stolen", Caller(workflow_id="other", run_id="r")
        )


async def test_an_undelivered_decision_goes_to_whoever_registers(here: Rooms) -> None:
    expense = await here.waiting()
    decided = await here.decisions.decide(expense.id, Decision.REJECTED, MANAGER, "No")
    await here.workflow_calls.register_callback(expense.id, b"retry", Caller())
    due = await here.outbox.claim(expense.id, timedelta(seconds=1))
    assert due
    assert due.expense.is_undelivered
    assert due.callback.task_token == b"retry"
    assert due.expense.reason == decided.reason


async def test_a_delivered_decision_is_delivered_again_to_its_own_workflow_only(
    here: Rooms,
) -> None:
    expense = await here.waiting()
    await here.deliver(await here.decisions.decide(expense.id, Decision.APPROVED, MANAGER))
    with pytest.raises(InvalidState):
        await here.workflow_calls.register_callback(expense.id, b"late", Caller())
    await here.workflow_calls.register_callback(expense.id, b"reset", caller(expense.id, "run-2"))
    assert (await here.expenses.get(expense.id)).is_undelivered


@pytest.mark.parametrize("end", ["expire", "cancel"])
async def test_nothing_happens_after_the_end(here: Rooms, end: str) -> None:
    expense = await here.waiting()
    if end == "expire":
        await here.workflow_calls.expire(expense)
    else:
        await here.workflow_calls.cancel(expense, "its workflow was terminated")
    closed = await here.expenses.get(expense.id)
    assert not closed.is_open
    with pytest.raises(InvalidState):
        await here.workflow_calls.register_callback(expense.id, b"late", caller(expense.id))
    with pytest.raises(InvalidState):
        await here.decisions.decide(expense.id, Decision.APPROVED, MANAGER)
    with pytest.raises(InvalidState):
        await here.reimbursement.pay(expense.id)
    assert await here.expenses.get(expense.id) == closed


@pytest.mark.parametrize("end", ["expire", "cancel"])
async def test_closing_respects_the_version_that_was_looked_at(here: Rooms, end: str) -> None:
    async def close(looked_at: Expense) -> None:
        if end == "expire":
            await here.workflow_calls.expire(looked_at)
        else:
            await here.workflow_calls.cancel(looked_at, "it was stopped")

    looked_at = await here.waiting()
    # Meanwhile its workflow registers again, for instance after a reset.
    await here.workflow_calls.register_callback(looked_at.id, b"new", caller(looked_at.id))
    await close(looked_at)
    assert (await here.expenses.get(looked_at.id)).state is State.CREATED
    await close(await here.expenses.get(looked_at.id))
    assert not (await here.expenses.get(looked_at.id)).is_open


async def test_every_change_raises_the_version_and_is_announced(here: Rooms) -> None:
    expense = await here.waiting()
    here.changed.clear()
    decided = await here.decisions.decide(expense.id, Decision.APPROVED, MANAGER)
    assert decided.version == expense.version + 1
    assert here.changed == [expense.id]
