"""How long Slack waits for the acknowledgement of a click that decided something, durably."""

import asyncio
import re
import sqlite3
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]

from benchmarks import rows
from benchmarks.figures import Results, percentile
from benchmarks.options import Options, tell
from benchmarks.processes import (
    Process,
    Workspace,
    bot,
    bot_settings,
    free_port,
    migrate,
    postgres,
    running,
    talk,
    workspace,
)
from bot.database.connection import Database
from bot.database.url import parse_database_url

MEASURE = "click"
CLICKS = {1: 300, 16: 1000, 64: 2000}
COMMITS = 300
FLOORS = {"verify": "signature only", "bolt": "Bolt alone", "bolt-default": "Bolt as it comes"}


@dataclass
class Bench:
    """Everything that runs while clicks are measured."""

    folder: Path
    slack: Workspace
    posted: rows.Posted
    temporal: str
    floors: dict[str, int]
    results: Results
    options: Options
    servers: dict[str, Process] = field(default_factory=dict)


@dataclass
class Site:
    """One database and the bot on it."""

    kind: str
    url: str
    database: Database
    port: int
    process: Process


async def measure(options: Options, results: Results, folder: Path) -> None:
    """Measure both databases in interleaved rounds."""
    async with AsyncExitStack() as stack:
        bench = await stack.enter_async_context(_bench(options, results, folder))
        sites = []
        if "sqlite" in options.databases:
            url = f"sqlite:///{folder}/click.db"
            sites.append(await stack.enter_async_context(site(bench, "SQLite", url)))
        if "postgresql" in options.databases:
            server = stack.enter_context(postgres())
            name = f"click_{uuid.uuid4().hex}"
            server.psql(f'CREATE DATABASE "{name}"')
            url = server.get_uri(database=name)
            sites.append(await stack.enter_async_context(site(bench, "PostgreSQL", url)))
        for number in range(options.rounds):
            for here in sites:
                tell(f"click: round {number + 1} of {options.rounds}, {here.kind}")
                await _round(bench, here)
        for here in sites:
            decisions, expenses = await rows.decided(here.database)
            if decisions != expenses:
                raise SystemExit(f"{here.kind}: {decisions} decisions on {expenses} expenses")


@asynccontextmanager
async def _bench(options: Options, results: Results, folder: Path) -> AsyncIterator[Bench]:
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(workspace(folder))
        secret = slack.config.signing_secret
        floors: dict[str, int] = {}
        servers = {}
        for kind in ("bare", *FLOORS):
            port = floors[kind] = free_port()
            # A bare server answers no GET; that it listens is soon enough.
            ready: Any = _listening(port) if kind == "bare" else f"http://127.0.0.1:{port}/"
            servers[kind] = await stack.enter_async_context(
                running(
                    [sys.executable, "-m", "benchmarks.floors", kind, str(port)],
                    folder / f"{kind}.log",
                    ready,
                    SLACK_SIGNING_SECRET=secret,
                )
            )
        temporal = await stack.enter_async_context(temporal_stub(folder))
        posted = await rows.post(slack)
        yield Bench(folder, slack, posted, temporal, floors, results, options, servers)


@asynccontextmanager
async def temporal_stub(folder: Path) -> AsyncIterator[str]:
    """Run a Temporal that takes every completion at once."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.temporal_stub", str(port)]
    async with running(command, folder / "temporal-stub.log", _listening(port)):
        yield f"127.0.0.1:{port}"


def _listening(port: int) -> Callable[[], bool]:
    # Connecting would leave a half-spoken connection behind; 0A is the state LISTEN.
    listens = re.compile(rf"^ *\d+: [0-9A-F]+:{port:04X} [0-9A-F]+:0000 0A", re.MULTILINE)

    def look() -> bool:
        return any(
            listens.search(Path(f"/proc/net/{name}").read_text()) for name in ("tcp", "tcp6")
        )

    return look


@asynccontextmanager
async def site(bench: Bench, kind: str, url: str) -> AsyncIterator[Site]:
    """Make the tables and run a bot on them, warm."""
    await migrate(bench.folder, bot_settings(url, bench.slack, bench.temporal))
    database = Database(parse_database_url(url))  # type: ignore[arg-type]
    async with bot(bench.folder, url, bench.slack, bench.temporal) as (process, bot_url):
        here = Site(kind, url, database, int(bot_url.rpartition(":")[2]), process)
        await burst(bench, here, 1, 20)
        yield here
    await database.close()


async def burst(bench: Bench, here: Site, connections: int, count: int) -> dict[str, Any]:
    """Click on so many new expenses, and wait until what follows is done."""
    ids = await rows.add_pending(here.database, count, bench.posted)
    file = rows.clicks(ids, bench.posted, bench.slack, bench.folder / "clicks")
    answer = await load(file, here.port, connections, here.process)
    before = here.process.cpu
    answer["drained"] = await rows.until_delivered(here.database)
    answer["followed"] = (here.process.cpu - before) / count * 1000
    return answer


async def load(
    file: Path,
    port: int,
    connections: int,
    server: Process | None = None,
    pause: float = 0.0,
) -> dict[str, Any]:
    """Send prepared requests from a process of its own; every one must succeed."""
    job = {"requests": str(file), "port": port, "connections": connections, "pause": pause}
    before = server.cpu if server else 0.0
    answer = await talk([sys.executable, "-m", "benchmarks.load"], job)
    answer["cpu"] = (server.cpu - before) / len(answer["latencies"]) * 1000 if server else 0.0
    if set(answer["statuses"]) != {"200"}:
        raise SystemExit(f"not every request was answered with 200: {answer['statuses']}")
    latencies = answer["latencies"]
    answer["rate"] = len(latencies) / answer["seconds"]
    answer["p50"] = percentile(latencies, 0.5) * 1000
    answer["p99"] = percentile(latencies, 0.99) * 1000
    return answer


async def _round(bench: Bench, here: Site) -> None:
    commit = await durable_commit(here)
    bench.results.add(MEASURE, f"{here.kind}: one durable commit", "ms", commit)
    for connections in bench.options.connections:
        count = bench.options.scaled(CLICKS[connections])
        # The floors get the very same bytes; they decide nothing.
        file = rows.clicks(["FLOOR0000000"] * count, bench.posted, bench.slack, bench.folder / "f")
        floors = {}
        for kind, port in bench.floors.items():
            if kind != "bolt-default" or connections == 1:
                floors[kind] = await load(file, port, connections, bench.servers[kind])
        clicked = await burst(bench, here, connections, count)
        _write_down(bench.results, here.kind, connections, clicked, floors, commit)
    if here.kind == "PostgreSQL" and 64 in bench.options.connections:
        await _with_reads(bench, here)
        await _two_bots(bench, here)


def _write_down(
    results: Results,
    kind: str,
    connections: int,
    clicked: dict[str, Any],
    floors: dict[str, dict[str, Any]],
    commit: float,
) -> None:
    name = f"{kind}, {connections} connection{'s' if connections > 1 else ''}"
    bolt = floors["bolt"]
    if connections == 1:
        results.add(
            MEASURE,
            f"{name}: p50",
            "ms",
            clicked["p50"],
            ("2 × Bolt alone + one commit", 2 * bolt["p50"] + commit),
            "<= 1",
            "at most 1× (2 × Bolt alone + one commit)",
        )
        default = floors["bolt-default"]["p50"]
        results.add(
            MEASURE, f"{name}: p50 to Bolt as it comes", "ms", clicked["p50"], ("", default)
        )
    else:
        is_asked = connections == 64 and kind == "PostgreSQL"
        results.add(
            MEASURE,
            f"{name}: clicks",
            "/s",
            clicked["rate"],
            ("Bolt alone", bolt["rate"]),
            ">= 0.8" if is_asked else "",
            "at least 0.8× Bolt alone" if is_asked else "",
        )
        results.add(
            MEASURE,
            f"{name}: p50",
            "ms",
            clicked["p50"],
            ("Bolt alone", bolt["p50"]),
        )
    asked = ("<= 250", "p99 under 250 ms") if connections == 64 else ("", "")
    results.add(MEASURE, f"{name}: p99", "ms", clicked["p99"], None, *asked)
    verify, bare = floors["verify"]["rate"], floors["bare"]["rate"]
    results.add(MEASURE, f"{name}: Bolt alone", "/s", bolt["rate"], ("signature only", verify))
    results.add(MEASURE, f"{name}: signature only", "/s", verify, ("load generator alone", bare))
    results.add(
        MEASURE,
        f"{name}: bot's processor time for a click",
        "ms",
        clicked["cpu"],
        ("Bolt alone", bolt["cpu"]),
    )
    results.add(
        MEASURE, f"{name}: bot's processor time for what follows", "ms", clicked["followed"]
    )
    results.add(MEASURE, f"{name}: all delivered after", "s", clicked["drained"])


async def _with_reads(bench: Bench, here: Site) -> None:
    """Click while others read, 50 times a second."""
    count = bench.options.scaled(CLICKS[16])
    alone = await burst(bench, here, 1, count // 2)
    reads = rows.command("list", count, bench.slack, bench.folder / "reads")
    reading = asyncio.create_task(load(reads, here.port, 4, pause=0.08))
    clicked = await burst(bench, here, 1, count // 2)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    bench.results.add(
        MEASURE,
        "PostgreSQL, 1 connection beside 50 lists a second: p50",
        "ms",
        clicked["p50"],
        ("without them", alone["p50"]),
        "<= 1.2",
        "reads do not slow clicks",
    )


async def _two_bots(bench: Bench, here: Site) -> None:
    """Let two processes share the clicks, each with half of the connections."""
    count = bench.options.scaled(CLICKS[64])
    one = await burst(bench, here, 64, count)
    async with bot(bench.folder, here.url, bench.slack, bench.temporal) as (_, url):
        second = Site(here.kind, here.url, here.database, int(url.rpartition(":")[2]), here.process)
        await burst(bench, second, 1, 20)
        files = []
        for name in ("one", "two"):
            ids = await rows.add_pending(here.database, count // 2, bench.posted)
            files.append(rows.clicks(ids, bench.posted, bench.slack, bench.folder / name))
        halves = await asyncio.gather(
            load(files[0], here.port, 32), load(files[1], second.port, 32)
        )
        await rows.until_delivered(here.database)
    seconds = max(half["seconds"] for half in halves)
    bench.results.add(
        MEASURE,
        "PostgreSQL, two bots, 64 connections: clicks",
        "/s",
        2 * (count // 2) / seconds,
        ("one bot", one["rate"]),
        ">= 1.5",
        "at least 1.5× one bot, where cores allow",
    )


async def durable_commit(here: Site) -> float:
    """Commit one row in the same database with the bare driver, and return the median in ms."""
    times = []
    if here.kind == "SQLite":
        # In a process it is one call after another: nothing else runs meanwhile.
        connection = sqlite3.connect(here.url.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS floor (at REAL)")
        for _ in range(COMMITS):
            began = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO floor VALUES (1)")
            connection.execute("COMMIT")
            times.append(time.perf_counter() - began)
        connection.close()
    else:
        postgres_connection = await asyncpg.connect(here.url)
        await postgres_connection.execute("CREATE TABLE IF NOT EXISTS floor (at real)")
        for _ in range(COMMITS):
            began = time.perf_counter()
            await postgres_connection.execute("INSERT INTO floor VALUES (1)")
            times.append(time.perf_counter() - began)
        await postgres_connection.close()
    return percentile(times, 0.5) * 1000
