"""`python -m bot expenses close` and `restart`: what Temporal's record has a say in."""

from bot.commands.console import NO_SUCH_ID
from bot.delivery.activity_outcome import Closed, Decided, Lost, NotYet, Outcome, Waiting
from bot.delivery.following import Following
from bot.domain.callback import Due
from bot.domain.errors import InvalidId, InvalidState
from bot.domain.expense import OPEN, Decision, Expense, State

_WHY = "closed by the operator"


async def close(records: Following, expense_id: str, reason: str, *, is_dry: bool) -> str:
    """End what nobody can decide, and its workflow; say what happened.

    The database comes first: from then on nobody can approve it. Done once more after a failure,
    it ends the workflow that is left.

    Raises:
        InvalidId: no expense has this id.
        InvalidState: it may be paid, has ended otherwise, or Temporal has a decision on it.
        TryAgain: it has just changed, or Temporal does not say how its workflow stands.
    """
    due = await _read(records, expense_id)
    expense = due.expense
    if expense.state is State.APPROVED:
        raise InvalidState(
            "it is APPROVED, so it may be paid; say what became of that with python -m bot settle"
        )
    if expense.state not in OPEN | {State.CANCELLED}:
        raise InvalidState(f"it is {expense.state}, so there is nothing to close")
    found = await _look(records, due)
    if isinstance(found, Decided):
        raise InvalidState(
            "Temporal has a decision on it that the database lacks: run python -m bot reconcile "
            "--fix"
        )
    if is_dry:
        return "would be closed, and its workflow ended"
    if expense.state is State.CANCELLED:
        await _end(records, expense, found)
        return "it was CANCELLED already; if its workflow was left, that is ended"
    await records.recovery.close(expense, reason)
    await _end(records, expense, found)
    # What another service started has no requester.
    reader = "its requester reads the reason"
    return f"closed; {reader if expense.requester else 'the message to its approvers says so'}"


async def _end(records: Following, expense: Expense, found: Outcome | None) -> None:
    match found:
        case Waiting() | NotYet() if expense.is_of_slack and expense.workflow_id:
            await records.temporal.terminate(expense.workflow_id, _WHY)
        case Waiting(attempt=attempt) if attempt:
            # Another service's workflow may care for several expenses.
            await records.temporal.complete_attempt(attempt, expense, Decision.CANCELLED)


async def restart(records: Following, expense_id: str, *, is_dry: bool) -> str:
    """Start a workflow for an expense whose own one is gone; say what happened.

    Args:
        records: take what Temporal does not know for lost.
        expense_id: which expense.
        is_dry: whether to say only what would be done.

    Raises:
        InvalidId: no expense has this id.
        InvalidState: its workflow is there, or it needs none, or somebody else starts it.
        TryAgain: it has just changed, or Temporal does not answer.
    """
    due = await _read(records, expense_id)
    expense = due.expense
    if expense.state not in OPEN | {State.APPROVED}:
        raise InvalidState(f"it is {expense.state}, so it needs no workflow")
    if not expense.is_of_slack:
        raise InvalidState("another service started its workflow, and has to do so again")
    found = await _look(records, due)
    is_gone = isinstance(found, Lost | None) or (
        isinstance(found, Closed) and expense.state in OPEN
    )
    if not is_gone:
        raise InvalidState("Temporal has its workflow; python -m bot reconcile compares the two")
    if is_dry:
        return "its workflow would be started again"
    await records.recovery.restart(expense)
    await records.start(expense, again=True)
    if isinstance(await _look(records, await _read(records, expense_id)), Closed):
        raise InvalidState("Temporal does not start a workflow again that has completed")
    return "its workflow is started again; who was asked stays asked"


async def _read(records: Following, expense_id: str) -> Due:
    due = await records.outbox.read(expense_id) if expense_id.isprintable() else None
    if due is None:
        raise InvalidId(NO_SUCH_ID)
    return due


async def _look(records: Following, due: Due) -> Outcome | None:
    """Find out how its workflow stands; None if it was never started."""
    if due.started or due.callback.names_workflow:
        return await records.look(due)
    return None
