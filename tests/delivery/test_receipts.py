"""Each receipt is copied once and shown once where people decide, whatever happens meanwhile."""

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.database.messages import Message
from bot.database.receipts.copies import ReceiptStore
from bot.database.receipts.threads import ReceiptThreads
from bot.delivery.receipts import ReceiptKeeper, late_receipts
from bot.domain import audit_events
from bot.domain.expense import Decision, Expense, Receipt, State
from bot.domain.people.audience import REQUESTER, Audience, approvers
from bot.domain.receipts import MAX_BYTES, CopyState, Flaw, ReceiptCopy
from bot.receipt_storage import ReceiptStorage
from bot.slack.web_client import LimitedClient, make_session, make_slack_client
from sandbox import Sandbox
from sandbox.slack.config import ADA, APPROVALS, MINA, MONEY
from tests.sandbox.conftest import PNG
from tests.support.keeping import keeper
from tests.support.rooms import LUNCH, MANAGER, WINDOW, Rooms, caller, rooms
from tests.support.stopwatch import PATIENCE

_IS_DUE = text("SELECT 1 FROM receipts WHERE due_at IS NOT NULL")
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(100)
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
EXE = b"MZ\x90\0" + bytes(200)
NOT_A_RECEIPT = "it is neither a PDF nor a picture"


@dataclass
class Desk:
    """A database, a workspace, and an expense with its messages in it."""

    r: Rooms
    slack: Sandbox
    client: LimitedClient

    async def submitted(self, *contents: bytes, name: str = "taxi.pdf", **changes: Any) -> Expense:
        """Record an expense with these receipts, which waits for a decision."""
        files, id = self.slack.workspace.files, f"e-{uuid.uuid4()}"
        receipts = []
        for content in contents:
            file_id = f"F0{uuid.uuid4().hex[:8].upper()}"
            files.keep(ADA.id, name, content, id=file_id)
            files.give_to_the_app(file_id)
            receipts.append(Receipt(id=file_id, name=name, permalink="https://x"))
        known = {
            "claim": replace(LUNCH, receipts=tuple(receipts)),
            "requester": ADA.id,
            "created_at": datetime.now(UTC),
        }
        expense = Expense(id=id, state=State.SUBMITTED, version=1, **known | changes)
        assert await self.r.expenses.add(expense, audit_events.Submitted(), ADA.id)
        return expense

    async def asked(self, expense: Expense) -> None:
        """Have it wait for a decision."""
        await self.r.workflow_calls.create(expense.id, caller(expense.id))
        until = datetime.now(UTC) + WINDOW
        of = caller(expense.id)
        await self.r.workflow_calls.register_callback(expense.id, b"token", of, until)

    async def message(self, expense: Expense, audience: Audience, channel: str) -> Message:
        """Post a message about it, as message_sync does."""
        answer = await self.client.chat_postMessage(channel=channel, text=expense.id)
        message = Message(
            expense_id=expense.id,
            audience=audience,
            channel=answer["channel"],
            ts=answer["ts"],
            shown_version=1,
        )
        await self.r.messages.add(message)
        return message

    def thread(self, message: Message) -> list[dict[str, Any]]:
        """List the replies to a message."""
        return [
            one
            for one in self.slack.workspace.messages(message.channel)
            if one.get("thread_ts") == message.ts and one["ts"] != message.ts
        ]

    def files(self, message: Message) -> list[bytes]:
        """List what is in the files of a thread, in the order of their sizes."""
        shown = [file["id"] for one in self.thread(message) for file in one.get("files", [])]
        contents = [self.slack.workspace.files.content(id) for id in shown]
        return sorted((found[1] for found in contents if found), key=len)

    async def copies(self, expense: Expense) -> list[ReceiptCopy]:
        return await ReceiptStore(self.r.database).of_expense(expense.id)

    async def is_done(self, expense: Expense) -> bool:
        """Say whether nothing is due any more."""
        if (await self.r.expenses.get(expense.id)).is_open:
            await ReceiptThreads(self.r.database).look(expense.id)
        return not await self.r.database.execute(_IS_DUE)

    @asynccontextmanager
    async def keeping(
        self, expense: Expense, place: str = "database"
    ) -> AsyncIterator[ReceiptKeeper]:
        """Run what copies receipts."""
        one = keeper(self.r, self.client, place)
        await one.expect(expense)
        running = asyncio.create_task(one.run())
        try:
            yield one
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    async def keep(self, expense: Expense, place: str = "database") -> None:
        """Copy receipts until nothing is due."""
        async with self.keeping(expense, place):
            await self.until_done(expense)

    async def until_done(self, expense: Expense) -> None:
        async with asyncio.timeout(PATIENCE):
            while not await self.is_done(expense):
                await asyncio.sleep(0.01)


@pytest.fixture(scope="module")
async def workspace() -> AsyncIterator[Sandbox]:
    async with Sandbox.start() as sandbox:
        yield sandbox


@pytest.fixture
async def desk(workspace: Sandbox, sqlite_url: str) -> AsyncIterator[Desk]:
    workspace.faults.clear()
    async with rooms(sqlite_url) as r, make_session() as session:
        client = make_slack_client(workspace.config.bot_token, workspace.api_url, session)
        yield Desk(r, workspace, client)


async def test_receipts_are_kept_and_shown_in_every_thread_that_asks(desk: Desk) -> None:
    expense = await desk.submitted(PNG, JPEG, PDF)
    await desk.asked(expense)
    channel = await desk.message(expense, approvers(0), APPROVALS.id)
    direct = await desk.message(expense, approvers(0, MINA.id), MINA.id)
    mine = await desk.message(expense, REQUESTER, ADA.id)
    await desk.keep(expense)
    for message in (channel, direct):
        assert desk.files(message) == [PNG, JPEG, PDF]
        assert len(desk.thread(message)) == 3
    assert desk.thread(mine) == []
    copies = {copy.type: copy for copy in await desk.copies(expense)}
    assert set(copies) == {"image/png", "image/jpeg", "application/pdf"}
    kept = copies["application/pdf"]
    assert (kept.sha256, kept.size) == (hashlib.sha256(PDF).hexdigest(), len(PDF))
    assert await ReceiptStorage("database", desk.r.database).get(kept.sha256 or "") == PDF
    assert (await desk.r.events(expense.id)).count("keep_receipt") == 3
    # Who is asked later sees them, too; nobody sees them twice.
    later = await desk.message(expense, approvers(1), MONEY.id)
    await desk.keep(expense)
    assert desk.files(later) == [PNG, JPEG, PDF]
    assert len(desk.thread(channel)) == 3


@pytest.mark.parametrize(
    ("content", "flaw", "why"),
    [
        (b"", Flaw.EMPTY, "there is nothing in the file"),
        (HTML, Flaw.WRONG_TYPE, NOT_A_RECEIPT),
        (EXE, Flaw.WRONG_TYPE, NOT_A_RECEIPT),
        (b"PK\3\4" + bytes(50), Flaw.WRONG_TYPE, NOT_A_RECEIPT),
        (b"%PDF" + bytes(MAX_BYTES), Flaw.TOO_LARGE, "it is larger than 10 MB"),
        (None, Flaw.DELETED, "it was deleted in Slack"),
    ],
)
async def test_what_cannot_be_kept_is_told_to_the_requester_and_the_approvers(
    desk: Desk, content: bytes | None, flaw: Flaw, why: str
) -> None:
    expense = await desk.submitted(content if content is not None else PDF, name="<b>.pdf")
    assert expense.claim
    if content is None:
        desk.slack.workspace.files.delete(expense.claim.receipts[0].id)
    await desk.asked(expense)
    theirs = await desk.message(expense, approvers(0), APPROVALS.id)
    mine = await desk.message(expense, REQUESTER, ADA.id)
    for _ in range(2):
        await desk.keep(expense)
    [told], [said] = desk.thread(mine), desk.thread(theirs)
    assert f"I cannot keep the receipt “&lt;b&gt;.pdf”: {why}" in told["text"]
    assert f"The receipt “&lt;b&gt;.pdf” cannot be shown here: {why}" in said["text"]
    assert "files" not in said
    [copy] = await desk.copies(expense)
    assert (copy.state, copy.flaw, copy.sha256) == (CopyState.FLAWED, flaw, None)
    assert (await desk.r.events(expense.id)).count("flaw_receipt") == 1


async def test_a_heic_picture_is_kept_and_both_sides_learn_that_not_everybody_can_open_it(
    desk: Desk,
) -> None:
    expense = await desk.submitted(HEIC, name="IMG_1.heic")
    await desk.asked(expense)
    theirs = await desk.message(expense, approvers(0), APPROVALS.id)
    mine = await desk.message(expense, REQUESTER, ADA.id)
    await desk.keep(expense)
    assert desk.files(theirs) == [HEIC]
    assert "is a HEIC picture" in desk.thread(theirs)[0]["text"]
    assert "a PDF, PNG or JPEG is better" in desk.thread(mine)[0]["text"]
    assert [copy.state for copy in await desk.copies(expense)] == [CopyState.KEPT]


PAGE = {"status": 200, "body": HTML.decode()}
FAULTS = [
    ("files.info", "lost", {}),
    ("files.info", "error", {"error": "internal_error"}),
    ("url_private", "ratelimited", {}),
    ("url_private", "error", PAGE),
    ("files.getUploadURLExternal", "lost", {}),
    ("upload", "lost", {}),
    ("upload", "error", {}),
    ("files.completeUploadExternal", "error", {"error": "service_unavailable"}),
    ("files.completeUploadExternal", "ratelimited", {}),
    ("files.completeUploadExternal", "lost", {}),
]


@pytest.mark.parametrize(("method", "kind", "given"), FAULTS)
async def test_what_slack_does_on_a_bad_day_neither_loses_nor_doubles_a_receipt(
    desk: Desk, method: str, kind: Any, given: dict[str, Any]
) -> None:
    expense = await desk.submitted(PDF)
    await desk.asked(expense)
    theirs = await desk.message(expense, approvers(0), APPROVALS.id)
    desk.slack.faults.add(method, kind, times=1, seconds=0, **given)
    await desk.keep(expense)
    assert desk.slack.faults.met[f"{method} {kind}"] >= 1
    assert desk.files(theirs) == [PDF]
    assert [copy.state for copy in await desk.copies(expense)] == [CopyState.KEPT]


@pytest.mark.parametrize(
    "method",
    [
        "files.info",
        "url_private",
        "files.getUploadURLExternal",
        "upload",
        "files.completeUploadExternal",
    ],
)
@pytest.mark.parametrize("kind", ["hang", "lost"])
async def test_what_dies_at_any_step_is_done_by_the_next_process_once(
    desk: Desk, method: str, kind: Any
) -> None:
    expense = await desk.submitted(PDF)
    await desk.asked(expense)
    theirs = await desk.message(expense, approvers(0), APPROVALS.id)
    desk.slack.faults.add(method, kind)
    before = desk.slack.faults.met[f"{method} {kind}"]
    async with desk.keeping(expense):
        await desk.slack.until(lambda: desk.slack.faults.met[f"{method} {kind}"] > before)
    desk.slack.faults.clear()
    await desk.keep(expense)
    assert desk.files(theirs) == [PDF]
    assert (await desk.r.events(expense.id)).count("keep_receipt") == 1


async def test_two_processes_copy_and_show_each_receipt_once(desk: Desk) -> None:
    expense = await desk.submitted(PNG, PDF)
    await desk.asked(expense)
    theirs = await desk.message(expense, approvers(0), APPROVALS.id)
    async with desk.keeping(expense), desk.keeping(expense):
        await desk.until_done(expense)
    assert desk.files(theirs) == [PNG, PDF]
    assert (await desk.r.events(expense.id)).count("keep_receipt") == 2


async def test_a_storage_that_is_away_is_told_and_waited_for(
    desk: Desk, tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    expense, folder = await desk.submitted(PDF), tmp_path / "receipts"
    store = ReceiptStore(desk.r.database)
    async with desk.keeping(expense, f"file://{folder}"):
        async with asyncio.timeout(PATIENCE):
            while not (await store.late(timedelta(0))).trouble:
                await asyncio.sleep(0.01)
        assert "No such file or directory" in str((await store.late(timedelta(0))).trouble)
        assert await late_receipts(store) == []  # not for long yet
        folder.mkdir()
        await desk.until_done(expense)
    assert (await store.late(timedelta(0))).number == 0
    assert "No such file or directory" in caplog.text
    [copy] = await desk.copies(expense)
    assert copy.place == f"file://{folder}"


async def test_what_was_kept_for_the_expense_before_need_not_be_in_slack_any_more(
    desk: Desk,
) -> None:
    first = await desk.submitted(PDF)
    await desk.keep(first)
    assert first.claim
    second = await desk.submitted(claim=first.claim)
    desk.slack.workspace.files.delete(first.claim.receipts[0].id)
    await desk.keep(second)
    [kept] = await desk.copies(second)
    assert (kept.state, kept.size) == (CopyState.KEPT, len(PDF))


async def test_approvers_of_what_is_decided_are_not_shown_receipts(desk: Desk) -> None:
    expense = await desk.submitted(PDF, HTML)
    await desk.asked(expense)
    theirs = await desk.message(expense, approvers(0), APPROVALS.id)
    mine = await desk.message(expense, REQUESTER, ADA.id)
    await desk.r.decisions.decide(expense.id, Decision.REJECTED, MANAGER)
    one = keeper(desk.r, desk.client, "database")
    await one.expect(expense)
    await desk.keep(expense)
    assert [copy.state for copy in await desk.copies(expense)].count(CopyState.KEPT) == 1
    assert desk.thread(theirs) == []
    assert len(desk.thread(mine)) == 1
