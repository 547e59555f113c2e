"""The queries of finance and auditors."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, not_, or_, select, union_all

from bot.database.engine.connection import Database
from bot.database.expense_rows import EXPENSE, is_in, readable
from bot.database.payments.schema import payments
from bot.database.queries.home_queries import sums, tally
from bot.database.schema import expenses
from bot.domain.expense import Expense, State
from bot.domain.finance import MOST_SUMMED, Search
from bot.domain.inbox import Tally

_KEY = expenses.c.id, expenses.c.created_at
_left = select(payments.c.expense_id).where(payments.c.confirmed_by.is_(None))
_IS_LEFT = expenses.c.id.in_(_left)
_IS_UNMARKED = expenses.c.id.in_(_left.where(payments.c.run.is_(None)))
# What stands there, each by an index. Finance may have to pay what Temporal has completed.
_BY_STATE = {state: [is_in({state})] for state in State} | {
    State.APPROVED: [is_in({State.APPROVED}), _IS_LEFT],
    State.COMPLETED: [and_(is_in({State.COMPLETED}), not_(_IS_LEFT))],
}


class FinanceQueries:
    """Finds expenses for people who may read all of them.

    Args:
        most_summed: of how many expenses sums are made.
    """

    def __init__(self, database: Database, most_summed: int = MOST_SUMMED) -> None:
        self._database = database
        self._most_summed = most_summed

    async def to_pay(self) -> Tally:
        """Sum up what is approved, and that nobody says to have paid; of very many, no sums."""
        columns = expenses.c.state, expenses.c.currency, expenses.c.amount
        each = (select(*columns).where(one) for one in (is_in({State.APPROVED}), _IS_UNMARKED))
        some = union_all(*each).limit(self._most_summed + 1).subquery()
        found = tally(await self._rows(sums(some.c.state, of=some)))
        return found if found.count <= self._most_summed else Tally(found.count)

    async def waiting_for_payment(self, most: int) -> list[Expense]:
        """Return some of what `to_pay` counts, the oldest decision first."""
        order = expenses.c.decided_at, expenses.c.id
        found: list[Expense] = []
        for one in (is_in({State.APPROVED}), _IS_UNMARKED):
            query = select(*EXPENSE).where(one).order_by(*order).limit(most)
            found += readable(await self._rows(query))
        return sorted(found, key=lambda expense: expense.decided_at or expense.created_at)[:most]

    async def find(self, search: Search, most: int, before: Expense | None) -> list[Expense]:
        """Return the expenses that somebody looks for, newest first.

        Args:
            search: says which; its ids are left out.
            most: how many at most.
            before: those that come behind this one; None for the first of all.
        """
        created_at, expense_id = expenses.c.created_at, expenses.c.id
        conditions: list[ColumnElement[bool]] = []
        if search.requester:
            conditions.append(expenses.c.requester == search.requester)
        if search.month:
            conditions += [created_at >= search.begin(), created_at < search.end()]
        if before:
            at = before.created_at
            conditions += [created_at <= at, (created_at < at) | (expense_id > before.id)]
        # One index serves one state at a time. An index by time alone would be taken for other
        # queries, too, which then read everything that is closed.
        each = _BY_STATE[search.state] if search.state else [is_in({state}) for state in State]
        if search.requester:
            each = [or_(*each)]
        newest = created_at.desc(), expense_id
        firsts = [
            select(*_KEY).where(one, *conditions).order_by(*newest).limit(most).subquery()
            for one in each
        ]
        keys = await self._rows(union_all(*(select(first) for first in firsts)))
        ids = [id for id, _ in sorted(keys, key=lambda key: (-key[1].timestamp(), key[0]))[:most]]
        return readable(
            await self._rows(select(*EXPENSE).where(expense_id.in_(ids)).order_by(*newest))
        )

    async def _rows(self, query: Select[Any] | CompoundSelect[Any]) -> Sequence[Any]:
        return await self._database.execute(query)
