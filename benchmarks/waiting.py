"""What it costs when many expenses wait for a decision."""

import asyncio
import time
import uuid
from contextlib import AsyncExitStack
from pathlib import Path

from sqlalchemy import text
from temporalio.client import Client

from benchmarks import rows
from benchmarks.click import Bench, Site, burst, load, temporal_stub
from benchmarks.figures import Results
from benchmarks.options import Options, tell
from benchmarks.paid import worker_process
from benchmarks.processes import (
    Process,
    bot,
    bot_settings,
    migrate,
    postgres,
    temporal_server,
    workspace,
)
from bot.database.connection import Database
from bot.database.url import parse_database_url
from expense_workflow.workflow import SampleExpenseWorkflow

MEASURE = "waiting"
# Homes are drawn after they were acknowledged; with a month of 100,000 expenses to add up for one
# person, SQLite takes a tenth of a second for each.
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
        posted = await rows.post(slack)
        bench = Bench(folder, slack, posted, temporal, {}, results, options)
        urls = {}
        if "sqlite" in options.databases:
            urls["SQLite"] = f"sqlite:///{folder}/waiting.db"
        if "postgresql" in options.databases:
            server = stack.enter_context(postgres())
            urls["PostgreSQL"] = server.get_uri()
        for kind, url in urls.items():
            await migrate(folder, bot_settings(url, slack, temporal))
            await _grow(bench, kind, url)
    await _worker(options, results, folder)


async def _grow(bench: Bench, kind: str, url: str) -> None:
    database = Database(parse_database_url(url))  # type: ignore[arg-type]
    there, first, few, base = 0, 0.0, 0.0, 0.0
    for pending in bench.options.pending:
        tell(f"waiting: {kind}, {pending:,} pending")
        await rows.add_pending(database, pending - there, bench.posted)
        there = pending
        size = await _bytes(database)
        first = first or size
        if pending:
            bench.results.add(
                MEASURE,
                f"{kind}, {pending:,}: database for each expense",
                "bytes",
                (size - first) / pending,
            )
        began = time.monotonic()
        async with bot(bench.folder, url, bench.slack, bench.temporal) as (process, bot_url):
            started = time.monotonic() - began
            here = Site(kind, url, database, int(bot_url.rpartition(":")[2]), process)
            count = bench.options.scaled(CLICKS)
            await burst(bench, here, 1, 10)
            clicked = await burst(bench, here, 1, count)
            name = f"{kind}, {pending:,}"
            if pending <= 1_000:
                few = clicked["p50"]
            is_last = pending == max(bench.options.pending) and pending >= 100_000
            bench.results.add(
                MEASURE,
                f"{name}: one click, p50",
                "ms",
                clicked["p50"],
                ("with at most 1,000", few),
                "<= 1.2" if is_last else "",
                "within 1.2×" if is_last else "",
            )
            reads = bench.options.scaled(READS)
            listed = await load(
                rows.command("list", reads, bench.slack, bench.folder / "list"), here.port, 1
            )
            bench.results.add(MEASURE, f"{name}: /expense list, p50", "ms", listed["p50"])
            home = await load(
                rows.home_opened(reads, bench.slack, bench.folder / "home"), here.port, 1
            )
            bench.results.add(MEASURE, f"{name}: App Home, acknowledged, p50", "ms", home["p50"])
            bench.results.add(MEASURE, f"{name}: start-up", "s", started)
            await _until_quiet(process)
            used = await _used(process, IDLE_SECONDS) * 100
            bench.results.add(MEASURE, f"{name}: bot's CPU while nothing happens", "%", used)
            memory = process.memory
            if pending == 1_000:
                base = memory
            bench.results.add(MEASURE, f"{name}: bot's memory", "MB", memory)
            if is_last and base:
                bench.results.add(
                    MEASURE,
                    f"{name}: memory beyond that with 1,000",
                    "MB",
                    memory - base,
                    None,
                    "<= 30",
                    "within 30 MB",
                )
    await database.close()


async def _until_quiet(process: Process) -> None:
    """Wait until a process has nothing left to do."""
    for _ in range(MOST_SECONDS):
        if await _used(process, 1) < QUIET_SHARE:
            return
    raise SystemExit(f"still busy after {MOST_SECONDS} s: see {process.log}")


async def _used(process: Process, seconds: float) -> float:
    """Say which share of a core a process uses while so many seconds pass."""
    before = process.cpu
    await asyncio.sleep(seconds)
    return (process.cpu - before) / seconds


async def _bytes(database: Database) -> float:
    query = "SELECT pg_database_size(current_database())"
    if not database.is_postgres:
        query = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    return float((await database.execute(text(query))).scalar())


async def _worker(options: Options, results: Results, folder: Path) -> None:
    """Let real workflows wait on the real worker."""
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(temporal_server(folder, on_file=False))
        slack = await stack.enter_async_context(workspace(folder))
        url = f"sqlite:///{folder}/worker.db"
        await migrate(folder, bot_settings(url, slack, address))
        _, bot_url = await stack.enter_async_context(bot(folder, url, slack, address))
        variables = {"TEMPORAL_ADDRESS": address, "EXPENSE_SERVER_URL": bot_url}
        process = await stack.enter_async_context(
            worker_process("expense_workflow.worker", folder, "working on", variables)
        )
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
        database = Database(parse_database_url(url))  # type: ignore[arg-type]
        waiting = text("SELECT count(*) FROM messages WHERE audience = 'approvers'")
        async with asyncio.timeout(300):
            while True:
                if (await database.execute(waiting)).scalar() >= count:
                    break
                await asyncio.sleep(0.5)
        await database.close()
        await _until_quiet(process)
        used = await _used(process, IDLE_SECONDS) * 100
        results.add(MEASURE, f"worker's memory with {count:,} waiting", "MB", process.memory)
        results.add(MEASURE, f"worker's CPU with {count:,} waiting", "%", used)
