"""Asking for a refused payment again, against the sandbox's payment system, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import update

from bot.block_kit.history import history_line
from bot.block_kit.thread_replies import news_for_decider, reply
from bot.database.schema import audit
from bot.domain import audit_events
from bot.domain.errors import ExpenseError, InvalidState, NotAllowed, PaymentRefused, TryAgain
from bot.domain.expense import Decision, Expense, State
from bot.domain.people.audience import REQUESTER as TO_REQUESTER
from bot.domain.people.role import Role
from bot.services.refused_payments import RefusedPayments
from bot.services.refused_payments import ask_again as ask_once_more
from sandbox import Sandbox
from tests.services.test_reimbursement import approved, paying_rooms
from tests.support.rooms import MANAGER, REQUESTER, STRANGER, Rooms, caller

ADMIN, OTHER_ADMIN = "U0ADM", "U0ADN"


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    async with Sandbox.start() as sandbox:
        yield sandbox


@pytest.fixture
async def here(database_url: str, slack: Sandbox) -> AsyncIterator[Rooms]:
    async with paying_rooms(database_url, slack) as here:
        here.policy.roles = {
            Role.ADMIN: (ADMIN, REQUESTER),
            Role.FINANCE: (OTHER_ADMIN,),
            Role.AUDITOR: (STRANGER,),
        }
        yield here


async def ask_again(here: Rooms, expense: Expense, admin: str = ADMIN) -> None:
    await RefusedPayments(here.expenses, here.policy, "127.0.0.1").ask_again(expense.id, admin)


async def pay(here: Rooms, expense: Expense) -> State:
    with suppress(PaymentRefused):
        await here.reimbursement.pay(expense.id)
    return (await here.expenses.get(expense.id)).state


async def refused(here: Rooms) -> Expense:
    expense = await approved(here, "600.00")
    assert await pay(here, expense) is State.PAYMENT_FAILED
    await let_a_minute_pass(here)
    return await here.expenses.get(expense.id)


async def let_a_minute_pass(here: Rooms) -> None:
    before = update(audit).where(audit.c.event == "refuse_payment")
    async with here.database.writing() as connection:
        await connection.execute(before.values(at=datetime.now(UTC) - timedelta(minutes=2)))


@pytest.fixture
def _poor(slack: Sandbox) -> None:
    slack.payments._spend({"currency": "EUR", "amount": "900"})


def earn(slack: Sandbox) -> None:
    slack.payments._spend({"currency": "EUR", "amount": "-900"})


@pytest.mark.usefixtures("_poor")
async def test_two_admins_ask_at_once_and_it_is_asked_for_and_paid_once(
    here: Rooms, slack: Sandbox
) -> None:
    expense = await refused(here)
    [listed] = await here.inbox.for_admin(ADMIN) or ()
    assert listed.expense.id == expense.id
    earn(slack)
    admins = (ADMIN, OTHER_ADMIN, ADMIN, OTHER_ADMIN)
    answers = await asyncio.gather(
        *(ask_again(here, expense, one) for one in admins), return_exceptions=True
    )
    # The second click of the first one says that it is done, and the other that somebody was first.
    assert sum(answer is None for answer in answers) == 2
    assert sum(isinstance(answer, InvalidState) for answer in answers) == 2
    asked = await here.expenses.get(expense.id)
    assert asked.state is State.APPROVED
    assert await here.inbox.for_admin(ADMIN) == ()
    assert await pay(here, expense) is State.COMPLETED
    assert [payment["expense_id"] for payment in slack.payments.paid] == [expense.id]
    assert set(slack.payments._answers) == {expense.id, f"{expense.id}:2"}
    history = await here.expenses.history(expense.id)
    [entry] = [one for one in history if one.actor in (ADMIN, OTHER_ADMIN)]
    said = reply(entry, asked, TO_REQUESTER)
    assert said
    assert f"<@{entry.actor}> had the payment asked for again" in said.text
    assert "had the payment asked for again" in history_line(entry, asked).text
    assert "It is asked for again now" in news_for_decider(asked)


@pytest.mark.usefixtures("_poor")
async def test_the_operator_has_it_asked_for_again_by_a_new_key_too(
    here: Rooms, slack: Sandbox
) -> None:
    expense = await refused(here)
    with pytest.raises(NotAllowed, match="Only admins of this app and finance"):
        await ask_again(here, expense, STRANGER)  # who only reads
    earn(slack)
    for _ in range(2):
        await ask_once_more(
            here.expenses, partial(here.expenses.get, expense.id), "operator", "127.0.0.1"
        )
    assert await pay(here, expense) is State.COMPLETED
    assert set(slack.payments._answers) == {expense.id, f"{expense.id}:2"}


async def refused_twice(here: Rooms) -> tuple[Expense, Expense]:
    """Make an expense whose payment was refused, and one from it that fared no better."""
    first = await refused(here)
    assert first.claim
    second = await here.submissions.submit(REQUESTER, first.claim, "again", first.id)
    await here.workflow_calls.create(second.id, caller(second.id))
    await here.workflow_calls.register_callback(second.id, b"token", caller(second.id))
    await here.decisions.decide(second.id, Decision.APPROVED, MANAGER)
    return first, await here.expenses.get(second.id)


@pytest.mark.usefixtures("_poor")
async def test_of_two_that_ask_for_the_same_one_is_asked_for_again(
    here: Rooms, slack: Sandbox
) -> None:
    first, second = await refused_twice(here)
    assert await pay(here, second) is State.PAYMENT_FAILED
    await let_a_minute_pass(here)
    earn(slack)
    answers = await asyncio.gather(
        *(ask_again(here, one, who) for one in (first, second) for who in (ADMIN, OTHER_ADMIN)),
        return_exceptions=True,
    )
    assert sum(answer is None for answer in answers) == 1
    assert sum(isinstance(answer, InvalidState) for answer in answers) == 3
    states = [await pay(here, one) for one in (first, second) if await is_approved(here, one)]
    assert states == [State.COMPLETED]
    assert len(slack.payments.paid) == 1


async def is_approved(here: Rooms, expense: Expense) -> bool:
    return (await here.expenses.get(expense.id)).state is State.APPROVED


@pytest.mark.usefixtures("_poor")
async def test_what_it_was_made_from_is_paid_first_if_that_may_be_paid(
    here: Rooms, slack: Sandbox
) -> None:
    first, second = await refused_twice(here)
    # An admin asked for it again at the instant at which it was submitted once more.
    event, at = audit_events.PaymentAsked("127.0.0.1"), datetime.now(UTC)
    await here.expenses.change(first, event, ADMIN, to=State.APPROVED, payment_asked_at=at)
    earn(slack)
    with pytest.raises(TryAgain, match="may be paid yet"):
        await here.reimbursement.pay(second.id)
    assert await pay(here, first) is State.COMPLETED
    assert await pay(here, second) is State.PAYMENT_FAILED
    assert len(slack.payments.paid) == 1


@pytest.mark.usefixtures("_poor")
async def test_what_may_have_been_paid_keeps_its_key(here: Rooms, slack: Sandbox) -> None:
    expense = await refused(here)
    await ask_again(here, expense)
    earn(slack)
    slack.faults.add("payments", "lost", times=1)
    with pytest.raises(TryAgain):
        await here.reimbursement.pay(expense.id)
    with pytest.raises(InvalidState, match="somebody may have asked"):
        await ask_again(here, expense, OTHER_ADMIN)
    # Nobody closes it as unpaid either.
    await here.workflow_calls.cancel(await here.expenses.get(expense.id), "terminated")
    await here.reimbursement.close_unpaid(await here.expenses.get(expense.id), "refused")
    assert await pay(here, expense) is State.COMPLETED
    assert len(slack.payments.paid) == 1


@pytest.mark.usefixtures("_poor")
async def test_what_is_refused_again_can_be_asked_for_again(here: Rooms, slack: Sandbox) -> None:
    expense = await refused(here)
    for _ in range(2):
        await ask_again(here, expense)
        assert await pay(here, expense) is State.PAYMENT_FAILED
        with pytest.raises(InvalidState, match="refused only just now"):
            await ask_again(here, expense)
        await let_a_minute_pass(here)
    earn(slack)
    await ask_again(here, expense)
    assert await pay(here, expense) is State.COMPLETED
    assert set(slack.payments._answers) == {expense.id, *(f"{expense.id}:{n}" for n in (2, 3, 4))}


@pytest.mark.usefixtures("_poor")
async def test_nobody_else_asks_for_it_and_nobody_for_their_own(here: Rooms) -> None:
    expense = await refused(here)
    for person, why in ((MANAGER, "Only admins"), (REQUESTER, "your own expense")):
        with pytest.raises(NotAllowed, match=why):
            await ask_again(here, expense, person)
    assert (await here.events(expense.id)).count("refuse") == 2
    waiting = await here.waiting()
    with pytest.raises(InvalidState):
        await ask_again(here, waiting)


@pytest.mark.usefixtures("_poor")
async def test_what_was_submitted_again_is_not_paid_twice(here: Rooms) -> None:
    first = await refused(here)
    assert first.claim
    second = await here.submissions.submit(REQUESTER, first.claim, "again", first.id)
    assert await here.inbox.for_admin(ADMIN) == ()
    with pytest.raises(InvalidState, match=f"submitted again as expense {second.number}"):
        await ask_again(here, first)
    await here.submissions.withdraw(second.id, REQUESTER)
    await ask_again(here, first)
    # And while the first may be paid, the second is not.
    with pytest.raises(ExpenseError):
        await here.submissions.submit(REQUESTER, first.claim, "and again", first.id)
