"""The table of what is in receipts, if they are kept in the database."""

from sqlalchemy import String, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.database.engine.connection import Database
from bot.database.schema import receipt_contents

_IS_IT = receipt_contents.c.sha256 == bindparam("hash", type_=String)
_GET = select(receipt_contents.c.content).where(_IS_IT)
_DELETE = delete(receipt_contents).where(_IS_IT)
_PUT = {
    is_postgres: insert(receipt_contents).on_conflict_do_nothing(index_elements=["sha256"])
    for is_postgres, insert in ((True, postgresql.insert), (False, sqlite.insert))
}


class ReceiptContents:
    """Keeps what is in receipts, by its SHA-256."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, sha256: str, content: bytes) -> None:
        """Keep it, once."""
        given = {"sha256": sha256, "content": content}
        await self._database.execute(_PUT[self._database.is_postgres], given)

    async def get(self, sha256: str) -> bytes | None:
        """Return it; None if it is not there."""
        rows = await self._database.execute(_GET, {"hash": sha256})
        return bytes(rows[0].content) if rows else None

    async def delete(self, sha256: str) -> None:
        """Forget it."""
        await self._database.execute(_DELETE, {"hash": sha256})
