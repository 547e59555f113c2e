"""Sees to what is outstanding until it is done: in Temporal first, then in Slack.

What changed is looked at at once. What fails, or was left behind by a process that died, is found
in the database by its `due_at` and tried again with growing pauses.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from slack_sdk.errors import SlackApiError

from bot.expense import Decision, State, TryAgain
from bot.ledger import Ledger
from bot.lifecycle import Lifecycle
from bot.notifier import Notifier
from bot.outbox import Due, Outbox
from bot.reimbursement import Reimbursement
from bot.temporal import Closed, Decided, Expired, Temporal, Waiting

logger = logging.getLogger(__name__)

BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long delivery waits for what.

    Attributes:
        poll: between two looks for what is due.
        lease: for how long others stay off an expense after whoever saw to it has died.
        registration: a worker registers within seconds; after this long it may have died first.
        expiry: Temporal closes the window first; asking earlier would only find it open.
        longest_retry: while somebody we depend on is away.
        longest_pause: while nothing is wrong, and nothing happens either.
        farewell: when the process ends, for what has begun.
    """

    poll: timedelta = timedelta(seconds=1)
    lease: timedelta = timedelta(seconds=5)
    registration: timedelta = timedelta(seconds=60)
    expiry: timedelta = timedelta(seconds=0.5)
    longest_retry: timedelta = timedelta(seconds=30)
    longest_pause: timedelta = timedelta(hours=1)
    farewell: timedelta = timedelta(seconds=3)


class Wakeups:
    """Carries the ids of changed expenses from whoever changed them to the delivery loop."""

    def __init__(self) -> None:
        self._ids: asyncio.Queue[str] = asyncio.Queue()

    def add(self, expense_id: str) -> None:
        """Have an expense looked at now."""
        self._ids.put_nowait(expense_id)

    async def next(self) -> str:
        """Wait for the next one."""
        return await self._ids.get()


class Delivery:
    """Brings Temporal and Slack in line with the database.

    Args:
        outbox: says what is outstanding.
        ledger: has the expenses.
        lifecycle: closes what Temporal has closed.
        reimbursement: finishes payments that were begun.
        temporal: gets decisions.
        notifier: shows people.
        wakeups: say what has just changed.
        pace: how long to wait for what.
    """

    def __init__(
        self,
        outbox: Outbox,
        ledger: Ledger,
        lifecycle: Lifecycle,
        reimbursement: Reimbursement,
        temporal: Temporal,
        notifier: Notifier,
        wakeups: Wakeups,
        pace: Pace | None = None,
    ) -> None:
        self._outbox = outbox
        self._ledger = ledger
        self._lifecycle = lifecycle
        self._reimbursement = reimbursement
        self._temporal = temporal
        self._notifier = notifier
        self._wakeups = wakeups
        self._pace = pace or Pace()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._is_stopping = False
        # Slow Slack must not hold up decisions on their way to Temporal.
        self._temporal_places = asyncio.Semaphore(64)
        self._slack_places = asyncio.Semaphore(16)

    async def run(self) -> None:
        """Deliver until cancelled; then finish what has begun, or leave it to the next process."""
        try:
            async with asyncio.TaskGroup() as loops:
                loops.create_task(self._follow_wakeups())
                loops.create_task(self._follow_database())
        finally:
            self._is_stopping = True
            if tasks := [*self._running.values()]:
                _, late = await asyncio.wait(tasks, timeout=self._pace.farewell.total_seconds())
                for task in late:
                    task.cancel()

    async def settle(self, expense_id: str) -> None:
        """See to one expense as it is now, and wait until that is done or has failed."""
        if under_way := self._running.get(expense_id):
            await asyncio.wait([under_way])
        self._begin(expense_id)
        if own := self._running.get(expense_id):
            await asyncio.wait([own])

    async def _follow_wakeups(self) -> None:
        while True:
            self._begin(await self._wakeups.next())

    async def _follow_database(self) -> None:
        while True:
            try:
                due = await self._outbox.due(BATCH)
            except TryAgain as away:
                logger.warning("%s", away)
                due = []
            for expense_id in due:
                if expense_id not in self._running:
                    self._begin(expense_id, due=True)
            await asyncio.sleep(self._pace.poll.total_seconds())

    def _begin(self, expense_id: str, *, due: bool = False) -> None:
        if self._is_stopping:
            return
        if expense_id in self._running:
            self._again.add(expense_id)
            return
        task = asyncio.create_task(self._settle(expense_id, due=due), name=expense_id)
        self._running[expense_id] = task
        task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        expense_id = task.get_name()
        del self._running[expense_id]
        # Whatever failed is still due in the database, and is tried again.
        if not task.cancelled() and (error := task.exception()):
            if isinstance(error, TryAgain):
                logger.warning("expense %s: %s", expense_id, error)
            else:
                logger.error("expense %s could not be seen to", expense_id, exc_info=error)
        if expense_id in self._again:
            self._again.discard(expense_id)
            self._begin(expense_id)

    async def _settle(self, expense_id: str, *, due: bool) -> None:
        taken = await self._outbox.claim(expense_id, self._pace.lease, due=due)
        if taken is None:
            return
        keeping = asyncio.create_task(self._keep(taken))
        try:
            next_look = await self._see_to(taken)
        finally:
            keeping.cancel()
        await self._outbox.release(taken, next_look)

    async def _keep(self, due: Due) -> None:
        """Keep others off while somebody we depend on takes their time."""
        while True:
            await asyncio.sleep(self._pace.lease.total_seconds() / 3)
            with suppress(TryAgain):
                await self._outbox.renew(due, self._pace.lease)

    async def _see_to(self, due: Due) -> datetime | None:
        """Do what is outstanding, and say when to look again."""
        expense_id, pauses = due.expense.id, list[float]()
        next_look: datetime | None = None
        try:
            async with self._temporal_places:
                next_look = await self._settle_temporal(due)
        except TryAgain as later:
            pauses.append(later.after)
        try:
            async with self._slack_places:
                await self._notifier.show(await self._ledger.get(expense_id))
        except TryAgain as later:
            pauses.append(later.after)
        except SlackApiError as error:
            logger.error("expense %s: Slack says %s", expense_id, error.response["error"])
            pauses.append(self._pace.longest_retry.total_seconds())
        if not pauses:
            return next_look
        pause = max(*pauses, min(2**due.attempts, self._pace.longest_retry.total_seconds()))
        logger.warning("expense %s: trying again in %.0f s", expense_id, pause)
        return _in(timedelta(seconds=pause))

    async def _settle_temporal(self, due: Due) -> datetime | None:
        """Do what is outstanding in Temporal, and say when to look again."""
        match due.expense.state:
            case State.SUBMITTED:
                return await self._settle_submitted(due)
            case State.CREATED:
                return await self._settle_created(due)
            case State.APPROVED | State.REJECTED if due.expense.is_undelivered:
                return await self._deliver_decision(due)
            case State.APPROVED:
                return await self._settle_approved(due)
        return None

    async def _settle_submitted(self, due: Due) -> datetime:
        if not due.started:
            await self._temporal.start(due.expense, due.window)
            await self._outbox.mark_started(due.expense.id)
            return _in(self._pace.registration)
        if why := await self._temporal.closed(due.callback):
            await self._lifecycle.cancel(due.expense, why)
        return self._in_growing(self._pace.registration, due)

    async def _settle_created(self, due: Due) -> datetime | None:
        """Open it if its worker died before it registered; close it when its window has ended."""
        expense, now = due.expense, datetime.now(UTC)
        look = expense.created_at + self._pace.registration
        if expense.decide_by:
            look = expense.decide_by + self._pace.expiry
        elif due.callback.workflow_id is None:
            return None  # made by hand, and no workflow to ask about
        if now < look:
            return look
        match await self._temporal.outcome(due.callback):
            case Waiting(decide_by=datetime() as decide_by) if decide_by > now:
                await self._lifecycle.ask_unregistered(expense, decide_by)
            case Expired():
                await self._lifecycle.expire(expense)
            case Decided(decision=decision):
                # Completed past us, as from Temporal's own web page: nobody here decided it.
                await self._lifecycle.cancel(expense, f"completed in Temporal with {decision!r}")
            case Closed(why=why):
                await self._lifecycle.cancel(expense, why)
        return self._in_growing(
            timedelta(seconds=1) if expense.decide_by else self._pace.registration, due
        )

    async def _deliver_decision(self, due: Due) -> datetime | None:
        expense = due.expense
        decision = Decision(expense.state)
        if await self._temporal.complete(due.callback, decision):
            await self._outbox.mark_delivered(expense)
            return _in(self._pace.registration) if expense.state is State.APPROVED else None
        # Not found: it has the decision already, or the window ended, or nobody waits yet.
        match await self._temporal.outcome(due.callback):
            case Decided(decision=taken) if taken == decision:
                await self._outbox.mark_delivered(expense)
                return _in(self._pace.registration) if expense.state is State.APPROVED else None
            case Decided(decision=taken):
                await self._lifecycle.cancel(expense, f"completed in Temporal with {taken!r}")
            case Expired():
                await self._lifecycle.expire(expense)
            case Closed(why=why):
                await self._lifecycle.cancel(expense, why)
        return self._in_growing(timedelta(seconds=1), due)

    async def _settle_approved(self, due: Due) -> datetime:
        """Wait for the worker to ask for the payment, and notice if it never will."""
        if why := await self._temporal.closed(due.callback):
            await self._reimbursement.close_unpaid(due.expense, why)
        return self._in_growing(self._pace.registration, due)

    def _in_growing(self, pause: timedelta, due: Due) -> datetime:
        return _in(min(pause * 2 ** min(due.attempts, 12), self._pace.longest_pause))


def _in(pause: timedelta) -> datetime:
    return datetime.now(UTC) + pause
