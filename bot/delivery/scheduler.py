"""Sees to what is outstanding until it is done: in Temporal first, then in Slack.

What changed is looked at at once. What fails, or was left behind by a process that died, is found
in the database by its `due_at` and tried again with growing pauses.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from slack_sdk.errors import SlackApiError

from bot.database.expenses import ExpenseStore
from bot.database.outbox import Due, Outbox
from bot.delivery.temporal_sync import Synced, TemporalSync
from bot.delivery.timing import Timing
from bot.delivery.wakeups import Wakeups
from bot.domain.errors import TryAgain, Unanswered
from bot.slack.message_sync import MessageSync
from bot.slack.rate_limiter import InLine, subject

logger = logging.getLogger(__name__)

BATCH = 200
AT_ONCE = 500
TEMPORAL_PLACES = 8
SLACK_PLACES = 8
WAITING_FOR_SLACK = 24
BEHIND = 10_000
BEHIND_SECONDS = 10.0


class Delivery:
    """Brings Temporal and Slack in line with the database.

    Args:
        outbox: says what is outstanding.
        expenses: where expenses are recorded.
        temporal_sync: sees to Temporal.
        message_sync: shows people.
        wakeups: say what has just changed.
        timing: how long to wait for what.
    """

    def __init__(
        self,
        outbox: Outbox,
        expenses: ExpenseStore,
        temporal_sync: TemporalSync,
        message_sync: MessageSync,
        wakeups: Wakeups,
        timing: Timing,
    ) -> None:
        self._outbox = outbox
        self._expenses = expenses
        self._temporal_sync = temporal_sync
        self._message_sync = message_sync
        self._wakeups = wakeups
        self._timing = timing
        self._running: dict[str, asyncio.Task[bool]] = {}
        self._again: set[str] = set()
        self._is_stopping = False
        # Few at a time: whatever is delivered later, clicks are answered now. And apart from each
        # other: slow Slack must not hold up decisions on their way to Temporal.
        self._temporal_places = asyncio.Semaphore(TEMPORAL_PLACES)
        self._slack_places = asyncio.Semaphore(SLACK_PLACES)
        self._waiting_for_slack = 0
        # Whose turn comes when there is room; until then nobody has to keep them leased.
        self._behind: dict[str, None] = {}
        self._in_line: set[str] = set()

    async def run(self) -> None:
        """Deliver until cancelled; then finish what has begun, or leave it to the next process."""
        try:
            async with asyncio.TaskGroup() as loops:
                loops.create_task(self._follow_wakeups())
                loops.create_task(self._follow_database())
        finally:
            self._is_stopping = True
            if tasks := [*self._running.values()]:
                _, late = await asyncio.wait(tasks, timeout=self._timing.farewell.total_seconds())
                for task in late:
                    task.cancel()

    async def settle(self, expense_id: str) -> bool:
        """See to one expense as it is now, and say whether everything was done."""
        if under_way := self._running.get(expense_id):
            await asyncio.wait([under_way])
        self._begin(expense_id)
        own = self._running.get(expense_id)
        if own is None:
            return False
        await asyncio.wait([own])
        return not own.cancelled() and own.exception() is None and own.result()

    def is_in_line(self, expense_id: str) -> bool:
        """Say whether others come first in Slack, and nothing else is amiss."""
        return expense_id in self._in_line

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
            await asyncio.sleep(self._timing.poll.total_seconds())

    def _begin(self, expense_id: str, *, due: bool = False) -> None:
        if self._is_stopping:
            return
        if expense_id in self._running:
            self._again.add(expense_id)
            return
        if not due:
            self._wakeups.discard(expense_id)
        if len(self._running) >= AT_ONCE:
            return  # the database has it, and says so again when there is room
        task = asyncio.create_task(self._settle(expense_id, due=due), name=expense_id)
        self._running[expense_id] = task
        task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[bool]) -> None:
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

    async def _settle(self, expense_id: str, *, due: bool) -> bool:
        """See to an expense, and say whether everything was done."""
        async with AsyncExitStack() as keeping:
            async with self._temporal_places:
                lease, doubt = self._timing.lease, self._timing.doubt
                taken = await self._outbox.claim(expense_id, lease, doubt, due=due)
                if taken is None:
                    return False
                await keeping.enter_async_context(self._kept(taken))
                settled, pauses = await self._see_to_temporal(taken)
            if settled.delivered_at:
                await self._leave_until_paid(taken, settled.delivered_at)
                return False
            more_pauses, redraw_at = await self._see_to_slack(taken, settled)
        next_look = settled.next_look
        if pauses := pauses + more_pauses:
            taken, next_look = self._next_try(taken, pauses, next_look)
        elif redraw_at:
            next_look = min(next_look or redraw_at, redraw_at)
        await self._outbox.release(taken, next_look, redraw_at)
        return not pauses

    async def _leave_until_paid(self, due: Due, delivered_at: datetime) -> None:
        """Let the payment come first: Slack takes 50 updates a minute, and one then tells both."""
        pause = self._timing.payment
        await self._outbox.release(due, delivered_at + pause, due.redraw_at, delivered_at)
        asyncio.get_running_loop().call_later(
            pause.total_seconds(), self._wakeups.add, due.expense.id
        )

    @asynccontextmanager
    async def _kept(self, due: Due) -> AsyncIterator[None]:
        """Keep others off while somebody we depend on takes their time."""
        keeping = asyncio.create_task(self._renew(due))
        try:
            yield
        finally:
            keeping.cancel()

    async def _renew(self, due: Due) -> None:
        while True:
            await asyncio.sleep(self._timing.lease.total_seconds() / 3)
            with suppress(TryAgain):
                await self._outbox.renew(due, self._timing.lease)

    async def _see_to_temporal(self, due: Due) -> tuple[Synced, list[TryAgain]]:
        """Say what was done, and who asks us to wait."""
        try:
            return await self._temporal_sync.settle(due), []
        except TryAgain as later:
            return Synced(is_changed=True), [later]

    async def _see_to_slack(
        self, due: Due, settled: Synced
    ) -> tuple[list[TryAgain], datetime | None]:
        """Say who asks us to wait, and when to draw everything again.

        A call whose answer did not come may reach Slack after later ones, and show old news.
        """
        self._in_line.discard(due.expense.id)
        anew = due.redraw_at is not None and due.redraw_at <= datetime.now(UTC)
        if self._waiting_for_slack >= WAITING_FOR_SLACK:
            if len(self._behind) < BEHIND:
                self._behind[due.expense.id] = None
            return [InLine("Others come first.", after=BEHIND_SECONDS)], due.redraw_at
        self._waiting_for_slack += 1
        subject.set(due.expense.id)
        try:
            async with self._slack_places:
                expense = due.expense
                if settled.is_changed or expense.id in self._again:
                    expense = await self._expenses.get(expense.id)
                await self._message_sync.show(expense, anew=anew)
        except Unanswered as later:
            return [later], datetime.now(UTC) + self._timing.doubt
        except TryAgain as later:
            return [later], due.redraw_at
        except SlackApiError as error:
            logger.error("expense %s: Slack says %s", due.expense.id, error.response["error"])
            longest = self._timing.longest_retry.total_seconds()
            return [TryAgain("Slack refuses.", after=longest)], due.redraw_at
        finally:
            self._waiting_for_slack -= 1
            if next_one := next(iter(self._behind), None):
                del self._behind[next_one]
                self._begin(next_one)
        return [], None if anew else due.redraw_at

    def _next_try(
        self, due: Due, pauses: list[TryAgain], next_look: datetime | None
    ) -> tuple[Due, datetime]:
        now, pause = datetime.now(UTC), max(later.after for later in pauses)
        if all(isinstance(later, InLine) for later in pauses):
            # Nothing failed: this look does not count, and other things are as due as they were.
            if len(self._in_line) < BEHIND:
                self._in_line.add(due.expense.id)
            turn = now + timedelta(seconds=pause)
            return replace(due, attempts=due.attempts - 1), min(next_look or turn, turn)
        pause = max(pause, min(2**due.attempts, self._timing.longest_retry.total_seconds()))
        logger.warning("expense %s: trying again in %.0f s", due.expense.id, pause)
        return due, now + timedelta(seconds=pause)
