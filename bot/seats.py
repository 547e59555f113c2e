"""Who is asked at present, and what was approved automatically, inside a transaction of others."""

from collections.abc import Collection
from decimal import Decimal

from sqlalchemy import delete, insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import CeilingReached
from bot.expense import Expense, State
from bot.plan import Allowance
from bot.rows import utcnow
from bot.schema import allowances, seats

_OPEN = frozenset({State.SUBMITTED, State.CREATED})
_PARTS = 10_000  # amounts are kept as whole ten-thousandths


async def ask(connection: AsyncConnection, expense: Expense) -> None:
    """Note whom an expense with a plan asks now, and nobody else; nobody once it is decided."""
    asked: Collection[str] = ()
    if expense.plan and expense.plan.stages and expense.state in _OPEN:
        asked = dict.fromkeys(expense.progress.may_decide(expense.plan))
    await connection.execute(delete(seats).where(seats.c.expense_id == expense.id))
    if asked:
        rows = [{"asked": id, "expense_id": expense.id} for id in asked]
        await connection.execute(insert(seats), rows)


async def use_allowance(connection: AsyncConnection, person: str, allowance: Allowance) -> None:
    """Take an expense's amount from what is approved automatically this month.

    Of several at the same instant, those that would pass the ceiling together do not.

    Raises:
        CeilingReached: there is not as much left.
    """
    if allowance.ceiling is None:
        return
    month = utcnow().date().replace(day=1)
    line = {"person": person, "month": month, "currency": allowance.currency}
    amount, ceiling = (_parts(value) for value in (allowance.amount, allowance.ceiling))
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
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


def _parts(amount: Decimal) -> int:
    return int((amount * _PARTS).to_integral_value())
