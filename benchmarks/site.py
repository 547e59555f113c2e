"""A bot on a database of its own, and clicks on it from a load generator."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks import requests, rows
from benchmarks.checkout import HERE, Checkout, bot_settings
from benchmarks.figures import percentile
from benchmarks.processes import Process, talk
from benchmarks.requests import Posted
from benchmarks.workspace import Workspace


@dataclass
class Ground:
    """What all bots share.

    Attributes:
        folder: for logs and prepared requests.
        slack: the stand-in.
        posted: the messages that all pending expenses share.
        temporal: the address of the server.
    """

    folder: Path
    slack: Workspace
    posted: Posted
    temporal: str


@dataclass
class Site:
    """One database and the bot on it."""

    kind: str
    url: str
    database: AsyncEngine
    port: int
    process: Process


@asynccontextmanager
async def site(
    ground: Ground, kind: str, url: str, code: Checkout = HERE, **more: str
) -> AsyncIterator[Site]:
    """Make the tables, run a bot on them, and click a little to warm it up.

    Args:
        ground: what the bots share.
        kind: SQLite or PostgreSQL, for titles.
        url: of the database.
        code: the checkout whose bot is run.
        **more: settings of this bot.
    """
    settings = bot_settings(url, ground.slack, ground.temporal) | more
    await code.migrate(ground.folder, settings)
    database = rows.connect(url)
    async with code.bot(ground.folder, settings) as (process, bot_url):
        here = Site(kind, url, database, port_of(bot_url), process)
        await burst(ground, here, 1, 20)
        yield here
    await database.dispose()


def port_of(url: str) -> int:
    """Read the port from an address."""
    return int(url.rpartition(":")[2])


async def burst(ground: Ground, here: Site, connections: int, count: int) -> dict[str, Any]:
    """Click on so many new expenses, and wait until they are delivered.

    Returns:
        What `load` returns, and the seconds until all were delivered (`drained`), and the ms of
        processor time for each expense after its click (`followed`).
    """
    ids = await rows.add_pending(here.database, count, ground.posted)
    file = requests.clicks(ids, ground.posted, ground.slack, ground.folder / "clicks")
    answer = await load(file, here.port, connections, here.process)
    before = here.process.cpu
    answer["drained"] = await rows.until_delivered(here.database)
    answer["followed"] = (here.process.cpu - before) / count * 1000
    await rows.record_as_paid(here.database)
    return answer


async def load(
    file: Path,
    port: int,
    connections: int,
    server: Process | None = None,
    pause: float = 0.0,
) -> dict[str, Any]:
    """Send prepared requests from a load generator; every one must succeed.

    Args:
        file: of requests, from `benchmarks.requests`.
        port: to send them to.
        connections: at once.
        server: whose processor time is measured.
        pause: the seconds between an answer and the next request.

    Returns:
        The rate a second, p50 and p99 in ms, and the ms of processor time for each (`cpu`).
    """
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
