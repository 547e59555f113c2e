"""Compares the database with Temporal and the payment system, and mends what they lack.

That is needed after one of them came back from a backup.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.database.assignments import made_since
from bot.database.engine.connection import Database
from bot.database.outbox import Outbox
from bot.delivery.activity_outcome import Closed, Decided, Expired, Lost, Outcome, Payment, Waiting
from bot.delivery.following import Following
from bot.domain.callback import Due
from bot.domain.errors import InvalidState, PaymentRefused, TryAgain, Unproven, WrittenByNewer
from bot.domain.expense import ANSWERED, OPEN, Decision, Expense, State
from bot.domain.health.outages import with_cause
from bot.domain.health.stuck import STUCK_AFTER

# Longer than one expense takes, so that no bot that still runs comes in between.
_LEASE = timedelta(minutes=1)
# Bots that still run have an expense for some seconds.
_TRIES, _PAUSE = 20, 0.5


class Kind(StrEnum):
    """How the database differs from Temporal or from the payment system."""

    PAID = "paid_not_recorded"
    DECIDED = "decision_not_recorded"
    ENDED = "end_not_recorded"
    NOT_ASKED = "waiting_not_recorded"
    UNDELIVERED = "decision_not_delivered"
    UNANSWERED = "payment_without_answer"
    NO_WORKFLOW = "row_without_workflow"
    NO_ROW = "workflow_without_row"
    UNKNOWN = "unknown"
    BUSY = "busy"


_WORDS = {
    Kind.PAID: "Temporal has kept that it was paid, or left to finance",
    Kind.DECIDED: "Temporal has a decision on it",
    Kind.ENDED: "its workflow has ended",
    Kind.NOT_ASKED: "its workflow waits for a decision",
    Kind.UNDELIVERED: "its workflow still waits for a decision",
    Kind.UNANSWERED: "its payment was asked for, and nobody has said whether it was made",
    Kind.NO_WORKFLOW: "Temporal has no workflow for it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing of which the records differ, in a sentence.

    Attributes:
        id: of the expense; of the workflow, if the database has no such expense.
    """

    kind: Kind
    id: str
    is_mended: bool = False
    said: str


async def reconcile(
    database: Database,
    following: Following,
    since: datetime,
    pay: Callable[[str], Awaitable[None]] | None = None,
) -> AsyncIterator[Difference]:
    """Compare what is recorded of all expenses since an instant, and mend it.

    Args:
        database: the bots' record.
        following: reads and changes both records.
        since: in UTC.
        pay: asks the payment system for what it may have paid, and records its answer; None to
            change nothing at all.
    """
    record = following.record
    await record.place.here()
    made = await made_since(database, since)
    for expense_id in made:
        try:
            found = await _compare(following, expense_id, pay)
        except WrittenByNewer as newer:
            found = Difference(kind=Kind.UNKNOWN, id=expense_id, said=str(newer))
        if found:
            yield found
    known = {*made.values()}
    async for workflow_id, words in record.workflows_since(since):
        if workflow_id not in known:
            yield Difference(
                kind=Kind.NO_ROW,
                id=workflow_id,
                said=f"workflow {workflow_id} ({words}): the database has no such expense; "
                "its requester has to submit it again, unless it was paid",
            )


async def _compare(
    following: Following, expense_id: str, pay: Callable[[str], Awaitable[None]] | None
) -> Difference | None:
    outbox = following.outbox
    if pay is None:
        due = await outbox.read(expense_id)
        return await _difference(following, due) if due else None
    if (due := await _claim(outbox, expense_id)) is None:
        said = f"expense {expense_id}: a bot works on it; stop the bots, and do this again"
        return Difference(kind=Kind.BUSY, id=expense_id, said=said)
    try:
        found = await _difference(following, due, mend=True)
    finally:
        # The bots bring Slack in line, and go on.
        await outbox.release(due, await outbox.now(), due.redraw_at)
    if found and found.kind is Kind.UNANSWERED:
        return await _ask(found, pay)
    return found


async def _claim(outbox: Outbox, expense_id: str) -> Due | None:
    for _ in range(_TRIES):
        if due := await outbox.claim(expense_id, _LEASE):
            return due
        await asyncio.sleep(_PAUSE)
    return None


async def _ask(found: Difference, pay: Callable[[str], Awaitable[None]]) -> Difference:
    """Ask the payment system once more, which by the key knows what it has paid."""
    answer = "it is paid"
    try:
        await pay(found.id)
    except (PaymentRefused, InvalidState) as refusal:
        answer = str(refusal)
    except TryAgain as later:
        return replace(found, said=f"{found.said}: {with_cause(later)}")
    return replace(found, said=f"{found.said}; asked once more: {answer}", is_mended=True)


async def _difference(following: Following, due: Due, *, mend: bool = False) -> Difference | None:
    """Say how the records of an expense differ, and mend that if asked to."""
    expense = due.expense
    is_unstarted = expense.state is State.SUBMITTED and not due.started
    try:
        if is_unstarted and mend:
            await following.start(expense)  # which Temporal may have, and the backup lacks
        if is_unstarted and not mend:
            found: Outcome | None = None
        else:
            found = await following.look(due)
    except Unproven as unknown:
        if expense.state not in OPEN | {State.APPROVED}:
            return None  # it ended long ago
        said = f"expense {expense.id} is {expense.state}, which may be wrong: {unknown}"
        return Difference(kind=Kind.UNKNOWN, id=expense.id, said=said)
    kind = Kind.NO_WORKFLOW if is_unstarted else _kind(expense, found)
    now = await following.outbox.now()
    if is_unstarted and expense.created_at > now - STUCK_AFTER:
        kind = None  # a bot is about to
    if kind is Kind.UNANSWERED and not (
        expense.payment_asked_at and expense.payment_asked_at <= now - STUCK_AFTER
    ):
        kind = None
    if mend and found:
        await _mend(following, due, found)
    if kind is None:
        return None
    is_mended = mend and kind is not Kind.UNANSWERED
    if kind is Kind.NO_WORKFLOW and not expense.is_of_slack:
        is_mended = False
    said = f"expense {expense.id} is {expense.state}, and {_WORDS[kind]}"
    return Difference(kind=kind, id=expense.id, is_mended=is_mended, said=said)


def _kind(expense: Expense, found: Outcome | None) -> Kind | None:
    state = expense.state
    match found:
        case Waiting(attempt=attempt) if attempt and state in ANSWERED:
            return Kind.UNDELIVERED
        case _ if state is State.COMPLETED:
            return None
        case Decided(payment=Payment.DONE):
            return Kind.PAID
        case Waiting() if state is State.SUBMITTED:
            return Kind.NOT_ASKED
        case Waiting() if state is State.CREATED and expense.decide_by is None:
            return Kind.NOT_ASKED
        case Decided() if state in OPEN:
            return Kind.DECIDED
        case Expired() | Closed() if state in OPEN:
            return Kind.ENDED
        case Lost() if state in OPEN | {State.APPROVED}:
            return Kind.NO_WORKFLOW
    is_asked = state is State.APPROVED and expense.payment_asked_at
    return Kind.UNANSWERED if is_asked else None


async def _mend(following: Following, due: Due, found: Outcome) -> None:
    expense = due.expense
    if expense.state in OPEN:
        if due.started or due.callback.names_workflow:
            await following.follow_as(due, found)
        return
    match found:
        case Waiting(attempt=attempt) if attempt and expense.state in ANSWERED:
            decision = expense.decision or Decision(expense.state)
            await following.temporal.complete_attempt(attempt, expense, decision)
        case Decided(payment=Payment.DONE) if expense.state is not State.COMPLETED:
            await following.take_over(expense, found)
        case Lost() if expense.state is State.APPROVED:
            await following.start_again(expense)
