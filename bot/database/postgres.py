"""Asks PostgreSQL, over connections that are kept."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import URL

from bot.database.statements import Result, Statement

MOST_CONNECTIONS = 16
# A connection that was used just now is there. A network can cut one that is idle, without telling
# either end; the looks for what is due keep one in use at any time.
IDLE_SECONDS = 5.0
SIGN_OF_LIFE_SECONDS = 1.0
FAREWELL_SECONDS = 2.0


class Session:
    """A connection that is lent.

    Args:
        connection: of asyncpg.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def execute(self, statement: Statement, values: Sequence[Any]) -> Result:
        """Execute a statement."""
        if not statement.has_rows:
            status: str = await self._connection.execute(statement.sql, *values)
            count = status.rpartition(" ")[2]
            return Result([], int(count) if count.isdecimal() else 0)
        found = await self._connection.fetch(statement.sql, *values)
        return Result(statement.rows(found[0].keys(), found) if found else [], len(found))

    async def execute_together(self, steps: Sequence[tuple[Statement, Sequence[Any]]]) -> Result:
        """Execute statements as one transaction, and give back what the last one found."""
        if len(steps) == 1:
            return await self.execute(*steps[0])
        async with self._connection.transaction():
            return [await self.execute(*step) for step in steps][-1]

    async def execute_many(self, statement: Statement, values: Sequence[Sequence[Any]]) -> None:
        """Execute a statement that gives back nothing, several times."""
        await self._connection.executemany(statement.sql, values)


@dataclass(slots=True)
class _Line:
    """Connections of one kind; those that are free with the time at which they came back.

    Whoever came back last goes first, so that in quiet times few are in use.
    """

    places: asyncio.Semaphore
    plans_once: bool = False
    free: list[tuple[Any, float]] = field(default_factory=list)


class Postgres:
    """Connections, opened when they are first needed and kept from then on.

    asyncpg's own pool takes a task and a round trip for each that comes back.

    Args:
        url: of SQLAlchemy.
        idle: for how many seconds a connection needs no sign of life.
    """

    def __init__(self, url: URL, idle: float = IDLE_SECONDS) -> None:
        _, self._options = url.get_dialect()().create_connect_args(url)
        self._idle = idle
        self._readers = _Line(asyncio.Semaphore(MOST_CONNECTIONS // 2))
        self._writers = _Line(asyncio.Semaphore(MOST_CONNECTIONS // 2), plans_once=True)
        self._is_closed = False

    @asynccontextmanager
    async def lend(self, *, writing: bool, in_transaction: bool) -> AsyncIterator[Session]:
        """Lend a connection; what it did in a transaction is committed if nothing goes wrong."""
        line = self._writers if writing else self._readers
        async with line.places:
            connection = await self._take(line)
            is_left = False
            try:
                if in_transaction:
                    await connection.execute("BEGIN")
                yield Session(connection)
                if in_transaction:
                    await connection.execute("COMMIT")
                is_left = True
            except asyncpg.InternalClientError:
                raise  # nobody knows what the connection would say next
            except Exception:
                if in_transaction:
                    await connection.execute("ROLLBACK")
                is_left = True
                raise
            finally:
                # Whoever was cut short, perhaps as nobody answers, cannot ask it to roll back.
                if is_left and not self._is_closed:
                    line.free.append((connection, time.monotonic()))
                else:
                    connection.terminate()

    async def close(self) -> None:
        """Close every connection that is not in use, and the others when they come back."""
        self._is_closed = True
        for connection, _ in (*self._readers.free, *self._writers.free):
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await connection.close(timeout=FAREWELL_SECONDS)

    async def _take(self, line: _Line) -> Any:
        while line.free:
            connection, used_at = line.free.pop()
            is_fresh = time.monotonic() - used_at <= self._idle
            if not connection.is_closed() and (is_fresh or await _answers(connection)):
                return connection
        connection = await asyncpg.connect(**self._options)
        try:
            if line.plans_once:
                await plan_once(connection)
        except BaseException:
            connection.terminate()
            raise
        return connection


async def plan_once(connection: Any) -> None:
    """Have statements planned once, however many rows they may find.

    Planning a decision takes as long as making it, and PostgreSQL would do so each time. Not for
    reading: which way to what waits for somebody is short depends on who it is.
    """
    await connection.execute("SET plan_cache_mode = force_generic_plan")


async def _answers(connection: Any) -> bool:
    """Ask a connection that was idle for a sign of life; without one, it is given up."""
    is_alive = False
    try:
        async with asyncio.timeout(SIGN_OF_LIFE_SECONDS):
            await connection.execute("SELECT 1")
        is_alive = True
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        pass
    finally:
        if not is_alive:
            connection.terminate()
    return is_alive
