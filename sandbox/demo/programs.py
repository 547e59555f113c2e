"""The demo's programs: which they are, where they listen, and what they are told."""

import itertools
import os
import shlex
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp

from sandbox.demo.folder import DemoFolder
from sandbox.slack.config import APPROVALS, MANAGERS
from sandbox.supervisor import Program, at_once

ROOT = Path(__file__).parents[2]

# Nothing of these may come from the shell in which the demo is started.
_FOREIGN = ("SLACK_", "EXPENSE_", "TEMPORAL_")
_TEMPORAL_VALUES = (
    "history.transferProcessorMaxPollRPS=1000",  # tasks go on at once, not at the next poll
    "frontend.enableServerVersionCheck=false",  # nothing here asks the network
)


@dataclass(frozen=True)
class Addresses:
    """Where everything is, on this machine only."""

    sandbox: int
    bot: int
    temporal: int
    temporal_web: int

    @classmethod
    def choose(cls, tell: Callable[[str], None]) -> "Addresses":
        """Choose the usual ports, or the next free ones; these are told."""
        taken: set[int] = set()

        def port(wanted: int, title: str) -> int:
            free = next(p for p in itertools.count(wanted) if p not in taken and _is_free(p))
            taken.add(free)
            if free != wanted:
                tell(f"  {title} takes port {free}, because another program uses {wanted}")
            return free

        return cls(
            sandbox=port(8080, "The sandbox"),
            bot=port(8099, "The bot"),
            temporal=port(7233, "Temporal"),
            temporal_web=port(8233, "Temporal's web UI"),
        )


def _is_free(port: int) -> bool:
    # Connecting finds what listens on all addresses or on IPv6, where a browser looks first.
    for host in ("127.0.0.1", "::1"):
        with suppress(OSError), socket.create_connection((host, port), timeout=0.5):
            return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Programs:
    """The demo's programs.

    Args:
        folder: keeps their files.
        addresses: where they listen.
        http: asks them whether they are ready.
    """

    def __init__(
        self, folder: DemoFolder, addresses: Addresses, http: aiohttp.ClientSession
    ) -> None:
        self._folder = folder
        self._addresses = addresses
        self._http = http
        self._environment = _environment(folder, addresses)
        self._commands = procfile()

    def temporal(self) -> Program:
        """Describe Temporal's development server, with its web UI."""
        addresses, files = self._addresses, self._folder.path
        command = [
            str(Path(sys.executable).with_name("temporal")),
            *("server", "start-dev", "--ip", "127.0.0.1", "--log-level", "error"),
            *("--port", str(addresses.temporal), "--ui-port", str(addresses.temporal_web)),
            *("--db-filename", str(files / "temporal.db"), "--sqlite-pragma", "journal_mode=wal"),
            *(f"--dynamic-config-value={value}" for value in _TEMPORAL_VALUES),
        ]
        is_ready = self._answers(addresses.temporal_web, "/api/v1/namespaces/default")
        return self._program("Temporal", command, self._folder.new_log("temporal"), is_ready)

    def sandbox(self) -> Program:
        """Describe the stand-in Slack."""
        addresses = self._addresses
        command = [
            *(sys.executable, "-m", "sandbox", "--port", str(addresses.sandbox)),
            *("--state", str(self._folder.path / "sandbox.db")),
            *("--app-url", f"http://127.0.0.1:{addresses.bot}"),
            "--rate-limits",
        ]
        is_ready = self._answers(addresses.sandbox, "/")
        return self._program("The sandbox", command, self._folder.new_log("sandbox"), is_ready)

    def release(self) -> Program:
        """Describe the Procfile's release phase, which prepares the database."""
        log = self._folder.new_log("release")
        return self._program("The database", self._commands["release"], log, at_once)

    def web(self) -> Program:
        """Describe the Procfile's web process."""
        log, is_ready = self._folder.new_log("bot"), self._answers(self._addresses.bot, "/readyz")
        return self._program("The bot", self._commands["web"], log, is_ready)

    def worker(self) -> Program:
        """Describe the Procfile's worker process."""
        log = self._folder.new_log("worker")
        is_ready = _says(log, "working on task queue")
        return self._program("The worker", self._commands["worker"], log, is_ready)

    def _program(
        self, title: str, command: list[str], log: Path, is_ready: Callable[[], Awaitable[bool]]
    ) -> Program:
        return Program(title, command, self._environment, ROOT, log, is_ready)

    def _answers(self, port: int, path: str) -> Callable[[], Awaitable[bool]]:
        async def answers() -> bool:
            try:
                async with self._http.get(f"http://127.0.0.1:{port}{path}") as response:
                    return response.ok
            except (aiohttp.ClientError, TimeoutError):
                return False

        return answers


def procfile(file: Path = ROOT / "Procfile") -> dict[str, list[str]]:
    """Read the commands of the Procfile's process types, for the Python that runs this."""
    commands = {}
    for line in file.read_text().splitlines():
        kind, _, command = line.partition(":")
        commands[kind] = [
            sys.executable if word == "python" else word for word in shlex.split(command)
        ]
    return commands


def _environment(folder: DemoFolder, addresses: Addresses) -> dict[str, str]:
    own = {
        name: value
        for name, value in os.environ.items()
        # Proxies would be asked even for what is on this machine.
        if not name.startswith(_FOREIGN) and not name.lower().endswith("_proxy")
    }
    sandbox = f"http://127.0.0.1:{addresses.sandbox}"
    return {
        **own,
        **folder.secrets(),
        "PORT": str(addresses.bot),
        "DATABASE_URL": f"sqlite:///{folder.path}/expenses.db",
        "SLACK_API_URL": f"{sandbox}/api/",
        "SLACK_APPROVALS_CHANNEL": APPROVALS.id,
        "EXPENSE_APPROVERS": MANAGERS.id,
        "EXPENSE_POLICY": str(Path(__file__).with_name("policy.toml")),
        "EXPENSE_PAYMENT_URL": f"{sandbox}/payments",
        "EXPENSE_SERVER_URL": f"http://127.0.0.1:{addresses.bot}",
        "TEMPORAL_ADDRESS": f"127.0.0.1:{addresses.temporal}",
        # Whoever has a profile for another Temporal server keeps it out of this.
        "TEMPORAL_CONFIG_FILE": os.devnull,
    }


def _says(log: Path, words: str) -> Callable[[], Awaitable[bool]]:
    # A short file on this machine: reading it blocks nobody for long.
    read = partial(log.read_text, errors="replace")

    async def says() -> bool:
        return words in read()

    return says
