"""What is proven is recorded, and nobody stays told that something is unpaid which was paid."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.domain.errors import InvalidId, InvalidState
from bot.domain.expense import Decision, Expense, State
from bot.services.recovery import Proof, Recovery
from tests.support.rooms import LUNCH, MANAGER, REQUESTER, Rooms, caller, rooms

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url) as opened:
        yield opened


async def in_state(here: Rooms, state: State) -> Expense:
    """Make an expense in a state."""
    expense = await here.submissions.submit(REQUESTER, LUNCH, f"view {state}")
    if state is State.SUBMITTED:
        return expense
    await here.workflow_calls.create(expense.id, caller(expense.id))
    await here.workflow_calls.register_callback(expense.id, b"token", caller(expense.id))
    expense = await here.expenses.get(expense.id)
    match state:
        case State.APPROVED:
            await here.decisions.decide(expense.id, Decision.APPROVED, MANAGER)
        case State.REJECTED:
            await here.decisions.decide(expense.id, Decision.REJECTED, MANAGER)
        case State.COMPLETED:
            await here.decisions.decide(expense.id, Decision.APPROVED, MANAGER)
            await here.reimbursement.pay(expense.id)
        case State.WITHDRAWN:
            await here.submissions.withdraw(expense.id, REQUESTER)
        case State.EXPIRED:
            await here.workflow_calls.expire(expense)
        case State.CANCELLED:
            await here.workflow_calls.cancel(expense, "its workflow was terminated")
    found = await here.expenses.get(expense.id)
    assert found.state is state
    return found


STATES = [state for state in State if state is not State.PAYMENT_FAILED]
UNSETTLED = [State.SUBMITTED, State.CREATED, State.APPROVED]


@pytest.mark.parametrize("state", STATES)
async def test_the_operator_says_that_it_was_paid(here: Rooms, state: State) -> None:
    expense = await in_state(here, state)
    if state is State.COMPLETED:  # and left to finance, of which two people say it
        with pytest.raises(InvalidState, match="Finance pays this expense by hand"):
            await Recovery(here.expenses).settle(expense.id, is_paid=True)
        return
    for _ in range(2):
        settled = await Recovery(here.expenses).settle(expense.id, is_paid=True)
        assert settled.state is State.COMPLETED
        assert settled.decided_by == expense.decided_by
    events = await here.events(expense.id)
    assert events.count("settle") == (state is not State.COMPLETED)


@pytest.mark.parametrize("state", STATES)
async def test_the_operator_says_that_it_was_not_paid(here: Rooms, state: State) -> None:
    expense = await in_state(here, state)
    recovery = Recovery(here.expenses)
    if state is State.COMPLETED:
        with pytest.raises(InvalidState):
            await recovery.settle(expense.id, is_paid=False)
    else:
        for _ in range(2):
            settled = await recovery.settle(expense.id, is_paid=False)
            assert settled.state is (State.CANCELLED if state in UNSETTLED else state)


@pytest.mark.parametrize("state", STATES)
async def test_only_what_waits_for_an_answer_about_its_payment_is_asked_for_again(
    here: Rooms, state: State
) -> None:
    expense = await in_state(here, state)
    with pytest.raises(InvalidState, match="no answer about it is missing"):
        await Recovery(here.expenses).ask_again(expense.id, "pay.example.com")
    assert await here.expenses.get(expense.id) == expense


async def test_an_expense_that_does_not_exist_cannot_be_settled(here: Rooms) -> None:
    with pytest.raises(InvalidId):
        await Recovery(here.expenses).settle("unknown", is_paid=True)


@pytest.mark.parametrize(
    ("decision", "state", "person"),
    [
        (Decision.APPROVED, State.APPROVED, MANAGER),
        (Decision.APPROVED, State.APPROVED, None),
        (Decision.REJECTED, State.REJECTED, MANAGER),
        (Decision.CANCELLED, State.WITHDRAWN, None),
    ],
)
async def test_a_decision_that_only_temporal_has_kept_is_recorded(
    here: Rooms, decision: Decision, state: State, person: str | None
) -> None:
    recovery = Recovery(here.expenses)
    expense = await recovery.take_charge(await in_state(here, State.SUBMITTED))
    await recovery.decide(expense, Proof(decision=decision, person=person, at=AT))
    found = await here.expenses.get(expense.id)
    assert (found.state, found.decision, found.decided_by) == (state, decision, person)
    assert (found.decided_at, found.is_undelivered) == (AT, False)
    [*_, entry] = await here.expenses.history(expense.id)
    withdrawn = REQUESTER if state is State.WITHDRAWN else None
    assert entry.actor == (person or withdrawn or "policy")


async def test_a_decision_made_here_is_not_replaced(here: Rooms) -> None:
    expense = await in_state(here, State.REJECTED)
    await Recovery(here.expenses).decide(expense, Proof(decision=Decision.APPROVED, person="U0X"))
    assert await here.expenses.get(expense.id) == expense


@pytest.mark.parametrize("state", [State.CREATED, State.REJECTED, State.WITHDRAWN])
async def test_a_payment_that_only_temporal_has_kept_is_recorded(here: Rooms, state: State) -> None:
    expense = await in_state(here, state)
    await Recovery(here.expenses).pay(
        expense, Proof(decision=Decision.APPROVED, person="U0MIN", at=AT)
    )
    found = await here.expenses.get(expense.id)
    assert (found.state, found.decision) == (State.COMPLETED, Decision.APPROVED)
    assert (found.decided_by, found.decided_at) == ("U0MIN", AT)


async def test_another_workflow_takes_charge_after_the_first_was_lost(here: Rooms) -> None:
    expense = await in_state(here, State.APPROVED)
    await here.deliver(expense)
    expense = await here.expenses.get(expense.id)
    for _ in range(2):
        await Recovery(here.expenses).begin_again(expense)
        expense = await here.expenses.get(expense.id)
        assert expense.is_undelivered
        assert expense.caller.run_id is None
    assert (await here.events(expense.id)).count("start_again") == 1


@pytest.mark.parametrize("finance_pays", [True, False])
async def test_a_completed_workflow_proves_a_payment_only_where_somebody_was_asked_to_pay(
    here: Rooms, *, finance_pays: bool
) -> None:
    lost = await in_state(here, State.CREATED)  # the backup is older than its end
    recovery = Recovery(here.expenses, finance_pays=finance_pays)
    await recovery.pay(lost, Proof(decision=Decision.APPROVED, person=MANAGER, at=AT))
    found = await here.expenses.get(lost.id)
    assert (found.state, found.is_paid) == (State.COMPLETED, not finance_pays)
    last = "leave_to_finance" if finance_pays else "settle"
    assert (await here.events(lost.id))[-1] == last
