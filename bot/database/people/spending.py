"""What a person spent around a day, which flags compare an expense with."""

import json
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Date, String, bindparam, select

from bot.database.engine.connection import Database
from bot.database.expense_rows import flags_of
from bot.database.schema import expenses
from bot.domain.expense import RESUBMITTABLE
from bot.domain.flags.flag import Kind
from bot.domain.flags.judging import Spending

# Nobody has so many in two weeks; of somebody who has, the newest count.
MOST = 200
_AROUND = (
    select(
        expenses.c.id,
        expenses.c.amount,
        expenses.c.currency,
        expenses.c.category,
        expenses.c.coding,
        expenses.c.spent_on,
        expenses.c.state,
        expenses.c.flags,
    )
    .where(
        expenses.c.requester == bindparam("whose", type_=String),
        expenses.c.spent_on.between(bindparam("first", type_=Date), bindparam("last", type_=Date)),
    )
    .order_by(expenses.c.spent_on.desc(), expenses.c.created_at.desc())
    .limit(MOST)
)


class Spendings:
    """Reads what people spent."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def around(self, person: str, day: date, reach: timedelta) -> list[Spending]:
        """Read what a person spent at most `reach` before or after a day, the newest first."""
        given = {"whose": person, "first": day - reach, "last": day + reach}
        return [
            Spending(
                id=row.id,
                amount=Decimal(row.amount),
                currency=row.currency,
                category=json.loads(row.coding or "{}").get("category") or row.category,
                spent_on=row.spent_on,
                counts=row.state not in RESUBMITTABLE,
                was_picked=any(one.kind is Kind.SPOT_CHECK for one in flags_of(row.flags)),
            )
            for row in await self._database.execute(_AROUND, given)
        ]
