"""Whom an expense asks at present, as the database has it, on both databases."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.database.schema import seats
from bot.domain import audit_events
from bot.domain.approval_plan import Stage
from bot.domain.expense import Decision, State
from tests.support.plans import asking, lunch, planned
from tests.support.rooms import LUNCH, MANAGER, REQUESTER, Rooms, caller, rooms

FIRST = Stage(asked=(MANAGER,), escalate_after=timedelta(hours=1), escalate_to=("S0LEADS", MANAGER))
SECOND = Stage(asked=("U0FIN", "S0FINANCE"))
GROUPS = {"S0FINANCE": frozenset({"U0FAY"}), "S0LEADS": frozenset({"U0LEA"})}


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url, groups=GROUPS) as opened:
        yield opened


async def asked(here: Rooms, expense_id: str) -> set[str]:
    rows = await here.database.execute(select(seats).where(seats.c.expense_id == expense_id))
    return {row.asked for row in rows}


async def test_seats_follow_the_stages_and_end_with_the_decision(here: Rooms) -> None:
    expense = await planned(here, FIRST, SECOND)
    other = await planned(here, FIRST)
    assert await asked(here, expense.id) == {MANAGER}
    await here.decisions.decide(expense.id, Decision.APPROVED, MANAGER)
    assert await asked(here, expense.id) == {"U0FIN", "S0FINANCE"}
    await here.decisions.decide(expense.id, Decision.APPROVED, "U0FAY")
    assert await asked(here, expense.id) == set()
    assert await asked(here, other.id) == {MANAGER}


async def test_seats_grow_with_an_escalation(here: Rooms) -> None:
    expense = await planned(here, FIRST, SECOND)
    await here.expenses.change(
        expense,
        expected={State.CREATED},
        event=audit_events.Escalated(("S0LEADS",)),
        actor="policy",
        progress=replace(expense.progress, escalated=True),
    )
    assert await asked(here, expense.id) == {MANAGER, "S0LEADS"}
    await here.decisions.decide(expense.id, Decision.APPROVED, "U0LEA")
    assert await asked(here, expense.id) == {"U0FIN", "S0FINANCE"}


@pytest.mark.parametrize("end", ["reject", "withdraw", "expire", "cancel"])
async def test_every_end_frees_the_seats(here: Rooms, end: str) -> None:
    expense = await planned(here, FIRST, SECOND)
    if end == "reject":
        await here.decisions.decide(expense.id, Decision.REJECTED, MANAGER)
    elif end == "withdraw":
        await here.submissions.withdraw(expense.id, REQUESTER)
    elif end == "expire":
        await here.workflow_calls.expire(expense)
    else:
        await here.workflow_calls.cancel(expense, "terminated")
    assert await asked(here, expense.id) == set()


async def test_registering_again_asks_nobody_else(here: Rooms) -> None:
    expense = await planned(here, FIRST, SECOND)
    await here.decisions.decide(expense.id, Decision.APPROVED, MANAGER)
    await here.workflow_calls.register_callback(expense.id, b"again", caller(expense.id))
    assert await asked(here, expense.id) == {"U0FIN", "S0FINANCE"}


async def test_what_asks_nobody_and_what_has_no_plan_takes_no_seats(here: Rooms) -> None:
    expense = await here.submissions.submit(REQUESTER, LUNCH, "view 1")
    assert expense.plan is None
    here.policy.rulebook = asking()
    automatic = await here.submissions.submit(REQUESTER, lunch(), "view 2")
    assert automatic.plan
    assert automatic.plan.is_automatic
    assert await asked(here, expense.id) == await asked(here, automatic.id) == set()
