"""Paying once, against the sandbox's payment system, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import aiohttp
import pytest

from bot.domain.errors import InvalidId, InvalidState, PaymentRefused, TryAgain
from bot.domain.expense import Decision, Expense, Money, State
from bot.payment_system import PaymentSystem
from sandbox import Sandbox
from tests.support.rooms import LUNCH, MANAGER, REQUESTER, Rooms, caller, rooms


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    async with Sandbox.start() as sandbox:
        yield sandbox


@pytest.fixture
async def here(database_url: str, slack: Sandbox) -> AsyncIterator[Rooms]:
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        system = PaymentSystem(session, slack.payment_url, [slack.payments.key])
        yield await stack.enter_async_context(rooms(database_url, system))


async def approved(here: Rooms, amount: str = "42.50") -> Expense:
    from decimal import Decimal

    claim = replace(LUNCH, money=Money(Decimal(amount), "EUR"))
    expense = await here.submissions.submit(REQUESTER, claim, f"view {amount}")
    await here.workflow_calls.create(expense.id, caller(expense.id))
    await here.workflow_calls.register_callback(expense.id, b"token", caller(expense.id))
    return await here.decisions.decide(expense.id, Decision.APPROVED, MANAGER)


async def test_an_approved_expense_is_paid_once(here: Rooms, slack: Sandbox) -> None:
    expense = await approved(here)
    await asyncio.gather(*(here.reimbursement.pay(expense.id) for _ in range(10)))
    await here.reimbursement.pay(expense.id)
    assert (await here.expenses.get(expense.id)).state is State.COMPLETED
    assert [payment["expense_id"] for payment in slack.payments.paid] == [expense.id]
    assert (await here.events(expense.id)).count("pay") == 1


async def test_a_refusal_is_recorded_and_repeated(here: Rooms, slack: Sandbox) -> None:
    expense = await approved(here, "5000.00")
    for _ in range(2):
        with pytest.raises(PaymentRefused) as refusal:
            await here.reimbursement.pay(expense.id)
        assert refusal.value.code == "INSUFFICIENT_FUNDS"
    failed = await here.expenses.get(expense.id)
    assert (failed.state, failed.payment_refusal) == (State.PAYMENT_FAILED, "INSUFFICIENT_FUNDS")
    assert slack.payments.paid == []


async def test_an_answer_that_was_lost_after_paying_does_not_pay_again(
    here: Rooms, slack: Sandbox
) -> None:
    expense = await approved(here)
    slack.faults.add("payments", "lost", times=1)
    with pytest.raises(TryAgain):
        await here.reimbursement.pay(expense.id)
    assert (await here.expenses.get(expense.id)).state is State.APPROVED
    await here.reimbursement.pay(expense.id)
    assert (await here.expenses.get(expense.id)).state is State.COMPLETED
    assert len(slack.payments.paid) == 1


async def test_what_may_have_been_paid_is_never_closed_unpaid(here: Rooms, slack: Sandbox) -> None:
    expense = await approved(here)
    slack.faults.add("payments", "lost", times=1)
    with pytest.raises(TryAgain):
        await here.reimbursement.pay(expense.id)
    asked = await here.expenses.get(expense.id)
    await here.workflow_calls.cancel(asked, "terminated")
    await here.workflow_calls.expire(asked)
    assert (await here.expenses.get(expense.id)).state is State.APPROVED
    await here.reimbursement.close_unpaid(asked, "terminated")
    assert (await here.expenses.get(expense.id)).state is State.COMPLETED


async def test_what_was_never_asked_for_is_closed_unpaid(here: Rooms, slack: Sandbox) -> None:
    expense = await approved(here)
    await here.reimbursement.close_unpaid(expense, "terminated")
    assert (await here.expenses.get(expense.id)).state is State.CANCELLED
    with pytest.raises(InvalidState):
        await here.reimbursement.pay(expense.id)
    assert slack.payments.paid == []


async def test_only_approved_expenses_are_paid(here: Rooms, slack: Sandbox) -> None:
    with pytest.raises(InvalidId):
        await here.reimbursement.pay("unknown")
    waiting = await here.waiting()
    with pytest.raises(InvalidState):
        await here.reimbursement.pay(waiting.id)
    await here.decisions.decide(waiting.id, Decision.REJECTED, MANAGER, "No")
    with pytest.raises(InvalidState):
        await here.reimbursement.pay(waiting.id)
    assert slack.payments.paid == []
