"""Opens the database: SQLite or PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asyncpg import PostgresError  # type: ignore[import-untyped]
from sqlalchemy import URL, event, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.expense import TryAgain

# The classes of PostgreSQL's errors that pass by themselves, or once the operator has mended what
# is wrong: connection, read-only (after a failover), credentials, no such database, conflict,
# resources, prerequisites, operator intervention (it starts, it stops), system.
_PASSING = {"08", "25", "28", "3D", "40", "53", "55", "57", "58"}


class Database:
    """A pool of connections in which every commit is durable.

    Args:
        url: a SQLAlchemy URL of SQLite (aiosqlite) or PostgreSQL (asyncpg).
    """

    def __init__(self, url: URL) -> None:
        is_sqlite = url.get_backend_name() == "sqlite"
        # Errors of either do not repeat what people typed (hide_parameters): they are logged.
        self.engine = _sqlite_engine(url) if is_sqlite else _postgres_engine(url)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection for reading only.

        Raises:
            TryAgain: the database does not answer.
        """
        async with reachable(), self.engine.connect() as connection:
            await connection.execution_options(sqlite_begin="DEFERRED")
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection in a transaction, committed at the end or rolled back on an error.

        Raises:
            TryAgain: the database does not answer; a commit may have happened all the same.
        """
        async with reachable(), self.engine.begin() as connection:
            yield connection

    async def ping(self) -> None:
        """Ask the database for a sign of life."""
        async with self.reading() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection."""
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
    return create_async_engine(
        url, pool_size=8, max_overflow=8, pool_pre_ping=True, hide_parameters=True
    )


def _sqlite_engine(url: URL) -> AsyncEngine:
    engine = create_async_engine(
        url, pool_size=4, max_overflow=0, connect_args={"timeout": 10}, hide_parameters=True
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
        mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine
