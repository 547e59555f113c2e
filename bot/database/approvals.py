"""The tables of approvals: those by people, and what is approved automatically in a month."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, insert, literal_column, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.database.engine.connection import Connection
from bot.database.functions import Joined
from bot.database.schema import allowances, approvals, expenses
from bot.domain.approval_plan import Approval
from bot.domain.errors import CeilingReached
from bot.domain.expense import UNPAID, Expense
from bot.domain.money.formatting import parts_of

_BLANK = literal_column("' '", String)
_OF_EXPENSE = approvals.c.expense_id == expenses.c.id
_LINE = (
    cast(approvals.c.stage, String)
    + _BLANK
    + approvals.c.approver
    + _BLANK
    + approvals.c.on_behalf_of
    + _BLANK
    + cast(approvals.c.at, String)
)
_ADD = insert(approvals)
# The approvals of an expense as one column, a line each, so that one statement reads all.
APPROVALS = (
    select(Joined(_LINE))
    .where(_OF_EXPENSE)
    .correlate(expenses)
    .scalar_subquery()
    .label("approvals")
)


def read_approvals(lines: str | None) -> tuple[Approval, ...]:
    """Read approvals from the column `APPROVALS`, oldest first."""
    return tuple(sorted(map(_approval, (lines or "").splitlines()), key=lambda one: one.at))


def _approval(line: str) -> Approval:
    stage, approver, on_behalf_of, at = line.split(" ", 3)
    instant = datetime.fromisoformat(at)
    # SQLite stores instants in UTC without a time zone.
    instant = instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    return Approval(person=approver, on_behalf_of=on_behalf_of, stage=int(stage), at=instant)


async def add(connection: Connection, row: Any, given: Collection[Approval]) -> None:
    """Insert those approvals that an expense's row does not have yet, in a caller's transaction."""
    stored = {approval.person for approval in read_approvals(row.approvals)}
    for approval in given:
        if approval.person not in stored:
            new = {
                "expense_id": row.id,
                "approver": approval.person,
                "on_behalf_of": approval.on_behalf_of,
                "stage": approval.stage,
                "at": approval.at,
            }
            await connection.execute(_ADD, new)


def has_agreed(person: str) -> ColumnElement[bool]:
    """Return the condition that an expense has an approval by a person or on their behalf."""
    is_theirs = or_(approvals.c.approver == person, approvals.c.on_behalf_of == person)
    return select(approvals.c.expense_id).where(_OF_EXPENSE, is_theirs).correlate(expenses).exists()


async def take_allowance(connection: Connection, expense: Expense) -> None:
    """Take a new expense's amount from its requester's monthly ceiling, in a caller's transaction.

    Expenses are taken one after another, so that together they never exceed the ceiling.

    Raises:
        CeilingReached: less than this amount is left.
    """
    allowance = expense.plan.allowance if expense.plan else None
    if allowance is None or allowance.ceiling is None:
        return
    key = _key(expense, allowance.currency)
    amount, ceiling = parts_of(allowance.amount), parts_of(allowance.ceiling)
    dialect = postgresql if connection.is_postgres else sqlite
    begin = dialect.insert(allowances).values(**key, used=0).on_conflict_do_nothing()
    await connection.execute(begin)
    used = allowances.c.used + amount
    taking = update(allowances).filter_by(**key).where(used <= ceiling).values(used=used)
    if not await connection.execute(taking.returning(allowances.c.used)):
        raise CeilingReached("Nothing more is approved automatically this month.")


async def give_back_allowance(connection: Connection, expense: Expense) -> None:
    """Give an expense's amount back if it has ended unpaid, in a caller's transaction."""
    allowance = expense.plan.allowance if expense.plan else None
    if allowance is None or allowance.ceiling is None or expense.state not in UNPAID:
        return
    used = allowances.c.used - parts_of(allowance.amount)
    key = _key(expense, allowance.currency)
    await connection.execute(update(allowances).filter_by(**key).values(used=used))


def _key(expense: Expense, currency: str) -> dict[str, object]:
    month = expense.created_at.astimezone(UTC).date().replace(day=1)
    return {"person": expense.requester, "month": month, "currency": currency}
