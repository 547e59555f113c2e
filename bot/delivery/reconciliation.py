"""Goes through all expenses after the database or Temporal came back from a backup."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from bot.database.assignments import made_since
from bot.database.connection import Database
from bot.database.outbox import Outbox
from bot.delivery.activity_outcome import Decided, Lost, Payment, Waiting
from bot.delivery.following import Following
from bot.domain.callback import Due
from bot.domain.errors import Unproven, WrittenByNewer
from bot.domain.expense import ANSWERED, OPEN, Decision, State

# Longer than one expense takes, so that no bot that still runs comes in between.
_LEASE = timedelta(minutes=1)
# Bots that still run have an expense for some seconds.
_TRIES, _PAUSE = 20, 0.5


async def reconcile(
    database: Database, following: Following, since: datetime
) -> AsyncIterator[str]:
    """Make database and Temporal agree about all expenses since an instant.

    Yields:
        What is not known, and so left to people.
    """
    record, outbox = following.record, following.outbox
    await record.place.here()
    made = await made_since(database, since)
    for expense_id in made:
        try:
            due = await _claim(outbox, expense_id)
        except WrittenByNewer as newer:
            yield str(newer)
            continue
        if due is None:
            yield f"expense {expense_id}: a bot works on it; stop the bots, and do this again"
            continue
        try:
            await _reconcile(following, due)
        except Unproven as unknown:
            yield f"expense {expense_id} is {due.expense.state}, which may be wrong: {unknown}"
        finally:
            # The bots bring Slack in line, and go on.
            await outbox.release(due, await outbox.now(), due.redraw_at)
    known = {*made.values()}
    async for workflow_id, words in record.workflows_since(since):
        if workflow_id not in known:
            yield (
                f"workflow {workflow_id} ({words}): the database has no such expense; "
                "its requester has to submit it again, unless it was paid"
            )


async def _claim(outbox: Outbox, expense_id: str) -> Due | None:
    for _ in range(_TRIES):
        if due := await outbox.claim(expense_id, _LEASE):
            return due
        await asyncio.sleep(_PAUSE)
    return None


async def _reconcile(following: Following, due: Due) -> None:
    expense = due.expense
    if expense.state is State.SUBMITTED and not due.started:
        await following.start(expense)  # which Temporal may have, and the backup lacks
    if expense.state in OPEN and (due.started or due.callback.names_workflow):
        await following.follow(due)
    if expense.state not in ANSWERED:
        return
    try:
        found = await following.look(due)
    except Unproven:
        if expense.state is State.APPROVED:
            raise
        return  # it ended long ago
    match found:
        case Waiting(attempt=attempt) if attempt:
            decision = expense.decision or Decision(expense.state)
            await following.temporal.complete_attempt(attempt, expense, decision)
        case Decided(payment=Payment.DONE) if expense.state is not State.COMPLETED:
            await following.take_over(expense, found)
        case Lost() if expense.state is State.APPROVED:
            await following.start_again(expense)
