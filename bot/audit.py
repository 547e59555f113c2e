"""The audit trail, inside a transaction of others."""

from sqlalchemy import String, Text, bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.expense import AuditEntry, State
from bot.rows import utcnow
from bot.schema import Instant, audit, expenses

# Built once: building a statement costs as much as running it.
_HISTORY = (
    select(audit)
    .where(audit.c.expense_id == bindparam("which"), audit.c.number > bindparam("after"))
    .order_by(audit.c.number)
)
_NEWS = insert(audit)
_NOTE = insert(audit).from_select(
    ["expense_id", "at", "event", "actor", "state", "detail"],
    select(
        expenses.c.id,
        bindparam("now", type_=Instant),
        bindparam("event", type_=String),
        bindparam("actor", type_=String),
        expenses.c.state,
        bindparam("detail", type_=Text),
    )
    .where(expenses.c.id == bindparam("which"))
    .with_for_update(read=True),
)


async def write(
    connection: AsyncConnection,
    expense_id: str,
    event: str,
    actor: str,
    state: State,
    detail: str | None,
) -> None:
    """Write down a change, in the same transaction."""
    line = {"expense_id": expense_id, "event": event, "actor": actor}
    await connection.execute(_NEWS, {**line, "at": utcnow(), "state": state, "detail": detail})


async def note(
    connection: AsyncConnection, expense_id: str, event: str, actor: str, detail: str | None
) -> None:
    """Write down what changed nothing, with the state in which the expense is now."""
    given = {"which": expense_id, "now": utcnow(), "event": event, "actor": actor}
    await connection.execute(_NOTE, {**given, "detail": detail})


async def history(connection: AsyncConnection, expense_id: str, after: int) -> list[AuditEntry]:
    """Read the audit trail of an expense, oldest first, from behind an entry's number."""
    rows = (await connection.execute(_HISTORY, {"which": expense_id, "after": after})).all()
    return [
        AuditEntry(
            number=row.number,
            at=row.at,
            event=row.event,
            actor=row.actor,
            state=State(row.state),
            detail=row.detail,
        )
        for row in rows
    ]
