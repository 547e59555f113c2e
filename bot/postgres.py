"""Asks PostgreSQL, over a pool of connections."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import URL

from bot.statements import Result, Statement

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


class Postgres:
    """A pool of connections.

    Args:
        url: of SQLAlchemy.
        idle: for how many seconds a connection needs no sign of life.
    """

    def __init__(self, url: URL, idle: float = IDLE_SECONDS) -> None:
        self._idle = idle
        _, self._options = url.get_dialect()().create_connect_args(url)
        self._pool: Any = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def lend(self, *, writing: bool, in_transaction: bool) -> AsyncIterator[Session]:
        """Lend a connection; what it did in a transaction is committed if nothing goes wrong."""
        pool = self._pool or await self._open()
        connection = await self._acquire(pool)
        is_left = False
        try:
            if in_transaction:
                await connection.execute("BEGIN")
            yield Session(connection)
            if in_transaction:
                await connection.execute("COMMIT")
            is_left = True
        except Exception:
            if in_transaction:
                await connection.execute("ROLLBACK")
            is_left = True
            raise
        finally:
            # Whoever was cut short, perhaps because nobody answers, cannot ask it to roll back.
            if not is_left:
                connection.terminate()
            await pool.release(connection)

    async def close(self) -> None:
        """Close every connection."""
        if self._pool:
            with suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_SECONDS):
                    await self._pool.close()
            self._pool.terminate()

    async def _acquire(self, pool: Any) -> Any:
        while True:
            connection = await pool.acquire()
            is_fresh = time.monotonic() - connection.used_at <= self._idle
            if is_fresh or await _answers(connection):
                return connection
            connection.terminate()
            await pool.release(connection)

    async def _open(self) -> Any:
        async with self._opening:
            if self._pool is None:
                # It connects when it is first used, so that the bot starts without its database.
                self._pool = await asyncpg.create_pool(
                    **self._options,
                    min_size=0,
                    max_size=MOST_CONNECTIONS,
                    connection_class=_Connection,
                    init=set_up,
                    reset=_leave_as_it_is,
                )
        return self._pool


class _Connection(asyncpg.Connection):  # type: ignore[misc]
    """A connection that knows when it was last used."""

    used_at = math.inf  # it was made just now


async def set_up(connection: Any) -> None:
    """Have statements planned once.

    Planning a decision takes as long as making it, and PostgreSQL would do so each time.
    """
    await connection.execute("SET plan_cache_mode = force_generic_plan")


async def _answers(connection: Any) -> bool:
    """Ask a connection that was idle for a sign of life."""
    try:
        async with asyncio.timeout(SIGN_OF_LIFE_SECONDS):
            await connection.execute("SELECT 1")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        return False
    return True


async def _leave_as_it_is(connection: Any) -> None:
    """Nobody changes a connection's settings, and asyncpg's own reset is a round trip."""
    connection.used_at = time.monotonic()
