"""Migrates the database to the schema of this code, and checks that it is ready for use."""

import json
import logging
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import URL, Connection, String, bindparam, delete, insert, inspect, text
from sqlalchemy.exc import DBAPIError

from bot.database.engine.connection import Database
from bot.database.engine.url import sqlstate_of
from bot.database.migrations.engine import connected
from bot.database.schema import delegations
from bot.database.tables import TABLES
from bot.domain.errors import SettingsError, TryAgain

if TYPE_CHECKING:
    from alembic.config import Config

logger = logging.getLogger(__name__)

_MIGRATIONS = Path(__file__).parent / "migrations"

# Bots that are at work can lock rows and tables in another order than a migration.
_DEADLOCK = "40P01"
# What bots need. Only `forget` and EXPENSE_KEEP change the audit trail, and need more rights.
_RIGHTS = {name: ["SELECT", "INSERT"] for name in sorted(TABLES)}
_CHANGED = (
    "allowances",
    "expenses",
    "messages",
    "numbers",
    "payments",
    "receipt_posts",
    "receipts",
)
for _name in _CHANGED:
    _RIGHTS[_name].append("UPDATE")
for _name in ("delegations", "seats"):
    _RIGHTS[_name].append("DELETE")
_NEEDED = [f"{right} on {name}" for name, rights in _RIGHTS.items() for right in rights]
_LACKING = text(
    "SELECT line FROM json_array_elements_text(CAST(:needed AS json)) AS line"
    " WHERE NOT has_table_privilege(split_part(line, ' on ', 2), split_part(line, ' on ', 1))"
    " UNION ALL SELECT 'USAGE on ' || name FROM pg_get_serial_sequence('audit', 'number') AS name"
    " WHERE NOT has_sequence_privilege(name, 'USAGE, UPDATE') LIMIT 1"
)
_IS_READ_ONLY = text("SELECT current_setting('transaction_read_only') = 'on'")
_WRITE = insert(delegations)
_TAKE_BACK = delete(delegations).where(delegations.c.person == bindparam("name", type_=String))
_VERSIONS = "alembic_version"
_VERSION = text(f"SELECT version_num FROM {_VERSIONS}")  # noqa: S608


def _config() -> "Config":
    # Only what migrates needs Alembic, which takes a while to import.
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


@lru_cache
def _revisions() -> tuple[str, frozenset[str]]:
    """Return the newest migration of this code, and all of them."""
    files = (_MIGRATIONS / "versions").glob("[0-9]*.py")
    known = frozenset(file.name.partition("_")[0] for file in files)
    return max(known), known


def _move(connection: Connection, to: str = "head", *, is_back: bool = False) -> None:
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    (command.downgrade if is_back else command.upgrade)(config, to)


def _revision(connection: Connection) -> str | None:
    """Return the newest migration that a database has; None if it has none."""
    # Alembic would say so in two lines of the log, at every start.
    if not inspect(connection).has_table(_VERSIONS):
        return None
    revision: str | None = connection.execute(_VERSION).scalar()
    return revision


def _is_newer(revision: str) -> bool:
    """Return whether a later version of this code made the schema, and this code can use it.

    The first digit of a revision rises with a migration that does more than add something.

    Raises:
        SettingsError: it cannot.
    """
    head, known = _revisions()
    if revision in known:
        return False
    if revision[0] != head[0]:
        raise SettingsError(
            f"DATABASE_URL names a database with the schema {revision} of a newer version, which "
            f"this version with its {head} cannot use: deploy the newer version again, or "
            "restore the backup from before it"
        )
    return True


async def schema_of(url: URL) -> tuple[str | None, str, list[str]]:
    """Return a database's schema, this code's, and the migrations between them, oldest first.

    Raises:
        SettingsError: the database cannot be used, or has a schema that this code cannot use.
    """
    async with connected(url) as connection:
        revision = await connection.run_sync(_revision)
    head, known = _revisions()
    if revision and _is_newer(revision):
        return revision, head, []
    return revision, head, sorted(one for one in known if one > (revision or ""))


async def move_to(url: URL, wanted: str, *, is_dry: bool = False) -> str:
    """Migrate a database to a schema, upwards or back, and return that.

    Args:
        url: the database.
        wanted: the revision, such as 0006.
        is_dry: whether to check only that it can be done.

    Raises:
        SettingsError: there is no such schema, or no way back to it.
    """
    head, known = _revisions()
    if wanted not in known:
        raise SettingsError(f"there is no schema {wanted}; this version knows up to {head}")
    async with connected(url) as connection:
        revision = await connection.run_sync(_revision)
        if revision and _is_newer(revision):
            raise SettingsError(
                f"the database has the schema {revision}, which only a newer version can take "
                f"back: run this command of that version, with --to {wanted}"
            )
        if revision and wanted < revision:
            from alembic.script import ScriptDirectory

            scripts = ScriptDirectory.from_config(_config())
            for one in sorted(known):
                if wanted < one <= revision and not hasattr(
                    scripts.get_revision(one).module, "downgrade"
                ):
                    raise SettingsError(
                        f"the migration {one} has no way back: stop the bots, restore the backup "
                        "from before it, and run python -m bot reconcile --fix"
                    )
        if not is_dry:
            await connection.run_sync(partial(_move, to=wanted, is_back=wanted < (revision or "")))
    return wanted


async def migrate(url: URL) -> str:
    """Apply every migration that the database does not have yet, and return its schema then.

    A newer schema that only adds to this code's stays as it is.

    Raises:
        SettingsError: the database cannot be used; the message says why, in a line.
    """
    try:
        return await _migrate(url)
    except DBAPIError as error:
        if sqlstate_of(error) != _DEADLOCK:
            raise
        return await _migrate(url)  # nothing of it was done


async def _migrate(url: URL) -> str:
    async with connected(url) as connection:
        revision = await connection.run_sync(_revision)
        if revision and _is_newer(revision):
            logger.warning("the database has the schema %s of a newer version", revision)
            return revision
        if revision != _revisions()[0]:
            await connection.run_sync(_move)
        return _revisions()[0]


async def check_usable(url: URL, *, to_write: bool = True) -> str:
    """Check that a database has a schema that this code can use, and that PostgreSQL lets it write.

    Args:
        url: the database.
        to_write: whether PostgreSQL has to let it write, too; SQLite cannot be asked.

    Returns:
        The schema's revision.

    Raises:
        SettingsError: it does not; the message says why, in a line.
    """
    async with connected(url) as connection:
        revision = await connection.run_sync(_revision)
        if revision is None or (not _is_newer(revision) and revision != _revisions()[0]):
            raise SettingsError(
                "DATABASE_URL names a database without the current schema: "
                "run python -m bot migrate"
            )
        if not to_write:
            return revision
        if (await connection.execute(_IS_READ_ONLY)).scalar():
            raise SettingsError("DATABASE_URL names a database that cannot be written")
        needed = {"needed": json.dumps(_NEEDED)}
        if lacking := (await connection.execute(_LACKING, needed)).scalar():
            raise SettingsError(
                f"DATABASE_URL names a user who lacks a right: {lacking}; make this user the "
                "owner of the tables, or grant it"
            )
        return revision


async def check_ready(database: Database) -> None:
    """Check that the database takes writes and has this code's schema, or a newer one.

    A row is written and deleted in one transaction, so that nobody else ever sees it: a standby
    that only reads, a full disk, or a role without permissions would refuse.
    """
    name = uuid4().hex
    row = {"person": name, "delegate": name, "until": datetime.now(UTC)}
    try:
        async with database.writing() as connection:
            await connection.execute(_WRITE, row)
            await connection.execute(_TAKE_BACK, {"name": name})
            [[version]] = await connection.execute(_VERSION)
    except asyncpg.PostgresError as error:
        raise TryAgain("The database does not take a write.") from error
    head, known = _revisions()
    if version != head and version in known:
        raise TryAgain(f"The database has the schema {version}: run python -m bot migrate.")
