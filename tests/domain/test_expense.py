"""The states of an expense, and its errors."""

from datetime import UTC, datetime

import pytest

from bot.domain import errors as module
from bot.domain.callback import Callback
from bot.domain.errors import AlreadyDecided, ExpenseError, InvalidInput, PaymentRefused, TryAgain
from bot.domain.expense import TRANSITIONS, Expense, State


def expense(state: State, delivered_at: datetime | None = None) -> Expense:
    return Expense(
        id="e-1",
        state=state,
        version=1,
        created_at=datetime.now(UTC),
        delivered_at=delivered_at,
    )


def errors() -> list[type[ExpenseError]]:
    known = [thing for thing in vars(module).values() if isinstance(thing, type)]
    return [thing for thing in known if issubclass(thing, ExpenseError)]


def test_every_state_has_its_transitions() -> None:
    assert set(TRANSITIONS) == set(State)


def test_every_state_but_the_first_is_reached() -> None:
    reached = {State.SUBMITTED, State.CREATED}
    while more := {after for state in reached for after in TRANSITIONS[state]} - reached:
        reached |= more
    assert reached == set(State)
    assert all(State.SUBMITTED not in following for following in TRANSITIONS.values())


@pytest.mark.parametrize(
    "state",
    [State.COMPLETED, State.EXPIRED, State.WITHDRAWN, State.CANCELLED],
)
def test_an_end_is_an_end(state: State) -> None:
    assert TRANSITIONS[state] == frozenset()


def test_nothing_is_paid_that_was_not_approved() -> None:
    before_payment = {state for state, after in TRANSITIONS.items() if State.COMPLETED in after}
    assert before_payment == {State.APPROVED, State.PAYMENT_FAILED}
    before_refusal = {
        state for state, after in TRANSITIONS.items() if State.PAYMENT_FAILED in after
    }
    assert before_refusal == {State.APPROVED}


def test_a_decision_is_not_turned_into_the_other() -> None:
    assert State.REJECTED not in TRANSITIONS[State.APPROVED]
    assert State.APPROVED not in TRANSITIONS[State.REJECTED]


def test_only_a_refused_payment_is_asked_for_again() -> None:
    before = {state for state, after in TRANSITIONS.items() if State.APPROVED in after}
    assert before == {State.CREATED, State.PAYMENT_FAILED}


@pytest.mark.parametrize("state", State)
def test_only_a_created_expense_is_open(state: State) -> None:
    assert expense(state).is_open == (state is State.CREATED)


@pytest.mark.parametrize("state", State)
def test_only_a_decision_can_be_undelivered(state: State) -> None:
    assert expense(state).is_undelivered == (
        state
        in (State.APPROVED, State.REJECTED, State.WITHDRAWN, State.COMPLETED, State.PAYMENT_FAILED)
    )
    assert not expense(state, delivered_at=datetime.now(UTC)).is_undelivered


def test_every_error_is_drawn_in_the_docstring_and_has_a_code() -> None:
    assert module.__doc__
    for error in errors():
        assert error.__name__ in module.__doc__
        assert error.code == error.code.upper()


def test_the_codes_of_the_contract_are_there() -> None:
    assert {"INVALID_ID", "ID_ALREADY_EXISTS", "INVALID_STATE"} <= {e.code for e in errors()}
    assert {"INVALID_FORM_DATA", "INVALID_TYPE"} <= {e.code for e in errors()}


def test_errors_carry_what_their_readers_need() -> None:
    assert PaymentRefused("INSUFFICIENT_FUNDS").code == "INSUFFICIENT_FUNDS"
    assert "INSUFFICIENT_FUNDS" in str(PaymentRefused("INSUFFICIENT_FUNDS"))
    assert InvalidInput("amount", "Please.").field == "amount"
    assert TryAgain("Later.").after == 1.0
    assert AlreadyDecided("Late.", expense(State.EXPIRED)).expense.state is State.EXPIRED


def test_a_task_token_does_not_show_in_a_representation() -> None:
    assert "secret" not in repr(Callback(task_token=b"secret", workflow_id="expense_1"))
