"""What was approved automatically for somebody in a month, inside a transaction of others."""

from datetime import UTC
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite

from bot.database.connection import Connection
from bot.database.schema import allowances
from bot.domain.approval_plan import Allowance
from bot.domain.errors import CeilingReached
from bot.domain.expense import UNPAID, Expense
from bot.domain.money import parts_of


async def use(connection: Connection, expense: Expense) -> None:
    """Take an expense's amount from what is approved automatically in its month.

    Of several at the same instant, those that would pass the ceiling together do not.

    Raises:
        CeilingReached: there is not as much left.
    """
    allowance = expense.plan.allowance if expense.plan else None
    if allowance is None or allowance.ceiling is None or expense.requester is None:
        return
    line = _line(expense, expense.requester, allowance)
    amount, ceiling = (parts_of(value) for value in (allowance.amount, allowance.ceiling))
    dialect = postgresql if connection.is_postgres else sqlite
    begin = dialect.insert(allowances).values(**line, used=0).on_conflict_do_nothing()
    is_line = [allowances.c[name] == value for name, value in line.items()]
    take = (
        update(allowances)
        .where(*is_line, allowances.c.used + amount <= ceiling)
        .values(used=allowances.c.used + amount)
    )
    await connection.execute(begin)
    if not (await connection.execute(take)).rowcount:
        raise CeilingReached("Nothing more is approved automatically this month.")


async def give_back(connection: Connection, expense: Expense) -> None:
    """Give back what an expense took that has ended and will not be paid."""
    allowance = expense.plan.allowance if expense.plan else None
    if allowance is None or allowance.ceiling is None or expense.requester is None:
        return
    if expense.state in UNPAID:
        line = _line(expense, expense.requester, allowance)
        give = update(allowances).where(*(allowances.c[name] == line[name] for name in line))
        used = allowances.c.used - parts_of(allowance.amount)
        await connection.execute(give.values(used=used))


def _line(expense: Expense, person: str, allowance: Allowance) -> dict[str, Any]:
    month = expense.created_at.astimezone(UTC).date().replace(day=1)
    return {"person": person, "month": month, "currency": allowance.currency}
