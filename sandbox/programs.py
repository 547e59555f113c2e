"""How the programs of the whole system are run, and when they count as ready."""

import asyncio
import os
import shlex
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp

ROOT = Path(__file__).parents[1]
LOOK_SECONDS = 0.02

# Variables that configure another system than the one that is started here.
_SETTINGS = ("SLACK_", "EXPENSE_", "TEMPORAL_", "DATABASE_", "OTEL_", "PORT", "PG")
_TEMPORAL_VALUES = (
    "history.transferProcessorMaxPollRPS=1000",  # tasks start at once, not at the next poll
    "frontend.enableServerVersionCheck=false",  # nothing here asks the network
)


async def at_once() -> bool:
    """Say that a program is ready as soon as it runs."""
    return True


@dataclass(frozen=True)
class Program:
    """A program and how to run it.

    Attributes:
        title: its name in messages, which no other program of the same supervisor has.
        command: the program and its arguments.
        environment: its whole environment.
        folder: where it runs.
        log: the file that its output is added to.
        is_ready: tells whether the program does its work by now.
        user: the system user it runs as; the supervisor's own if it is None. PostgreSQL refuses to
            run as root.
    """

    title: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    is_ready: Callable[[], Awaitable[bool]] = at_once
    user: str | None = None

    async def until_ready(self, seconds: float) -> None:
        """Wait until the program does its work, however often it is started meanwhile.

        Raises:
            TimeoutError: it is not ready after so many seconds.
        """
        until = time.monotonic() + seconds
        while not await self.is_ready():
            if time.monotonic() > until:
                raise TimeoutError(f"{self.title} is not ready; see {self.log}")
            await asyncio.sleep(LOOK_SECONDS)


def answers(url: str) -> Callable[[], Awaitable[bool]]:
    """Make a check that a URL answers with success."""
    patience = aiohttp.ClientTimeout(total=5)

    async def look() -> bool:
        try:
            async with aiohttp.ClientSession(timeout=patience) as http, http.get(url) as response:
                return response.ok
        except (aiohttp.ClientError, TimeoutError):
            return False

    return look


def says(log: Path, words: str) -> Callable[[], Awaitable[bool]]:
    """Make a check that a log contains these words."""

    async def look() -> bool:
        # Reading a short local file does not block the loop for long.
        return log.exists() and words in log.read_text(errors="replace")  # noqa: ASYNC240

    return look


def procfile(file: Path = ROOT / "Procfile") -> dict[str, list[str]]:
    """Read the command of each process type from a Procfile, with `python` as this interpreter."""
    commands = {}
    for line in file.read_text().splitlines():
        kind, _, command = line.partition(":")
        commands[kind] = [
            sys.executable if word == "python" else word for word in shlex.split(command)
        ]
    return commands


def environment(**variables: str) -> dict[str, str]:
    """Make a program's environment: these variables, and the shell's without its settings.

    Proxies are left out, because programs would use them even for addresses of this machine.
    """
    shell = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_SETTINGS) and not name.lower().endswith("_proxy")
    }
    # A Temporal profile of the user may name another server.
    return {**shell, "TEMPORAL_CONFIG_FILE": os.devnull, **variables}


def temporal_server(port: int, file: Path, *more: str) -> list[str]:
    """Return the command that runs Temporal's development server.

    Args:
        port: where it listens, on this machine only.
        file: its SQLite database.
        *more: further arguments of `temporal server start-dev`.
    """
    return [
        str(Path(sys.executable).with_name("temporal")),
        *("server", "start-dev", "--ip", "127.0.0.1", "--log-level", "error"),
        *("--port", str(port), "--db-filename", str(file)),
        *("--sqlite-pragma", "journal_mode=wal"),
        *(f"--dynamic-config-value={value}" for value in _TEMPORAL_VALUES),
        *more,
    ]


def free_port() -> int:
    """Find a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
