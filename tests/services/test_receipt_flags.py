"""The same receipt with another expense is flagged once it is copied, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from bot.database.people.same_receipts import SameReceipts
from bot.database.receipts.copies import ReceiptStore
from bot.database.schema import allowances, expenses
from bot.database.trail.sealing import Sealer
from bot.database.trail.signing import Signer
from bot.database.trail.verification import Verification
from bot.domain.approval_plan import Stage
from bot.domain.expense import Decision
from bot.domain.flags.flag import Flag, Kind
from bot.domain.flags.judging import FlagRules
from bot.policy.rules import Rule, Rulebook
from bot.services.receipt_flags import ReceiptFlags
from tests.support.kept import Kept
from tests.support.plans import lunch
from tests.support.rooms import MANAGER, REQUESTER, SECRET, STRANGER, rooms

SMALL = Rule(name="small", up_to=Decimal(50), monthly_ceiling=Decimal(1000))
REST = Rule(name="rest", stages=(Stage(asked=(MANAGER,)),))
BOOK = Rulebook(rules=(SMALL, REST), flags=FlagRules(receipt=True))


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Kept]:
    async with rooms(database_url, rulebook=BOOK) as opened:
        copies = ReceiptStore(opened.database)
        same = SameReceipts(opened.database)
        yield Kept(opened, copies, ReceiptFlags(opened.expenses, copies, same, opened.policy))


async def test_the_same_receipt_is_flagged_as_one_s_own_or_as_somebody_else_s(here: Kept) -> None:
    first = await here.submitted("1", "20.00")
    assert not await here.flags.look(await here.copied(first))
    mine, theirs = await here.submitted("2", "30.00"), await here.submitted("3", "40.00", STRANGER)
    copy = await here.copied(mine)
    assert [await here.flags.look(copy), await here.flags.look(copy)] == [True, False]
    assert await here.flags.look(await here.copied(theirs))
    assert await here.flagged(mine) == (Flag(kind=Kind.RECEIPT, others=(first.id,)),)
    others = (first.id, mine.id)
    assert await here.flagged(theirs) == (Flag(kind=Kind.OTHERS_RECEIPT, others=others),)
    assert await here.flagged(first) == ()
    assert await here.rooms.events(mine.id) == ["submit", "keep_receipt", "flag"]
    assert mine.id in here.rooms.changed
    other = await here.submitted("4", "41.00")
    assert not await here.flags.look(await here.copied(other, "b" * 64))


async def test_nothing_is_approved_automatically_after_it_and_the_ceiling_is_given_back(
    here: Kept,
) -> None:
    await here.flags.look(await here.copied(await here.submitted("1", "20.00")))
    second = await here.submitted("2", "30.00")
    assert second.asks_nobody
    # It waits for the copy, which takes a moment.
    assert not await here.flags.may_approve(second)
    await here.copied(second)
    # The process that kept the copy was killed before it compared it.
    assert not await here.flags.may_approve(second)
    asked = await here.rooms.expenses.get(second.id)
    assert asked.plan
    assert (asked.plan.rule, asked.plan.stages) == ("rest", REST.stages)
    waiting = await here.rooms.home_queries.waiting_ids(
        MANAGER, {MANAGER: frozenset({MANAGER})}, ()
    )
    await here.rooms.workflow_calls.create(second.id, asked.caller)
    until = datetime.now(UTC) + timedelta(hours=1)
    await here.rooms.workflow_calls.register_callback(second.id, b"t", asked.caller, until)
    waiting = await here.rooms.home_queries.waiting_ids(
        MANAGER, {MANAGER: frozenset({MANAGER})}, ()
    )
    assert waiting == [second.id]
    [row] = await here.rooms.database.execute(select(allowances))
    assert row.used == 20 * 10_000
    decided = await here.rooms.decisions.decide(second.id, Decision.APPROVED, MANAGER)
    assert decided.decided_by == MANAGER


async def test_where_no_other_rule_asks_the_approvers_of_the_settings_do_and_the_trail_holds(
    database_url: str,
) -> None:
    async with rooms(database_url, rulebook=replace(BOOK, rules=(SMALL,))) as opened:
        copies, same = ReceiptStore(opened.database), SameReceipts(opened.database)
        here = Kept(opened, copies, ReceiptFlags(opened.expenses, copies, same, opened.policy))
        await here.flags.look(await here.copied(await here.submitted("1", "20.00")))
        second = await here.submitted("2", "30.00")
        sealer, signer = Sealer(opened.database, Signer([SECRET])), Signer([SECRET])
        while await sealer.sweep():
            pass
        assert await here.flags.look(await here.copied(second))
        asked = await opened.expenses.get(second.id)
        assert asked.plan
        assert asked.plan.stages[0].asked == opened.policy.approvers
        while await sealer.sweep():
            pass
        looking = Verification(opened.database, signer.public_keys, ())
        assert [str(found) async for found in looking.findings()] == []


async def test_an_automatic_approval_waits_a_minute_for_copies_and_no_longer(here: Kept) -> None:
    expense = await here.submitted("1", "20.00")
    assert not await here.flags.may_approve(expense)
    late = {"created_at": datetime.now(UTC) - timedelta(minutes=2)}
    await here.rooms.database.execute(update(expenses).values(late))
    assert await here.flags.may_approve(await here.rooms.expenses.get(expense.id))
    await here.copied(expense)
    assert await here.flags.may_approve(await here.rooms.expenses.get(expense.id))
    assert await here.flags.may_approve(
        await here.rooms.submissions.submit(REQUESTER, lunch(), "k")
    )


async def test_what_replaces_something_that_was_taken_back_is_not_flagged(here: Kept) -> None:
    first = await here.submitted("1", "20.00")
    await here.copied(first)
    await here.rooms.submissions.withdraw(first.id, REQUESTER)
    again = await here.submitted("2", "25.00")
    assert not await here.flags.look(await here.copied(again))


async def test_of_two_that_are_copied_at_once_none_escapes(here: Kept) -> None:
    made = [await here.submitted(f"{n}", f"2{n}.00") for n in range(4)]
    copies = await asyncio.gather(*map(here.copied, made))
    await asyncio.gather(*map(here.flags.look, copies))
    flags = [await here.flagged(one) for one in made]
    assert sum(bool(one) for one in flags) >= 3


async def test_a_policy_without_this_flag_compares_nothing(database_url: str) -> None:
    async with rooms(database_url, rulebook=replace(BOOK, flags=FlagRules())) as opened:
        copies, same = ReceiptStore(opened.database), SameReceipts(opened.database)
        here = Kept(opened, copies, ReceiptFlags(opened.expenses, copies, same, opened.policy))
        await here.copied(await here.submitted("1", "20.00"))
        second = await here.submitted("2", "30.00")
        assert await here.flags.may_approve(second)
        assert not await here.flags.look(await here.copied(second))
