"""Opens the database: SQLite or PostgreSQL."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import lru_cache
from typing import Any

from asyncpg import (  # type: ignore[import-untyped]
    IntegrityConstraintViolationError,
    InterfaceError,
    InternalClientError,
    InvalidCachedStatementError,
    PostgresError,
)
from sqlalchemy import URL, Dialect, Executable, text

from bot.database import postgres, sqlite
from bot.database.statements import Result, compiled
from bot.domain.errors import TryAgain

# The classes of PostgreSQL's errors that pass by themselves, or once the operator has mended what
# is wrong: connection, read-only (after a failover), credentials, no such database, conflict,
# resources, prerequisites, operator intervention (it starts, it stops), system.
_PASSING = {"08", "25", "28", "3D", "40", "53", "55", "57", "58"}

# A network can lose a connection so that neither side learns of it: without a limit, a caller waits
# for an answer for ever, and so do all who wait for that caller. Everything we ask takes
# milliseconds; migrations do not come here. SQLite is no network, and limits its own waiting.
PATIENCE_SECONDS = 5.0


_NONE: Mapping[str, Any] = {}


class Duplicate(Exception):
    """A row with the same key is there already."""


class Connection:
    """A connection in a transaction.

    Args:
        session: the driver's.
        dialect: of the database.
    """

    def __init__(self, session: postgres.Session | sqlite.Session, dialect: Dialect) -> None:
        self._session = session
        self._dialect = dialect

    @property
    def is_postgres(self) -> bool:
        """Whether this is PostgreSQL, and not SQLite."""
        return self._dialect.name == "postgresql"

    async def execute(
        self, executable: Executable, given: Mapping[str, Any] | Sequence[Mapping[str, Any]] = _NONE
    ) -> Result:
        """Execute a statement.

        Args:
            executable: what SQLAlchemy made; best once, as compiling costs more than executing.
            given: its values by their names; several of these for an INSERT of several rows.
        """
        if isinstance(given, Mapping):
            statement = compiled(executable, self._dialect, tuple(given))
            return await self._session.execute(statement, statement.values(given))
        if given:
            statement = compiled(executable, self._dialect, tuple(given[0]))
            await self._session.execute_many(statement, [statement.values(row) for row in given])
        return Result([], len(given))


class Database:
    """Statements and transactions in which every commit is durable.

    Args:
        url: a SQLAlchemy URL of SQLite or PostgreSQL.
        patience: for how many seconds PostgreSQL may be silent.
        idle: seconds after which a connection to it that nobody uses is closed.
    """

    def __init__(
        self,
        url: URL,
        patience: float = PATIENCE_SECONDS,
        idle: float = postgres.IDLE_SECONDS,
    ) -> None:
        self.url = url
        self.is_postgres = url.get_backend_name() == "postgresql"
        self._dialect = _dialect(url.drivername)
        self._source: postgres.Postgres | sqlite.Sqlite = (
            postgres.Postgres(url, idle) if self.is_postgres else sqlite.Sqlite(url.database or "")
        )
        self._patience = patience if self.is_postgres else None

    async def execute(self, executable: Executable, given: Mapping[str, Any] = _NONE) -> Result:
        """Execute one statement, which is a transaction of its own.

        Args:
            executable: what SQLAlchemy made; best once, as compiling costs more than executing.
            given: its values by their names.

        Raises:
            TryAgain: the database does not answer; a change may have happened all the same.
            Duplicate: a row with the same key is there already.
        """
        statement = compiled(executable, self._dialect, tuple(given))
        with reachable():
            async with asyncio.timeout(self._patience):
                return await self._source.execute(statement, statement.values(given))

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """Lend a connection in a transaction, committed at the end or rolled back on an error.

        Raises:
            TryAgain: the database does not answer; a commit may have happened all the same.
            Duplicate: a row with the same key is there already.
        """
        with reachable():
            async with asyncio.timeout(self._patience), self._source.transaction() as session:
                yield Connection(session, self._dialect)

    async def ping(self) -> None:
        """Ask the database for a sign of life."""
        await self.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection."""
        await self._source.close()


@lru_cache
def _dialect(drivername: str) -> Dialect:
    """Make a dialect, once: what is compiled for one is not compiled for another."""
    return URL.create(drivername).get_dialect()()


@contextmanager
def reachable() -> Iterator[None]:
    """Turn what drivers say into what their caller can do about it.

    Raises:
        TryAgain: the database is away or busy.
        Duplicate: a row with the same key is there already.
    """
    try:
        yield
    except (IntegrityConstraintViolationError, sqlite3.IntegrityError) as error:
        raise Duplicate("A row with the same key is there already.") from error
    except (InterfaceError, InternalClientError, sqlite3.OperationalError, OSError) as error:
        raise TryAgain("The database does not answer.", after=2) from error
    except PostgresError as error:
        if not is_passing(error):
            raise
        raise TryAgain("The database does not answer.", after=2) from error


def is_passing(error: BaseException | None) -> bool:
    """Say whether what PostgreSQL complains about passes."""
    # A statement that was prepared before a migration is prepared anew the next time.
    if isinstance(error, InvalidCachedStatementError):
        return True
    return (getattr(error, "sqlstate", None) or "")[:2] in _PASSING
