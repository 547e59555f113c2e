"""Who stands in for whom while they are away."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, insert, select, text

from bot.database import Database
from bot.errors import InvalidInput
from bot.rows import utcnow
from bot.schema import delegations


class Delegations:
    """Keeps one delegation for each person who is away.

    Args:
        database: where they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, person: str, delegate: str, until: datetime) -> None:
        """Let a colleague decide in somebody's place; a former delegation of theirs is replaced.

        Args:
            person: Slack user id of who is away.
            delegate: Slack user id of who stands in.
            until: when it ends by itself.

        Raises:
            InvalidInput: it would make a chain or a circle.
        """
        if person == delegate:
            raise InvalidInput("delegate", "Please choose somebody else than yourself.")
        async with self._database.writing() as connection:
            if connection.dialect.name == "postgresql":
                # Two that would make a circle together wait for each other; SQLite's writers do.
                await connection.execute(text("LOCK TABLE delegations IN EXCLUSIVE MODE"))
            if (await connection.execute(_of(delegations.c.person == delegate))).first():
                raise InvalidInput(
                    "delegate", "They have delegated themselves; please choose somebody else."
                )
            if (await connection.execute(_of(delegations.c.delegate == person))).first():
                raise InvalidInput(
                    "delegate", "You stand in for a colleague, so you cannot delegate just now."
                )
            await connection.execute(delete(delegations).where(delegations.c.person == person))
            row = {"person": person, "delegate": delegate, "until": until}
            await connection.execute(insert(delegations).values(row))

    async def end(self, person: str) -> bool:
        """End somebody's delegation; say whether there was one."""
        async with self._database.writing_once() as connection:
            ended = await connection.execute(
                delete(delegations).where(
                    delegations.c.person == person, delegations.c.until > utcnow()
                )
            )
        return bool(ended.rowcount)

    async def delegators_of(self, person: str) -> frozenset[str]:
        """Say for whom somebody stands in now."""
        async with self._database.reading() as connection:
            rows = await connection.execute(_of(delegations.c.delegate == person))
            return frozenset(row.person for row in rows)

    async def of(self, person: str) -> tuple[str, datetime] | None:
        """Say who stands in for somebody now, and until when."""
        async with self._database.reading() as connection:
            row = (await connection.execute(_of(delegations.c.person == person))).first()
        return (row.delegate, row.until) if row else None

    async def delegates_of(self, people: Collection[str]) -> dict[str, str]:
        """Say who stands in now for which of these people."""
        async with self._database.reading() as connection:
            rows = await connection.execute(_of(delegations.c.person.in_(people)))
            return {row.person: row.delegate for row in rows}


def _of(condition: ColumnElement[bool]) -> Select[tuple[str, str, datetime]]:
    return select(delegations).where(condition, delegations.c.until > utcnow())
