"""The table of assignments, called `seats`: whom each open expense with a plan asks now."""

from sqlalchemy import String, bindparam, delete, insert

from bot.database.connection import Connection
from bot.database.schema import seats
from bot.domain.expense import OPEN, Expense

_CLEAR = delete(seats).where(seats.c.expense_id == bindparam("which", type_=String))
_ASSIGN = insert(seats)


async def assign(connection: Connection, expense: Expense) -> None:
    """Replace the assignments of an expense by those it has now, in a caller's transaction."""
    await connection.execute(_CLEAR, {"which": expense.id})
    if expense.plan and expense.plan.stages and expense.state in OPEN:
        for id in dict.fromkeys(expense.progress.may_decide(expense.plan)):
            await connection.execute(_ASSIGN, {"asked": id, "expense_id": expense.id})
