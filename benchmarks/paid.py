"""How many expenses a second go from their start to COMPLETED, and how soon after the click."""

import sys
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import aiohttp
from temporalio.client import Client

from benchmarks import rows
from benchmarks.checkout import HERE, Checkout, bot_settings
from benchmarks.figures import Results
from benchmarks.options import Options, tell
from benchmarks.processes import new_database, postgres, running, temporal_server
from benchmarks.systems import Bot, Floor, Naive, System
from benchmarks.workspace import Workspace, workspace
from sandbox.programs import answers, free_port, says

MEASURE = "paid"
EXPENSES = {1: 20, 50: 300}


async def measure(options: Options, results: Results, folder: Path) -> None:
    """Measure on Temporal's server in memory and on file."""
    for store in options.stores:
        place = folder / store
        place.mkdir()
        async with AsyncExitStack() as stack:
            systems = await _systems(stack, place, store, options.beside)
            for number in range(options.rounds):
                for in_flight, expense_count in EXPENSES.items():
                    tell(f"paid: round {number + 1} of {options.rounds}, {store}, {in_flight}")
                    count = options.scaled(expense_count)
                    taken, spent = {}, dict[str, dict[str, float]]()
                    # The order alternates, so that no system is always the first.
                    for name in systems if number % 2 == 0 else reversed(systems):
                        system = systems[name]
                        if not number:
                            await system.run(4, 2)
                        before = {who: process.cpu for who, process in system.processes.items()}
                        taken[name] = await system.run(count, in_flight)
                        spent[name] = {
                            who: (process.cpu - before[who]) / count * 1000
                            for who, process in system.processes.items()
                        }
                    name = f"{store}, {in_flight} in flight"
                    _write_down(results, name, taken, spent["bot"])
                    if options.beside:
                        _compare(results, name, options.beside.commit, taken, spent)


async def _systems(
    stack: AsyncExitStack, folder: Path, store: str, beside: Checkout | None
) -> dict[str, System]:
    address = await stack.enter_async_context(temporal_server(folder, on_file=store == "file"))
    client = await Client.connect(address)
    http = await stack.enter_async_context(aiohttp.ClientSession())
    floor = Floor(client, "floor")
    await stack.enter_async_context(floor.worker())
    naive = await _naive(stack, folder, address, "naive", "worker")
    pooling = await _naive(stack, folder, address, "pooling", "pooling-worker")
    systems: dict[str, System] = {
        "floor": floor,
        "naive": Naive(client, "naive", naive, http),
        "pooling": Naive(client, "pooling", pooling, http),
    }
    slack = await stack.enter_async_context(workspace(folder))
    server = stack.enter_context(postgres())
    for name, code in (("bot", HERE), *([("beside", beside)] if beside else [])):
        url = new_database(server, name)
        systems[name] = await _bot(stack, folder, code, client, name, url, slack, http)
    return systems


async def _bot(
    stack: AsyncExitStack,
    folder: Path,
    code: Checkout,
    client: Client,
    queue: str,
    database_url: str,
    slack: Workspace,
    http: aiohttp.ClientSession,
) -> Bot:
    """Run a bot and its worker on a task queue of their own."""
    temporal = client.service_client.config.target_host
    settings = {**bot_settings(database_url, slack, temporal), "EXPENSE_TASK_QUEUE": queue}
    await code.migrate(folder, settings)
    process, url = await stack.enter_async_context(code.bot(folder, settings))
    worker = await stack.enter_async_context(code.worker(folder, temporal, url, queue))
    database = rows.connect(database_url)
    stack.push_async_callback(database.dispose)
    bot = Bot(client, queue, url, http, slack, database)
    bot.processes = {"bot": process, "worker": worker}
    return bot


async def _naive(
    stack: AsyncExitStack, folder: Path, temporal: str, queue: str, worker: str
) -> str:
    """Run the plain design, and return where its server is."""
    place = folder / queue
    place.mkdir()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    told = {
        "TEMPORAL_ADDRESS": temporal,
        "EXPENSE_TASK_QUEUE": queue,
        "SERVER": url,
        "PORT": str(port),
    }
    for part, log, is_ready in (
        ("server", place / "server.log", answers(f"{url}/")),
        (worker, place / "worker.log", says(place / "worker.log", "working")),
    ):
        command = [sys.executable, "-m", "benchmarks.naive", part]
        await stack.enter_async_context(running(command, log, is_ready, **told))
    return url


def _write_down(
    results: Results,
    name: str,
    taken: dict[str, tuple[float, float]],
    spent: dict[str, float],
) -> None:
    add = partial(results.add, MEASURE)
    floor, naive, pooling, ours = (taken[system] for system in ("floor", "naive", "pooling", "bot"))
    no_op, is_crowd = ("no-op activities", floor[0]), "50 in flight" in name
    asked = (">= 0.85", "at least 0.85× the floor") if is_crowd else ("", "")
    add(f"{name}: expenses", "/s", ours[0], no_op, *asked)
    asked = (">= 3", "at least 3× naive") if is_crowd and name.startswith("memory") else ("", "")
    beside = f"{name}: expenses beside the naive design"
    add(beside, "/s", ours[0], ("naive", naive[0]), *asked)
    one_client = "naive, but with one HTTP client"
    add(f"{name}: {one_client}: expenses", "/s", pooling[0], no_op)
    add(
        f"{name}: click to result, p50",
        "ms",
        ours[1],
        ("no-op activities", floor[1]),
        "<= 1.3",
        "at most 1.3× the floor",
    )
    for other, figures in (("naive", naive), (one_client, pooling)):
        add(f"{name}: {other}, click to result, p50", "ms", figures[1])
    for process, milliseconds in spent.items():
        add(f"{name}: {process}'s processor time for an expense", "ms", milliseconds)


def _compare(
    results: Results,
    name: str,
    commit: str,
    taken: dict[str, tuple[float, float]],
    spent: dict[str, dict[str, float]],
) -> None:
    """Add the figures of the other checkout."""
    add, ours, other = partial(results.add, MEASURE), taken["bot"], taken["beside"]
    asked = (">= 0.9", f"at most 10 % below {commit}")
    add(f"{name}: expenses, beside {commit}", "/s", ours[0], (commit, other[0]), *asked)
    add(f"{name}: click to result, p50, beside {commit}", "ms", ours[1], (commit, other[1]))
    for process, there in spent["beside"].items():
        words = f"{name}: {process}'s processor time for an expense, beside {commit}"
        add(words, "ms", spent["bot"][process], (commit, there))
