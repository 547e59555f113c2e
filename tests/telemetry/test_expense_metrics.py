"""Each step of an expense, and how all of them stand, is seen in Prometheus' text."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from sqlalchemy import update

from bot.database.schema import expenses
from bot.domain.approval_plan import Stage
from bot.domain.errors import PaymentRefused
from bot.domain.expense import Decision, Expense
from bot.payment_system import FinancePays, PaymentSystem
from bot.services.reimbursement import LONG, Reimbursement
from bot.telemetry.expense_metrics import Standing, Steps
from bot.telemetry.instruments import Instruments
from sandbox import Sandbox
from tests.support.plans import planned
from tests.support.rooms import LUNCH, MANAGER, OTHER_MANAGER, REQUESTER, Rooms, caller, rooms
from tests.support.scrapes import Scrape, scraped
from tests.support.stopwatch import PATIENCE

APPROVED, REJECTED = Decision.APPROVED, Decision.REJECTED
HOUR = timedelta(hours=1)


@dataclass
class Watched:
    """The bot's inner rooms, and what is seen of them."""

    here: Rooms
    instruments: Instruments
    steps: Steps
    scrape: Callable[[], Awaitable[Scrape]]

    async def set_columns(self, **values: Any) -> None:
        await self.here.database.execute(update(expenses).values(**values))


@pytest.fixture
async def watched(sqlite_url: str, closed_port: int) -> AsyncIterator[Watched]:
    async with rooms(sqlite_url) as here, scraped(closed_port) as (instruments, scrape):
        steps = Steps(instruments)
        here.expenses.on_step = [steps.count]
        yield Watched(here, instruments, steps, scrape)


async def rejected(w: Watched) -> None:
    await w.here.decisions.decide((await w.here.waiting()).id, REJECTED, MANAGER)


async def withdrawn(w: Watched) -> None:
    expense = await w.here.submissions.submit(REQUESTER, LUNCH, "form")
    await w.here.submissions.withdraw(expense.id, REQUESTER)


async def undecided(w: Watched) -> None:
    await w.here.workflow_calls.expire(await w.here.waiting())


async def not_asked(w: Watched) -> None:
    await w.here.workflow_calls.expire(await w.here.created())


async def undecidable(w: Watched) -> None:
    expense = await w.here.waiting()
    await w.set_columns(obstacle="nobody 0 0 1")
    await w.here.workflow_calls.expire(expense)


async def too_late(w: Watched) -> None:
    expense = await w.here.decisions.decide((await w.here.waiting()).id, APPROVED, MANAGER)
    await w.here.workflow_calls.expire(expense)


async def stopped(w: Watched) -> None:
    await w.here.workflow_calls.cancel(await w.here.waiting(), "somebody stopped it")


async def left_to_finance(w: Watched) -> None:
    expense = await w.here.decisions.decide((await w.here.waiting()).id, APPROVED, MANAGER)
    await w.here.reimbursement.pay(expense.id)


@pytest.mark.parametrize(
    ("do", "state", "cause"),
    [
        (rejected, "REJECTED", "rejected"),
        (withdrawn, "WITHDRAWN", "withdrawn"),
        (undecided, "EXPIRED", "nobody_decided"),
        (not_asked, "EXPIRED", "nobody_asked"),
        (undecidable, "EXPIRED", "nobody_can_decide"),
        (too_late, "EXPIRED", "too_late"),
        (stopped, "CANCELLED", "stopped"),
        (left_to_finance, "COMPLETED", "left_to_finance"),
    ],
)
async def test_an_end_is_counted_with_its_cause(
    watched: Watched, do: Callable[[Watched], Awaitable[None]], state: str, cause: str
) -> None:
    before = await watched.scrape()
    assert before.values("expense_closed_total", state=state, cause=cause) == [0]
    await do(watched)
    seen = await watched.scrape()
    assert seen.value("expense_closed_total", state=state, cause=cause) == 1
    assert seen.value("expense_closed_total") == 1


async def test_a_payment_is_counted_with_what_came_of_it(watched: Watched) -> None:
    async def pay(amount: str) -> None:
        expense = await planned(watched.here, Stage(asked=(MANAGER,)), amount=amount)
        await watched.here.decisions.decide(expense.id, APPROVED, MANAGER)
        with suppress(PaymentRefused):
            await reimbursement.pay(expense.id)

    async with Sandbox.start() as slack, aiohttp.ClientSession() as session:
        system = PaymentSystem(session, slack.payment_url, [slack.payments.key])
        reimbursement = Reimbursement(watched.here.expenses, system, watched.here.workflow_calls)
        for amount in ("42.50", "5000.00"):
            await pay(amount)
        reimbursement = Reimbursement(
            watched.here.expenses, FinancePays(), watched.here.workflow_calls
        )
        await pay("42.50")
    asked = await planned(watched.here, Stage(asked=(MANAGER,)))
    approved = await watched.here.decisions.decide(asked.id, APPROVED, MANAGER)
    await watched.set_columns(payment_asked_at=datetime.now(UTC) - 2 * LONG)
    await reimbursement.note_unanswered(await watched.here.expenses.get(approved.id))

    seen = await watched.scrape()
    for outcome in ("paid", "refused", "left_to_finance", "unanswered"):
        assert seen.values("expense_payments_total", outcome=outcome) == [1]
    took = "expense_payment_duration_seconds_count"
    assert seen.values(took, outcome="paid") == seen.values(took, outcome="refused") == [1]
    assert seen.value(took) == 2


async def test_each_stage_takes_its_time(watched: Watched) -> None:
    here = watched.here
    expense = await planned(
        here, Stage(asked=(MANAGER,)), Stage(asked=("U0FAY", "U0FOX"), needed=2)
    )
    later = datetime.now(UTC) - HOUR

    async def decide(person: str, decision: Decision = APPROVED) -> Expense:
        return await here.decisions.decide(expense.id, decision, person)

    await watched.set_columns(created_at=later)
    await decide(MANAGER)
    took = "expense_decision_duration_seconds_count"
    seen = await watched.scrape()
    assert seen.values(took, stage="1", decision="approved") == [1]
    assert seen.value("expense_decisions_total") == 0
    await decide("U0FAY")
    assert (await watched.scrape()).value(took) == 1
    await decide("U0FOX", REJECTED)
    seen = await watched.scrape()
    assert seen.values(took, stage="2", decision="rejected") == [1]
    assert seen.value("expense_decision_duration_seconds_bucket", le="60.0", stage="2") == 1
    assert seen.values("expense_decisions_total", decision="rejected", by="person") == [1]


async def test_a_decision_says_who_made_it(watched: Watched) -> None:
    here = watched.here
    await here.delegations.begin(OTHER_MANAGER, "U0DEL", datetime.now(UTC) + HOUR)
    await here.decisions.decide((await here.waiting()).id, APPROVED, "U0DEL")
    await here.workflow_calls.approve_automatically(await here.waiting())
    seen = await watched.scrape()
    for by in ("delegate", "policy"):
        assert seen.values("expense_decisions_total", decision="approved", by=by) == [1]


async def test_errors_are_told_by_codes_that_are_ours(watched: Watched) -> None:
    for code in ("TRY_AGAIN", "NOT_ALLOWED", "WHAT_A_PAYMENT_SYSTEM_SAYS"):
        watched.steps.count_error(code)
    seen = await watched.scrape()
    for code in ("TRY_AGAIN", "NOT_ALLOWED", "other"):
        assert seen.values("expense_errors_told_total", code=code) == [1]


async def test_it_is_told_how_open_expenses_stand_and_nothing_while_the_database_is_away(
    database_url: str, closed_port: int
) -> None:
    async def until(is_so: Callable[[Scrape], bool]) -> Scrape:
        async with asyncio.timeout(PATIENCE):
            while not is_so(seen := await scrape()):
                await asyncio.sleep(0.01)
        return seen

    async with rooms(database_url) as here, scraped(closed_port) as (instruments, scrape):
        watched = Watched(here, instruments, Steps(instruments), scrape)
        standing = Standing(instruments, here.database, pause=0.01)
        expense = await here.submissions.submit(REQUESTER, LUNCH, "form")
        await watched.set_columns(created_at=datetime.now(UTC) - HOUR)
        await here.waiting()
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(standing.watch())
            seen = await until(lambda seen: seen.value("expense_open") == 2)
            for state in ("SUBMITTED", "CREATED"):
                assert seen.values("expense_open", state=state) == [1]
            assert seen.values("expense_open", state="APPROVED") == [0]
            assert HOUR.seconds <= seen.value("expense_oldest_age_seconds", state="SUBMITTED")
            assert seen.value("expense_oldest_age_seconds", state="CREATED") < HOUR.seconds
            assert seen.values("expense_stuck", reason="not_started") == [1]
            assert seen.values("expense_stuck", reason="overdue") == [0]
            assert seen.value("expense_stuck") == 1
            assert seen.values("expense_due") == [0]
            assert seen.values("expense_due_lag_seconds") == [0]

            await watched.set_columns(due_at=datetime.now(UTC) - HOUR)
            seen = await until(lambda seen: seen.value("expense_due") == 2)
            assert HOUR.seconds <= seen.value("expense_due_lag_seconds")
            await here.workflow_calls.create(expense.id, caller(expense.id))
            await until(lambda seen: seen.value("expense_open", state="CREATED") == 2)

            await here.database.close()
            seen = await until(lambda seen: not seen.values("expense_open"))
            assert not seen.values("expense_stuck")
            watching.cancel()
