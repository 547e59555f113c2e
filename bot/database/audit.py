"""The audit trail: changes with their lines, and lines by themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    FromClause,
    Insert,
    String,
    Text,
    Update,
    bindparam,
    insert,
    select,
)

from bot.database.connection import Connection, Database
from bot.database.expense_rows import EXPENSE
from bot.database.schema import Instant, audit, expenses
from bot.database.statements import Result
from bot.domain.audit_events import AuditEntry, Event, read_event, write_detail
from bot.domain.expense import State

# Built once: building a statement costs as much as running it.
_HISTORY = (
    select(audit)
    .where(audit.c.expense_id == bindparam("which"), audit.c.number > bindparam("after"))
    .order_by(audit.c.number)
)
IS_IT = expenses.c.id == bindparam("which", type_=String)


def line_values(event: Event, actor: str) -> dict[str, Any]:
    """Return the values of an audit line, beside what the expense itself tells."""
    return {"event": event.stored_as, "actor": actor, "detail": write_detail(event)}


def _line(
    source: FromClause,
    state: ColumnElement[str],
    *conditions: ColumnElement[bool],
    is_locked: bool = False,
) -> Insert:
    """Make the statement that writes a line for each expense that a source has."""
    said = (bindparam("event", type_=String), bindparam("actor", type_=String))
    line = select(
        source.c.id, bindparam("now", type_=Instant), *said, state, bindparam("detail", type_=Text)
    ).where(*conditions)
    columns = ["expense_id", "at", "event", "actor", "state", "detail"]
    return insert(audit).from_select(
        columns, line.with_for_update(read=True) if is_locked else line
    )


_NOTE = _line(expenses, expenses.c.state, IS_IT, is_locked=True)


@dataclass(frozen=True, slots=True)
class NotedChange:
    """A change of an expense together with its line in the audit trail.

    PostgreSQL does both in one statement. SQLite, which has no INSERT inside WITH, does them in
    one transaction.

    Attributes:
        at_once: both, returning what the change returns.
        one_by_one: the same; the last one returns what the change returns.
    """

    at_once: Executable
    one_by_one: tuple[Executable, Executable]

    @classmethod
    def of_update(
        cls, change: Update, to: ColumnElement[str], *conditions: ColumnElement[bool]
    ) -> "NotedChange":
        """Note the change of the expenses that fulfil conditions, and the state they then have."""
        update = change.where(*conditions).returning(*EXPENSE)
        changed = update.cte("changed")
        noted = _line(changed, changed.c.state).cte("noted")
        return cls(select(changed).add_cte(noted), (_line(expenses, to, *conditions), update))

    @classmethod
    def of_insert(cls, new: Insert) -> "NotedChange":
        """Note a new expense, whose id is given as `which`."""
        made = new.returning(expenses.c.id, expenses.c.state).cte("made")
        noted = _line(made, made.c.state).cte("noted")
        return cls(
            select(made.c.id).add_cte(noted), (new, _line(expenses, expenses.c.state, IS_IT))
        )

    async def make(self, database: Database, given: Mapping[str, Any]) -> Result:
        """Make the change, as a transaction of its own."""
        if database.is_postgres:
            return await database.execute(self.at_once, given)
        async with database.writing() as connection:
            return await self.make_in(connection, given)

    async def make_in(self, connection: Connection, given: Mapping[str, Any]) -> Result:
        """Make the change in the transaction of others."""
        if connection.is_postgres:
            return await connection.execute(self.at_once, given)
        first, second = self.one_by_one
        await connection.execute(first, given)
        return await connection.execute(second, given)


async def note(database: Database, expense_id: str, event: Event, actor: str) -> None:
    """Write down what changed nothing, with the state in which the expense is now."""
    given = {"which": expense_id, "now": datetime.now(UTC)}
    await database.execute(_NOTE, given | line_values(event, actor))


async def history(database: Database, expense_id: str, after: int) -> list[AuditEntry]:
    """Read the audit trail of an expense, oldest line first, from behind a line's number."""
    rows = await database.execute(_HISTORY, {"which": expense_id, "after": after})
    return [
        AuditEntry(
            number=row.number,
            at=row.at,
            event=read_event(row.event, row.detail),
            actor=row.actor,
            state=State(row.state),
        )
        for row in rows
    ]
