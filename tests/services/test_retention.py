"""What need not be kept is forgotten, and the audit trail holds, on both databases."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from bot.database.payments.schema import payments
from bot.database.people.erasing import BATCH, Eraser, Result
from bot.database.people.forgotten import ERASED, Forgotten
from bot.database.receipts.copies import ReceiptStore
from bot.database.schema import expenses, metadata
from bot.delivery.retention import Retention
from bot.domain.errors import TryAgain
from bot.domain.expense import Decision
from tests.support.kept import Kept
from tests.support.plans import lunch
from tests.support.retained import (
    BOOK,
    CIPHER,
    ME,
    THEY,
    decided,
    everything,
    over,
    run,
    seal,
    verified,
)
from tests.support.rooms import MANAGER, REQUESTER, STRANGER, Rooms, rooms

KEEP = timedelta(days=3650)


@dataclass
class Files:
    """Where receipts are kept, and what was deleted there."""

    place: str = "here"
    deleted: list[str] = field(default_factory=list)
    is_away: bool = False

    async def delete(self, sha256: str) -> None:
        if self.is_away:
            raise TryAgain("It is away.")
        self.deleted.append(sha256)


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url, rulebook=BOOK) as opened:
        yield opened


def retention(here: Rooms, files: Files | None = None) -> Retention:
    return Retention(Eraser(here.database), CIPHER.pseudonym, KEEP, files, timedelta(hours=1))


async def test_after_its_period_people_words_and_receipts_are_gone_and_the_rest_stays(
    here: Rooms,
) -> None:
    expense, files = await decided(here), Files()
    copies = ReceiptStore(here.database)
    kept = Kept(here, copies, None)  # type: ignore[arg-type]
    await copies.expect(expense.id, expense.claim.receipts, is_required=False)  # type: ignore[union-attr]
    copy = await kept.copied(expense)
    await over(here, expense, days=3660)
    assert await retention(here, files).sweep() == 1
    assert files.deleted == [copy.sha256]
    left = await everything(here)
    for gone in (REQUESTER, MANAGER, STRANGER, "Ada", "Bob", "Too much", "Yours", "Who was", "D0"):
        assert gone not in left
    after = await here.expenses.get(expense.id)
    assert after.claim
    assert expense.claim
    assert after.claim.money == expense.claim.money
    assert (after.claim.spent_on, after.claim.category) == (
        expense.claim.spent_on,
        expense.claim.category,
    )
    assert (after.claim.description, after.claim.receipts) == (ERASED, ())
    assert (after.state, after.decision, after.decided_at) == (
        expense.state,
        expense.decision,
        expense.decided_at,
    )
    assert (after.requester, after.decided_by, after.reason) == (ME, THEY, None)
    assert copy.sha256
    assert copy.sha256 in left  # the trail says which receipt it was
    await seal(here)
    assert await verified(here) == []
    assert (await here.events(expense.id))[-1] == "erase"
    # It is done, also for the next process.
    assert await retention(here, files).sweep() == 0
    assert files.deleted == [copy.sha256]


async def test_what_is_open_unpaid_young_or_not_told_yet_is_never_touched(here: Rooms) -> None:
    made = [await decided(here, f"{n}", Decision.APPROVED) for n in range(4)]
    for number, expense in enumerate(made):
        await over(here, expense, days=3640 if number == 3 else 4000)
    # Of an approved one nobody knows yet; a paid one waits for finance; one is not told yet.
    await run(here, "UPDATE expenses SET state = 'COMPLETED' WHERE id <> :id", id=made[0].id)
    left = {"expense_id": made[1].id, "left_at": datetime.now(UTC)}
    await here.database.execute(insert(payments).values(left))
    now = datetime.now(UTC).replace(tzinfo=None if not here.database.is_postgres else UTC)
    await run(here, "UPDATE expenses SET due_at = :at WHERE id = :id", id=made[2].id, at=now)
    before = await everything(here)
    assert await retention(here).sweep() == 0
    assert await everything(here) == before


async def test_more_than_a_batch_is_forgotten_and_a_kill_loses_nothing(here: Rooms) -> None:
    made = [
        await here.submissions.submit(REQUESTER, lunch(f"{n}.00", manager=MANAGER), f"view {n}")
        for n in range(1, BATCH + 3)
    ]
    for expense in made:
        await here.submissions.withdraw(expense.id, REQUESTER)
    long_ago = datetime.now(UTC) - timedelta(days=4000)
    given = {"at": long_ago if here.database.is_postgres else long_ago.replace(tzinfo=None)}
    await run(here, "UPDATE expenses SET due_at = NULL, created_at = :at", **given)
    await run(here, "UPDATE audit SET at = :at", **given)
    await seal(here)
    sweep = asyncio.create_task(retention(here).sweep())
    async with asyncio.timeout(60):
        while not await run(here, "SELECT 1 FROM expenses WHERE erased_at IS NOT NULL"):
            await asyncio.sleep(0.01)
    sweep.cancel()
    [[done]] = await run(here, "SELECT count(*) FROM expenses WHERE erased_at IS NOT NULL")
    assert 0 < done < len(made)
    assert await retention(here).sweep() >= len(made) - done - 1
    assert REQUESTER not in await everything(here)
    await seal(here)
    assert await verified(here) == []


async def test_a_receipt_that_cannot_be_deleted_keeps_its_expense(here: Rooms) -> None:
    expense, copies = await decided(here), ReceiptStore(here.database)
    assert expense.claim
    await copies.expect(expense.id, expense.claim.receipts, is_required=False)
    await Kept(here, copies, None).copied(expense)  # type: ignore[arg-type]
    await over(here, expense, days=4000)
    before = await everything(here)
    for files in (None, Files(place="elsewhere"), Files(is_away=True)):
        assert await retention(here, files).sweep() == 0
        assert await everything(here) == before
    assert await retention(here, Files()).sweep() == 1


async def test_a_receipt_of_a_younger_expense_stays_until_that_is_over(here: Rooms) -> None:
    copies, files = ReceiptStore(here.database), Files()
    made = [await decided(here, f"{n}") for n in range(2)]
    for expense, days in zip(made, (4000, 3000), strict=True):
        assert expense.claim
        await copies.expect(expense.id, expense.claim.receipts, is_required=False)
        await Kept(here, copies, None).copied(expense)  # type: ignore[arg-type]
        await over(here, expense, days=days)
    assert await retention(here, files).sweep() == 1
    assert files.deleted == []


async def test_one_person_becomes_a_pseudonym_and_what_bookkeeping_needs_stays(here: Rooms) -> None:
    expense, still_open = (
        await decided(here),
        await here.submissions.submit(REQUESTER, lunch(manager=MANAGER), "view open"),
    )
    await over(here, expense)
    await here.delegations.begin(REQUESTER, STRANGER, datetime.now(UTC) + timedelta(days=1))
    eraser = Eraser(here.database)
    assert sorted(await eraser.of_person(REQUESTER)) == sorted([expense.id, still_open.id])
    whom = Forgotten(pseudonym=CIPHER.pseudonym, person=REQUESTER)
    assert await eraser.forget(still_open.id, whom, "operator") is Result.LEFT
    for _ in range(2):  # once more changes nothing
        assert await eraser.forget(expense.id, whom, "operator") is Result.DONE
        await seal(here)
    await eraser.forget_beside(REQUESTER, ME, datetime.now(UTC))
    assert await eraser.of_person(REQUESTER) == [still_open.id]
    after = await here.expenses.get(expense.id)
    assert after.claim
    assert (after.requester, after.claim.description) == (ME, "Dinner with Bob")
    assert [one.name for one in after.claim.receipts] == ["Ada's dinner.pdf"]
    # Others stay who they are, with what they wrote; who is forgotten wrote nothing any more.
    assert (after.decided_by, after.reason) == (MANAGER, "Too much, Ada")
    history = json.dumps([str(line.event) for line in await here.expenses.history(expense.id)])
    assert "Bob and I" not in history
    assert "Who was there?" in history
    manager = Forgotten(pseudonym=CIPHER.pseudonym, person=MANAGER)
    assert await eraser.forget(expense.id, manager, "operator") is Result.DONE
    assert await eraser.of_person(MANAGER) == [still_open.id]
    await seal(here)
    assert await verified(here) == []


async def test_nothing_is_forgotten_before_its_trail_is_sealed(here: Rooms) -> None:
    expense = await decided(here)
    await run(here, "UPDATE expenses SET due_at = NULL")
    before, whom = await everything(here), Forgotten(pseudonym=CIPHER.pseudonym, person=MANAGER)
    with pytest.raises(TryAgain):
        await Eraser(here.database).forget(expense.id, whom, "operator")
    assert await everything(here) == before


def names(text: str) -> set[str]:
    return set(text.split())


# Columns of expenses that say nothing of a person, and what money and law need.
KEPT = names(
    "id state version created_at amount currency category spent_on submission_key window_seconds"
    " started_at workflow_id run_id namespace namespace_id task_token decide_by decision decided_at"
    " delivered_at payment_asked_at payment_refusal due_at redraw_at leased_until attempts"
    " previous_id number_year number previous_number trouble_since operators_told_at flags"
    " policy_sha256"
)
ENDED = {"erased_at", "traceparent", "trouble"}


def test_of_every_column_it_is_known_whether_it_is_kept_or_forgotten() -> None:
    class Row:
        def __getattr__(self, name: str) -> None:
            return None

    everybody = Forgotten(pseudonym=CIPHER.pseudonym)
    forgotten = {*everybody.claim(Row()), *everybody.rest(Row()), *ENDED}
    assert {column.name for column in expenses.c} == KEPT | forgotten
    assert not KEPT & forgotten
    # Of these, bot.database.people.erasing says what becomes; the others belong to no expense.
    with_people = "allowances approvals audit delegations messages payments receipt_posts receipts"
    others = "audit_roots audit_seals expenses numbers policy_texts receipt_contents seats"
    assert set(metadata.tables) == names(f"{with_people} {others}")
