"""Executes statements in PostgreSQL through asyncpg's pool."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import URL

from bot.database.engine.statements import Given, Rows, Statement
from bot.database.engine.url import connect_arguments

CONNECTIONS = 8
# Statements that each connection keeps prepared; asyncpg's own default.
PREPARED = 100
# How soon another connection is tried after the server had none left.
REFUSED_SECONDS = 0.5
# A network can cut an idle connection without telling either end, so the pool closes idle ones
# soon. The scheduler's poll always keeps one in use.
IDLE_SECONDS = 5.0
FAREWELL_SECONDS = 2.0
_EPOCH = datetime.fromtimestamp(0, UTC)


class Clock:
    """A server's clock, carried on by this machine's monotonic one between two looks at it."""

    def __init__(self) -> None:
        self._ahead: timedelta | None = None

    def set(self, instant: datetime, asked: float) -> None:
        """Set it.

        Args:
            instant: what the server's clock showed.
            asked: when it was asked, by `time.monotonic`; the answer has just come.
        """
        self._ahead = instant - _EPOCH - timedelta(seconds=(asked + time.monotonic()) / 2)

    def now(self) -> datetime | None:
        """Return the instant, in UTC; None if it was never set."""
        if self._ahead is None:
            return None
        return _EPOCH + self._ahead + timedelta(seconds=time.monotonic())


class Postgres:
    """A pool of connections, opened when they are first needed."""

    def __init__(self, url: URL, most: int = CONNECTIONS, idle: float = IDLE_SECONDS) -> None:
        self._arguments = connect_arguments(url)
        self._most = most
        self._idle = idle
        self._opening = asyncio.Lock()
        self._places = asyncio.Semaphore(most)
        self._pool: Any = None
        self._clock = Clock()

    async def execute_on(self, connection: Any, statement: Statement, given: Given) -> Rows:
        """Execute a statement on a connection that `transaction` has lent."""
        return statement.rows(await connection.fetch(statement.sql, *statement.values(given)))

    async def execute_each(
        self, statements: Sequence[Statement], all_given: Sequence[Given]
    ) -> Rows:
        """Execute a statement for several callers in one transaction; return all rows."""
        [statement] = statements
        async with self._lend() as connection:
            if len(all_given) == 1:  # for which `fetchmany` takes 1.4 times as long
                return await self.execute_on(connection, statement, all_given[0])
            found = await connection.fetchmany(
                statement.sql, [statement.values(given) for given in all_given]
            )
        return statement.rows(found)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        """Lend a connection in a transaction, committed unless the caller raises."""
        async with self._lend() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                yield connection
                await transaction.commit()
            except asyncpg.InternalClientError:
                raise
            except Exception:
                with suppress(asyncpg.InterfaceError):  # of a connection that is closed
                    await transaction.rollback()
                raise

    def now(self) -> datetime | None:
        """Return the instant by the server's clock, in UTC; None before it was looked at."""
        return self._clock.now()

    async def set_clock(self) -> datetime:
        """Look at the server's clock, and return the instant."""
        async with self._lend() as connection:
            asked = time.monotonic()
            instant: datetime = await connection.fetchval("SELECT clock_timestamp()")
        self._clock.set(instant, asked)
        return instant

    @asynccontextmanager
    async def _lend(self) -> AsyncIterator[Any]:
        pool = self._pool or await self._open()
        connection = await self._acquire(pool)
        try:
            yield connection
        except (asyncio.CancelledError, GeneratorExit, asyncpg.InternalClientError):
            # The caller gave up, so the next answer on this connection would be for it.
            connection.terminate()
            raise
        finally:
            self._places.release()
            await pool.release(connection)

    async def _acquire(self, pool: Any) -> Any:
        """Take a place and a connection; while the server has no more, share those that we have."""
        while True:
            await self._places.acquire()
            try:
                return await pool.acquire()
            except asyncpg.TooManyConnectionsError:
                # One place fewer for a moment; then there may be another connection again.
                asyncio.get_running_loop().call_later(REFUSED_SECONDS, self._places.release)
            except BaseException:
                self._places.release()
                raise

    def connections(self) -> tuple[int, int, int]:
        """Return how many connections are used, how many are idle, and how many there may be."""
        idle = self._pool.get_idle_size() if self._pool else 0
        return (self._pool.get_size() - idle if self._pool else 0), idle, self._most

    async def _open(self) -> Any:
        """Return the pool, opened by the first caller."""
        async with self._opening:
            while self._pool is None:
                try:
                    is_pooled = await self._look()
                except asyncpg.TooManyConnectionsError:
                    await asyncio.sleep(REFUSED_SECONDS)
                    continue
                self._pool = await asyncpg.create_pool(
                    **self._arguments,
                    statement_cache_size=0 if is_pooled else PREPARED,
                    min_size=0,
                    max_size=self._most,
                    max_inactive_connection_lifetime=self._idle,
                    reset=_nothing,  # there is nothing to reset: a failed connection is closed
                )
        return self._pool

    async def _look(self) -> bool:
        """Return whether a pooler such as PgBouncer is in between.

        A pooler gives each client a number of its own in the place of the server process's. In its
        transaction mode, the next transaction meets another server process, which does not know
        what this one has prepared.
        """
        connection = await asyncpg.connect(**self._arguments, statement_cache_size=0)
        try:
            answering = await connection.fetchval("SELECT pg_backend_pid()")
            return bool(answering != connection.get_server_pid())
        finally:
            await connection.close(timeout=FAREWELL_SECONDS)

    async def close(self) -> None:
        """Close the connections, waiting `FAREWELL_SECONDS` for those in use."""
        if self._pool is None:
            return
        with suppress(TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            async with asyncio.timeout(FAREWELL_SECONDS):
                await self._pool.close()
                return
        self._pool.terminate()


async def _nothing(_: Any) -> None:
    pass
