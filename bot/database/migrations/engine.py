"""Lends connections of SQLAlchemy's engine, which only Alembic and a look before the start need."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import URL, Connection, NullPool, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.database.engine import sqlite
from bot.database.engine.url import PASSING, connect_arguments, explain, sqlstate_of
from bot.domain.errors import SettingsError

# Bots give back connections that they do not use after 5 s, and a server starts within some more.
PATIENCE_SECONDS = 20.0
PAUSE_SECONDS = 0.5
CONNECT_SECONDS = 10


@asynccontextmanager
async def connected(url: URL) -> AsyncIterator[AsyncConnection]:
    """Lend a connection of SQLAlchemy's engine, which Alembic needs, in a transaction.

    Raises:
        SettingsError: the database cannot be used; the message says why, in a line.
    """
    engine = _sqlite(url) if url.get_backend_name() == "sqlite" else _postgres(url)
    try:
        async with aclosing(await _connect(engine, url)) as connection, connection.begin():
            yield connection
    except SettingsError:
        raise
    except Exception as error:
        if (words := explain(error, url)) is None:
            raise
        raise SettingsError(words) from error
    finally:
        await engine.dispose()


async def _connect(engine: AsyncEngine, url: URL) -> AsyncConnection:
    """Connect, and wait for a server that is starting, or has no free connection for a moment."""
    give_up = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while True:
        try:
            return await engine.connect()
        except Exception as error:
            is_late = asyncio.get_running_loop().time() > give_up
            if is_late or sqlstate_of(error) not in PASSING:
                if words := explain(error, url, connecting=True):
                    raise SettingsError(words) from error
                raise
        await asyncio.sleep(PAUSE_SECONDS)


def _postgres(url: URL) -> AsyncEngine:
    async def connect() -> Any:
        arguments = connect_arguments(url)
        # Nothing is kept prepared: behind a pooler, the next transaction meets another server.
        return await asyncpg.connect(**arguments, timeout=CONNECT_SECONDS, statement_cache_size=0)

    nameless = {"prepared_statement_cache_size": 0, "prepared_statement_name_func": lambda: ""}
    return create_async_engine(
        "postgresql+asyncpg://",
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"async_creator_fn": connect, **nameless},
    )


def _sqlite(url: URL) -> AsyncEngine:
    engine = create_async_engine(url, poolclass=NullPool, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _configure)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _configure(connection: Any, _entry: Any) -> None:
    connection.isolation_level = None  # so that the driver leaves BEGIN to _begin
    for pragma in sqlite.PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
