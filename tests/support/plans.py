"""Plans for tests, and expenses that follow them."""

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.domain import audit_events
from bot.domain.approval_plan import Plan, Stage
from bot.domain.expense import Category, Claim, Expense, Money, State
from bot.policy.rules import Rule, Rulebook
from tests.support.rooms import REQUESTER, WINDOW, Rooms, caller


def asking(*stages: Stage, **rule: Any) -> Rulebook:
    """Make a policy with one rule that asks these for everything."""
    return Rulebook(rules=(Rule(name="the rule", stages=stages, **rule),))


def lunch(amount: str = "42.50", **changes: Any) -> Claim:
    """Claim a lunch."""
    values = {
        "money": Money(Decimal(amount), "EUR"),
        "description": "Team lunch",
        "category": Category.MEALS,
        "spent_on": date(2026, 1, 31),
    }
    return Claim(**values | changes)


async def planned(
    here: Rooms,
    *stages: Stage,
    requester: str = REQUESTER,
    decide_by: datetime | None = None,
    amount: str = "42.50",
) -> Expense:
    """Make an expense that asks these stages, and waits for a decision."""
    number = uuid.uuid4()
    expense = Expense(
        id=f"e-{number}",
        state=State.SUBMITTED,
        version=1,
        created_at=datetime.now(UTC),
        requester=requester,
        claim=lunch(amount),
        plan=Plan(rule="the rule", stages=stages),
        window=WINDOW,
        caller=caller(f"e-{number}"),
    )
    assert await here.expenses.add(
        expense,
        event=audit_events.Submitted("the rule"),
        actor=requester,
    )
    await here.workflow_calls.create(expense.id, caller(expense.id))
    until = decide_by or datetime.now(UTC) + timedelta(hours=72)
    await here.workflow_calls.register_callback(expense.id, b"token", caller(expense.id), until)
    return await here.expenses.get(expense.id)
