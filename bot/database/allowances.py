"""The table of allowances: what was approved automatically for each person in each month."""

from datetime import UTC

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite

from bot.database.connection import Connection
from bot.database.schema import allowances
from bot.domain.errors import CeilingReached
from bot.domain.expense import UNPAID, Expense
from bot.domain.money import parts_of


async def take(connection: Connection, expense: Expense) -> None:
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


async def give_back(connection: Connection, expense: Expense) -> None:
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
