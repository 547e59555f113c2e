"""The table of messages: where in Slack each expense is shown, and in which version."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Executable, String, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.database.engine.connection import Connection, Database
from bot.database.schema import Instant, expenses, messages
from bot.domain.errors import WrittenByNewer
from bot.domain.people.audience import Audience

_IS_OF_EXPENSE = messages.c.expense_id == bindparam("which", type_=String)
_IS_FOR = _IS_OF_EXPENSE, messages.c.audience == bindparam("whom", type_=String)
_MESSAGE = select(messages).where(*_IS_FOR)
_MESSAGES = select(messages).where(_IS_OF_EXPENSE)
# Unless the audience has a message; by whether the database is PostgreSQL.
_REMEMBER = {
    is_postgres: dialect.insert(messages)
    .on_conflict_do_nothing(index_elements=["expense_id", "audience"])
    .returning(messages.c.ts)
    for is_postgres, dialect in ((True, postgresql), (False, sqlite))
}
_OUTDATE = (
    update(messages)
    .where(_IS_OF_EXPENSE, messages.c.ts == bindparam("stamp", type_=String))
    .values(shown_version=0)
    .returning(messages.c.ts)
)
_SHOWN = (
    update(messages)
    .where(*_IS_FOR)
    .values(shown_version=bindparam("seen"), told=bindparam("number"))
)
_REPLACE = (
    update(messages)
    .where(*_IS_FOR, messages.c.ts == bindparam("former", type_=String))
    .values({name: bindparam(f"new_{name}") for name in ("channel", "ts", "shown_version", "told")})
    .returning(messages.c.ts)
)
_IS_IT = expenses.c.id == bindparam("which", type_=String)
_LOCK = select(expenses.c.id).where(_IS_IT).with_for_update()
_LOOK = update(expenses).where(_IS_IT).values(due_at=bindparam("now", type_=Instant))


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message in Slack that shows an expense to one audience."""

    expense_id: str
    audience: Audience
    channel: str  # Slack id of the channel, D… for direct messages
    ts: str  # Slack's timestamp, which identifies the message in its channel
    shown_version: int  # the version of the expense that it shows; 0 if it has to be drawn again
    told: int = 0  # number of the last audit entry that its thread has a reply for

    def outdated(self) -> "Message":
        """Return this message as one that has to be drawn again."""
        return replace(self, shown_version=0)


class MessageStore:
    """Reads and changes the table of messages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, expense_id: str, audience: Audience) -> Message | None:
        """Return the message that shows an expense to an audience; None if there is none."""
        given = {"which": expense_id, "whom": str(audience)}
        rows = await self._database.execute(_MESSAGE, given)
        return message_of(rows[0]) if rows else None

    async def of_expense(self, expense_id: str) -> dict[Audience, Message]:
        """Return the messages that show an expense."""
        rows = await self._database.execute(_MESSAGES, {"which": expense_id})
        return {message.audience: message for message in map(message_of, rows)}

    async def of_expenses(self, ids: Collection[str]) -> list[Message]:
        """Return the messages that show some expenses."""
        query = select(messages).where(messages.c.expense_id.in_(sorted(ids)))
        return [*map(message_of, await self._database.execute(query))]

    async def add(self, message: Message, instead_of: Message | None = None) -> bool:
        """Record a posted message; return False if the audience has another one by now.

        Args:
            instead_of: the one that it has, and that this one takes the place of.
        """
        row = _row(message)
        if instead_of is None:
            statement = _REMEMBER[self._database.is_postgres]
            return bool(await self._database.execute(statement, row))
        given = {"which": message.expense_id, "whom": row["audience"], "former": instead_of.ts}
        new = {f"new_{name}": row[name] for name in ("channel", "ts", "shown_version", "told")}
        return bool(await self._database.execute(_REPLACE, given | new))

    async def outdate(self, message: Message) -> bool:
        """Have a message drawn again; return False if it is not recorded."""
        given = {"which": message.expense_id, "stamp": message.ts}
        return await self._change(message, _OUTDATE, given)

    async def adopt(self, message: Message) -> bool:
        """Record a message and have it drawn again; return False if the audience has another."""
        return await self._change(message, _REMEMBER[self._database.is_postgres], _row(message))

    async def _change(self, message: Message, change: Executable, given: dict[str, Any]) -> bool:
        """Change a message, and have its expense looked at if there was something to change."""
        look = {"which": message.expense_id, "now": await self._database.now()}

        async def make(connection: Connection) -> bool:
            await connection.execute(_LOCK, {"which": message.expense_id})
            changed = await connection.execute(change, given)
            if changed:
                await connection.execute(_LOOK, look)
            return bool(changed)

        return await self._database.transaction(make)

    async def mark_shown(self, message: Message, *, version: int, told: int) -> None:
        """Record the version that a message shows, and the last entry that its thread tells."""
        given = {"which": message.expense_id, "whom": str(message.audience), "seen": version}
        await self._database.execute(_SHOWN, given | {"number": told})


def message_of(row: Any) -> Message:
    """Read a message from a row of its table."""
    try:
        audience = Audience.read(row.audience)
    except ValueError as error:
        raise WrittenByNewer(row.expense_id, "a message") from error
    return Message(**(row._asdict() | {"audience": audience}))


def _row(message: Message) -> dict[str, Any]:
    return asdict(message) | {"audience": str(message.audience)}
