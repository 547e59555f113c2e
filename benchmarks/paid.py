"""How many expenses a second go from their start to COMPLETED, and how soon after the click."""

import asyncio
import sys
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import text
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

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
    temporal_server,
    workspace,
)
from bot.database.connection import Database
from bot.database.url import parse_database_url
from expense_workflow.workflow import SampleExpenseWorkflow

MEASURE = "paid"
EXPENSES = {1: 20, 50: 300}
LOOK_SECONDS = 0.02
_POSTED = text(
    "SELECT expense_id, channel, ts FROM messages"
    " WHERE expense_id = ANY(CAST(:ids AS varchar[])) AND audience = 'approvers'"
)


class System(ABC):
    """A way to have expenses decided: ours, the naive one, the floor."""

    def __init__(self, client: Client, queue: str) -> None:
        self.client = client
        self.queue = queue
        self.processes: dict[str, Process] = {}
        self._asked: dict[str, asyncio.Event] = {}

    def asked(self, expense_id: str) -> asyncio.Event:
        """Return what is set once people see the expense."""
        return self._asked.setdefault(expense_id, asyncio.Event())

    @abstractmethod
    async def approve(self, expense_id: str) -> None:
        """Do what a manager does."""

    @abstractmethod
    async def pending(self) -> list[str]:
        """List what people see."""

    async def watch(self) -> None:
        """Look at what people see, until cancelled."""
        while True:
            for name in await self.pending():
                self.asked(name).set()
            await asyncio.sleep(LOOK_SECONDS)

    async def run(self, count: int, in_flight: int) -> tuple[float, float]:
        """Take so many expenses to their end; return expenses a second and ms after the click."""
        places, latencies = asyncio.Semaphore(in_flight), list[float]()

        async def one() -> None:
            async with places:
                name = uuid.uuid4().hex[:12].upper()
                handle = await self.client.start_workflow(
                    SampleExpenseWorkflow.run, name, id=f"expense_{name}", task_queue=self.queue
                )
                await self.asked(name).wait()
                began = time.perf_counter()
                await self.approve(name)
                if await handle.result() != "COMPLETED":
                    raise SystemExit(f"{name} was not paid")
                latencies.append(time.perf_counter() - began)

        watching = asyncio.create_task(self.watch())
        began = time.perf_counter()
        async with asyncio.timeout(300):
            await asyncio.gather(*(one() for _ in range(count)))
        seconds = time.perf_counter() - began
        watching.cancel()
        return count / seconds, percentile(latencies, 0.5) * 1000


class Floor(System):
    """Activities that do nothing, in this process; decisions by task token."""

    def __init__(self, client: Client, queue: str) -> None:
        super().__init__(client, queue)
        self._tokens: dict[str, bytes] = {}

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """Run the worker."""

        @activity.defn(name="create_expense_activity")
        async def create(expense_id: str) -> None:
            pass

        @activity.defn(name="wait_for_decision_activity")
        async def wait(expense_id: str) -> str:
            self._tokens[expense_id] = activity.info().task_token
            self.asked(expense_id).set()
            activity.raise_complete_async()

        @activity.defn(name="payment_activity")
        async def pay(expense_id: str) -> None:
            pass

        async with Worker(
            self.client,
            task_queue=self.queue,
            workflows=[SampleExpenseWorkflow],
            activities=[create, wait, pay],
            workflow_runner=UnsandboxedWorkflowRunner(),
        ):
            yield

    async def approve(self, expense_id: str) -> None:
        """Complete the activity."""
        handle = self.client.get_async_activity_handle(task_token=self._tokens.pop(expense_id))
        await handle.complete("APPROVED")

    async def pending(self) -> list[str]:
        """List nothing: the activity itself says that it waits."""
        return []


class Naive(System):
    """The plain design of Temporal's sample."""

    def __init__(self, client: Client, queue: str, url: str, http: aiohttp.ClientSession) -> None:
        super().__init__(client, queue)
        self._url, self._http = url, http

    async def approve(self, expense_id: str) -> None:
        """Open the link that approves."""
        query = {"id": expense_id, "type": "approve"}
        async with self._http.get(f"{self._url}/action", params=query) as response:
            response.raise_for_status()

    async def pending(self) -> list[str]:
        """Read the list."""
        async with self._http.get(f"{self._url}/") as response:
            return list(await response.json())


class Bot(System):
    """The bot, its worker, its database and Slack's sandbox, each in its own process."""

    def __init__(
        self,
        client: Client,
        queue: str,
        url: str,
        http: aiohttp.ClientSession,
        slack: Workspace,
        database: Database,
    ) -> None:
        super().__init__(client, queue)
        self._url, self._http, self._slack, self._database = url, http, slack, database
        self._shown: dict[str, rows.Posted] = {}

    async def approve(self, expense_id: str) -> None:
        """Click on Approve, as Slack words it."""
        body, headers = rows.signed_click(expense_id, self._shown.pop(expense_id), self._slack)
        async with self._http.post(
            f"{self._url}/slack/events", data=body, headers=headers
        ) as response:
            response.raise_for_status()

    async def pending(self) -> list[str]:
        """Read which of the messages that are waited for are there.

        By their key: a look must not cost the machine more than what it looks for.
        """
        waited_for = [name for name, asked in self._asked.items() if not asked.is_set()]
        found = (await self._database.execute(_POSTED, {"ids": waited_for})).all()
        for name, channel, ts in found:
            self._shown[name] = rows.Posted(channel, ts, "", "")
        return [name for name, _, _ in found]


async def measure(options: Options, results: Results, folder: Path) -> None:
    """Measure on Temporal's server in memory and on file."""
    for store in options.stores:
        place = folder / store
        place.mkdir()
        async with AsyncExitStack() as stack:
            systems = await _systems(stack, place, store)
            for number in range(options.rounds):
                for in_flight, expense_count in EXPENSES.items():
                    tell(f"paid: round {number + 1} of {options.rounds}, {store}, {in_flight}")
                    count = options.scaled(expense_count)
                    taken, spent = {}, dict[str, float]()
                    for name, system in systems.items():
                        if not number:
                            await system.run(4, 2)
                        before = {who: process.cpu for who, process in system.processes.items()}
                        taken[name] = await system.run(count, in_flight)
                        for who, process in system.processes.items():
                            spent[who] = (process.cpu - before[who]) / count * 1000
                    _write_down(results, store, in_flight, taken, spent)


async def _systems(stack: AsyncExitStack, folder: Path, store: str) -> dict[str, System]:
    address = await stack.enter_async_context(temporal_server(folder, on_file=store == "file"))
    client = await Client.connect(address)
    http = await stack.enter_async_context(aiohttp.ClientSession())
    floor = Floor(client, "floor")
    await stack.enter_async_context(floor.worker())

    naive = await _naive(stack, folder, address, "naive", "worker")
    pooling = await _naive(stack, folder, address, "pooling", "pooling-worker")
    slack = await stack.enter_async_context(workspace(folder))
    server = stack.enter_context(postgres())
    database_url = server.get_uri()
    await migrate(folder, bot_settings(database_url, slack, address))
    bot_process, url = await stack.enter_async_context(
        bot(folder, database_url, slack, address, EXPENSE_TASK_QUEUE="bot")
    )
    variables = {
        "TEMPORAL_ADDRESS": address,
        "EXPENSE_TASK_QUEUE": "bot",
        "EXPENSE_SERVER_URL": url,
    }
    worker = await stack.enter_async_context(
        worker_process("expense_workflow.worker", folder, "working on", variables)
    )
    database = Database(parse_database_url(database_url))  # type: ignore[arg-type]
    stack.push_async_callback(database.close)
    ours = Bot(client, "bot", url, http, slack, database)
    ours.processes = {"bot": bot_process, "worker": worker}
    return {
        "floor": floor,
        "naive": Naive(client, "naive", naive, http),
        "pooling": Naive(client, "pooling", pooling, http),
        "bot": ours,
    }


async def _naive(
    stack: AsyncExitStack, folder: Path, temporal: str, queue: str, worker: str
) -> str:
    """Run the plain design, and return where its server is."""
    place = folder / queue
    place.mkdir()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    variables = {
        "TEMPORAL_ADDRESS": temporal,
        "EXPENSE_TASK_QUEUE": queue,
        "SERVER": url,
        "PORT": str(port),
    }
    server = [sys.executable, "-m", "benchmarks.naive", "server"]
    await stack.enter_async_context(running(server, place / "server.log", f"{url}/", **variables))
    await stack.enter_async_context(
        worker_process("benchmarks.naive", place, "working", variables, worker)
    )
    return url


def worker_process(
    module: str, folder: Path, words: str, variables: dict[str, str], *arguments: str
) -> Any:
    """Run a worker until the end of the context."""
    log = folder / f"{module}.log"
    return running(
        [sys.executable, "-m", module, *arguments],
        log,
        lambda: words in log.read_text(),
        **variables,
    )


def _write_down(
    results: Results,
    store: str,
    in_flight: int,
    taken: dict[str, tuple[float, float]],
    spent: dict[str, float],
) -> None:
    name = f"{store}, {in_flight} in flight"
    floor, naive, pooling, ours = (taken[system] for system in ("floor", "naive", "pooling", "bot"))
    no_op = ("no-op activities", floor[0])
    many = in_flight > 1
    results.add(
        MEASURE,
        f"{name}: expenses",
        "/s",
        ours[0],
        no_op,
        ">= 0.85" if many else "",
        "at least 0.85× the floor" if many else "",
    )
    is_asked = many and store == "memory"
    results.add(
        MEASURE,
        f"{name}: expenses beside the naive design",
        "/s",
        ours[0],
        ("naive", naive[0]),
        ">= 3" if is_asked else "",
        "at least 3× naive" if is_asked else "",
    )
    results.add(
        MEASURE, f"{name}: naive, but with one HTTP client: expenses", "/s", pooling[0], no_op
    )
    results.add(
        MEASURE,
        f"{name}: click to result, p50",
        "ms",
        ours[1],
        ("no-op activities", floor[1]),
        "<= 1.3",
        "at most 1.3× the floor",
    )
    for other, figures in (("naive", naive), ("naive, but with one HTTP client", pooling)):
        results.add(MEASURE, f"{name}: {other}, click to result, p50", "ms", figures[1])
    for process, milliseconds in spent.items():
        results.add(
            MEASURE, f"{name}: {process}'s processor time for an expense", "ms", milliseconds
        )
