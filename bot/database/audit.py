"""The audit trail: entries written with the change they record, and entries by themselves."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
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
    and_,
    bindparam,
    func,
    insert,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects import sqlite

from bot.database.encryption import IS_NEEDED
from bot.database.engine.connection import Connection, Database
from bot.database.expense_rows import EXPENSE, is_in
from bot.database.numbers import counted_in_sqlite, next_in_sqlite, taken
from bot.database.schema import Instant, audit, expenses, seats
from bot.domain.audit_events import (
    AuditEntry,
    Event,
    Flagged,
    PaymentAsked,
    Submitted,
    read_event,
    write_detail,
)
from bot.domain.errors import WrittenByNewer
from bot.domain.expense import Expense, State
from bot.domain.flags.flag import Flag

logger = logging.getLogger(__name__)

# Statements of this package are built once: building one costs as much as executing it.
HISTORY = (
    select(audit)
    .where(audit.c.expense_id == bindparam("which"), audit.c.number > bindparam("after"))
    .order_by(audit.c.number)
)
IS_IT = expenses.c.id == bindparam("which", type_=String)


def entry_of(row: Any) -> AuditEntry:
    """Read an entry from a row of the audit trail."""
    try:
        event, state = read_event(row.event, row.detail), State(row.state)
    except ValueError as error:
        raise WrittenByNewer(row.expense_id, "a state in the history") from error
    return AuditEntry(number=row.number, at=row.at, event=event, actor=row.actor, state=state)


def event_values(event: Event, actor: str) -> dict[str, Any]:
    """Return the parameters of an entry that do not come from the expense itself."""
    return {"event": event.stored_as, "actor": actor, "detail": write_detail(event)}


def tell(expense: Expense, event: Event, actor: str) -> None:
    """Tell the log of a step when it is committed: never what people wrote, and no amount.

    Args:
        expense: as it is after the step.
        event: what its entry says.
        actor: as in its entry.
    """
    of = {"expense_id": expense.id, "workflow_id": expense.workflow_id}
    of |= {"actor": actor, "state": expense.state}
    logger.info("recorded: %s", event.stored_as, extra=of)


def _entry(
    source: FromClause,
    state: ColumnElement[str],
    *conditions: ColumnElement[bool],
    is_locked: bool = False,
) -> Insert:
    """Build the statement that writes an entry for each expense in a source."""
    given = (bindparam("event", type_=String), bindparam("actor", type_=String))
    entry = select(
        source.c.id, bindparam("now", type_=Instant), *given, state, bindparam("detail", type_=Text)
    ).where(*conditions)
    columns = ["expense_id", "at", "event", "actor", "state", "detail"]
    return insert(audit).from_select(
        columns, entry.with_for_update(read=True) if is_locked else entry
    )


# Locked, so that the entry has the state that the expense has when it is written.
NOTE = _entry(expenses, expenses.c.state, IS_IT, is_locked=True)


async def note_flags(
    connection: Connection, given: Mapping[str, Any], flags: Iterable[Flag]
) -> None:
    """Write an entry for each flag of a new expense, in the transaction that records it."""
    for flag in flags:
        entry = event_values(Flagged(str(flag)), "policy")
        await connection.execute(NOTE, {"which": given["which"], "now": given["now"], **entry})


@dataclass(frozen=True, slots=True)
class AuditedChange:
    """A change of an expense together with its entry in the audit trail.

    PostgreSQL executes both as one statement. SQLite has no INSERT inside WITH, so there they are
    several statements in one transaction.
    """

    at_once: Executable  # both; returns what the change returns
    # All; the last one returns what the change returns.
    one_by_one: tuple[Executable, ...]

    @classmethod
    def of_update(
        cls,
        change: Update,
        to: ColumnElement[str],
        *conditions: ColumnElement[bool],
        beside: Callable[..., Insert] | None = None,
    ) -> "AuditedChange":
        """Build a change of the expenses that fulfil conditions.

        Args:
            to: their state after it.
            beside: builds what is inserted for each of them into another table, from a source of
                expenses and conditions.
        """
        update = change.where(*conditions).returning(*EXPENSE)
        changed = update.cte("changed")
        noted = _entry(changed, changed.c.state).cte("noted")
        at_once, before = select(changed).add_cte(noted), [_entry(expenses, to, *conditions)]
        if beside:
            at_once = at_once.add_cte(beside(changed).cte("beside"))
            before.append(beside(expenses, *conditions))
        return cls(at_once, (*before, update))

    @classmethod
    def of_insert(cls, values: Mapping[str, Any]) -> "AuditedChange":
        """Build the insertion of an expense, unless there is one with its id, which is `which`.

        In PostgreSQL, two that insert one id at once take a number each; the second one fails.
        """
        year = values["number_year"]
        number = taken(year, not_(select(expenses.c.id).where(IS_IT).exists()))
        row = select(*values.values(), number.c.last)
        new = insert(expenses).from_select([*values, "number"], row)
        made = new.returning(expenses.c.id, expenses.c.state, expenses.c.number).cte("made")
        noted = _entry(made, made.c.state).cte("noted")
        alone = sqlite.insert(expenses).values({**values, "number": next_in_sqlite(year)})
        was_made = IS_IT, func.changes() == 1
        counted = counted_in_sqlite(year, *was_made)
        entry = _entry(expenses, expenses.c.state, *was_made)
        given = select(expenses.c.number).where(IS_IT).scalar_subquery().label("number")
        told = entry.returning(audit.c.expense_id.label("id"), given)
        alone = alone.on_conflict_do_nothing(index_elements=["id"])
        return cls(select(made.c.id, made.c.number).add_cte(noted), (alone, counted, told))

    def _statements(self, *, is_postgres: bool) -> tuple[Executable, ...]:
        return (self.at_once,) if is_postgres else self.one_by_one

    async def make(self, database: Database, given: Mapping[str, Any]) -> Any:
        """Execute the change as a transaction of its own, and return its row, or None."""
        statements = self._statements(is_postgres=database.is_postgres)
        return await database.execute_for(statements, given)

    async def make_in(self, connection: Connection, given: Mapping[str, Any]) -> Any:
        """Execute the change in a caller's transaction, and return its row, or None."""
        for statement in self._statements(is_postgres=connection.is_postgres):
            rows = await connection.execute(statement, given)
        return rows[0] if rows else None


_NEWEST_DETAIL = (
    select(audit.c.detail)
    .where(audit.c.event == bindparam("event", type_=String))
    .order_by(audit.c.number.desc())
    .limit(1)
)
_HAS_ASSIGNMENTS = (
    select(seats.c.expense_id)
    .join(expenses, expenses.c.id == seats.c.expense_id)
    .where(expenses.c.plan.is_not(None))
    .limit(1)
)
_WAITS_WITHOUT_PLAN = (
    select(expenses.c.id)
    .where(
        expenses.c.plan.is_(None),
        or_(
            is_in({State.SUBMITTED}),
            and_(is_in({State.CREATED}), expenses.c.decide_by > bindparam("now", type_=Instant)),
        ),
    )
    .limit(1)
)
# What has a token that is needed is due at some time.
_NEWEST_TOKEN = (
    select(expenses.c.task_token)
    .where(IS_NEEDED, expenses.c.due_at.is_not(None))
    .order_by(expenses.c.created_at.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """Which settings the record shows to have been in force, so that none vanishes in silence."""

    # The host at which the newest payment was asked for; None if there was none.
    payments_at: str | None = None
    # Whether the newest expense was submitted under a rule of a policy, or an open one has a plan.
    has_rules: bool = False
    # Whether an open expense without a plan waits for EXPENSE_APPROVERS.
    has_approvers: bool = False
    # The newest one that is still needed, encrypted; None if there is none.
    task_token: bytes | None = field(default=None, repr=False)

    @classmethod
    async def read(cls, database: Database) -> "InForce":
        """Read it from the database."""
        newest_rule = await _newest_detail(database, Submitted.stored_as)
        waits_with_plan = bool(await database.execute(_HAS_ASSIGNMENTS))
        waits = await database.execute(_WAITS_WITHOUT_PLAN, {"now": datetime.now(UTC)})
        tokens = await database.execute(_NEWEST_TOKEN)
        return cls(
            payments_at=await _newest_detail(database, PaymentAsked.stored_as),
            has_rules=waits_with_plan or newest_rule is not None,
            has_approvers=bool(waits),
            task_token=tokens[0].task_token if tokens else None,
        )


async def _newest_detail(database: Database, event: str) -> str | None:
    rows = await database.execute(_NEWEST_DETAIL, {"event": event})
    return rows[0].detail if rows else None
