"""Sees to what is outstanding until it is done: in Temporal first, then in Slack.

What changed is looked at at once. What fails, or was left behind by a process that died, is found
in the database by its `due_at` and tried again with growing pauses.
"""

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from slack_sdk.errors import SlackApiError

from bot.expense import TryAgain
from bot.ledger import Ledger
from bot.notifier import Notifier
from bot.outbox import Due, Outbox
from bot.pace import Pace
from bot.settlement import Settlement

logger = logging.getLogger(__name__)

BATCH = 200


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
        settlement: sees to Temporal.
        notifier: shows people.
        wakeups: say what has just changed.
        pace: how long to wait for what.
    """

    def __init__(
        self,
        outbox: Outbox,
        ledger: Ledger,
        settlement: Settlement,
        notifier: Notifier,
        wakeups: Wakeups,
        pace: Pace,
    ) -> None:
        self._outbox = outbox
        self._ledger = ledger
        self._settlement = settlement
        self._notifier = notifier
        self._wakeups = wakeups
        self._pace = pace
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
            except Exception:
                # This loop is what everything else relies on: it outlives whatever nobody foresaw.
                logger.exception("what is outstanding could not be read")
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
                next_look = await self._settlement.settle(due)
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
        return datetime.now(UTC) + timedelta(seconds=pause)
