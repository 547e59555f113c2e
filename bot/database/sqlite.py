"""Asks a SQLite file through aiosqlite: one connection that writes, and some that read."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiosqlite

from bot.database.statements import Result, Statement

# Other programs may be writing: a backup, or a bot of another version that ends just now.
BUSY_SECONDS = 10.0
READERS = 3

PRAGMAS = (
    "PRAGMA journal_mode=WAL",  # readers do not wait for the writer
    "PRAGMA synchronous=FULL",  # every commit is durable
    "PRAGMA foreign_keys=ON",
)


class Session:
    """A connection that is lent.

    Args:
        connection: of aiosqlite.
    """

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def execute(self, statement: Statement, values: Sequence[Any]) -> Result:
        """Execute a statement."""
        if statement.columns:
            # One way to the connection's thread and back, which costs more than most statements.
            rows = [*await self._connection.execute_fetchall(statement.sql, values)]
            return Result(statement.rows(statement.columns, rows), len(rows))
        async with self._connection.execute(statement.sql, values) as cursor:
            found = await cursor.fetchall() if cursor.description else []
            names = [column[0] for column in cursor.description or ()]
            return Result(statement.rows(names, found) if found else [], cursor.rowcount)

    async def execute_many(self, statement: Statement, values: Sequence[Sequence[Any]]) -> None:
        """Execute a statement that returns nothing, several times."""
        await self._connection.executemany(statement.sql, values)


class Sqlite:
    """Connections to a file, opened when they are first needed.

    Args:
        path: of the file.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        # One writer at a time, waiting in line here: SQLite's own waiters sleep and guess.
        self._writers = _Connections(path, 1)
        self._readers = _Connections(path, READERS)

    async def execute(self, statement: Statement, values: Sequence[Any]) -> Result:
        """Execute one statement, which is a transaction of its own."""
        line = self._writers if statement.is_change else self._readers
        async with line.lend() as connection:
            return await Session(connection).execute(statement, values)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """Lend the connection that writes in a transaction, committed if nothing goes wrong."""
        async with self._writers.lend() as connection:
            try:
                # A transaction that reads first and writes later could otherwise fail as "locked".
                await connection.execute("BEGIN IMMEDIATE")
                yield Session(connection)
                await connection.commit()
            except BaseException:
                await asyncio.shield(connection.rollback())
                raise

    async def close(self) -> None:
        """Close every connection that is not in use, and the others when they come back."""
        await self._writers.close()
        await self._readers.close()


class _Connections:
    """Connections of one kind; the one that came back last is lent first."""

    def __init__(self, path: str, most: int) -> None:
        self._path = path
        self._places = asyncio.Semaphore(most)
        self._free: list[aiosqlite.Connection] = []
        self._is_closed = False

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[aiosqlite.Connection]:
        async with self._places:
            if self._is_closed:
                raise sqlite3.OperationalError("the database is closed")
            connection = self._free.pop() if self._free else await _connect(self._path)
            try:
                yield connection
            finally:
                if self._is_closed:
                    await asyncio.shield(connection.close())
                else:
                    self._free.append(connection)

    async def close(self) -> None:
        self._is_closed = True
        while self._free:
            await self._free.pop().close()


async def _connect(path: str) -> aiosqlite.Connection:
    # Our BEGIN, not the driver's.
    connection = await aiosqlite.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        for pragma in PRAGMAS:
            await connection.execute(pragma)
    except BaseException:
        await asyncio.shield(connection.close())
        raise
    return connection
