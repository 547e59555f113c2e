"""Asks a SQLite file, in threads.

Each connection has a thread, which does one thing after the other: whatever is cut short is rolled
back before anybody else can ask. The way to a thread and back costs more than most statements, so
that a transaction begins with its first one.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from bot.database.statements import Result, Statement

Answer = TypeVar("Answer")

# Other programs may be writing: a backup, or a bot of another version that ends just now.
BUSY_SECONDS = 10.0
READERS = 3


class Session:
    """A connection and its thread.

    Args:
        path: of the file.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        self._connection: sqlite3.Connection | None = None
        self.in_transaction = False

    async def execute(self, statement: Statement, values: Sequence[Any]) -> Result:
        """Execute a statement."""
        return await self._do(lambda connection: _execute(connection, statement, values))

    async def execute_together(self, steps: Sequence[tuple[Statement, Sequence[Any]]]) -> Result:
        """Execute statements as one transaction, and give back what the last one found."""

        def work(connection: sqlite3.Connection) -> Result:
            connection.execute("BEGIN IMMEDIATE")
            try:
                results = [_execute(connection, *step) for step in steps]
                connection.execute("COMMIT")
            except BaseException:
                connection.rollback()
                raise
            return results[-1]

        return await self._do(work)

    async def execute_many(self, statement: Statement, values: Sequence[Sequence[Any]]) -> None:
        """Execute a statement that gives back nothing, several times."""
        await self._do(lambda connection: connection.executemany(statement.sql, values))

    async def commit(self) -> None:
        """End the transaction, if anything was done in it."""
        if self._connection and self._connection.in_transaction:
            await self._do(lambda connection: connection.execute("COMMIT"))

    def leave(self) -> None:
        """Take back what was not committed."""
        self.in_transaction = False
        self._thread.submit(self._roll_back)

    def close(self) -> None:
        """Close the connection, when what was begun has ended."""
        self._thread.submit(self._close)
        self._thread.shutdown(wait=False)

    async def _do(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._work, work, self.in_transaction)

    def _work(self, work: Callable[[sqlite3.Connection], Answer], in_transaction: bool) -> Answer:
        connection = self._connection = self._connection or _connect(self._path)
        if in_transaction and not connection.in_transaction:
            # Whoever reads first and writes later could otherwise fail: "database is locked".
            connection.execute("BEGIN IMMEDIATE")
        return work(connection)

    def _roll_back(self) -> None:
        if self._connection and self._connection.in_transaction:
            self._connection.rollback()

    def _close(self) -> None:
        if self._connection:
            self._connection.close()


class Sqlite:
    """One connection that writes, and some that read.

    Args:
        path: of the file.
    """

    def __init__(self, path: str) -> None:
        # One writer at a time, waiting in line here: SQLite's own waiters sleep and guess.
        self._writers = _line([Session(path)])
        self._readers = _line([Session(path) for _ in range(READERS)])
        self._is_closed = False

    @asynccontextmanager
    async def lend(self, *, writing: bool, in_transaction: bool) -> AsyncIterator[Session]:
        """Lend a connection; what it did in a transaction is committed if nothing goes wrong."""
        if self._is_closed:
            raise sqlite3.OperationalError("the database is closed")
        line = self._writers if writing else self._readers
        session = await line.get()
        session.in_transaction = in_transaction
        try:
            yield session
            if in_transaction:
                await session.commit()
        finally:
            if in_transaction:
                session.leave()
            if self._is_closed:
                session.close()
            else:
                line.put_nowait(session)

    async def close(self) -> None:
        """Close every connection that is not in use, and the others when they come back."""
        self._is_closed = True
        for line in (self._writers, self._readers):
            while not line.empty():
                line.get_nowait().close()


def _execute(connection: sqlite3.Connection, statement: Statement, values: Sequence[Any]) -> Result:
    cursor = connection.execute(statement.sql, values)
    found = cursor.fetchall()
    names = [column[0] for column in cursor.description or ()]
    return Result(statement.rows(names, found) if found else [], cursor.rowcount)


def _line(sessions: Sequence[Session]) -> asyncio.Queue[Session]:
    line: asyncio.Queue[Session] = asyncio.LifoQueue()
    for session in sessions:
        line.put_nowait(session)
    return line


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path,
        timeout=BUSY_SECONDS,
        isolation_level=None,  # our BEGIN, not the driver's
        check_same_thread=False,
    )
    configure(connection)
    return connection


def configure(connection: Any) -> None:
    """Have every commit durable, and readers that do not wait for writers."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
