"""What it costs when many expenses wait for a decision."""

import asyncio
import time
import uuid
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from benchmarks import requests, rows
from benchmarks.checkout import HERE, bot_settings
from benchmarks.figures import Results
from benchmarks.options import Options, tell
from benchmarks.processes import Process, postgres, temporal_server, temporal_stub
from benchmarks.site import Ground, Site, burst, load, port_of
from benchmarks.workspace import workspace
from expense_workflow.workflow import SampleExpenseWorkflow

MEASURE = "waiting"
# The bot builds an App Home after the acknowledgement; with 100,000 expenses of one person in a
# month, SQLite takes a tenth of a second for it.
QUIET_SHARE = 0.05
MOST_SECONDS = 60
IDLE_SECONDS = 5.0
READS = 100
CLICKS = 200
# As many as the worker keeps in its cache, and half as many again: more make no difference to it.
WORKFLOWS = 1500
MEGABYTE = 1024 * 1024


async def measure(options: Options, results: Results, folder: Path) -> None:
    """Measure the bot on both databases with growing numbers of rows, and the worker."""
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(workspace(folder))
        temporal = await stack.enter_async_context(temporal_stub(folder))
        ground = Ground(folder, slack, await requests.post(slack), temporal)
        urls = {}
        if "sqlite" in options.databases:
            urls["SQLite"] = f"sqlite:///{folder}/waiting.db"
        if "postgresql" in options.databases:
            server = stack.enter_context(postgres())
            urls["PostgreSQL"] = server.get_uri()
        for kind, url in urls.items():
            await _grow(options, results, ground, kind, url)
    await _worker(options, results, folder)


async def _grow(options: Options, results: Results, ground: Ground, kind: str, url: str) -> None:
    add, settings = partial(results.add, MEASURE), bot_settings(url, ground.slack, ground.temporal)
    await HERE.migrate(ground.folder, settings)
    database = rows.connect(url)
    there, first, few, base = 0, 0.0, 0.0, 0.0
    for pending in options.pending:
        tell(f"waiting: {kind}, {pending:,} pending")
        name = f"{kind}, {pending:,}"
        await rows.add_pending(database, pending - there, ground.posted)
        there = pending
        size = await _bytes(database)
        first = first or size
        if pending:
            add(f"{name}: database for each expense", "bytes", (size - first) / pending)
        began = time.monotonic()
        async with HERE.bot(ground.folder, settings) as (process, bot_url):
            started = time.monotonic() - began
            here = Site(kind, url, database, port_of(bot_url), process)
            await burst(ground, here, 1, 10)
            clicked = await burst(ground, here, 1, options.scaled(CLICKS))
            few = clicked["p50"] if pending <= 1_000 else few
            is_last = pending == max(options.pending) and pending >= 100_000
            asked = ("<= 1.2", "within 1.2×") if is_last else ("", "")
            least = ("with at most 1,000", few)
            add(f"{name}: one click, p50", "ms", clicked["p50"], least, *asked)
            for title, milliseconds in (await _reads(options, ground, here)).items():
                add(f"{name}: {title}, p50", "ms", milliseconds)
            add(f"{name}: start-up", "s", started)
            await _until_quiet(process)
            used = await _used(process, IDLE_SECONDS) * 100
            add(f"{name}: bot's CPU while nothing happens", "%", used)
            memory = process.memory
            base = memory if pending == 1_000 else base
            add(f"{name}: bot's memory", "MB", memory)
            if is_last and base:
                title, more = f"{name}: memory beyond that with 1,000", memory - base
                add(title, "MB", more, None, "<= 30", "within 30 MB")
    await database.dispose()


async def _reads(options: Options, ground: Ground, here: Site) -> dict[str, float]:
    """Return the median of how long people wait for what they read, in ms."""
    count, slack, folder = options.scaled(READS), ground.slack, ground.folder
    listed = await load(requests.command("list", count, slack, folder / "list"), here.port, 1)
    home = await load(requests.home_opened(count, slack, folder / "home"), here.port, 1)
    return {"/expense list": listed["p50"], "App Home, acknowledged": home["p50"]}


async def _until_quiet(process: Process) -> None:
    """Wait until a process has nothing left to do."""
    for _ in range(MOST_SECONDS):
        if await _used(process, 1) < QUIET_SHARE:
            return
    raise SystemExit(f"still busy after {MOST_SECONDS} s: see {process.log}")


async def _used(process: Process, seconds: float) -> float:
    """Return the share of a core that a process uses during so many seconds."""
    before = process.cpu
    await asyncio.sleep(seconds)
    return (process.cpu - before) / seconds


async def _bytes(database: AsyncEngine) -> float:
    query = "SELECT pg_database_size(current_database())"
    if database.dialect.name == "sqlite":
        query = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    return float(await rows.look(database, text(query)))


async def _worker(options: Options, results: Results, folder: Path) -> None:
    """Let real workflows wait on the real worker."""
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(temporal_server(folder, on_file=False))
        slack = await stack.enter_async_context(workspace(folder))
        url = f"sqlite:///{folder}/worker.db"
        settings = bot_settings(url, slack, address)
        await HERE.migrate(folder, settings)
        _, bot_url = await stack.enter_async_context(HERE.bot(folder, settings))
        process = await stack.enter_async_context(HERE.worker(folder, address, bot_url))
        await _until_quiet(process)
        results.add(MEASURE, "worker's memory with nothing to do", "MB", process.memory)
        client = await Client.connect(address)
        count = options.scaled(WORKFLOWS)
        tell(f"waiting: the worker, {count:,} workflows")
        for _ in range(count):
            name = uuid.uuid4().hex[:12]
            await client.start_workflow(
                SampleExpenseWorkflow.run, name, id=f"expense_{name}", task_queue="expense"
            )
        database = rows.connect(url)
        waiting = text("SELECT count(*) FROM messages WHERE audience = 'approvers'")
        async with asyncio.timeout(300):
            while True:
                if await rows.look(database, waiting) >= count:
                    break
                await asyncio.sleep(0.5)
        await database.dispose()
        await _until_quiet(process)
        used = await _used(process, IDLE_SECONDS) * 100
        results.add(MEASURE, f"worker's memory with {count:,} waiting", "MB", process.memory)
        results.add(MEASURE, f"worker's CPU with {count:,} waiting", "%", used)
