"""Whom open expenses with a plan ask now (table `seats`), which are stuck, and all there are."""

from datetime import datetime

from sqlalchemy import String, bindparam, delete, insert, select

from bot.database.connection import Connection, Database
from bot.database.expense_rows import EXPENSE, is_in, readable
from bot.database.schema import Instant, expenses, seats
from bot.domain.expense import OPEN, Expense

_CLEAR = delete(seats).where(seats.c.expense_id == bindparam("which", type_=String))
_ASSIGN = insert(seats)
_STUCK = (
    select(*EXPENSE)
    .where(is_in(OPEN), expenses.c.obstacle.is_not(None))
    .order_by(expenses.c.created_at, expenses.c.id)
)
_MADE_SINCE = select(expenses.c.id, expenses.c.workflow_id).where(
    expenses.c.created_at >= bindparam("since", type_=Instant)
)


async def assign(connection: Connection, expense: Expense) -> None:
    """Replace the assignments of an expense by those it has now, in a caller's transaction."""
    await connection.execute(_CLEAR, {"which": expense.id})
    if expense.plan and expense.plan.stages and expense.state in OPEN:
        for id in dict.fromkeys(expense.progress.may_decide(expense.plan)):
            await connection.execute(_ASSIGN, {"asked": id, "expense_id": expense.id})


async def stuck_expenses(database: Database) -> list[Expense]:
    """List the expenses that nobody can decide, or too few, oldest first."""
    return readable(await database.execute(_STUCK))


async def made_since(database: Database, since: datetime) -> dict[str, str | None]:
    """Return the ids of expenses made since an instant (UTC), each with its workflow's id."""
    found = await database.execute(_MADE_SINCE, {"since": since})
    return {row.id: row.workflow_id for row in found}
