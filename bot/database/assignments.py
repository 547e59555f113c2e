"""The table of assignments, called `seats`: whom each open expense with a plan asks now."""

from collections.abc import Collection

from sqlalchemy import delete, insert

from bot.database.connection import Connection
from bot.database.schema import seats
from bot.domain.expense import OPEN, Expense


async def assign(connection: Connection, expense: Expense) -> None:
    """Replace the assignments of an expense by those it has now, in a caller's transaction."""
    asked: Collection[str] = ()
    if expense.plan and expense.plan.stages and expense.state in OPEN:
        asked = dict.fromkeys(expense.progress.may_decide(expense.plan))
    await connection.execute(delete(seats).where(seats.c.expense_id == expense.id))
    for id in asked:
        await connection.execute(insert(seats), {"asked": id, "expense_id": expense.id})
