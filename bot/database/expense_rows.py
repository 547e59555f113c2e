"""How a row of the table of expenses becomes an expense."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from bot.domain.approval_plan import Plan, Progress
from bot.domain.expense import Category, Claim, Decision, Expense, Money, Receipt, State

# Whoever changes an expense sees to what follows; if it dies, others take over after this long.
HEAD_START = timedelta(seconds=2)


_PLAN = TypeAdapter(Plan)
_PROGRESS = TypeAdapter(Progress)
_RECEIPTS = TypeAdapter(tuple[Receipt, ...])


def utcnow() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


def expense_of(row: Any) -> Expense:
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
        decided_for=row.decided_for,
        plan=_PLAN.validate_json(row.plan) if row.plan else None,
        progress=_PROGRESS.validate_json(row.progress) if row.progress else Progress(),
        previous_id=row.previous_id,
    )


def plan_column(plan: Plan | None) -> str | None:
    """Write a plan as it is stored."""
    return _PLAN.dump_json(plan).decode() if plan else None


def progress_column(progress: Progress) -> str:
    """Write progress as it is stored."""
    return _PROGRESS.dump_json(progress).decode()


def claim_columns(claim: Claim) -> dict[str, Any]:
    """Write a claim as it is stored."""
    return {
        "amount": str(claim.money.amount),
        "currency": claim.money.currency,
        "description": claim.description,
        "category": claim.category,
        "spent_on": claim.spent_on,
        "manager": claim.manager,
        "receipts": _RECEIPTS.dump_json(claim.receipts).decode() if claim.receipts else None,
    }


def _claim(row: Any) -> Claim | None:
    if row.amount is None:
        return None
    spent_on: date = row.spent_on
    return Claim(
        money=Money(Decimal(row.amount), row.currency),
        description=row.description,
        category=Category(row.category),
        spent_on=spent_on,
        manager=row.manager,
        receipts=_RECEIPTS.validate_json(row.receipts) if row.receipts else (),
    )
