"""Which messages in Slack tell about an expense, and what they show of it."""

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import String, bindparam, insert, select, update

from bot.database.connection import Database, Duplicate
from bot.database.schema import Instant, expenses, messages
from bot.domain.audience import Audience

_IS_OF_EXPENSE = messages.c.expense_id == bindparam("which", type_=String)
_IS_FOR = _IS_OF_EXPENSE, messages.c.audience == bindparam("whom", type_=String)
_MESSAGE = select(messages).where(*_IS_FOR)
_MESSAGES = select(messages).where(_IS_OF_EXPENSE)
_REMEMBER = insert(messages)
_OUTDATE = (
    update(messages)
    .where(_IS_OF_EXPENSE, messages.c.ts == bindparam("stamp", type_=String))
    .values(shown_version=0)
)
_SHOWN = (
    update(messages)
    .where(*_IS_FOR)
    .values(shown_version=bindparam("seen"), told=bindparam("number"))
)
_LOOK = (
    update(expenses)
    .where(expenses.c.id == bindparam("which", type_=String))
    .values(due_at=bindparam("now", type_=Instant))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message in Slack about an expense.

    Attributes:
        audience: who reads it; an expense has one message for each audience.
        channel: Slack id of the channel, D… for direct messages.
        ts: Slack's name of the message in its channel.
        shown_version: the version of the expense that it shows.
        told: number of the last audit line told in its thread.
    """

    expense_id: str
    audience: Audience
    channel: str
    ts: str
    shown_version: int
    told: int = 0

    def outdated(self) -> "Message":
        """Return it as if it showed nothing that is true any more."""
        return replace(self, shown_version=0)


class MessageStore:
    """Remembers messages, so that each is posted once and kept up to date.

    Args:
        database: where they are remembered.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, expense_id: str, audience: Audience) -> Message | None:
        """Read which message tells an audience about an expense."""
        given = {"which": expense_id, "whom": str(audience)}
        row = (await self._database.execute(_MESSAGE, given)).first()
        return _message(row) if row else None

    async def of_expense(self, expense_id: str) -> dict[Audience, Message]:
        """Read which messages tell about an expense, by their audiences."""
        rows = await self._database.execute(_MESSAGES, {"which": expense_id})
        return {message.audience: message for message in map(_message, rows)}

    async def add(self, message: Message) -> bool:
        """Remember a posted message; False if the audience has one already."""
        try:
            await self._database.execute(_REMEMBER, _row(message))
        except Duplicate:
            return False
        return True

    async def outdate(self, message: Message) -> bool:
        """Have a message drawn anew; False if it is not remembered."""
        given = {"which": message.expense_id, "stamp": message.ts}
        async with self._database.writing() as connection:
            outdated = await connection.execute(_OUTDATE, given)
            if outdated.rowcount:
                await connection.execute(_LOOK, {**given, "now": datetime.now(UTC)})
        return bool(outdated.rowcount)

    async def adopt(self, message: Message) -> bool:
        """Remember a message that was found and have it drawn anew; False if there is another."""
        if await self.find(message.expense_id, message.audience):
            return False
        look = {"which": message.expense_id, "now": datetime.now(UTC)}
        try:
            async with self._database.writing() as connection:
                await connection.execute(_REMEMBER, _row(message))
                await connection.execute(_LOOK, look)
        except Duplicate:
            return False
        return True

    async def mark_shown(self, message: Message, *, version: int, told: int) -> None:
        """Remember what a message shows, and what its thread has told."""
        given = {"which": message.expense_id, "whom": str(message.audience), "seen": version}
        await self._database.execute(_SHOWN, given | {"number": told})


def _message(row: Any) -> Message:
    return Message(**(row._asdict() | {"audience": Audience.read(row.audience)}))


def _row(message: Message) -> dict[str, Any]:
    return asdict(message) | {"audience": str(message.audience)}
