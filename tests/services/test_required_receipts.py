"""A payment waits for the copy of a receipt that the policy requires, and not for ever."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.database.receipts.copies import ReceiptStore
from bot.domain import audit_events
from bot.domain.approval_plan import Plan
from bot.domain.errors import PaymentRefused, TryAgain
from bot.domain.expense import Decision, Expense, Money, Receipt, State
from bot.domain.receipts import CopyState, Flaw
from bot.domain.words import OwnCategory, Words
from bot.payment_system import FinancePays
from bot.policy.rules import Rule, Rulebook
from bot.services.reimbursement import Reimbursement
from bot.services.required_receipts import RequiredReceipts, requires_receipt
from tests.support.claims import expense
from tests.support.rooms import LUNCH, MANAGER, REQUESTER, Rooms, rooms

FILES = tuple(Receipt(id=f"F{n}", name=f"{n}.pdf", permalink="https://x") for n in range(2))
KEPT = {
    "state": CopyState.KEPT,
    "sha256": "ab" * 32,
    "type": "application/pdf",
    "size": 7,
    "place": "database",
}
FLAWED = {"state": CopyState.FLAWED, "flaw": Flaw.DELETED}


@pytest.fixture
async def here(sqlite_url: str) -> AsyncIterator[Rooms]:
    async with rooms(sqlite_url) as opened:
        yield opened


async def approved(
    here: Rooms, *settled: dict[str, Any] | None, ago: timedelta = timedelta(0), needed: bool = True
) -> Expense:
    """Make an approved expense with a receipt for each of these, of which None is not copied."""
    expense = Expense(
        id=f"e-{uuid.uuid4()}",
        state=State.CREATED,
        version=1,
        created_at=datetime.now(UTC),
        requester=REQUESTER,
        claim=replace(LUNCH, receipts=FILES[: len(settled)]),
    )
    assert await here.expenses.add(expense, audit_events.Submitted(), REQUESTER)
    store = ReceiptStore(here.database)
    await store.expect(expense.id, FILES[: len(settled)], is_required=needed)
    for copy, how in zip(await store.of_expense(expense.id), settled, strict=True):
        if how:
            await store.settle(replace(copy, **how))
    changed = await here.expenses.change(
        expense,
        audit_events.Decided(),
        MANAGER,
        to=State.APPROVED,
        decision=Decision.APPROVED,
        decided_by=MANAGER,
        decided_at=datetime.now(UTC) - ago,
    )
    assert changed
    return changed


async def pay(here: Rooms, expense: Expense) -> State:
    required = RequiredReceipts(here.expenses, ReceiptStore(here.database))
    await Reimbursement(here.expenses, FinancePays(), here.workflow_calls, receipts=required).pay(
        expense.id
    )
    return (await here.expenses.get(expense.id)).state


@pytest.mark.parametrize(
    ("amount", "currency", "rule", "category", "is_required"),
    [
        ("100.01", "EUR", "travel", None, True),
        ("100", "EUR", "travel", None, False),
        ("100.01", "EUR", "another rule", None, False),
        ("100.01", "EUR", None, None, False),
        ("50.01", "EUR", None, "50", True),
        ("50", "EUR", "travel", "50", False),
        ("60", "USD", None, "50", False),
        ("1", "JPY", "travel", None, True),  # the policy has no rate for it any more
    ],
)
def test_its_rule_or_its_category_requires_a_receipt(
    amount: str, currency: str, rule: str | None, category: str | None, is_required: bool
) -> None:
    own = OwnCategory(label="Meals", receipt_over=category and Decimal(category))
    book = Rulebook(
        rules=(Rule(name="travel", receipt_over=Decimal(100)), Rule(name="another rule")),
        rates={"USD": Decimal("0.5")},
        words=Words(categories={LUNCH.category: own}) if category else Words(),
    )
    claimed = expense(
        claim=replace(LUNCH, money=Money(Decimal(amount), currency)),
        plan=Plan(rule=rule) if rule else None,
    )
    assert requires_receipt(book, claimed) is is_required


@pytest.mark.parametrize(
    ("settled", "needed"),
    [((), True), ((KEPT,), True), ((FLAWED, KEPT), True), ((None,), False), ((FLAWED,), False)],
)
async def test_it_is_paid_if_one_is_kept_or_none_is_needed(
    here: Rooms, settled: tuple[Any, ...], needed: bool
) -> None:
    expense = await approved(here, *settled, needed=needed)
    assert await pay(here, expense) is State.COMPLETED


async def test_it_waits_while_none_is_copied_and_the_requester_is_told_once(here: Rooms) -> None:
    expense = await approved(here, FLAWED, None)
    with pytest.raises(TryAgain, match="not copied yet"):
        await pay(here, expense)
    assert "await_receipts" not in await here.events(expense.id)
    expense = await approved(here, None, ago=timedelta(minutes=2))
    for _ in range(2):
        with pytest.raises(TryAgain, match="not copied yet"):
            await pay(here, expense)
    assert (await here.events(expense.id)).count("await_receipts") == 1
    assert here.changed[-1] == expense.id  # so that the thread is told
    store = ReceiptStore(here.database)
    [copy] = await store.of_expense(expense.id)
    await store.settle(replace(copy, **KEPT))
    assert await pay(here, expense) is State.COMPLETED


async def test_it_waits_for_a_day_at_most(here: Rooms, caplog: pytest.LogCaptureFixture) -> None:
    expense = await approved(here, None, ago=timedelta(hours=24, seconds=1))
    assert await pay(here, expense) is State.COMPLETED
    assert f"expense {expense.id} is paid, although" in caplog.text


async def test_without_any_that_could_be_kept_it_is_refused_and_can_be_submitted_again(
    here: Rooms,
) -> None:
    expense = await approved(here, FLAWED)
    with pytest.raises(PaymentRefused, match="RECEIPT_NOT_KEPT"):
        await pay(here, expense)
    assert (await here.expenses.get(expense.id)).state is State.PAYMENT_FAILED
    assert await here.submissions.to_resubmit(expense.id, REQUESTER)
