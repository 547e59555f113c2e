"""The systems that decide and pay expenses: the bot, the plain design, and the floor."""

import asyncio
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from benchmarks import requests
from benchmarks.figures import percentile
from benchmarks.processes import Process
from benchmarks.requests import Posted
from benchmarks.workspace import Workspace
from expense_workflow.workflow import SampleExpenseWorkflow

LOOK_SECONDS = 0.02
_POSTED = text(
    "SELECT expense_id, channel, ts FROM messages"
    " WHERE expense_id = ANY(CAST(:ids AS varchar[])) AND audience = 'approvers'"
)


class System(ABC):
    """A system that decides and pays expenses.

    Args:
        client: of Temporal.
        queue: the task queue of its worker.
    """

    def __init__(self, client: Client, queue: str) -> None:
        self.client = client
        self.queue = queue
        self.processes: dict[str, Process] = {}
        self._asked: dict[str, asyncio.Event] = {}

    def asked(self, expense_id: str) -> asyncio.Event:
        """Return an event that is set once people see the expense."""
        return self._asked.setdefault(expense_id, asyncio.Event())

    @abstractmethod
    async def approve(self, expense_id: str) -> None:
        """Approve an expense, as a manager does."""

    @abstractmethod
    async def pending(self) -> list[str]:
        """List the ids of expenses that people see."""

    async def watch(self) -> None:
        """Set the events of expenses that people see, until cancelled."""
        while True:
            for name in await self.pending():
                self.asked(name).set()
            await asyncio.sleep(LOOK_SECONDS)

    async def run(self, count: int, in_flight: int) -> tuple[float, float]:
        """Run so many expenses from start to payment.

        Args:
            count: of expenses.
            in_flight: at once.

        Returns:
            Expenses a second, and the median of ms from the click to the result.
        """
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
        """List nothing: the activity itself sets the event."""
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
    """The bot, its worker, its database and the stand-in Slack, each in its own process."""

    def __init__(
        self,
        client: Client,
        queue: str,
        url: str,
        http: aiohttp.ClientSession,
        slack: Workspace,
        database: AsyncEngine,
    ) -> None:
        super().__init__(client, queue)
        self._url, self._http, self._slack, self._database = url, http, slack, database
        self._shown: dict[str, Posted] = {}

    async def approve(self, expense_id: str) -> None:
        """Send a click on Approve, as Slack sends it."""
        body, headers = requests.click(expense_id, self._shown.pop(expense_id), self._slack)
        async with self._http.post(
            f"{self._url}/slack/events", data=body, headers=headers
        ) as response:
            response.raise_for_status()

    async def pending(self) -> list[str]:
        """Look in the database for the messages that are waited for.

        It looks by primary key, so that looking costs the machine little.
        """
        waited_for = [name for name, asked in self._asked.items() if not asked.is_set()]
        async with self._database.connect() as connection:
            found = (await connection.execute(_POSTED, {"ids": waited_for})).all()
        for name, channel, ts in found:
            self._shown[name] = Posted(channel, ts, "", "")
        return [name for name, _, _ in found]
