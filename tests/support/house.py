"""The whole house on real sockets: the sandbox workspace, the bot, and a worker beside it."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from bot.app.application import create_app
from bot.database.migrate import migrate
from bot.delivery.timing import Timing
from bot.settings import Settings, load_settings
from bot.web.server import serving
from expense_workflow.worker import running_worker
from sandbox import Sandbox
from sandbox.slack.config import ADA, APPROVALS, MANAGERS, MINA, NOOR, SAM
from tests.support.databases import make_sqlite
from tests.support.stopwatch import PATIENCE

__all__ = ["ADA", "APPROVALS", "MANAGERS", "MINA", "NOOR", "SAM", "House", "environment", "house"]

KEY = "the worker's key for these tests"


@contextmanager
def environment(variables: dict[str, str]) -> Iterator[None]:
    """Set environment variables for a while."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@dataclass
class House:
    """A running system and what tests do in it."""

    slack: Sandbox
    temporal: Client
    bot_url: str
    task_queue: str
    http: aiohttp.ClientSession
    variables: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **parameters: str) -> tuple[int, str]:
        """Call the bot as a worker does."""
        async with self.http.get(self.bot_url + path, params=parameters) as response:
            return response.status, await response.text()

    async def post(
        self, path: str, form: dict[str, str] | bytes = b"", headers: Any = None, **query: str
    ) -> tuple[int, str]:
        """Call the bot as a worker does."""
        async with self.http.post(
            self.bot_url + path, params=query, data=form, headers=headers
        ) as response:
            return response.status, await response.text()

    async def status(self, expense_id: str) -> str:
        """Ask the bot in which state an expense is."""
        return (await self.get("/status", id=expense_id))[1]

    async def submit(self, line: str = "42.50 EUR Team lunch", user: Any = ADA) -> str:
        """Submit an expense in one line, and wait until the approvers have it."""
        before = len(self.slack.messages(APPROVALS))
        ack = await self.slack.command(user, "/expense", f"submit {line}")
        assert ack.ok, ack
        await self.slack.until(lambda: len(self.slack.messages(APPROVALS)) > before)
        return expense_of(self.slack.messages(APPROVALS)[-1])

    def message(self, expense_id: str) -> dict[str, Any]:
        """Return the approvers' message about an expense."""
        return next(m for m in self.slack.messages(APPROVALS) if expense_id in m["text"])

    def workflow(self, expense_id: str) -> WorkflowHandle[Any, str]:
        """Return the workflow of an expense that was submitted in Slack."""
        return self.temporal.get_workflow_handle(f"expense_{expense_id}", result_type=str)

    async def until_started(self, expense_id: str) -> None:
        """Wait until the workflow of an expense that was submitted in Slack is there."""
        async with asyncio.timeout(PATIENCE):
            while not await self._is_started(expense_id):
                await asyncio.sleep(0.01)

    async def _is_started(self, expense_id: str) -> bool:
        try:
            await self.workflow(expense_id).describe()
        except RPCError:
            return False
        return True

    async def until_status(self, expense_id: str, state: str) -> None:
        """Wait until an expense is in a state."""
        async with asyncio.timeout(PATIENCE):
            while await self.status(expense_id) != state:
                await asyncio.sleep(0.02)


def expense_of(message: dict[str, Any]) -> str:
    """Read the expense id from the buttons of a message."""
    return next(b for b in message["blocks"] if b["type"] == "actions")["elements"][0]["value"]


def slack_settings(slack: Sandbox) -> dict[str, str]:
    """Return the bot's environment variables about a workspace, of which the managers decide."""
    return {
        "SLACK_BOT_TOKEN": slack.config.bot_token,
        "SLACK_SIGNING_SECRET": slack.config.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "SLACK_APPROVALS_CHANNEL": APPROVALS.id,
        "EXPENSE_APPROVERS": MANAGERS.id,
    }


@asynccontextmanager
async def house(
    temporal: Client,
    task_queue: str,
    folder: Any,
    *,
    slack: Sandbox | None = None,
    payments: bool = False,
    worker: bool = True,
    timing: Timing | None = None,
    **settings: str,
) -> AsyncIterator[House]:
    """Run a bot, its workspace and its worker; settings are the bot's environment variables.

    Args:
        temporal: a client of the server.
        task_queue: of this test's own.
        folder: where a SQLite file can be.
        slack: the workspace, if there is one already.
        payments: whether payments are asked for at the workspace's payment system.
        worker: whether a worker runs.
        timing: how quick delivery is.
        **settings: environment variables of the bot.
    """
    async with AsyncExitStack() as stack:
        slack = slack or await stack.enter_async_context(Sandbox.start())
        variables = {
            "PORT": "0",
            "DATABASE_URL": f"sqlite:///{folder}/expenses.db",
            **slack_settings(slack),
            "EXPENSE_API_KEY": KEY,
            "EXPENSE_TASK_QUEUE": task_queue,
            "TEMPORAL_ADDRESS": temporal.service_client.config.target_host,
            **settings,
        }
        if payments:
            variables["EXPENSE_PAYMENT_URL"] = slack.payment_url
            variables["EXPENSE_PAYMENT_KEY"] = slack.payments.key
        # Most emptied ones are refused: a test that gives an empty one wants none.
        variables = {name: value for name, value in variables.items() if value}
        with environment(variables):
            settings_read = load_settings()
            await _release(settings_read)
            app = await create_app(settings_read, timing)
        host, port = await stack.enter_async_context(
            serving(app, "127.0.0.1", 0, shutdown_timeout=1)
        )
        bot_url = f"http://{host}:{port}"
        slack.app_url = bot_url
        if settings.get("SLACK_APP_TOKEN"):
            # The bot connects in the background; Slack would send commands by HTTP until then.
            await slack.until(lambda: slack.sockets.live)
        http = await stack.enter_async_context(
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"})
        )
        if worker:
            with environment({"EXPENSE_SERVER_URL": bot_url, "EXPENSE_API_KEY": KEY}):
                await stack.enter_async_context(running_worker(temporal, task_queue))
        yield House(slack, temporal, bot_url, task_queue, http, variables)


async def _release(settings: Settings) -> None:
    """Migrate, as the Procfile's release process does."""
    if settings.is_postgres:
        await migrate(settings.database_url)
    else:
        await make_sqlite(str(settings.database_url.database))
