"""How long Slack waits for the acknowledgement of a click that decided something, durably."""

import asyncio
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import requests, rows
from benchmarks.checkout import HERE, Checkout, bot_settings
from benchmarks.commit import durable_commit
from benchmarks.figures import Results
from benchmarks.options import Options, tell
from benchmarks.processes import (
    Process,
    listening,
    new_database,
    postgres,
    running,
    temporal_stub,
)
from benchmarks.site import Ground, Site, burst, load, port_of, site
from benchmarks.workspace import workspace
from sandbox.programs import answers, free_port

MEASURE = "click"
CLICKS = {1: 300, 16: 1000, 64: 2000}
FLOORS = {"verify": "signature only", "bolt": "Bolt alone", "bolt-default": "Bolt as it comes"}


@dataclass
class Bench:
    """Everything that runs while clicks are measured.

    Attributes:
        ground: what the bots share.
        floors: the port and the process of each server that does less than the bot.
        beside: the other checkout, if one is measured.
    """

    ground: Ground
    floors: dict[str, tuple[int, Process]]
    results: Results
    options: Options
    beside: Checkout | None


async def measure(options: Options, results: Results, folder: Path) -> None:
    """Measure both databases in interleaved rounds, and the other checkout in the same ones."""
    async with AsyncExitStack() as stack:
        bench = await stack.enter_async_context(_bench(options, results, folder))
        # The second one with metrics.
        codes = [HERE, HERE, *([bench.beside] if bench.beside else [])]
        server = stack.enter_context(postgres()) if "postgresql" in options.databases else None
        all_sites: list[list[Site]] = []
        for kind in ("SQLite", "PostgreSQL"):
            if kind.lower() not in options.databases:
                continue
            sites = []
            for number, code in enumerate(codes):
                name = f"click_{uuid.uuid4().hex}"
                more = {"EXPENSE_METRICS_PORT": "0"} if number == 1 else {}
                url = new_database(server, name) if kind == "PostgreSQL" else ""
                url = url or f"sqlite:///{folder}/{name}.db"
                sites.append(
                    await stack.enter_async_context(site(bench.ground, kind, url, code, **more))
                )
            all_sites.append(sites)
        for number in range(options.rounds):
            for sites in all_sites:
                tell(f"click: round {number + 1} of {options.rounds}, {sites[0].kind}")
                await _round(bench, sites, number)
        for here in (here for sites in all_sites for here in sites):
            decisions, expenses = await rows.decided(here.database)
            if decisions != expenses:
                raise SystemExit(f"{here.kind}: {decisions} decisions on {expenses} expenses")


@asynccontextmanager
async def _bench(options: Options, results: Results, folder: Path) -> AsyncIterator[Bench]:
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(workspace(folder))
        floors = {}
        for kind in ("bare", *FLOORS):
            port = free_port()
            command = [sys.executable, "-m", "benchmarks.floors", kind, str(port)]
            # A bare server answers no GET; it is ready when it listens.
            is_ready = listening(port) if kind == "bare" else answers(f"http://127.0.0.1:{port}/")
            secret, log = slack.config.signing_secret, folder / f"{kind}.log"
            process = await stack.enter_async_context(
                running(command, log, is_ready, SLACK_SIGNING_SECRET=secret)
            )
            floors[kind] = port, process
        temporal = await stack.enter_async_context(temporal_stub(folder))
        ground = Ground(folder, slack, await requests.post(slack), temporal)
        yield Bench(ground, floors, results, options, options.beside)


async def _round(bench: Bench, sites: list[Site], number: int) -> None:
    here, ground = sites[0], bench.ground
    commit = await durable_commit(here.url)
    bench.results.add(MEASURE, f"{here.kind}: one durable commit", "ms", commit)
    for connections in bench.options.connections:
        count = bench.options.scaled(CLICKS[connections])
        # The floors get the same bytes, and decide nothing.
        ids, file = ["FLOOR0000000"] * count, ground.folder / "floor"
        requests.clicks(ids, ground.posted, ground.slack, file)
        floors = {}
        for kind, (port, process) in bench.floors.items():
            if kind != "bolt-default" or connections == 1:
                floors[kind] = await load(file, port, connections, process)
        taken = {}
        # The order alternates, so that no bot is always the first.
        for which in sites if number % 2 == 0 else reversed(sites):
            taken[which.port] = await burst(ground, which, connections, count)
        clicked, measured, *others = [taken[which.port] for which in sites]
        name = f"{here.kind}, {connections} connection{'s' if connections > 1 else ''}"
        _write_down(bench.results, name, clicked, floors, commit)
        bench.results.add(
            *(MEASURE, f"{name}: bot's processor time for a click, with metrics", "ms"),
            *(measured["cpu"], ("without", clicked["cpu"])),
            *("<= 1.03", "at most 3 % more"),
        )
        if bench.beside:
            _compare(bench.results, name, clicked, bench.beside.commit, others[0])
    if here.kind == "PostgreSQL" and 64 in bench.options.connections:
        await _with_reads(bench, here)
        await _two_bots(bench, here)


def _write_down(
    results: Results,
    name: str,
    clicked: dict[str, Any],
    floors: dict[str, dict[str, Any]],
    commit: float,
) -> None:
    add, bolt = partial(results.add, MEASURE), floors["bolt"]
    is_crowd = "64 connections" in name
    if "bolt-default" in floors:
        add(
            f"{name}: p50",
            "ms",
            clicked["p50"],
            ("2.5 × Bolt alone + one commit", 2.5 * bolt["p50"] + commit),
            "<= 1",
            "at most 1× (2.5 × Bolt alone + one commit)",
        )
        default = floors["bolt-default"]["p50"]
        add(f"{name}: p50 to Bolt as it comes", "ms", clicked["p50"], ("", default))
    else:
        asked = (">= 0.5", "at least 0.5× Bolt alone") if is_crowd else ("", "")
        add(f"{name}: clicks", "/s", clicked["rate"], ("Bolt alone", bolt["rate"]), *asked)
        add(f"{name}: p50", "ms", clicked["p50"], ("Bolt alone", bolt["p50"]))
    asked = ("<= 250", "p99 under 250 ms") if is_crowd else ("", "")
    add(f"{name}: p99", "ms", clicked["p99"], None, *asked)
    verify, bare = floors["verify"]["rate"], floors["bare"]["rate"]
    add(f"{name}: Bolt alone", "/s", bolt["rate"], ("signature only", verify))
    add(f"{name}: signature only", "/s", verify, ("load generator alone", bare))
    processor = "bot's processor time"
    add(f"{name}: {processor} for a click", "ms", clicked["cpu"], ("Bolt alone", bolt["cpu"]))
    add(f"{name}: {processor} for what follows", "ms", clicked["followed"])
    add(f"{name}: all delivered after", "s", clicked["drained"])


def _compare(
    results: Results, name: str, clicked: dict[str, Any], commit: str, other: dict[str, Any]
) -> None:
    """Write down what the other checkout's bot did with as many clicks."""
    add = partial(results.add, MEASURE)
    for words, unit, key in (
        ("clicks", "/s", "rate"),
        ("p50", "ms", "p50"),
        ("p99", "ms", "p99"),
        ("bot's processor time for a click", "ms", "cpu"),
    ):
        add(f"{name}: {words}, beside {commit}", unit, clicked[key], (commit, other[key]))


async def _with_reads(bench: Bench, here: Site) -> None:
    """Click while others read, 50 times a second."""
    count, ground = bench.options.scaled(CLICKS[16]), bench.ground
    alone = await burst(ground, here, 1, count // 2)
    reads = requests.command("list", count, ground.slack, ground.folder / "reads")
    reading = asyncio.create_task(load(reads, here.port, 4, pause=0.08))
    clicked = await burst(ground, here, 1, count // 2)
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
    count, ground = bench.options.scaled(CLICKS[64]), bench.ground
    one = await burst(ground, here, 64, count)
    settings = bot_settings(here.url, ground.slack, ground.temporal)
    async with HERE.bot(ground.folder, settings) as (process, url):
        second = Site(here.kind, here.url, here.database, port_of(url), process)
        await burst(ground, second, 1, 20)
        files = []
        for name in ("one", "two"):
            ids = await rows.add_pending(here.database, count // 2, ground.posted)
            files.append(requests.clicks(ids, ground.posted, ground.slack, ground.folder / name))
        halves = await asyncio.gather(
            load(files[0], here.port, 32), load(files[1], second.port, 32)
        )
        await rows.until_delivered(here.database)
        await rows.record_as_paid(here.database)
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
