"""Executes statements in PostgreSQL through asyncpg's pool."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import URL

from bot.database.statements import Given, Rows, Statement

MOST_CONNECTIONS = 16
# A network can cut an idle connection without telling either end, so the pool closes idle ones
# soon. The scheduler's poll always keeps one in use.
IDLE_SECONDS = 5.0
FAREWELL_SECONDS = 2.0


class Postgres:
    """A pool of connections, opened when they are first needed.

    Args:
        url: the database.
        idle: seconds after which an unused connection is closed.
    """

    def __init__(self, url: URL, idle: float = IDLE_SECONDS) -> None:
        _, self._options = url.get_dialect()().create_connect_args(url)
        self._idle = idle
        self._opening = asyncio.Lock()
        self._pool: Any = None

    async def execute_on(self, connection: Any, statement: Statement, given: Given) -> Rows:
        """Execute a statement on a connection that `transaction` has lent."""
        return statement.rows(await connection.fetch(statement.sql, *statement.values(given)))

    async def execute_each(
        self, statements: Sequence[Statement], all_given: Sequence[Given]
    ) -> Rows:
        """Execute a statement with several sets of parameters in one transaction; return all rows.

        Args:
            statements: one statement.
            all_given: its sets of parameters by name.
        """
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

    @asynccontextmanager
    async def _lend(self) -> AsyncIterator[Any]:
        pool = self._pool or await self._open()
        async with pool.acquire() as connection:
            try:
                yield connection
            except (asyncio.CancelledError, GeneratorExit, asyncpg.InternalClientError):
                # The caller gave up, so the next answer on this connection would be for it.
                connection.terminate()
                raise

    async def _open(self) -> Any:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    **self._options,
                    min_size=0,
                    max_size=MOST_CONNECTIONS,
                    max_inactive_connection_lifetime=self._idle,
                    reset=_nothing,  # there is nothing to reset: a failed connection is closed
                )
        return self._pool

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
