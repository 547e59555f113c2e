"""The texts of the policies that have judged expenses, by their hash."""

from sqlalchemy import String, bindparam, select, text

from bot.database.engine.connection import Database
from bot.database.trail.schema import policy_texts

_KEEP = text(
    "INSERT INTO policy_texts (sha256, text, since) VALUES (:sha256, :text, :since)"
    " ON CONFLICT (sha256) DO NOTHING"
).bindparams(bindparam("since", type_=policy_texts.c.since.type))
_READ = select(policy_texts).where(policy_texts.c.sha256 == bindparam("hash", type_=String))


class PolicyTexts:
    """Keeps each text once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, sha256: str, text: str) -> None:
        """Keep a text, which is in force from now on."""
        given = {"sha256": sha256, "text": text, "since": await self._database.now()}
        async with self._database.writing() as connection:
            await connection.execute(_KEEP, given)

    async def read(self, sha256: str) -> str | None:
        """Return a text; None if it was not kept."""
        rows = await self._database.execute(_READ, {"hash": sha256})
        return rows[0].text if rows else None
