"""What is recorded of the copies of receipts, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.database.messages import Message
from bot.database.receipts.contents import ReceiptContents
from bot.database.receipts.copies import ReceiptStore
from bot.database.receipts.threads import ReceiptThreads
from bot.domain.expense import Receipt
from bot.domain.people.audience import DECIDER, REQUESTER, Audience, approvers
from bot.domain.receipts import HEIC, CopyState, Flaw, ReceiptCopy
from tests.support.rooms import Rooms, rooms
from tests.support.stopwatch import PATIENCE

LEASE = timedelta(seconds=30)
FILES = [Receipt(id=f"F{n}", name=f"{n} taxi.pdf", permalink="https://x") for n in range(2)]


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url) as opened:
        yield opened


async def expected(here: Rooms, *files: Receipt) -> tuple[ReceiptStore, str]:
    expense, store = await here.created(), ReceiptStore(here.database)
    for _ in range(2):
        await store.expect(expense.id, files or FILES, is_required=True)
    return store, expense.id


async def until_due(store: ReceiptStore, *expected: tuple[str, str]) -> None:
    """Wait until these are due: a process may take the database's clock for a little later."""
    async with asyncio.timeout(PATIENCE):
        while await store.due(10) != [*expected]:
            await asyncio.sleep(0.01)


def kept(copy: ReceiptCopy, **changes: object) -> ReceiptCopy:
    known = {"sha256": "ab" * 32, "type": "application/pdf", "size": 7, "place": "database"}
    return replace(copy, state=CopyState.KEPT, **known | changes)


async def test_each_receipt_is_expected_once_and_copied_by_one_process(here: Rooms) -> None:
    store, id = await expected(here)
    copies = await store.of_expense(id)
    assert [(one.file_id, one.name, one.state, one.is_required) for one in copies] == [
        (file.id, file.name, CopyState.AWAITED, True) for file in FILES
    ]
    await until_due(store, (id, "F0"), (id, "F1"))
    claims = await asyncio.gather(*(store.claim(id, "F0", LEASE) for _ in range(10)))
    assert len([claim for claim in claims if claim]) == 1
    await until_due(store, (id, "F1"))


async def test_it_is_kept_once_and_the_history_says_so(here: Rooms) -> None:
    store, id = await expected(here)
    first, second = await store.of_expense(id)
    won = await asyncio.gather(*(store.settle(kept(first)) for _ in range(5)))
    assert len([event for event in won if event]) == 1
    assert await store.settle(replace(second, state=CopyState.FLAWED, flaw=Flaw.DELETED))
    assert not await store.settle(kept(second))
    first, second = await store.of_expense(id)
    assert (first.state, first.sha256, first.size) == (CopyState.KEPT, "ab" * 32, 7)
    assert (second.state, second.flaw, second.sha256) == (CopyState.FLAWED, Flaw.DELETED, None)
    assert first.settled_at
    assert (await here.events(id))[-2:] == ["keep_receipt", "flaw_receipt"]
    entry = (await here.expenses.history(id))[-2]
    assert entry.event.what == f"{'ab' * 32} 0 taxi.pdf"
    assert await store.kept_before("F0") == first
    assert await store.kept_before("F1") is None


async def test_what_failed_is_due_later_and_told_when_it_lasts(here: Rooms) -> None:
    store, id = await expected(here, FILES[0])
    due = await store.claim(id, "F0", LEASE)
    assert due
    assert due.attempts == 1
    await store.release(due, datetime.now(UTC) - timedelta(seconds=1), "the disk is full")
    again = await store.claim(id, "F0", LEASE)
    assert again
    assert again.attempts == 2
    late = await store.late(timedelta(0))
    assert (late.number, late.trouble) == (1, "the disk is full")
    assert (await store.late(timedelta(hours=1))).number == 0
    await store.release(again, None)
    assert await store.due(10) == []


@pytest.mark.parametrize(
    ("changes", "audiences"),
    [
        ({}, {"approvers 0 U0MAN", "approvers"}),
        ({"type": HEIC}, {"approvers 0 U0MAN", "approvers", "requester"}),
    ],
)
async def test_a_thread_that_begins_later_gets_it_too(
    here: Rooms, changes: dict[str, str], audiences: set[str]
) -> None:
    store, id = await expected(here, FILES[0])
    threads = ReceiptThreads(here.database)
    due = await store.claim(id, "F0", LEASE)
    assert due
    copy = kept(due.copy, **changes)
    await store.settle(copy)

    async def add(audience: Audience) -> None:
        message = Message(expense_id=id, audience=audience, channel="C0", ts="1.0", shown_version=1)
        await here.messages.add(message)

    for audience in (approvers(0), approvers(0, "U0MAN"), REQUESTER, DECIDER):
        await add(audience)
    lacking = await threads.lacking(copy)
    assert {str(thread.audience) for thread in lacking} == audiences
    assert await threads.begun(copy, lacking[0]) is None
    await threads.begin(copy, lacking[0], "F0UP")
    begun = await threads.begun(copy, lacking[0])
    assert begun
    assert begun.upload_id == "F0UP"
    assert len(await threads.lacking(copy)) == len(lacking)
    for thread in lacking:
        await threads.end(copy, thread)
    assert await threads.lacking(copy) == []
    await store.release(due, None)
    await threads.look(id)
    assert await store.due(10) == []
    await add(approvers(1))
    await threads.look(id)
    await until_due(store, (id, "F0"))
    assert [str(one.audience) for one in await threads.lacking(copy)] == ["approvers 1"]


async def test_a_thread_that_begins_during_a_lease_is_not_forgotten(here: Rooms) -> None:
    store, id = await expected(here, FILES[0])
    due = await store.claim(id, "F0", LEASE)
    assert due
    await store.settle(kept(due.copy))
    message = Message(expense_id=id, audience=approvers(0), channel="C", ts="1", shown_version=1)
    await here.messages.add(message)
    await ReceiptThreads(here.database).look(id)
    await store.release(due, None)
    await until_due(store, (id, "F0"))


async def test_what_one_thread_shows_does_not_count_for_another_expense(here: Rooms) -> None:
    threads = ReceiptThreads(here.database)
    for number in range(2):
        store, id = await expected(here, replace(FILES[0], id=f"F1{number}"))
        due = await store.claim(id, f"F1{number}", LEASE)
        assert due
        copy = kept(due.copy)
        await store.settle(copy)
        await store.release(due, None)
        ts = str(number)
        message = Message(expense_id=id, audience=approvers(0), channel="C", ts=ts, shown_version=1)
        await here.messages.add(message)
        await threads.look(id)
        await until_due(store, (id, f"F1{number}"))
        due = await store.claim(id, f"F1{number}", LEASE)
        assert due
        await threads.end(copy, message)
        await store.release(due, None)


async def test_contents_are_kept_once_by_their_hash(here: Rooms) -> None:
    contents = ReceiptContents(here.database)
    for _ in range(2):
        await contents.put("ab", b"\0\xff" * 1000)
    assert await contents.get("ab") == b"\0\xff" * 1000
    await contents.delete("ab")
    assert await contents.get("ab") is None
