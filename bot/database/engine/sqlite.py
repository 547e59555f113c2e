"""Executes statements in a SQLite file through aiosqlite: one connection writes, others read."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiosqlite
from sqlalchemy import URL

from bot.database.engine.statements import Given, Rows, Statement
from bot.domain.errors import SettingsError

# Other programs may be writing: a backup, or a bot of another version that is about to end.
BUSY_SECONDS = 10.0
READERS = 3

PRAGMAS = (
    "PRAGMA journal_mode=WAL",  # readers do not wait for the writer
    "PRAGMA synchronous=FULL",  # every commit is durable
    "PRAGMA foreign_keys=ON",
)


async def check_file(url: URL) -> None:
    """Check that a database's file is there: a connection would make it, with nothing in it.

    Raises:
        SettingsError: it is not.
    """
    if not await asyncio.to_thread(os.path.isfile, url.database or ""):
        raise SettingsError(f"DATABASE_URL names {url.database}, and there is no such file")


class Sqlite:
    """A pool of connections to a file, opened when they are first needed."""

    def __init__(self, path: str) -> None:
        self._path = path
        # One writer: those who wait in SQLite itself would poll.
        self._writers = _Connections(path, 1)
        self._readers = _Connections(path, READERS)

    async def execute_on(
        self, connection: aiosqlite.Connection, statement: Statement, given: Given
    ) -> Rows:
        """Execute a statement on a connection that `transaction` has lent."""
        # One way to the connection's thread and back, which costs more than most statements.
        values = statement.values(given)
        return statement.rows(await connection.execute_fetchall(statement.sql, values))

    async def execute_each(
        self, statements: Sequence[Statement], all_given: Sequence[Given]
    ) -> Rows:
        """Execute statements for several callers in one transaction; return the last rows."""
        rows: list[Any] = []
        lent = self.transaction() if statements[-1].is_change else self._readers.lend()
        async with lent as connection:
            for given in all_given:
                for statement in statements:
                    found = await self.execute_on(connection, statement, given)
                rows += found
        return rows

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        """Lend the writing connection in a transaction, committed unless the caller raises."""
        async with self._writers.lend() as connection:
            try:
                # Otherwise a transaction that reads before it writes could fail as "locked".
                await connection.execute("BEGIN IMMEDIATE")
                yield connection
                await connection.commit()
            except BaseException:
                await asyncio.shield(connection.rollback())
                raise

    def now(self) -> datetime:
        """Return the instant, in UTC: the file is on this machine, and shares its clock."""
        return datetime.now(UTC)

    async def set_clock(self) -> datetime:
        """Return the instant; there is nothing to look at."""
        return self.now()

    def connections(self) -> tuple[int, int, int]:
        """Return how many connections are used, how many are idle, and how many there may be."""
        both = self._writers, self._readers
        return sum(one.used for one in both), sum(one.idle for one in both), 1 + READERS

    async def close(self) -> None:
        """Close the connections; those in use are closed when they are returned."""
        await self._writers.close()
        await self._readers.close()


class _Connections:
    """At most `most` connections; the one that was returned last is lent first."""

    def __init__(self, path: str, most: int) -> None:
        self._path = path
        self._places = asyncio.Semaphore(most)
        self._free: list[aiosqlite.Connection] = []
        self.used = 0
        self._is_closed = False

    @property
    def idle(self) -> int:
        return len(self._free)

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[aiosqlite.Connection]:
        async with self._places:
            if self._is_closed:
                raise sqlite3.OperationalError("the database is closed")
            connection = self._free.pop() if self._free else await _connect(self._path)
            self.used += 1
            try:
                yield connection
            finally:
                self.used -= 1
                if self._is_closed:
                    await asyncio.shield(connection.close())
                else:
                    self._free.append(connection)

    async def close(self) -> None:
        self._is_closed = True
        while self._free:
            await self._free.pop().close()


async def _connect(path: str) -> aiosqlite.Connection:
    # Without an isolation level, the driver leaves BEGIN to `transaction`.
    connection = await aiosqlite.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        for pragma in PRAGMAS:
            await connection.execute(pragma)
    except BaseException:
        await asyncio.shield(connection.close())
        raise
    return connection
