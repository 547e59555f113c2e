"""Migrates the database to the schema of this code, and checks that it is ready for use."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from asyncpg import PostgresError  # type: ignore[import-untyped]
from sqlalchemy import (
    URL,
    Connection,
    NullPool,
    String,
    bindparam,
    delete,
    event,
    insert,
    text,
)
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot.database import sqlite
from bot.database.connection import Database, is_passing, reachable
from bot.database.schema import delegations
from bot.domain.errors import TryAgain

_WRITE = insert(delegations)
_TAKE_BACK = delete(delegations).where(delegations.c.person == bindparam("name", type_=String))
_VERSION = text("SELECT version_num FROM alembic_version")


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


@lru_cache
def _revisions() -> tuple[str, frozenset[str]]:
    """Return the newest migration of this code, and all of them."""
    scripts = ScriptDirectory.from_config(_config())
    return str(scripts.get_current_head()), frozenset(s.revision for s in scripts.walk_revisions())


async def check_ready(database: Database) -> None:
    """Check that the database takes writes and has this code's schema, or a newer one.

    A row is written and deleted in one transaction, so that nobody else ever sees it: a standby
    that only reads, a full disk, or a role without permissions would refuse.

    Raises:
        TryAgain: it does not.
    """
    name = uuid4().hex
    row = {"person": name, "delegate": name, "until": datetime.now(UTC)}
    try:
        async with database.writing() as connection:
            await connection.execute(_WRITE, row)
            await connection.execute(_TAKE_BACK, {"name": name})
            [[version]] = await connection.execute(_VERSION)
    except PostgresError as error:
        raise TryAgain("The database does not take a write.") from error
    head, known = _revisions()
    if version != head and version in known:
        raise TryAgain(f"The database has the schema {version}: run python -m bot migrate.")


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
