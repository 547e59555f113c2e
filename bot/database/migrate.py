"""Migrates the database to the schema of this code."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, NullPool, event
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot.database import sqlite
from bot.database.connection import is_passing, reachable
from bot.domain.errors import TryAgain


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def migrate(url: URL) -> None:
    """Apply every migration that the database does not have yet.

    Raises:
        TryAgain: the database does not answer.
    """
    async with connected(url) as connection:
        await connection.run_sync(_upgrade)


async def is_current(url: URL) -> bool:
    """Return whether the database has the newest migration of this code.

    Raises:
        TryAgain: the database does not answer.
    """
    head = ScriptDirectory.from_config(_config()).get_current_head()
    async with connected(url) as connection:
        current = await connection.run_sync(
            lambda sync: MigrationContext.configure(sync).get_current_revision()
        )
    return current == head


@asynccontextmanager
async def connected(url: URL) -> AsyncIterator[AsyncConnection]:
    """Lend a connection of SQLAlchemy's engine, which Alembic needs, in a transaction."""
    engine = create_async_engine(url, poolclass=NullPool, hide_parameters=True)
    if url.get_backend_name() == "sqlite":
        event.listen(engine.sync_engine, "connect", _configure)
        event.listen(engine.sync_engine, "begin", _begin)
    try:
        with reachable():
            async with engine.begin() as connection:
                yield connection
    except DBAPIError as error:
        is_away = isinstance(error, OperationalError | InterfaceError) or is_passing(error.orig)
        if not (is_away or error.connection_invalidated):
            raise
        raise TryAgain("The database does not answer.", after=2) from error
    finally:
        await engine.dispose()


def _configure(connection: Any, _entry: Any) -> None:
    connection.isolation_level = None  # so that the driver leaves BEGIN to _begin
    for pragma in sqlite.PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
