"""Who is asked at present, and what was approved automatically, inside a transaction of others."""

from collections.abc import Collection
from datetime import UTC
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.database.connection import Connection
from bot.database.schema import allowances, seats
from bot.domain.approval_plan import Allowance
from bot.domain.errors import CeilingReached
from bot.domain.expense import Expense, State

_OPEN = frozenset({State.SUBMITTED, State.CREATED})
# Ends, each of which comes once; of a refused payment finance may think otherwise.
_UNPAID = frozenset({State.WITHDRAWN, State.EXPIRED, State.CANCELLED})
_PARTS = 10_000  # amounts are kept as whole ten-thousandths


async def ask(connection: Connection, expense: Expense) -> None:
    """Note whom an expense with a plan asks now, and nobody else; nobody once it is decided."""
    asked: Collection[str] = ()
    if expense.plan and expense.plan.stages and expense.state in _OPEN:
        asked = dict.fromkeys(expense.progress.may_decide(expense.plan))
    await connection.execute(delete(seats).where(seats.c.expense_id == expense.id))
    if asked:
        rows = [{"asked": id, "expense_id": expense.id} for id in asked]
        await connection.execute(insert(seats), rows)


async def use_allowance(connection: Connection, expense: Expense) -> None:
    """Take an expense's amount from what is approved automatically in its month.

    Of several at the same instant, those that would pass the ceiling together do not.

    Raises:
        CeilingReached: there is not as much left.
    """
    allowance = expense.plan.allowance if expense.plan else None
    if allowance is None or allowance.ceiling is None or expense.requester is None:
        return
    line = _line(expense, expense.requester, allowance)
    amount, ceiling = (_parts(value) for value in (allowance.amount, allowance.ceiling))
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


async def give_back_allowance(connection: Connection, expense: Expense) -> None:
    """Give back what an expense took that has ended and will not be paid."""
    allowance = expense.plan.allowance if expense.plan else None
    if allowance is None or allowance.ceiling is None or expense.requester is None:
        return
    if expense.state in _UNPAID:
        line = _line(expense, expense.requester, allowance)
        give = update(allowances).where(*(allowances.c[name] == line[name] for name in line))
        used = allowances.c.used - _parts(allowance.amount)
        await connection.execute(give.values(used=used))


def _line(expense: Expense, person: str, allowance: Allowance) -> dict[str, Any]:
    month = expense.created_at.astimezone(UTC).date().replace(day=1)
    return {"person": person, "month": month, "currency": allowance.currency}


def _parts(amount: Decimal) -> int:
    return int((amount * _PARTS).to_integral_value())
