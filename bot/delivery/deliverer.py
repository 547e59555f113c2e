"""Delivers one expense once: to Temporal first, then to Slack."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import (
    AbstractContextManager,
    AsyncExitStack,
    nullcontext,
)
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from bot import logs
from bot.database.expenses import ExpenseStore
from bot.database.outbox import Outbox
from bot.delivery.lease import kept
from bot.delivery.receipts import ReceiptKeeper
from bot.delivery.temporal_sync import Synced, TemporalSync
from bot.delivery.timing import Timing
from bot.domain.callback import Due
from bot.domain.errors import TryAgain, Unanswered
from bot.domain.expense import OPEN, Expense, State
from bot.domain.health.outages import with_cause
from bot.services.reminders import Reminders
from bot.slack.errors import RateLimited, SlackRefusal
from bot.slack.message_sync import MessageSync
from bot.web.foreground import Foreground

logger = logging.getLogger(__name__)

TEMPORAL_PLACES = 8
SLACK_PLACES = 8
WAITING_FOR_SLACK = 24
BEHIND = 10_000
BEHIND_SECONDS = 10.0
# A picture that Slack still refuses after so many times its pause was deleted.
PICTURE_TRIES = 5
# How much longer the pauses grow for an expense that nobody waits for any more.
CLOSED_PATIENCE = 24


class Deliverer:
    """Brings Temporal and Slack in line with what the database says of an expense.

    Args:
        around: surrounds each delivery.
    """

    def __init__(
        self,
        outbox: Outbox,
        expenses: ExpenseStore,
        temporal_sync: TemporalSync,
        message_sync: MessageSync,
        reminders: Reminders,
        receipts: ReceiptKeeper,
        begin: Callable[[str], None],
        foreground: Foreground,
        timing: Timing,
        around: Callable[[Expense], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._outbox = outbox
        self._expenses = expenses
        self._temporal_sync = temporal_sync
        self._message_sync = message_sync
        self._reminders = reminders
        self._receipts = receipts
        self._begin = begin
        self._foreground = foreground
        self._timing = timing
        self._around = around
        # Few at a time, as clicks are answered meanwhile. And apart from each other: slow Slack
        # must not hold up decisions on their way to Temporal.
        self._temporal_places = asyncio.Semaphore(TEMPORAL_PLACES)
        self._slack_places = asyncio.Semaphore(SLACK_PLACES)
        self._waiting_for_slack = 0
        # Whose turn comes when there is room; until then no process has to keep them leased.
        self._behind: dict[str, None] = {}
        self._in_line: set[str] = set()

    def is_in_line(self, expense_id: str) -> bool:
        """Return whether other expenses come first in Slack, and nothing else is amiss."""
        return expense_id in self._in_line

    async def deliver(self, expense_id: str, *, due: bool, has_changed: Callable[[], bool]) -> bool:
        """Deliver an expense as it is now, and return whether everything was done.

        Args:
            due: only if something is due; otherwise in any case.
            has_changed: says whether it has changed since it was taken on.

        Raises:
            TryAgain: the database does not answer; the expense is still due.
        """
        logs.about(expense_id=expense_id)
        async with AsyncExitStack() as keeping:
            async with self._temporal_places:
                await self._foreground.turn()
                lease, doubt = self._timing.lease, self._timing.doubt
                taken = await self._outbox.claim(expense_id, lease, doubt, due=due)
                if taken is None:
                    return False
                renew = partial(self._outbox.renew, taken, lease)
                await keeping.enter_async_context(kept(lease, renew))
                keeping.enter_context(self._around(taken.expense))
                await self._receipts.expect(taken.expense)
                synced, pauses = await self._sync_temporal(taken)
            if synced.delivered_at:
                await self._leave_until_paid(replace(taken, trouble=None), synced.delivered_at)
                return False
            more_pauses, redraw_at = await self._sync_slack(taken, has_changed)
            await self._receipts.look(taken.expense)
            looks = [synced.next_look, await self._follow_up(taken.expense)]
        pauses += more_pauses
        if not pauses:
            looks += [redraw_at, await self._next_watch(taken)]
        next_look = min((look for look in looks if look), default=None)
        if pauses:
            taken, next_look = await self._next_try(taken, pauses, next_look)
        else:
            if taken.trouble:
                logger.info("expense %s: everything is delivered", expense_id)
                taken = replace(taken, trouble=None)
        await self._outbox.release(taken, next_look, redraw_at)
        return not pauses

    async def _follow_up(self, expense: Expense) -> datetime | None:
        """Remind and escalate, whether or not Slack took the rest; return when to do so next."""
        try:
            return await self._reminders.follow_up(expense)
        except TryAgain as away:
            words = "expense %s: who is to be reminded is not known: %s"
            logger.info(words, expense.id, with_cause(away))
            return await self._outbox.now() + self._timing.watch

    async def _leave_until_paid(self, due: Due, delivered_at: datetime) -> None:
        """Let the payment come first: Slack takes 50 updates a minute, and one then tells both."""
        pause = self._timing.payment
        await self._outbox.release(due, delivered_at + pause, due.redraw_at, delivered_at)
        asyncio.get_running_loop().call_later(pause.total_seconds(), self._begin, due.expense.id)

    async def _sync_temporal(self, due: Due) -> tuple[Synced, list[TryAgain]]:
        """Return what was done, and who asks us to wait."""
        try:
            return await self._temporal_sync.sync(due), []
        except TryAgain as later:
            return Synced(), [later]

    async def _sync_slack(
        self, due: Due, has_changed: Callable[[], bool]
    ) -> tuple[list[TryAgain], datetime | None]:
        """Return who asks us to wait, and when to draw everything again.

        A call whose answer did not come may reach Slack after later ones, and show old news.
        """
        self._in_line.discard(due.expense.id)
        anew = due.redraw_at is not None and due.redraw_at <= await self._outbox.now()
        if self._waiting_for_slack >= WAITING_FOR_SLACK:
            if len(self._behind) < BEHIND:
                self._behind[due.expense.id] = None
            return [RateLimited("Others come first.", after=BEHIND_SECONDS)], due.redraw_at
        self._waiting_for_slack += 1
        try:
            async with self._slack_places:
                await self._foreground.turn()
                # It may have changed while it waited for Temporal, or for its place.
                expense = due.expense
                if has_changed():
                    expense = await self._expenses.get(expense.id)
                await self._message_sync.show(expense, anew=anew)
                picture_at = await self._next_picture(expense)
        except Unanswered as later:
            return [later], await self._outbox.now() + self._timing.doubt
        except TryAgain as later:
            return [later], due.redraw_at
        except SlackRefusal as refusal:
            refused = TryAgain(f"Slack says {refusal}", after=self._patience(due))
            return [refused], due.redraw_at
        finally:
            self._waiting_for_slack -= 1
            if next_one := next(iter(self._behind), None):
                del self._behind[next_one]
                self._begin(next_one)
        return [], picture_at or (None if anew else due.redraw_at)

    async def _next_picture(self, expense: Expense) -> datetime | None:
        """Say when to draw a message again whose picture Slack refuses; None if it shows all."""
        now, pause = await self._outbox.now(), self._timing.pictures
        if now > expense.created_at + pause * PICTURE_TRIES:
            return None
        return now + pause if self._message_sync.lacks_pictures(expense) else None

    def _patience(self, due: Due) -> float:
        """Say for how many seconds to leave Slack alone with what it refuses.

        Somebody has to mend it, and would see it mended soon while people wait. What nobody waits
        for any more must not take the workspace's updates from others.
        """
        is_waited_for = due.expense.state in OPEN | {State.APPROVED}
        longest = self._timing.longest_pause * (1 if is_waited_for else CLOSED_PATIENCE)
        if due.expense.obstacle:
            longest = min(longest, self._timing.watch)
        pause = min(2.0 ** min(due.attempts, 30), longest.total_seconds())
        return max(pause, self._timing.longest_retry.total_seconds())

    async def _next_watch(self, due: Due) -> datetime | None:
        """Return when to find out whether people can still decide; None if nobody is asked."""
        if not due.expense.is_asking:
            return None
        pause = self._timing.watch
        if not due.expense.obstacle:
            pause = min(pause * 2 ** min(due.attempts, 12), self._timing.longest_watch)
        return await self._outbox.now() + pause

    async def _next_try(
        self, due: Due, pauses: list[TryAgain], next_look: datetime | None
    ) -> tuple[Due, datetime]:
        now, pause = await self._outbox.now(), max(later.after for later in pauses)
        if all(isinstance(later, RateLimited) for later in pauses):
            # Nothing failed: this look does not count, and other things are as due as they were.
            if len(self._in_line) < BEHIND:
                self._in_line.add(due.expense.id)
            turn = now + timedelta(seconds=pause)
            # Temporal and the payment system have just done what they were asked.
            left = [why for why in (due.trouble or "").split("; ") if why.startswith("Slack")]
            in_line = replace(due, attempts=due.attempts - 1, trouble="; ".join(left) or None)
            return in_line, min(next_look or turn, turn)
        pause = max(pause, min(2**due.attempts, self._timing.longest_retry.total_seconds()))
        why = "; ".join(sorted({with_cause(later) for later in pauses}))
        if why != due.trouble:
            logger.warning("expense %s is tried again until this ends: %s", due.expense.id, why)
        turn = now + timedelta(seconds=pause)
        return replace(due, trouble=why), min(next_look or turn, turn)
