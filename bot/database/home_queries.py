"""What somebody asked for and decided in this month, added up in the database."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Numeric,
    Select,
    cast,
    func,
    literal_column,
    select,
)

from bot.database.connection import Database
from bot.database.expense_rows import utcnow
from bot.database.foreground import Unhurried
from bot.database.schema import expenses
from bot.domain.expense import Decision, Money, State

# Amounts are added up as whole ten-thousandths: SQLite would add fractions inexactly.
_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class Tally:
    """How many expenses there were, and what they come to in each currency."""

    count: int = 0
    sums: tuple[Money, ...] = ()


@dataclass(frozen=True, slots=True)
class Month:
    """What there was in a month; `all` is no sum of the others, as much is neither."""

    all: Tally
    approved: Tally
    rejected: Tally


class MonthlySums:
    """Adds up what people did since the month began, in UTC.

    Args:
        database: where the expenses are.
    """

    def __init__(self, database: Database | Unhurried) -> None:
        self._database = database

    async def asked(self, requester: str) -> Month:
        """Add up what a person asked for, and what became of it."""
        since = expenses.c.created_at >= _month()
        lines = await self._rows(_sums(expenses.c.state, expenses.c.requester == requester, since))
        approved = {State.APPROVED, State.COMPLETED}
        return Month(_tally(lines), _tally(lines, approved), _tally(lines, {State.REJECTED}))

    async def decided(self, person: str) -> Month:
        """Add up what a person decided."""
        since = expenses.c.decided_at >= _month()
        lines = await self._rows(_sums(expenses.c.decision, expenses.c.decided_by == person, since))
        return Month(
            _tally(lines), _tally(lines, {Decision.APPROVED}), _tally(lines, {Decision.REJECTED})
        )

    async def _rows(self, query: Select[Any]) -> Sequence[Any]:
        async with self._database.reading() as connection:
            return (await connection.execute(query)).all()


def _month() -> datetime:
    return utcnow().replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _sums(by: Column[Any], *conditions: ColumnElement[bool]) -> Select[Any]:
    parts = cast(
        func.round(cast(expenses.c.amount, Numeric) * literal_column(str(_PARTS))), BigInteger
    )
    keys = by.label("outcome"), expenses.c.currency
    sums = select(*keys, func.count().label("number"), func.sum(parts).label("parts"))
    return sums.where(*conditions).group_by(*keys)


def _tally(lines: Sequence[Any], outcomes: Collection[str] | None = None) -> Tally:
    """Add up the lines of some outcomes, or of all."""
    counted = [line for line in lines if outcomes is None or line.outcome in outcomes]
    sums: dict[str, Decimal] = {}
    for line in counted:
        if line.currency is not None:
            before = sums.get(line.currency, Decimal(0))
            sums[line.currency] = before + Decimal(int(line.parts)) / _PARTS
    money = tuple(Money(amount, currency) for currency, amount in sorted(sums.items()))
    return Tally(sum(line.number for line in counted), money)
