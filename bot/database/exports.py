"""Reads the expenses of an export, page by page: any number of them takes the same memory."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, bindparam, or_, select

from bot.database.connection import Database
from bot.database.expense_rows import EXPENSE, expense_of, is_in
from bot.database.numbers import number_left_over
from bot.database.schema import audit, expenses, receipts
from bot.database.statements import Given
from bot.domain import audit_events
from bot.domain.expense import State
from bot.domain.export.columns import By, Line, Period
from bot.domain.export.columns import is_in as is_in_period
from bot.domain.receipts import CopyState

PAGE_LENGTH = 500

_YEAR, _NUMBER = bindparam("year", type_=Integer), bindparam("behind", type_=Integer)
# One index has both; without numbers, every page would read the whole table.
_IS_BEHIND = or_(
    expenses.c.number_year > _YEAR,
    and_(expenses.c.number_year == _YEAR, expenses.c.number > _NUMBER),
)
_ORDER = expenses.c.number_year, expenses.c.number
_LAST_YEAR, _LAST = bindparam("last_year", type_=Integer), bindparam("last", type_=Integer)
# Of a page, as it was just read; with a list of ids, each page would be a statement of its own.
_OF_PAGE = and_(
    _IS_BEHIND,
    or_(
        expenses.c.number_year < _LAST_YEAR,
        and_(expenses.c.number_year == _LAST_YEAR, expenses.c.number <= _LAST),
    ),
)
_SAYS_PAID = or_(
    *(audit.c.event == one.stored_as for one in (audit_events.Paid, audit_events.Settled))
)
_PAID = (
    select(audit.c.expense_id, audit.c.at, audit.c.actor)
    .join(expenses, expenses.c.id == audit.c.expense_id)
    .where(_OF_PAGE, _SAYS_PAID, audit.c.state == State.COMPLETED)
    .order_by(audit.c.number.desc())
)
_HASHES = (
    select(receipts.c.expense_id, receipts.c.sha256)
    .join(expenses, expenses.c.id == receipts.c.expense_id)
    .where(_OF_PAGE, receipts.c.state == CopyState.KEPT)
    .order_by(receipts.c.expense_id, receipts.c.file_id)
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
    query = select(*EXPENSE).where(expenses.c.number.is_not(None), _IS_BEHIND, _may_be_in(period))
    query = query.order_by(*_ORDER).limit(length)
    behind = {"year": 0, "behind": 0}
    while rows := await database.execute(query, behind):
        last = {"last_year": rows[-1].number_year, "last": rows[-1].number}
        lines = await _lines(database, rows, behind | last)
        yield [line for line in lines if is_in_period(period, line)]
        behind = {"year": last["last_year"], "behind": last["last"]}


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


async def _lines(database: Database, rows: Sequence[Any], of_page: Given) -> list[Line]:
    # The one that said so first counts.
    paid = {row.expense_id: row for row in await database.execute(_PAID, of_page)}
    hashes: dict[str, list[str]] = {}
    for row in await database.execute(_HASHES, of_page):
        hashes.setdefault(row.expense_id, []).append(row.sha256)
    found = []
    for row in rows:
        said = paid.get(row.id)
        found.append(
            Line(
                expense=expense_of(row),
                said_at=said.at if said else None,
                said_by=said.actor if said else None,
                receipt_hashes=tuple(hashes.get(row.id, ())),
            )
        )
    return found
