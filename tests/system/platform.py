"""A small platform: runs the Procfile's process types with config vars, as Heroku and others do."""

import asyncio
import base64
import os
import secrets
import signal
import socket
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from sqlalchemy import select
from temporalio.client import Client

from bot.database.encryption import Cipher
from bot.database.engine.connection import Database
from bot.database.schema import expenses
from bot.settings import load_settings
from sandbox import Sandbox, WorkspaceConfig
from sandbox.programs import ROOT, procfile
from tests.support.house import House, environment, slack_settings
from tests.support.stopwatch import PATIENCE

WORKS = "working on task queue"
# Slack allows 3 s; how soon the bot answers on a busy machine is not what these tests ask.
UNHURRIED = WorkspaceConfig(ack_seconds=20, trigger_seconds=20)


class Process:
    """One process of the app."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @property
    def is_running(self) -> bool:
        return self._process.returncode is None

    async def ended(self) -> int:
        """Wait until it has ended, and return its exit code."""
        async with asyncio.timeout(PATIENCE):
            return await self._process.wait()

    async def kill(self) -> None:
        """End it as losing power would."""
        self._process.kill()
        assert await self.ended() == -signal.SIGKILL

    async def terminate(self) -> float:
        """Ask it to end, and return how long that took."""
        began = time.monotonic()
        self._process.terminate()
        assert await self.ended() == 0
        return time.monotonic() - began

    async def clean_up(self) -> None:
        if self.is_running:
            self._process.terminate()
            await self.ended()


class Platform:
    """Runs one app; `installed` and `deployed` make one."""

    def __init__(self, folder: Path, config_vars: dict[str, str], code: Path = ROOT) -> None:
        self.folder = folder
        self.code = code
        self.config_vars = config_vars
        self.port = free_port()
        self._started: list[Process] = []
        self.task_tokens: set[bytes] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self, kind: str, **changed: str) -> Process:
        """Start a process of one type; what it says is added to its type's log."""
        system = {name: os.environ[name] for name in os.environ if not name.startswith(FOREIGN)}
        config_vars = {k: v for k, v in (self.config_vars | changed).items() if v}
        port = {"PORT": str(self.port)} if kind == "web" else {}
        with self.log(kind).open("ab") as log:
            process = Process(
                await asyncio.create_subprocess_exec(
                    *procfile()[kind],
                    cwd=self.code,
                    env={**system, **config_vars, **port},
                    stdout=log,
                    stderr=log,
                )
            )
        self._started.append(process)
        return process

    async def release(self) -> None:
        """Run the release phase."""
        assert await (await self.start("release")).ended() == 0, self.said("release")

    async def start_web(self, **changed: str) -> Process:
        """Start the web process, and wait until it is ready for traffic."""
        process = await self.start("web", **changed)
        async with aiohttp.ClientSession() as http, asyncio.timeout(PATIENCE):
            while not await _is_ready(http, f"{self.url}/healthz"):
                assert process.is_running, self.said("web")
                await asyncio.sleep(0.05)
        return process

    async def start_worker(self) -> Process:
        """Start the worker process, and wait until it works."""
        already = self.said("worker").count(WORKS)
        process = await self.start("worker")
        async with asyncio.timeout(PATIENCE):
            while self.said("worker").count(WORKS) == already:
                assert process.is_running, self.said("worker")
                await asyncio.sleep(0.05)
        return process

    async def start_both(self, **changed_for_web: str) -> tuple[Process, Process]:
        """Start the web and the worker process at once, as a platform does."""
        return await asyncio.gather(self.start_web(**changed_for_web), self.start_worker())

    def log(self, kind: str) -> Path:
        return self.folder / f"{kind}.log"

    def said(self, kind: str) -> str:
        """Read what the processes of one type said."""
        log = self.log(kind)
        return log.read_text(errors="replace") if log.exists() else ""

    async def remember_task_tokens(self) -> None:
        """Read the task tokens as they are in the database now, to look for them in the logs."""
        with environment(self.config_vars):
            settings = load_settings()
        cipher, database = Cipher(settings.encryption_secrets()), Database(settings.database_url)
        rows = await database.execute(select(expenses.c.task_token))
        self.task_tokens |= {cipher.decrypt(token) or b"" for [token] in rows if token}
        await database.close()
        assert self.task_tokens

    async def clean_up(self) -> None:
        """End every process, and check that none of them said a secret."""
        await asyncio.gather(*(process.clean_up() for process in self._started))
        said = "".join(log.read_text(errors="replace") for log in self.folder.glob("*.log"))
        secret = {name: self.config_vars.get(name) for name in SECRETS}
        told = [name for name, value in secret.items() if value and value in said]
        assert not told
        for token in self.task_tokens:
            assert len(token) > 60
            for encode in (bytes.hex, base64.b64encode, base64.urlsafe_b64encode):
                # A multiple of three bytes has no padding; the middle is what tells them apart.
                for part in (token[:60], token[30:90]):
                    form = encode(part)
                    text = form if isinstance(form, str) else form.decode()
                    assert text[:60] not in said


FOREIGN = ("SLACK_", "EXPENSE_", "TEMPORAL_", "DATABASE_URL", "PORT")
SECRETS = (
    "DATABASE_URL",
    "SLACK_BOT_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_APP_TOKEN",
    "EXPENSE_API_KEY",
    "EXPENSE_ENCRYPTION_KEY",
    "EXPENSE_PAYMENT_KEY",
)


@asynccontextmanager
async def installed(
    folder: Path, database_url: str, temporal_address: str, task_queue: str, slack: Sandbox
) -> AsyncIterator[Platform]:
    """Install the app with its config vars; the processes are the test's to start."""
    config_vars = {
        "DATABASE_URL": database_url,
        **slack_settings(slack),
        "EXPENSE_API_KEY": secrets.token_hex(16),
        "EXPENSE_ENCRYPTION_KEY": secrets.token_hex(16),
        "EXPENSE_TASK_QUEUE": task_queue,
        "EXPENSE_PAYMENT_URL": slack.payment_url,
        "EXPENSE_PAYMENT_KEY": slack.payments.key,
        "TEMPORAL_ADDRESS": temporal_address,
    }
    platform = Platform(folder, config_vars)
    config_vars["EXPENSE_SERVER_URL"] = platform.url
    slack.app_url = platform.url
    try:
        yield platform
    finally:
        await platform.clean_up()


@asynccontextmanager
async def deployed(
    folder: Path, database_url: str, temporal_address: str, task_queue: str, slack: Sandbox
) -> AsyncIterator[Platform]:
    """Install the app, and run the release phase."""
    async with installed(folder, database_url, temporal_address, task_queue, slack) as platform:
        await platform.release()
        yield platform


@asynccontextmanager
async def people(platform: Platform, slack: Sandbox, temporal: Client) -> AsyncIterator[House]:
    """Give tests the words for what people and workers do in a deployed app."""
    key = platform.config_vars["EXPENSE_API_KEY"]
    queue = platform.config_vars["EXPENSE_TASK_QUEUE"]
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as http:
        yield House(slack, temporal, platform.url, queue, http)


@asynccontextmanager
async def in_use(
    folder: Path, database_url: str, temporal: Client, temporal_address: str
) -> AsyncIterator[tuple[Platform, House]]:
    """Install the app with a Slack and a task queue of its own, and give tests its people."""
    queue = f"test-{uuid.uuid4()}"
    async with (
        Sandbox.start(UNHURRIED) as slack,
        deployed(folder, database_url, temporal_address, queue, slack) as platform,
        people(platform, slack, temporal) as house,
    ):
        yield platform, house


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _is_ready(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.get(url, timeout=aiohttp.ClientTimeout(total=5)) as response:
            return response.ok
    except (aiohttp.ClientError, TimeoutError):
        return False
