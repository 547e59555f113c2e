"""Which expense is delivered when.

What changed is delivered at once. What fails, or was left behind by a process that died, is found
in the database by its `due_at` and delivered again.
"""

import asyncio
import logging
import time

from bot.database.expenses import ExpenseStore
from bot.database.outbox import Outbox
from bot.delivery.deliverer import Deliverer
from bot.delivery.timing import Timing
from bot.domain.errors import TryAgain, WrittenByNewer
from bot.domain.health.outages import with_cause
from bot.slack.message_sync import MessageSync

logger = logging.getLogger(__name__)

BATCH = 200
AT_ONCE = 500
# The database has several seconds to answer, and a busy machine needs some, too.
DEAD_SECONDS = 60.0


class Scheduler:
    """Has every expense delivered that changed or is due, each by one task at a time."""

    def __init__(
        self,
        outbox: Outbox,
        deliverer: Deliverer,
        expenses: ExpenseStore,
        message_sync: MessageSync,
        timing: Timing,
    ) -> None:
        self._outbox = outbox
        self._deliverer = deliverer
        self._expenses = expenses
        self._message_sync = message_sync
        self._timing = timing
        self._running: dict[str, asyncio.Task[bool]] = {}
        self._again: set[str] = set()
        # What a newer version recorded: until when this one leaves it alone.
        self._unreadable: dict[str, float] = {}
        self._is_stopping = False
        self._looked_at = time.monotonic()

    @property
    def is_alive(self) -> bool:
        """Whether the loop has looked into the database, or tried to, not long ago."""
        return time.monotonic() - self._looked_at < DEAD_SECONDS

    async def run(self) -> None:
        """Deliver until cancelled; then finish what has begun, or leave it to the next process."""
        try:
            await self._follow_database()
        finally:
            self._is_stopping = True
            if tasks := [*self._running.values()]:
                _, late = await asyncio.wait(tasks, timeout=self._timing.farewell.total_seconds())
                for task in late:
                    task.cancel()

    async def ask(self, expense_id: str) -> bool:
        """Deliver an expense now, and return whether its approvers are asked.

        An expense whose turn in Slack comes later counts as asked: the worker's retry would only
        cost Slack more calls.
        """
        if await self.deliver(expense_id) or self._deliverer.is_in_line(expense_id):
            return True
        return await self._message_sync.is_asked(await self._expenses.get(expense_id))

    async def deliver(self, expense_id: str) -> bool:
        """Deliver one expense as it is now, and return whether everything was done."""
        if under_way := self._running.get(expense_id):
            await asyncio.wait([under_way])
        self.begin(expense_id)
        own = self._running.get(expense_id)
        if own is None:
            return False
        await asyncio.wait([own])
        return not own.cancelled() and own.exception() is None and own.result()

    async def _follow_database(self) -> None:
        pause, again_at = self._timing.watch, 0.0
        while True:
            self._looked_at = time.monotonic()
            try:
                if time.monotonic() >= again_at:
                    await self._outbox.look_within(pause)
                    # A bot of the version before puts off such looks until the window ends.
                    pause = self._timing.longest_watch
                    again_at = time.monotonic() + pause.total_seconds()
                # What is left alone is due all the time, and must leave room for the rest.
                due = await self._outbox.due(BATCH + len(self._unreadable))
                await self._expenses.number_left_over()
            except TryAgain:
                due = []  # the database's own line in the log says why
            except Exception:
                # This loop is what everything else relies on, so it outlives what nobody foresaw.
                logger.exception("what is outstanding could not be read")
                due = []
            now = time.monotonic()
            for expense_id in due:
                is_left_alone = self._unreadable.get(expense_id, now) > now
                if expense_id not in self._running and not is_left_alone:
                    self.begin(expense_id, due=True)
            await asyncio.sleep(self._timing.poll.total_seconds())

    def begin(self, expense_id: str, *, due: bool = False) -> None:
        """Have an expense delivered by a task of its own, once more if there is one already.

        Args:
            due: only if something is due when its turn comes.
        """
        if self._is_stopping:
            return
        if expense_id in self._running:
            self._again.add(expense_id)
            return
        if len(self._running) >= AT_ONCE:
            return  # the database has it, and says so again when there is room
        work = self._deliverer.deliver(
            expense_id, due=due, has_changed=lambda: expense_id in self._again
        )
        task = asyncio.create_task(work, name=expense_id)
        self._running[expense_id] = task
        task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[bool]) -> None:
        expense_id = task.get_name()
        del self._running[expense_id]
        # What failed is still due in the database, and is tried again.
        if not task.cancelled() and (error := task.exception()):
            if isinstance(error, WrittenByNewer):
                self._leave_alone(expense_id, error)
            elif isinstance(error, TryAgain):
                logger.warning("expense %s: %s", expense_id, with_cause(error))
            else:
                logger.error("expense %s could not be delivered", expense_id, exc_info=error)
        else:
            self._unreadable.pop(expense_id, None)
        if expense_id in self._again:
            self._again.discard(expense_id)
            self.begin(expense_id)

    def _leave_alone(self, expense_id: str, newer: WrittenByNewer) -> None:
        if expense_id not in self._unreadable:
            logger.error("%s Deploy the newest version of the bot everywhere.", newer)
        self._unreadable[expense_id] = time.monotonic() + newer.after
