"""How a row of the table of expenses becomes an expense."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from bot.expense import Category, Claim, Decision, Expense, Money, State

# Whoever changes an expense sees to what follows; if it dies, others take over after this long.
HEAD_START = timedelta(seconds=2)


def utcnow() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


def expense_of(row: Row[Any]) -> Expense:
    """Turn a row of the table into an expense."""
    return Expense(
        id=row.id,
        state=State(row.state),
        version=row.version,
        created_at=row.created_at,
        requester=row.requester,
        claim=_claim(row),
        decide_by=row.decide_by,
        decision=Decision(row.decision) if row.decision else None,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
        delivered_at=row.delivered_at,
        payment_asked_at=row.payment_asked_at,
        payment_refusal=row.payment_refusal,
    )


def _claim(row: Row[Any]) -> Claim | None:
    if row.amount is None:
        return None
    spent_on: date = row.spent_on
    return Claim(
        money=Money(Decimal(row.amount), row.currency),
        description=row.description,
        category=Category(row.category),
        spent_on=spent_on,
    )
