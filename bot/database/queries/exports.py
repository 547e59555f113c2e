"""Reads the expenses of an export, page by page: any number of them takes the same memory."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, bindparam, literal_column, or_, select, tuple_

from bot.database.engine.connection import Database
from bot.database.expense_rows import EXPENSE, expense_of, is_in
from bot.database.functions import Joined
from bot.database.numbers import number_left_over
from bot.database.schema import audit, expenses, receipts
from bot.domain import audit_events
from bot.domain.expense import State
from bot.domain.export.columns import By, Line, Period
from bot.domain.export.columns import is_in as is_in_period
from bot.domain.receipts import CopyState

PAGE_LENGTH = 500

# One index has both; without numbers, every page would read the whole table.
_NUMBER = tuple_(expenses.c.number_year, expenses.c.number)
_IS_BEHIND = and_(
    expenses.c.number.is_not(None),
    tuple_(bindparam("year", type_=Integer), bindparam("behind", type_=Integer)) < _NUMBER,
)
_SAYS_PAID = (
    audit.c.expense_id == expenses.c.id,
    audit.c.state == literal_column(f"'{State.COMPLETED}'"),
    or_(*(audit.c.event == one.stored_as for one in (audit_events.Paid, audit_events.Settled))),
)


def _first_said(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return what the first line says of the history that has an expense as paid."""
    first = select(column).where(*_SAYS_PAID).order_by(audit.c.number).limit(1)
    return first.correlate(expenses).scalar_subquery()


# Subqueries look up each expense of a page by an index, however large the tables are.
_BESIDES = (
    _first_said(audit.c.at).label("said_at"),
    _first_said(audit.c.actor).label("said_by"),
    select(Joined(receipts.c.sha256))
    .where(receipts.c.expense_id == expenses.c.id, receipts.c.state == str(CopyState.KEPT))
    .correlate(expenses)
    .scalar_subquery()
    .label("hashes"),
)


async def read_pages(
    database: Database, period: Period, length: int = PAGE_LENGTH
) -> AsyncIterator[list[Line]]:
    """Read the expenses of a period in the order of their numbers.

    Each is as it stands when its page is read.

    Args:
        database: where they are.
        period: which.
        length: of a page, in expenses.

    Raises:
        WrittenByNewer: this version cannot read one of them.
        TryAgain: the database does not answer.
    """
    while await number_left_over(database):
        pass
    query = select(*EXPENSE, *_BESIDES).where(_IS_BEHIND, _may_be_in(period))
    query = query.order_by(expenses.c.number_year, expenses.c.number).limit(length)
    behind = {"year": 0, "behind": 0}
    while rows := await database.execute(query, behind):
        lines = map(_line, rows)
        yield [line for line in lines if is_in_period(period, line)]
        behind = {"year": rows[-1].number_year, "behind": rows[-1].number}


def _line(row: Any) -> Line:
    return Line(
        expense=expense_of(row),
        said_at=row.said_at,
        said_by=row.said_by,
        receipt_hashes=tuple(sorted((row.hashes or "").splitlines())),
    )


def _may_be_in(period: Period) -> ColumnElement[bool]:
    """Return a condition that everything in a period fulfils; lines are looked at after it."""
    if period.by is By.SPENT:
        column: Any = expenses.c.spent_on
        first, last = period.first, period.last
        conditions = [column >= first] if first else []
        return and_(column.is_not(None), *conditions, *([column <= last] if last else []))
    if period.by is By.PAID:
        return is_in({State.COMPLETED})
    column = expenses.c.created_at if period.by is By.SUBMITTED else expenses.c.decided_at
    conditions = [column.is_not(None)]
    if period.first:
        conditions.append(column >= datetime.combine(period.first, time(), UTC))
    if period.last:
        day = timedelta(days=1)
        conditions.append(column < datetime.combine(period.last, time(), UTC) + day)
    return and_(*conditions)
