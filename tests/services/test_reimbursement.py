"""Paying once, against the sandbox's payment system, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import Executable

from bot.database.engine.connection import Database
from bot.domain import audit_events
from bot.domain.errors import InvalidId, InvalidState, PaymentRefused, TryAgain, Unanswered
from bot.domain.expense import Decision, Expense, Money, State
from bot.domain.payments.payment import Payment
from bot.payment_system import FinancePays, PaymentSystem
from bot.services.recovery import Recovery
from bot.services.reimbursement import Reimbursement
from sandbox import Sandbox
from tests.support.payments import KEY, FakePayments, dropping, fake_payments, saying
from tests.support.rooms import LUNCH, MANAGER, REQUESTER, Rooms, caller, rooms
from tests.support.stopwatch import PATIENCE

REFUSED = saying('{"error": "INSUFFICIENT_FUNDS"}', status=402)


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    async with Sandbox.start() as sandbox:
        yield sandbox


@pytest.fixture
async def here(database_url: str, slack: Sandbox) -> AsyncIterator[Rooms]:
    async with paying_rooms(database_url, slack) as opened:
        yield opened


@asynccontextmanager
async def paying_rooms(database_url: str, slack: Sandbox) -> AsyncIterator[Rooms]:
    """Open the rooms of a bot that asks the sandbox's payment system."""
    async with aiohttp.ClientSession() as session:
        system = PaymentSystem(session, slack.payment_url, [slack.payments.key])
        async with rooms(database_url, system) as opened:
            yield opened


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
    [payment] = slack.payments.paid
    assert payment["expense_id"] == expense.id
    assert (await here.events(expense.id)).count("pay") == 1
    paid = await here.expenses.get(expense.id)
    assert paid.payment
    assert (paid.is_paid, paid.payment.reference) == (True, payment["reference"])
    [entry] = [one for one in await here.expenses.history(paid.id) if one.event.stored_as == "pay"]
    assert entry.event == audit_events.Paid(payment["reference"])


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


# A payment system that is slow, and what stands before it


@dataclass
class Slow:
    """A payment system whose first answer comes when a test says so: that it has paid."""

    payments: FakePayments
    hasty: Reimbursement
    patient: Reimbursement
    has_begun: asyncio.Event
    may_end: asyncio.Event


@pytest.fixture
async def slow(here: Rooms) -> AsyncIterator[Slow]:
    has_begun, may_end = asyncio.Event(), asyncio.Event()

    async def take_time(_: web.Request) -> web.StreamResponse:
        has_begun.set()
        await may_end.wait()
        return web.json_response({"status": "paid"})

    async with fake_payments() as payments, aiohttp.ClientSession() as session:
        payments.in_turn = [take_time]
        system = PaymentSystem(session, payments.url, [KEY])
        hasty, patient = (
            Reimbursement(here.expenses, system, here.workflow_calls, patience)
            for patience in (0.05, PATIENCE)
        )
        yield Slow(payments, hasty, patient, has_begun, may_end)
        may_end.set()
        await hasty.close()


async def until(here: Rooms, expense: Expense, state: State) -> Expense:
    async with asyncio.timeout(PATIENCE):
        while (found := await here.expenses.get(expense.id)).state is not state:
            await asyncio.sleep(0.01)
    return found


async def test_while_the_first_attempt_is_worked_on_409_closes_nothing(
    here: Rooms, slow: Slow
) -> None:
    expense = await approved(here)
    slow.payments.says('{"error": "REQUEST_IN_PROGRESS"}', status=409)
    with pytest.raises(Unanswered, match="not answered yet"):
        await slow.hasty.pay(expense.id)
    await slow.has_begun.wait()
    for _ in range(2):
        with pytest.raises(Unanswered, match="answered 409"):
            await slow.patient.pay(expense.id)
    with pytest.raises(Unanswered):
        await slow.patient.close_unpaid(await here.expenses.get(expense.id), "terminated")
    assert (await here.expenses.get(expense.id)).state is State.APPROVED
    slow.may_end.set()  # and its answer is heard, although nobody waits for it any more
    await until(here, expense, State.COMPLETED)
    assert (await here.events(expense.id))[-2:] == ["ask_payment", "pay"]


async def test_what_was_paid_is_paid_although_another_attempt_was_refused(
    here: Rooms, slow: Slow, caplog: pytest.LogCaptureFixture
) -> None:
    expense = await approved(here)
    slow.payments.answer = REFUSED
    with pytest.raises(Unanswered):
        await slow.hasty.pay(expense.id)
    await slow.has_begun.wait()
    with pytest.raises(PaymentRefused):
        await slow.patient.pay(expense.id)
    assert (await here.expenses.get(expense.id)).state is State.PAYMENT_FAILED
    caplog.clear()
    here.changed.clear()
    slow.may_end.set()
    paid = await until(here, expense, State.COMPLETED)
    assert paid.payment_refusal == "INSUFFICIENT_FUNDS"
    assert (await here.events(expense.id))[-3:] == ["ask_payment", "refuse_payment", "pay"]
    async with asyncio.timeout(PATIENCE):
        while not (caplog.records and here.changed):  # and people are shown
            await asyncio.sleep(0.01)
    [line] = caplog.records
    assert line.levelname == "ERROR"
    assert f"expense {expense.id}: the payment system has paid it, and it was PAYMENT_FAILED" in (
        line.message
    )
    await slow.patient.pay(expense.id)


async def test_what_was_paid_is_paid_although_the_operator_said_that_it_was_not(
    here: Rooms, slow: Slow, caplog: pytest.LogCaptureFixture
) -> None:
    expense = await approved(here)
    with pytest.raises(Unanswered):
        await slow.hasty.pay(expense.id)
    await slow.has_begun.wait()
    closed = await Recovery(here.expenses).settle(expense.id, is_paid=False)
    assert closed.state is State.CANCELLED
    again = await here.submissions.ask_again(expense.id, REQUESTER)
    slow.may_end.set()
    await until(here, expense, State.COMPLETED)
    assert (await here.events(expense.id))[-2:] == ["settle", "pay"]
    async with asyncio.timeout(PATIENCE):
        while "the payment system has paid it, and it was CANCELLED before" not in caplog.text:
            await asyncio.sleep(0.01)
        # And the operator sees to it that not both are paid.
        while f"expense {again.id}, made from it, is SUBMITTED" not in caplog.text:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 503])
async def test_what_may_be_paid_waits_for_the_payment_system_s_own_word(
    here: Rooms, slow: Slow, status: int
) -> None:
    slow.payments.in_turn = [dropping]
    slow.payments.says("<html>Nothing here</html>", status=status, content_type="text/html")
    expense = await approved(here)
    for _ in range(2):
        with pytest.raises(TryAgain):
            await slow.patient.pay(expense.id)
    asked = await here.expenses.get(expense.id)
    with pytest.raises(TryAgain):
        await slow.patient.close_unpaid(asked, "terminated")
    assert (await here.expenses.get(expense.id)).state is State.APPROVED
    slow.payments.answer = REFUSED
    await slow.patient.close_unpaid(asked, "terminated")
    assert (await here.expenses.get(expense.id)).state is State.PAYMENT_FAILED


async def test_pauses_grow_while_a_workflow_that_ended_waits_for_its_payment(
    here: Rooms, slow: Slow
) -> None:
    expense = await approved(here)
    for ago, pause in ((timedelta(0), 5), (timedelta(hours=1), 360), (timedelta(days=9), 3600)):
        asked = await asked_for(here, expense, ago)
        slow.payments.in_turn = [dropping]
        with pytest.raises(TryAgain) as later:
            await slow.patient.close_unpaid(asked, "terminated")
        assert pause <= later.value.after < pause + PATIENCE


async def asked_for(here: Rooms, expense: Expense, ago: timedelta) -> Expense:
    """Have a payment asked for some time ago."""
    asked = await here.expenses.change(
        expense,
        event=audit_events.PaymentAsked("pay.example.com"),
        actor="worker",
        payment_asked_at=datetime.now(UTC) - ago,
    )
    assert asked
    return asked


async def test_operator_and_requester_are_told_once_of_a_payment_that_nobody_answers(
    here: Rooms, caplog: pytest.LogCaptureFixture
) -> None:
    expense = await approved(here)
    await here.reimbursement.note_unanswered(expense)
    await here.reimbursement.note_unanswered(await asked_for(here, expense, timedelta(minutes=59)))
    assert "await_payment" not in await here.events(expense.id)
    for _ in range(2):
        await here.reimbursement.note_unanswered(
            await asked_for(here, expense, timedelta(minutes=61))
        )
    assert (await here.events(expense.id)).count("await_payment") == 1
    [line] = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert f"expense {expense.id}: EXPENSE_PAYMENT_URL has given no answer" in line


async def test_where_a_payment_was_asked_for_is_recorded(here: Rooms) -> None:
    expense = await approved(here)
    await here.reimbursement.pay(expense.id)
    history = await here.expenses.history(expense.id)
    assert audit_events.PaymentAsked("127.0.0.1") in [entry.event for entry in history]


async def test_without_a_payment_system_it_is_left_to_finance_and_nothing_is_said_to_be_paid(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with rooms(database_url) as here:
        expense = await approved(here)
        await here.reimbursement.pay(expense.id)
        last = (await here.expenses.history(expense.id))[-1]
        assert (last.event, last.actor, last.state) == (
            *(audit_events.LeftToFinance(), "delivery", State.COMPLETED),
        )
        left = await here.expenses.get(expense.id)
        assert (left.payment, left.is_paid) == (Payment(is_by_hand=True), False)
        assert "ask_payment" not in await here.events(expense.id)
        assert caplog.text == ""


@pytest.mark.parametrize("is_recorded_only", [False, True])
async def test_what_one_payment_system_has_not_answered_nobody_else_is_asked_for(
    here: Rooms, caplog: pytest.LogCaptureFixture, is_recorded_only: bool
) -> None:
    async with fake_payments() as first, fake_payments() as second, aiohttp.ClientSession() as lent:
        first.answer = dropping
        there = PaymentSystem(lent, first.url, [KEY])
        # This machine has two names, and by them nobody can tell that it is one.
        elsewhere = PaymentSystem(lent, second.url.replace("127.0.0.1", "localhost"), [KEY])
        before, after = (
            Reimbursement(here.expenses, system, here.workflow_calls)
            for system in (there, FinancePays() if is_recorded_only else elsewhere)
        )
        expense = await approved(here)
        with pytest.raises(Unanswered):
            await before.pay(expense.id)
        for _ in range(2):
            with pytest.raises(TryAgain, match="Another payment system was asked"):
                await after.pay(expense.id)
        asked = await here.expenses.get(expense.id)
        with pytest.raises(TryAgain, match="Another payment system was asked"):
            await after.close_unpaid(asked, "terminated")
        assert second.requests == []
        assert (await here.expenses.get(expense.id)).state is State.APPROVED
        [line] = [record.message for record in caplog.records if record.levelname == "ERROR"]
        assert line.startswith(f"expense {expense.id}: 127.0.0.1 was asked for its payment")
        assert f"python -m bot settle {expense.id} paid, or ask-again" in line

        place = None if is_recorded_only else "localhost"
        await Recovery(here.expenses).ask_again(expense.id, place)
        await after.pay(expense.id)
        assert (await here.expenses.get(expense.id)).state is State.COMPLETED
        assert len(second.requests) == (not is_recorded_only)


async def test_two_bots_that_name_different_payment_systems_ask_one_of_them(here: Rooms) -> None:
    """As while a deploy replaces one by the other."""
    async with fake_payments() as first, fake_payments() as second, aiohttp.ClientSession() as lent:
        first.answer = second.answer = dropping
        urls = first.url, second.url.replace("127.0.0.1", "localhost")
        bots = [
            Reimbursement(here.expenses, PaymentSystem(lent, url, [KEY]), here.workflow_calls)
            for url in urls
        ]
        for number in range(5):
            expense = await approved(here, f"{number + 1}.00")
            await asyncio.gather(*(bot.pay(expense.id) for bot in bots), return_exceptions=True)
            assert (await here.events(expense.id)).count("ask_payment") == 1
        asked = [{body["expense_id"] for _, body in one.requests} for one in (first, second)]
        assert not asked[0] & asked[1]
        assert len(asked[0] | asked[1]) == 5


class SometimesAway(Database):
    """A database that does not answer while it is away."""

    is_away = False

    async def execute_for(self, executables: tuple[Executable, ...], given: Any) -> Any:
        if self.is_away:
            raise TryAgain("The database does not answer.", after=0.01)
        return await super().execute_for(executables, given)


async def test_what_was_paid_while_the_database_is_away_is_recorded_when_it_is_back(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        fake_payments() as payments,
        aiohttp.ClientSession() as session,
        rooms(
            database_url, PaymentSystem(session, payments.url, [KEY]), kind=SometimesAway
        ) as here,
    ):
        database = here.database
        assert isinstance(database, SometimesAway)

        async def pay_and_take_the_database_away(_: web.Request) -> web.StreamResponse:
            database.is_away = True
            return web.json_response({"status": "paid"})

        payments.answer = pay_and_take_the_database_away
        expense = await approved(here)
        paying = asyncio.create_task(here.reimbursement.pay(expense.id))
        async with asyncio.timeout(PATIENCE):
            while "was paid, and that waits" not in caplog.text:
                await asyncio.sleep(0.01)
        database.is_away = False
        with suppress(Unanswered):  # if that took longer than the caller waits
            await paying
        await until(here, expense, State.COMPLETED)
        assert caplog.text.count("was paid, and that waits") == 1


@pytest.mark.parametrize("is_paid_after_all", [True, False])
async def test_what_replaces_an_expense_that_was_paid_after_all_is_not_paid_too(
    here: Rooms, slack: Sandbox, is_paid_after_all: bool
) -> None:
    refused = await approved(here, "5000.00")
    with pytest.raises(PaymentRefused):
        await here.reimbursement.pay(refused.id)
    last = refused
    for key in ("once more", "and again"):
        if key == "and again":
            await here.submissions.withdraw(last.id, REQUESTER)
        last = await here.submissions.submit(REQUESTER, LUNCH, key, last.id)
    await here.workflow_calls.create(last.id, caller(last.id))
    await here.workflow_calls.register_callback(last.id, b"token", caller(last.id))
    await here.decisions.decide(last.id, Decision.APPROVED, MANAGER)
    if not is_paid_after_all:
        await here.reimbursement.pay(last.id)
        assert [payment["expense_id"] for payment in slack.payments.paid] == [last.id]
        return
    await Recovery(here.expenses).settle(refused.id, is_paid=True)
    with pytest.raises(PaymentRefused, match="EARLIER_EXPENSE_WAS_PAID"):
        await here.reimbursement.pay(last.id)
    assert (await here.expenses.get(last.id)).state is State.PAYMENT_FAILED
    assert slack.payments.paid == []
    with pytest.raises(InvalidState, match="made from is paid"):
        await here.submissions.submit(REQUESTER, LUNCH, "a third time", last.id)
