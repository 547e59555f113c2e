"""Opens the database: SQLite or PostgreSQL."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asyncpg import PostgresError  # type: ignore[import-untyped]
from sqlalchemy import URL, event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.errors import TryAgain

# The classes of PostgreSQL's errors that pass by themselves, or once the operator has mended what
# is wrong: connection, read-only (after a failover), credentials, no such database, conflict,
# resources, prerequisites, operator intervention (it starts, it stops), system.
_PASSING = {"08", "25", "28", "3D", "40", "53", "55", "57", "58"}


# A connection that was used just now is there; one that was idle may have been cut meanwhile.
IDLE_SECONDS = 5.0

# A network can lose a connection so that neither side learns of it: without a limit, whoever waits
# for an answer waits for ever, and so do all who wait for them. Everything we ask takes
# milliseconds; migrations do not come here. SQLite is no network, and limits its own waiting.
PATIENCE_SECONDS = 5.0


class Database:
    """Pools of connections in which every commit is durable.

    Args:
        url: a SQLAlchemy URL of SQLite (aiosqlite) or PostgreSQL (asyncpg).
        patience: for how many seconds PostgreSQL may be silent.
    """

    def __init__(self, url: URL, patience: float = PATIENCE_SECONDS) -> None:
        # Errors of either do not repeat what people typed (hide_parameters): they are logged.
        if url.get_backend_name() == "sqlite":
            # One writer at a time, waiting in line here: SQLite's own waiters sleep and guess.
            self.engine = _sqlite_engine(url, connections=1)
            self._readers = _sqlite_engine(url, connections=3)
            self._singly = self.engine.execution_options(sqlite_begin=None)
            self._reading = self._readers.execution_options(sqlite_begin=None)
            self._patience: float | None = None
        else:
            self.engine = self._readers = _postgres_engine(url)
            self._singly = self.engine.execution_options(isolation_level="AUTOCOMMIT")
            self._reading = self._singly
            self._patience = patience

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection for reading only; each statement sees what is committed by then.

        Raises:
            TryAgain: the database does not answer.
        """
        async with self._answering(), self._reading.connect() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection in a transaction, committed at the end or rolled back on an error.

        Raises:
            TryAgain: the database does not answer; a commit may have happened all the same.
        """
        async with self._answering(), self.engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def writing_once(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection in which each statement is a transaction of its own.

        A single statement is all or nothing anyway; this saves the round trips for BEGIN and
        COMMIT.

        Raises:
            TryAgain: the database does not answer; the statement may have happened all the same.
        """
        async with self._answering(), self._singly.connect() as connection:
            yield connection

    @asynccontextmanager
    async def _answering(self) -> AsyncIterator[None]:
        # What is cancelled by the time-out, SQLAlchemy closes instead of asking it to roll back.
        async with reachable(), asyncio.timeout(self._patience):
            yield

    async def ping(self) -> None:
        """Ask the database for a sign of life."""
        async with self.reading() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection."""
        await self._readers.dispose()
        await self.engine.dispose()


@asynccontextmanager
async def reachable() -> AsyncIterator[None]:
    """Turn what drivers say when the database is away or busy into "try again".

    While it connects, asyncpg raises its own errors and the socket's; those that PostgreSQL has
    words for, such as that it is starting up, come as plain database errors.

    Raises:
        TryAgain: the database does not answer.
    """
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout, PostgresError, OSError) as error:
        raise TryAgain("The database does not answer.", after=2) from error
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None) or ""
        if not (error.connection_invalidated or state[:2] in _PASSING):
            raise
        raise TryAgain("The database does not answer.", after=2) from error


def _postgres_engine(url: URL) -> AsyncEngine:
    engine = create_async_engine(url, pool_size=8, max_overflow=8, hide_parameters=True)

    @event.listens_for(engine.sync_engine, "checkin")
    def _remember(_connection: Any, entry: ConnectionPoolEntry) -> None:
        entry.info["used_at"] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def _check(connection: Any, entry: ConnectionPoolEntry, _fairy: Any) -> None:
        # SQLAlchemy's own check takes three round trips each time; a server that went away has
        # said so, and a network that did not shows after a pause.
        is_cut = connection.driver_connection.is_closed()
        idle = time.monotonic() - entry.info.get("used_at", time.monotonic())
        if is_cut or (idle > IDLE_SECONDS and not _answers(connection)):
            raise DisconnectionError("the connection was cut while it was idle")

    return engine


def _answers(connection: Any) -> bool:
    try:
        connection.ping()
    except Exception:
        # Whatever it says, another connection is tried instead.
        return False
    return True


def _sqlite_engine(url: URL, connections: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        connect_args={"timeout": 10},
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _configure(connection: Any, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # our BEGIN below, not the driver's
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        # A transaction that reads first and writes later could fail with "database is locked".
        if mode := connection.get_execution_options().get("sqlite_begin", "IMMEDIATE"):
            connection.exec_driver_sql(f"BEGIN {mode}")

    return engine
