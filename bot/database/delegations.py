"""Who stands in for whom while they are away."""

import json
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import String, bindparam, delete, insert, select, text

from bot.database.connection import Database
from bot.database.joined import Joined
from bot.database.schema import Instant, delegations
from bot.domain.errors import InvalidInput

MAX_DAYS = 90

_IS_ON = delegations.c.until > bindparam("now", type_=Instant)
_WHO = bindparam("who", type_=String)
_OF = select(delegations).where(delegations.c.person == _WHO, _IS_ON)
# A list would be compiled anew for every number of people.
# For whom somebody stands in, a line each, to be read beside something else.
DELEGATORS = (
    select(Joined(delegations.c.person))
    .where(delegations.c.delegate == _WHO, _IS_ON)
    .scalar_subquery()
    .label("delegators")
)
_PEOPLE = {
    True: "SELECT json_array_elements_text(CAST(:people AS json))",
    False: "SELECT value FROM json_each(:people)",
}
_OF_ANY = {
    is_postgres: select(delegations).where(text(f"person IN ({people})"), _IS_ON)
    for is_postgres, people in _PEOPLE.items()
}
_TO = select(delegations).where(delegations.c.delegate == _WHO, _IS_ON)


class Delegations:
    """Keeps one delegation for each person who is away.

    Args:
        database: where they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, person: str, delegate: str, until: datetime) -> str | None:
        """Let a colleague decide in somebody's place; a former delegation of theirs is replaced.

        Args:
            person: Slack user id of who is away.
            delegate: Slack user id of who stands in.
            until: when it ends by itself.

        Returns:
            Who stood in before.

        Raises:
            InvalidInput: it would make a chain or a circle, is over already, or takes too long.
        """
        if person == delegate:
            raise InvalidInput("delegate", "Please choose somebody else than yourself.")
        if until <= datetime.now(UTC):
            raise InvalidInput("until", "This is over already; please choose a day to come.")
        # The last of these days is one to its end.
        if until > datetime.now(UTC) + timedelta(days=MAX_DAYS + 1):
            raise InvalidInput("until", f"Please choose a day in at most {MAX_DAYS} days.")
        async with self._database.writing() as connection:
            if connection.is_postgres:
                # Two that would make a circle together wait for each other; SQLite's writers do.
                await connection.execute(text("LOCK TABLE delegations IN EXCLUSIVE MODE"))
            if (await connection.execute(_OF, _given(delegate))).first():
                raise InvalidInput(
                    "delegate", "They have delegated themselves; please choose somebody else."
                )
            if (await connection.execute(_TO, _given(person))).first():
                raise InvalidInput(
                    "delegate", "You stand in for a colleague, so you cannot delegate just now."
                )
            former = (await connection.execute(_OF, _given(person))).first()
            await connection.execute(delete(delegations).where(delegations.c.person == person))
            row = {"person": person, "delegate": delegate, "until": until}
            await connection.execute(insert(delegations).values(row))
        return former.delegate if former else None

    async def end(self, person: str) -> str | None:
        """End somebody's delegation, and say who stood in; None if nobody did."""
        mine = delete(delegations).where(
            delegations.c.person == person, delegations.c.until > datetime.now(UTC)
        )
        row = (await self._database.execute(mine.returning(delegations.c.delegate))).first()
        return row.delegate if row else None

    async def delegators_of(self, person: str) -> frozenset[str]:
        """Say for whom somebody stands in now."""
        return frozenset(await self.to(person))

    async def to(self, person: str) -> dict[str, datetime]:
        """Say for whom somebody stands in now, and until when."""
        rows = await self._database.execute(_TO, _given(person))
        return {row.person: row.until for row in rows}

    async def of(self, person: str) -> tuple[str, datetime] | None:
        """Say who stands in for somebody now, and until when."""
        row = (await self._database.execute(_OF, _given(person))).first()
        return (row.delegate, row.until) if row else None

    async def delegates_of(self, people: Collection[str]) -> dict[str, str]:
        """Say who stands in now for which of these people."""
        given = {"people": json.dumps(sorted(people)), "now": datetime.now(UTC)}
        rows = await self._database.execute(_OF_ANY[self._database.is_postgres], given)
        return {row.person: row.delegate for row in rows}


def _given(person: str) -> dict[str, object]:
    return {"who": person, "now": datetime.now(UTC)}
