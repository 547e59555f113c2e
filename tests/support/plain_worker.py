"""A worker that is not ours: it follows the contract, and sends nothing beyond it.

Its activities are those of a plain sample: a new HTTP client for each call, no headers, Temporal's
own ids and retries.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from tests.support.stopwatch import PATIENCE

MINUTES_MEMO = "minutes"


@workflow.defn(name="SampleExpenseWorkflow")
class PlainWorkflow:
    """The sample's workflow, with a window that its starter may choose."""

    @workflow.run
    async def run(self, expense_id: str) -> str:
        # The sample's 10 s are too short for a busy machine: it cannot repeat `/create`.
        soon = timedelta(seconds=PATIENCE)
        await workflow.execute_activity(
            "create_expense_activity", expense_id, start_to_close_timeout=soon
        )
        decision = await workflow.execute_activity(
            "wait_for_decision_activity",
            expense_id,
            start_to_close_timeout=timedelta(minutes=workflow.memo_value(MINUTES_MEMO, default=10)),
            retry_policy=RetryPolicy(initial_interval=timedelta(hours=1)),
        )
        if decision != "APPROVED":
            return ""
        await workflow.execute_activity("payment_activity", expense_id, start_to_close_timeout=soon)
        return "COMPLETED"


@dataclass
class PlainWorker:
    """Its activities, and what a test does to them.

    Attributes:
        pays: payments wait for this.
        tokens: the task tokens that were registered, by expense.
        dies: whether each attempt ends with an error once it has registered.
    """

    url: str
    key: str
    pays: asyncio.Event = field(default_factory=asyncio.Event)
    tokens: dict[str, bytes] = field(default_factory=dict)
    dies: bool = False

    async def _call(self, method: str, path: str, **options: object) -> None:
        headers = {"Authorization": f"Bearer {self.key}"}
        async with httpx.AsyncClient(
            base_url=self.url, headers=headers, timeout=PATIENCE
        ) as client:
            response = await client.request(method, path, **options)  # type: ignore[arg-type]
        response.raise_for_status()
        if response.text != "SUCCEED":
            raise Exception(response.text)

    @activity.defn(name="create_expense_activity")
    async def create(self, expense_id: str) -> None:
        await self._call("GET", "/create", params={"is_api_call": "true", "id": expense_id})

    @activity.defn(name="wait_for_decision_activity")
    async def wait(self, expense_id: str) -> str:
        token = activity.info().task_token
        self.tokens[expense_id] = token
        form = {"task_token": token.hex()}
        await self._call("POST", "/registerCallback", params={"id": expense_id}, data=form)
        if self.dies:
            raise ConnectionError("the network went away after registering")
        activity.raise_complete_async()

    @activity.defn(name="payment_activity")
    async def pay(self, expense_id: str) -> None:
        await self.pays.wait()
        query = {"is_api_call": "true", "type": "payment", "id": expense_id}
        await self._call("GET", "/action", params=query)


@asynccontextmanager
async def plain_worker(
    client: Client, task_queue: str, url: str, key: str
) -> AsyncIterator[PlainWorker]:
    """Run the worker; it calls a bot at a URL with an API key."""
    plain = PlainWorker(url, key)
    plain.pays.set()
    async with Worker(
        client,
        task_queue=task_queue,
        workflows=[PlainWorkflow],
        activities=[plain.create, plain.wait, plain.pay],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        yield plain
