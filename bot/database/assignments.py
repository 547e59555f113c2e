"""Whom open expenses with a plan ask now (table `seats`), and which there are."""

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, String, bindparam, delete, insert, select

from bot.database.engine.connection import Connection, Database
from bot.database.expense_rows import EXPENSE, is_in, readable
from bot.database.schema import Instant, expenses, seats
from bot.domain.approval_plan import usual_plan
from bot.domain.expense import OPEN, Expense

RELEASED = "-"  # before the id of somebody who has handed an expense over
_released = seats.alias("released")
_CLEAR = delete(seats).where(seats.c.expense_id == bindparam("which", type_=String))
_ASSIGN = insert(seats)
# Open expenses are due at some time, and closed ones hardly ever; by its index.
_OPEN = (
    select(*EXPENSE)
    .where(is_in(OPEN), expenses.c.due_at > bindparam("ever", type_=Instant))
    .order_by(expenses.c.created_at, expenses.c.id)
)
_MADE_SINCE = select(expenses.c.id, expenses.c.workflow_id).where(
    expenses.c.created_at >= bindparam("since", type_=Instant)
)


async def assign(connection: Connection, expense: Expense) -> None:
    """Replace the assignments of an expense by those it has now, in a caller's transaction."""
    await connection.execute(_CLEAR, {"which": expense.id})
    if expense.state in OPEN:
        for id in _assigned(expense):
            await connection.execute(_ASSIGN, {"asked": id, "expense_id": expense.id})


def _assigned(expense: Expense) -> tuple[str, ...]:
    """Return the ids that an expense asks now; a mark before those who have handed it over.

    Whom an expense without a plan asks besides is in EXPENSE_APPROVERS.
    """
    progress, plan = expense.progress, expense.plan or usual_plan()
    asked = progress.may_decide(plan) if plan.stages else ()
    released = progress.released()
    return (*(one for one in asked if one not in released), *(f"{RELEASED}{id}" for id in released))


def has_handed_over(person: str) -> ColumnElement[bool]:
    """Return the condition that a person was asked about an expense and is not any more."""
    is_theirs = _released.c.expense_id == expenses.c.id, _released.c.asked == f"{RELEASED}{person}"
    return select(_released.c.expense_id).where(*is_theirs).correlate(expenses).exists()


async def open_expenses(database: Database) -> list[Expense]:
    """List the expenses that are not decided, oldest first.

    Raises:
        TryAgain: the database does not answer.
    """
    return readable(await database.execute(_OPEN, {"ever": datetime.min.replace(tzinfo=UTC)}))


async def made_since(database: Database, since: datetime) -> dict[str, str | None]:
    """Return the ids of expenses made since an instant (UTC), each with its workflow's id."""
    found = await database.execute(_MADE_SINCE, {"since": since})
    return {row.id: row.workflow_id for row in found}
