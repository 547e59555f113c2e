"""Copies receipts, and shows the copies: an outbox of its own, so that no decision waits for it."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import filetype
from slack_sdk.web.async_client import AsyncWebClient

from bot.database.expenses import ExpenseStore
from bot.database.receipts.copies import DueCopy, ReceiptStore
from bot.database.receipts.threads import ReceiptThreads
from bot.delivery.lease import kept
from bot.delivery.timing import Timing
from bot.domain.errors import TryAgain
from bot.domain.expense import OPEN, Expense, State
from bot.domain.health.findings import Finding, Level
from bot.domain.health.outages import with_cause
from bot.domain.receipts import MAX_BYTES, TYPES, CopyState, Flaw, ReceiptCopy
from bot.receipt_storage import PART, ReceiptStorage
from bot.slack.downloads import Flawed, download
from bot.slack.errors import RateLimited, SlackRefusal
from bot.slack.receipt_threads import ThreadsOfReceipts

logger = logging.getLogger(__name__)

# Each holds a receipt in memory, once or twice.
AT_ONCE = 3
BATCH = 20
# What is not copied by then takes longer than usual, and the operator is told so.
LATE = timedelta(minutes=5)


class ReceiptKeeper:
    """Copies the receipts of each expense that is submitted, and shows them where people decide.

    Args:
        storage: where copies are kept; None if none are.
        is_required: says whether the policy wants a receipt for an expense.
        on_kept: is called with each copy that is kept, perhaps more than once.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        expenses: ExpenseStore,
        store: ReceiptStore,
        threads: ReceiptThreads,
        storage: ReceiptStorage | None,
        is_required: Callable[[Expense], bool],
        on_kept: Callable[[ReceiptCopy], Awaitable[object]],
        timing: Timing,
    ) -> None:
        self._client = client
        self._expenses = expenses
        self._store = store
        self._threads = threads
        self._storage = storage
        self._is_required = is_required
        self._on_kept = on_kept
        self._timing = timing
        self._slack = ThreadsOfReceipts(client, threads, timing.doubt)
        self._running: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def expect(self, expense: Expense) -> None:
        """Have the receipts of an expense copied, before anything else is done for it."""
        files = expense.claim.receipts if expense.claim and self._storage else ()
        if not files or expense.state not in OPEN:
            return
        expected = {copy.file_id for copy in await self._store.of_expense(expense.id)}
        if new := [file for file in files if file.id not in expected]:
            is_required = self._is_required(expense)
            await self._store.expect(expense.id, new, is_required=is_required)

    async def look(self, expense: Expense) -> None:
        """Have the copies shown that a thread lacks which has begun since."""
        if expense.is_open and expense.claim and expense.claim.receipts and self._storage:
            await self._threads.look(expense.id)

    async def run(self) -> None:
        """Copy and show what is due until cancelled; the next process does the rest."""
        if self._storage is None:
            return
        try:
            while True:
                await self._begin_what_is_due(self._storage)
                await asyncio.sleep(self._timing.poll.total_seconds())
        finally:
            tasks = [*self._running.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _begin_what_is_due(self, storage: ReceiptStorage) -> None:
        try:
            due = await self._store.due(BATCH)
        except TryAgain:
            return  # the database's own line in the log says why
        except Exception:
            logger.exception("which receipts have to be copied could not be read")
            return
        for key in due:
            if key not in self._running and len(self._running) < AT_ONCE:
                self._running[key] = asyncio.create_task(self._see_to(storage, *key))

    async def _see_to(self, storage: ReceiptStorage, expense_id: str, file_id: str) -> None:
        try:
            due = await self._store.claim(expense_id, file_id, self._timing.lease)
            if due is None:
                return
            lease = self._timing.lease
            async with kept(lease, partial(self._store.renew, due, lease)):
                pause, trouble = await self._tried(storage, due)
            next_look = await self._store.now() + pause if trouble else None
            await self._store.release(due, next_look, trouble)
        except TryAgain as away:
            logger.info("receipt %s of %s: %s", file_id, expense_id, with_cause(away))
        finally:
            del self._running[expense_id, file_id]

    async def _tried(self, storage: ReceiptStorage, due: DueCopy) -> tuple[timedelta, str | None]:
        """Return after what pause to try again, and why; why is None if all is done."""
        pause = timedelta(seconds=2.0 ** min(due.attempts, 20))
        longest = self._timing.longest_retry
        try:
            await self._do(storage, due.copy)
        except TryAgain as later:
            after, why = timedelta(seconds=later.after), with_cause(later)
            if isinstance(later, RateLimited):
                return after, why
            pause = max(pause, after)
        except SlackRefusal as refusal:
            longest, why = self._timing.longest_pause, f"Slack says {refusal}"
        except Exception as error:
            logger.exception("receipt %s of %s", due.copy.file_id, due.copy.expense_id)
            longest, why = self._timing.longest_pause, type(error).__name__
        else:
            return pause, None
        if due.attempts == 1:
            words = "receipt %s of expense %s is tried again until this ends: %s"
            logger.warning(words, due.copy.file_id, due.copy.expense_id, why)
        return min(pause, longest), why

    async def _do(self, storage: ReceiptStorage, copy: ReceiptCopy) -> None:
        if copy.state is CopyState.AWAITED:
            copy = await self._copied(storage, copy)
            event = await self._store.settle(copy)
            expense = await self._expenses.get(copy.expense_id)
            if event is None:
                raise TryAgain("Another process was faster.")
            self._expenses.tell(expense, expense, event, "delivery", None)
            # An automatic approval, or a payment, may wait for it.
            self._expenses.on_change(copy.expense_id)
        await self._on_kept(copy)

        async def content() -> bytes:
            found = await storage.get(copy.sha256 or "")
            if found is None:
                raise TryAgain(f"{storage.place} does not have the receipt any more.", after=60)
            return found

        expense = await self._expenses.get(copy.expense_id)
        is_asking = expense.state in OPEN | {State.APPROVED}
        await self._slack.show(copy, content, is_asking=is_asking)

    async def _copied(self, storage: ReceiptStorage, copy: ReceiptCopy) -> ReceiptCopy:
        """Download a receipt and keep it, unless it has a flaw; return what is to be recorded."""
        before = await self._store.kept_before(copy.file_id)
        if before and before.place == storage.place:
            # Of the expense that this one was made from; it may be deleted in Slack since.
            return replace(before, expense_id=copy.expense_id, name=copy.name)
        try:
            content = await download(self._client, copy.file_id, MAX_BYTES)
        except Flawed as flawed:
            return replace(copy, state=CopyState.FLAWED, flaw=flawed.flaw)
        kind = filetype.guess_mime(content)
        if kind not in TYPES:
            return replace(copy, state=CopyState.FLAWED, flaw=Flaw.WRONG_TYPE)
        sha256 = (await asyncio.to_thread(hashlib.sha256, content)).hexdigest()
        await storage.put(sha256, content)
        return replace(
            copy,
            state=CopyState.KEPT,
            sha256=sha256,
            type=kind,
            size=len(content),
            place=storage.place,
        )


async def late_receipts(store: ReceiptStore) -> list[Finding]:
    """Say how many receipts have waited for too long to be copied."""
    late = await store.late(LATE)
    if not late.number or late.since is None:
        return []
    what = f"{late.number} not copied yet, the oldest since {late.since:%Y-%m-%d %H:%M} UTC"
    return [
        Finding(
            part=PART,
            level=Level.WARNING,
            what=f"{what} ({late.trouble})" if late.trouble else what,
            do="The bot keeps trying; see what it says of Slack and of EXPENSE_RECEIPTS.",
            key="late",
        )
    ]
