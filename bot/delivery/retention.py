"""Forgets people and deletes receipts when the period of EXPENSE_KEEP is over."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.database.people.erasing import BATCH, Eraser, Result
from bot.database.people.forgotten import Forgotten
from bot.delivery.sealing import BREATH_SECONDS
from bot.domain.errors import TryAgain

logger = logging.getLogger(__name__)


class Storage(Protocol):
    """Where receipts are kept."""

    place: str

    async def delete(self, sha256: str) -> None:
        """Forget what is in a receipt, if it is there."""


_EVER = datetime.min.replace(tzinfo=UTC)
ACTOR = "retention"


class Retention:
    """Looks each hour for what need not be kept any more.

    Args:
        eraser: forgets.
        pseudonym: returns what stands for a Slack user id from then on.
        keep: how long everything is kept, from the last thing that happened to an expense.
        storage: where receipts are kept now; None if none are.
        pause: between two looks.
    """

    def __init__(
        self,
        eraser: Eraser,
        pseudonym: Callable[[str], str],
        keep: timedelta,
        storage: Storage | None,
        pause: timedelta,
    ) -> None:
        self._eraser = eraser
        self._everybody = Forgotten(pseudonym=pseudonym)
        self._keep = keep
        self._storage = storage
        self._pause = pause.total_seconds()

    async def run(self) -> None:
        """Forget until cancelled; what a process that is killed has not done, the next one does."""
        while True:
            try:
                if count := await self.sweep():
                    logger.info(
                        "retention is over for %s expenses: who is in them is erased", count
                    )
            except TryAgain:
                pass  # the database's own line in the log says why
            except Exception:
                logger.exception("what need not be kept any more could not be erased")
            await asyncio.sleep(self._pause)

    async def sweep(self) -> int:
        """Forget everybody in all expenses whose period is over; return how many these were."""
        before, count, after, last = datetime.now(UTC) - self._keep, 0, _EVER, ""
        while True:
            found = await self._eraser.over_before(before, after, last)
            for row in found:
                count += await self._forget(row.id, before)
                await asyncio.sleep(BREATH_SECONDS)
            if len(found) < BATCH:
                await self._eraser.forget_sums(before)
                return count
            after, last = found[-1].created_at, found[-1].id

    async def _forget(self, expense_id: str, before: datetime) -> bool:
        try:
            if not await self._eraser.is_due(expense_id, before):
                return False
            # First: if this process is killed then, the next one finds the expense again.
            if not await self._delete_files(expense_id):
                return False
            done = await self._eraser.forget(expense_id, self._everybody, ACTOR, before)
        except TryAgain as later:
            logger.info("expense %s is erased later: %s", expense_id, later)
            return False
        return done is Result.DONE

    async def _delete_files(self, expense_id: str) -> bool:
        """Delete an expense's receipts; say whether none are left."""
        for file in await self._eraser.files(expense_id):
            if self._storage is None or file.place != self._storage.place:
                logger.warning(
                    "expense %s is not erased: its receipts are in %s; name that in "
                    "EXPENSE_RECEIPTS, so that they can be deleted",
                    *(expense_id, file.place),
                )
                return False
            await self._storage.delete(file.sha256)
        return True
