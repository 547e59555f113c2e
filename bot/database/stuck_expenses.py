"""The open expenses that are stuck, for operators."""

from sqlalchemy import select

from bot.database.connection import Database
from bot.database.expense_rows import EXPENSE, is_in, readable
from bot.database.schema import expenses
from bot.domain.expense import OPEN, Expense

_STUCK = (
    select(*EXPENSE)
    .where(is_in(OPEN), expenses.c.obstacle.is_not(None))
    .order_by(expenses.c.created_at, expenses.c.id)
)


async def stuck_expenses(database: Database) -> list[Expense]:
    """List the expenses that nobody can decide, or too few, oldest first.

    Raises:
        TryAgain: the database does not answer.
    """
    return readable(await database.execute(_STUCK))
