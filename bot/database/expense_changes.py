"""Builds the statements that add and change expenses, once for each kind of change."""

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import Any, TypedDict

from sqlalchemy import Integer, bindparam, update

from bot.database.audit import IS_IT, AuditedChange
from bot.database.expense_rows import is_in
from bot.database.payments.rows import adding_payment
from bot.database.schema import expenses
from bot.domain.approval_plan import Progress
from bot.domain.expense import Decision, State


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


def new(values: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of the new values of columns."""
    return {f"new_{column}": value for column, value in values.items()}


def _binds(columns: Collection[str]) -> dict[str, Any]:
    return {name: bindparam(f"new_{name}", type_=expenses.c[name].type) for name in columns}


@lru_cache
def adding(columns: Collection[str]) -> AuditedChange:
    """Build the statement that inserts an expense with these columns, unless its id is taken."""
    return AuditedChange.of_insert(_binds(columns))


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
