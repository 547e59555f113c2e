"""SQLAlchemy's statements as the drivers get them."""

import sqlite3
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta, timezone

import pytest
from asyncpg import IntegrityConstraintViolationError  # type: ignore[import-untyped]
from sqlalchemy import URL, bindparam, insert, select, update

from bot.database.engine.connection import Connection, Database
from bot.database.engine.url import parse_database_url
from bot.database.schema import expenses

NOW = datetime(2026, 1, 31, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
ROW = {
    "id": "e-1",
    "state": "CREATED",
    "version": 1,
    "created_at": NOW,
    "spent_on": date(2026, 1, 31),
    "task_token": b"\x00token",
    "window_seconds": 1.5,
}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    url = parse_database_url(database_url)
    assert isinstance(url, URL)
    opened = Database(url)
    yield opened
    await opened.close()


async def test_values_come_back_as_they_went_in(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(insert(expenses), ROW)
    [row] = await database.execute(select(expenses))
    assert {name: getattr(row, name) for name in ROW} == ROW
    assert row.created_at.utcoffset() == timedelta(0)
    assert (row.requester, row.attempts) == (None, 0)


async def test_several_rows_and_lists_of_values(database: Database) -> None:
    rows = [ROW | {"id": f"e-{number}"} for number in range(5)]
    wanted = select(expenses.c.id).where(expenses.c.id.in_(["e-1", "e-3", "e-9"]))
    async with database.writing() as connection:
        for row in rows:
            assert not await connection.execute(insert(expenses), row)
        assert sorted(await connection.execute(wanted)) == [("e-1",), ("e-3",)]
        nobody = select(expenses.c.id).where(expenses.c.id == "nobody")
        assert not await connection.execute(nobody)
        change = update(expenses).where(expenses.c.id != "e-0").values(version=2)
        assert len(await connection.execute(change.returning(expenses.c.id))) == 4


async def test_a_missing_value_is_no_null(database: Database) -> None:
    by_id = select(expenses).where(expenses.c.id == bindparam("which"))
    with pytest.raises(KeyError):
        await database.execute(by_id, {"witch": "e-1"})


async def test_the_same_key_twice_changes_nothing(database: Database) -> None:
    await database.execute(insert(expenses), ROW)
    with pytest.raises((IntegrityConstraintViolationError, sqlite3.IntegrityError)):
        await add_one_and_another_twice(database)
    assert await database.execute(select(expenses.c.id)) == [("e-1",)]


async def add_one_and_another_twice(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(insert(expenses), ROW | {"id": "e-2"})
        await connection.execute(insert(expenses), ROW)


async def test_an_error_takes_the_transaction_back_and_the_connection_goes_on(
    database: Database,
) -> None:
    async def fail(connection: Connection) -> None:
        await connection.execute(insert(expenses), ROW)
        raise LookupError

    for _ in range(20):
        with pytest.raises(LookupError):
            async with database.writing() as connection:
                await fail(connection)
    assert not await database.execute(select(expenses.c.id))
