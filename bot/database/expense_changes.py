"""Adds expenses, and builds the statements that change them, once for each kind of change."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, TypedDict

from asyncpg import UniqueViolationError  # type: ignore[import-untyped]
from sqlalchemy import Integer, bindparam, select, update

from bot.database import approvals, assignments
from bot.database.audit import IS_IT, AuditedChange, event_values, note_flags
from bot.database.engine.connection import Connection, Database
from bot.database.expense_rows import is_in, new_row
from bot.database.numbers import year_of
from bot.database.payments.rows import adding_payment
from bot.database.schema import expenses
from bot.domain.approval_plan import Progress
from bot.domain.audit_events import Event
from bot.domain.expense import RESUBMITTABLE, Decision, Expense, State
from bot.domain.expense_number import write_number


class Changes(TypedDict, total=False):
    """The columns that a change may set besides the state; see `Expense` and `Callback`."""

    decide_by: datetime
    decision: Decision
    decided_by: str | None
    decided_at: datetime
    reason: str | None
    delivered_at: datetime | None
    payment_asked_at: datetime
    payment_refusal: str
    task_token: bytes
    workflow_id: str | None
    run_id: str | None
    namespace: str
    namespace_id: str | None
    progress: Progress
    decided_for: str | None
    obstacle: str | None
    flag_answer: str


async def are_unpaid(connection: Connection, ids: Collection[str]) -> bool:
    """Return whether none of some expenses is or may be paid, and keep them so.

    Until the end of the transaction nobody else changes them. Everybody locks them in one order.
    """
    is_one = expenses.c.id.in_(sorted(ids))
    lock = select(expenses.c.state).where(is_one).order_by(expenses.c.id).with_for_update()
    return all(State(row.state) in RESUBMITTABLE for row in await connection.execute(lock))


def new(values: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of the new values of columns."""
    return {f"new_{column}": value for column, value in values.items()}


def _binds(columns: Collection[str]) -> dict[str, Any]:
    return {name: bindparam(f"new_{name}", type_=expenses.c[name].type) for name in columns}


@lru_cache
def _adding(columns: Collection[str]) -> AuditedChange:
    return AuditedChange.of_insert(_binds(columns))


async def insert(
    database: Database, expense: Expense, event: Event, actor: str, traceparent: str | None
) -> Expense | None:
    """Insert an expense with its number and an audit entry; return None if its id is taken.

    Raises:
        CeilingReached: the monthly ceiling does not allow the automatic approval.
    """
    now, year = await database.now(), year_of(expense.created_at)
    row = new_row(expense, now) | {"number_year": year}
    if traceparent:
        row["traceparent"] = traceparent
    given = {**new(row), **event_values(event, actor), "which": expense.id, "now": now}
    addition = _adding(tuple(row))

    async def insert_with_more(connection: Connection) -> Any:
        if made := await addition.make_in(connection, given):
            await assignments.assign(connection, expense)
            await approvals.take_allowance(connection, expense)
            await note_flags(connection, given, expense.flags)
        return made

    try:
        if expense.plan is None and not expense.flags:
            made = await addition.make(database, given)
        else:
            made = await database.transaction(insert_with_more)
    except UniqueViolationError:
        return None  # another process has just inserted it, and this one's number is free again
    return replace(expense, number=write_number(year, made.number)) if made else None


@lru_cache
def changing(
    columns: Collection[str],
    expected: Collection[State],
    unless_payment_asked: bool,
    is_seen: bool,
    has_payment: bool,
) -> AuditedChange:
    """Build the statement that changes an expense, and inserts its payment if it has one now."""
    conditions = [IS_IT, is_in(expected)]
    if unless_payment_asked:
        conditions.append(expenses.c.payment_asked_at.is_(None))
    if is_seen:
        conditions.append(expenses.c.version == bindparam("seen", type_=Integer))
    values = _binds(columns)
    to = values.get("state", expenses.c.state)
    change = update(expenses).values({**values, "version": expenses.c.version + 1, "attempts": 0})
    beside = adding_payment if has_payment else None
    return AuditedChange.of_update(change, to, *conditions, beside=beside)
