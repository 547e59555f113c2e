"""The database: SQLite or PostgreSQL behind one interface."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, TypeVar

from asyncpg import (  # type: ignore[import-untyped]
    DeadlockDetectedError,
    InterfaceError,
    InternalClientError,
    InvalidCachedStatementError,
    PostgresError,
    SerializationError,
)
from sqlalchemy import URL, Dialect, Executable

from bot.database.engine import postgres, sqlite
from bot.database.engine.gathering import Gathering
from bot.database.engine.statements import Given, Rows, compiled
from bot.domain.errors import Conflict, TryAgain
from bot.domain.health.outages import Outage

# Classes of PostgreSQL's errors that pass by themselves or once the operator has acted: connection,
# read-only (after a failover), credentials, no such database, conflict, resources, prerequisites,
# operator intervention (start, stop), system.
_PASSING = {"08", "25", "28", "3D", "40", "53", "55", "57", "58"}

# A network can lose a connection without either side learning of it; a call would wait for ever.
# A statement takes milliseconds; migrations use another connection, and SQLite has its own limit.
PATIENCE_SECONDS = 5.0
Source = postgres.Postgres | sqlite.Sqlite
_NONE: Given = {}
_outage = Outage(
    "The database",
    logging.getLogger(__name__),
    besides=(Conflict,),
    do="See DATABASE_URL, and whether its server runs and has room.",
)
T = TypeVar("T")


async def once_more(attempt: Callable[[], Awaitable[T]]) -> T:
    """Make an attempt again if another process was in its way, as PostgreSQL took it back whole."""
    try:
        return await attempt()
    except Conflict:
        return await attempt()


class Connection:
    """A connection in a transaction."""

    def __init__(self, source: Source, connection: Any, dialect: Dialect) -> None:
        self._source = source
        self._connection = connection
        self._dialect = dialect

    @property
    def is_postgres(self) -> bool:
        """Whether this is PostgreSQL, and not SQLite."""
        return self._dialect.name == "postgresql"

    async def execute(self, executable: Executable, given: Given = _NONE) -> Rows:
        """Execute a statement, and return its rows as named tuples."""
        statement = compiled(executable, self._dialect, tuple(given))
        return await self._source.execute_on(self._connection, statement, given)


class Database:
    """Executes statements and transactions; every commit is durable.

    Args:
        url: SQLite or PostgreSQL, as `parse_database_url` returns it.
        patience: seconds that PostgreSQL may take for a statement or transaction.
        idle: seconds after which an unused connection to PostgreSQL is closed.
        connections: how many to PostgreSQL there may be.
    """

    def __init__(
        self,
        url: URL,
        patience: float = PATIENCE_SECONDS,
        idle: float = postgres.IDLE_SECONDS,
        connections: int = postgres.CONNECTIONS,
    ) -> None:
        self.url = url
        self.is_postgres = url.get_backend_name() == "postgresql"
        self._dialect = _dialect(url.drivername)
        self._source: Source = (
            postgres.Postgres(url, connections, idle)
            if self.is_postgres
            else sqlite.Sqlite(url.database or "")
        )
        self._patience = patience if self.is_postgres else None
        self._gatherings: dict[tuple[Executable, ...], Gathering] = {}

    async def execute(self, executable: Executable, given: Given = _NONE) -> Rows:
        """Execute a statement as a transaction of its own, and return its rows as named tuples.

        Args:
            executable: SQLAlchemy's statement, best built once: it is compiled once, then.
            given: its parameters by name.

        Raises:
            Conflict: other processes were in the way, twice; nothing was changed.
            TryAgain: the database does not answer; it may have executed the statement.
        """
        return await self._execute_each((executable,), [given])

    async def execute_for(self, executables: tuple[Executable, ...], given: Given) -> Any:
        """Execute statements about one expense, with other callers; return the last row, if any.

        Args:
            executables: SQLAlchemy's statements, built once; the last returns at most one row.
            given: their parameters by name, with the expense's id as `which`.
        """
        gathering = self._gatherings.get(executables)
        if gathering is None:
            gathering = Gathering(partial(self._execute_each, executables))
            self._gatherings[executables] = gathering
        return await gathering.execute(given)

    async def _execute_each(
        self, executables: tuple[Executable, ...], all_given: Sequence[Given]
    ) -> Rows:
        keys = tuple(all_given[0])
        statements = [compiled(executable, self._dialect, keys) for executable in executables]

        async def attempt() -> Rows:
            noting = _outage if statements[-1].is_change else _outage.noting_failures()
            with noting, reachable():
                async with asyncio.timeout(self._patience):
                    return await self._source.execute_each(statements, all_given)

        return await once_more(attempt)

    async def transaction(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do some work in a transaction, committed unless it raises.

        Args:
            work: executes the statements; once more from the beginning if others were in the way.
                It changes the expense first, and what belongs to the expense after it, so that two
                processes do not wait for each other.
        """

        async def attempt() -> T:
            async with self.writing() as connection:
                return await work(connection)

        return await once_more(attempt)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """Lend a connection in a transaction, committed unless the caller raises.

        Raises:
            Conflict: another process was in the way; nothing was changed.
            TryAgain: the database does not answer; it may have committed.
        """
        with _outage, reachable():
            async with asyncio.timeout(self._patience), self._source.transaction() as lent:
                yield Connection(self._source, lent, self._dialect)

    def measure(self, wrap: Callable[[Source], Source]) -> None:
        """Put something before the source of connections that measures what is asked of it."""
        self._source = wrap(self._source)

    def connections(self) -> tuple[int, int, int]:
        """Return how many connections are used, how many are idle, and how many there may be."""
        return self._source.connections()

    async def now(self) -> datetime:
        """Return the instant by the database's clock, in UTC, so that all processes agree."""
        return self._source.now() or await self.set_clock()

    async def set_clock(self) -> datetime:
        """Look at the database's clock, and return the instant."""
        with _outage.noting_failures(), reachable():
            async with asyncio.timeout(self._patience):
                return await self._source.set_clock()

    async def close(self) -> None:
        """Close every connection."""
        await self._source.close()


@lru_cache
def _dialect(drivername: str) -> Dialect:
    """Return the only dialect of a driver, because compiled statements are cached by dialect."""
    return URL.create(drivername).get_dialect()()


@contextmanager
def reachable() -> Iterator[None]:
    """Turn the drivers' errors into the bot's.

    Raises:
        Conflict: another process was in the way; nothing was changed.
        TryAgain: the database is away or busy.
    """
    try:
        yield
    except (DeadlockDetectedError, SerializationError) as error:
        raise Conflict("The database is busy, and nothing was changed.") from error
    except (InterfaceError, InternalClientError, sqlite3.OperationalError, OSError) as error:
        raise TryAgain("The database does not answer.", after=2) from error
    except PostgresError as error:
        if not is_passing(error):
            raise
        raise TryAgain("The database does not answer.", after=2) from error


def is_passing(error: BaseException | None) -> bool:
    """Return whether an error of PostgreSQL passes, so that the same call can succeed later."""
    # After a migration, a prepared statement is prepared again by the next call.
    if isinstance(error, InvalidCachedStatementError):
        return True
    return (getattr(error, "sqlstate", None) or "")[:2] in _PASSING
