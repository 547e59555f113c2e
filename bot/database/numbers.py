"""Numbers expenses without a gap, each year from 1, and finds them by their numbers.

The last number of a year is a row that the transaction of a new expense changes: until it commits,
the next one waits, and with one that is rolled back its number is free again.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    String,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from bot.database.engine.connection import Connection, Database
from bot.database.schema import expenses, numbers
from bot.domain.expense_number import read_number

# A bot of the version before records expenses without a number; more than these are for later.
_AT_ONCE = 100

_IS_LEFT = expenses.c.number.is_(None)
_LEFT = (
    select(expenses.c.id, expenses.c.created_at)
    .where(_IS_LEFT)
    .order_by(expenses.c.created_at, expenses.c.id)
    .limit(_AT_ONCE)
    # Before the counter, so that two bots never number one expense.
    .with_for_update(skip_locked=True)
)
_YEAR = bindparam("year", type_=Integer)
_LAST = select(numbers.c.last).where(numbers.c.year == _YEAR).scalar_subquery()
_NUMBER = (
    update(expenses)
    .where(expenses.c.id == bindparam("which", type_=String), _IS_LEFT)
    .values(number_year=_YEAR, number=_LAST)
)
_BY_NUMBER = (
    select(expenses.c.id)
    .where(
        or_(
            expenses.c.id == bindparam("which", type_=String),
            and_(
                expenses.c.number_year == _YEAR,
                expenses.c.number == bindparam("in_year", type_=Integer),
            ),
        )
    )
    .order_by(expenses.c.id != bindparam("which", type_=String))
    .limit(1)
)


def year_of(created_at: datetime) -> int:
    """Return the year in which an expense is numbered: that of UTC in which it was recorded."""
    return created_at.astimezone(UTC).year


def taken(year: ColumnElement[int], *conditions: ColumnElement[bool]) -> CTE:
    """Build the part of PostgreSQL's statement that takes the next number, `last`, of a year.

    Args:
        year: in which an expense is numbered.
        conditions: take it only then.
    """
    first = select(year, literal(1)).where(*conditions)
    new = postgresql.insert(numbers).from_select(["year", "last"], first)
    more = {"last": numbers.c.last + 1}
    return (
        new.on_conflict_do_update(index_elements=["year"], set_=more)
        .returning(numbers.c.last)
        .cte("taken")
    )


def next_in_sqlite(year: ColumnElement[int]) -> ColumnElement[int]:
    """Return the next number of a year: in SQLite, one transaction writes at a time."""
    last = select(numbers.c.last).where(numbers.c.year == year).scalar_subquery()
    return func.coalesce(last, 0) + 1


def counted_in_sqlite(year: ColumnElement[int], *conditions: ColumnElement[bool]) -> Any:
    """Build the statement that counts the number that an expense was just given."""
    new = select(year, expenses.c.number).where(*conditions)
    made = sqlite.insert(numbers).from_select(["year", "last"], new)
    return made.on_conflict_do_update(index_elements=["year"], set_={"last": made.excluded.last})


async def number_left_over(database: Database) -> int:
    """Number expenses that a bot of the version before recorded, and return how many.

    Raises:
        TryAgain: the database does not answer.
    """
    if not await database.execute(select(expenses.c.id).where(_IS_LEFT).limit(1)):
        return 0
    return await database.transaction(_number_some)


async def _number_some(connection: Connection) -> int:
    left = await connection.execute(_LEFT)
    dialect = postgresql if connection.is_postgres else sqlite
    for row in left:
        year = {"year": year_of(row.created_at)}
        new = dialect.insert(numbers).values(year=_YEAR, last=1)
        more = {"last": numbers.c.last + 1}
        await connection.execute(
            new.on_conflict_do_update(index_elements=["year"], set_=more), year
        )
        await connection.execute(_NUMBER, {"which": row.id, **year})
    return len(left)


async def id_of(database: Database, named: str) -> str:
    """Return the id of the expense that somebody names by its id or its number.

    Ids of other services can look like numbers: an expense with this id comes first. What names
    none is returned as it is.
    """
    if (number := read_number(named)) is None:
        return named
    year, in_year = number
    rows = await database.execute(_BY_NUMBER, {"which": named, "year": year, "in_year": in_year})
    return rows[0].id if rows else named
