"""Which other expenses a receipt came with, and the flags that follow from it."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Integer, String, Text, bindparam, func, select, update

from bot.database import approvals, assignments, audit
from bot.database.engine.connection import Connection, Database
from bot.database.expense_rows import expense_of, flags_column, is_in, plan_column
from bot.database.schema import expenses, receipts
from bot.domain.approval_plan import Plan
from bot.domain.audit_events import Flagged
from bot.domain.expense import RESUBMITTABLE, Expense, State
from bot.domain.flags.flag import Flag

# A receipt that came with more is flagged all the same.
MOST = 20
_WITH_IT = select(receipts.c.expense_id).where(receipts.c.sha256 == bindparam("hash", type_=String))
_SAME = (
    select(expenses.c.id, expenses.c.requester)
    .where(
        expenses.c.id.in_(_WITH_IT),
        expenses.c.id != bindparam("which", type_=String),
        is_in(frozenset(State) - RESUBMITTABLE),
    )
    .order_by(expenses.c.created_at, expenses.c.id)
    .limit(MOST)
)
_COLUMNS = ("flags", "due_at")
_INSTEAD = bindparam("new_asks_instead", type_=Text)
_FLAG = audit.AuditedChange.of_update(
    update(expenses).values(
        {name: bindparam(f"new_{name}", type_=expenses.c[name].type) for name in _COLUMNS}
        | {
            "version": expenses.c.version + 1,
            "asks_instead": func.coalesce(_INSTEAD, expenses.c.asks_instead),
        }
    ),
    expenses.c.state,
    audit.IS_IT,
    expenses.c.version == bindparam("seen", type_=Integer),
)


class SameReceipts:
    """Finds expenses with the same receipt, and flags them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def others(self, expense_id: str, sha256: str) -> list[tuple[str, str]]:
        """Return the ids and the requesters of what else a receipt came with, the oldest first.

        What was rejected, withdrawn or never paid is left out.
        """
        given = {"which": expense_id, "hash": sha256}
        rows = await self._database.execute(_SAME, given)
        return [(row.id, row.requester) for row in rows]

    async def flag(self, expense: Expense, flag: Flag, plan: Plan | None = None) -> Expense | None:
        """Record a flag in the place of one of its kind; None if the expense has changed since.

        Args:
            expense: as it was read.
            flag: what is unusual.
            plan: what is asked from now on, instead of nobody; None for what was asked before.
        """
        left = tuple(one for one in expense.flags if one.kind is not flag.kind)
        now = await self._database.now()
        given: dict[str, Any] = audit.event_values(Flagged(str(flag)), "policy")
        given |= {"which": expense.id, "seen": expense.version, "now": now, "new_due_at": now}
        given |= {"new_flags": flags_column((*left, flag)), "new_asks_instead": plan_column(plan)}

        async def make(connection: Connection) -> Expense | None:
            row = await _FLAG.make_in(connection, given)
            if row is None:
                return None
            changed = expense_of(row)
            if plan:
                await assignments.assign(connection, changed)
                # What people are asked about takes nothing from what is approved automatically.
                given_up = replace(expense, state=State.CANCELLED)
                await approvals.give_back_allowance(connection, given_up)
            return changed

        return await self._database.transaction(make)
