"""The plain design of Temporal's own sample, written anew: python -m benchmarks.naive PART.

`server` keeps expenses in a dictionary and completes activities when they are approved; `worker`
makes an HTTP client for every call, and `pooling-worker` one for all calls, as ours does. Nothing
is durable, and nobody is asked in Slack.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from aiohttp import web
from httpx_aiohttp import HttpxAiohttpClient
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from expense_workflow.workflow import SampleExpenseWorkflow


class Server:
    """Expenses in a dictionary."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._states: dict[str, str] = {}
        self._tokens: dict[str, bytes] = {}

    def application(self) -> web.Application:
        """Build the web application."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/", self.pending),
                web.get("/create", self.create),
                web.post("/registerCallback", self.register),
                web.get("/action", self.act),
            ]
        )
        return app

    async def pending(self, _: web.Request) -> web.Response:
        """List what waits for a decision."""
        return web.json_response(list(self._tokens))

    async def create(self, request: web.Request) -> web.Response:
        """Make an expense."""
        self._states[request.query["id"]] = "CREATED"
        return web.Response(text="SUCCEED")

    async def register(self, request: web.Request) -> web.Response:
        """Keep the task token of an activity."""
        form = await request.post()
        self._tokens[request.query["id"]] = bytes.fromhex(str(form["task_token"]))
        return web.Response(text="SUCCEED")

    async def act(self, request: web.Request) -> web.Response:
        """Approve or pay."""
        expense_id, kind = request.query["id"], request.query["type"]
        if kind == "payment":
            self._states[expense_id] = "COMPLETED"
            return web.Response(text="SUCCEED")
        self._states[expense_id] = "APPROVED"
        handle = self._client.get_async_activity_handle(task_token=self._tokens.pop(expense_id))
        await handle.complete("APPROVED")
        return web.Response(text="SUCCEED")


_clients: list[httpx.AsyncClient] = []


@asynccontextmanager
async def _client() -> AsyncIterator[httpx.AsyncClient]:
    """Lend the client of all calls, or make one for this call."""
    if _clients:
        yield _clients[0]
        return
    async with httpx.AsyncClient() as client:
        yield client


@activity.defn
async def create_expense_activity(expense_id: str) -> None:
    """Make an expense."""
    async with _client() as client:
        response = await client.get(f"{os.environ['SERVER']}/create", params={"id": expense_id})
        response.raise_for_status()


@activity.defn
async def wait_for_decision_activity(expense_id: str) -> str:
    """Register the task token, and leave the result to people."""
    token = activity.info().task_token.hex()
    async with _client() as client:
        response = await client.post(
            f"{os.environ['SERVER']}/registerCallback",
            params={"id": expense_id},
            data={"task_token": token},
        )
        response.raise_for_status()
    activity.raise_complete_async()


@activity.defn
async def payment_activity(expense_id: str) -> None:
    """Pay."""
    async with _client() as client:
        response = await client.get(
            f"{os.environ['SERVER']}/action", params={"id": expense_id, "type": "payment"}
        )
        response.raise_for_status()


async def main(part: str) -> None:
    """Run one of the two processes until it is ended."""
    client = await Client.connect(os.environ["TEMPORAL_ADDRESS"])
    if part == "server":
        runner = web.AppRunner(Server(client).application(), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", int(os.environ["PORT"])).start()
        await asyncio.Event().wait()
    options: dict[str, Any] = {}
    if part == "pooling-worker":
        _clients.append(HttpxAiohttpClient())
        options["workflow_runner"] = UnsandboxedWorkflowRunner()
    async with Worker(
        client,
        task_queue=os.environ["EXPENSE_TASK_QUEUE"],
        workflows=[SampleExpenseWorkflow],
        activities=[create_expense_activity, wait_for_decision_activity, payment_activity],
        **options,
    ):
        sys.stdout.write("working\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
