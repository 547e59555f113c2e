"""The demo's programs: their commands, ports and environments."""

import itertools
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sandbox.demo.folder import DemoFolder
from sandbox.demo.prometheus import prometheus
from sandbox.programs import (
    ROOT,
    Program,
    answers,
    at_once,
    environment,
    procfile,
    says,
    temporal_server,
)
from sandbox.slack.config import APPROVALS, MANAGERS


@dataclass(frozen=True)
class Addresses:
    """The ports of this machine on which the demo's programs listen."""

    sandbox: int
    bot: int
    temporal: int
    temporal_web: int
    observed: "Observed | None"

    @classmethod
    def choose(cls, tell: Callable[[str], None], *, observe: bool = False) -> "Addresses":
        """Choose the usual ports, or the next free ones.

        Args:
            observe: whether Prometheus runs, too.
            tell: is called with a sentence for each port that is not the usual one.
        """
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
            observed=Observed(
                prometheus=port(9090, "Prometheus"),
                bot=port(9464, "The bot's metrics"),
                worker=port(9465, "The worker's metrics"),
            )
            if observe
            else None,
        )


@dataclass(frozen=True)
class Observed:
    """The ports of what is there to observe the demo."""

    prometheus: int
    bot: int
    worker: int


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
    """

    def __init__(self, folder: DemoFolder, addresses: Addresses) -> None:
        self._folder = folder
        self._addresses = addresses
        self._environment = _environment(folder, addresses)
        self._commands = procfile()

    def temporal(self) -> Program:
        """Describe Temporal's development server, with its web UI."""
        ui_port, file = self._addresses.temporal_web, self._folder.path / "temporal.db"
        command = temporal_server(self._addresses.temporal, file, "--ui-port", str(ui_port))
        is_ready = answers(f"http://127.0.0.1:{ui_port}/api/v1/namespaces/default")
        return self._program("Temporal", command, self._folder.new_log("temporal"), is_ready)

    def sandbox(self) -> Program:
        """Describe the stand-in Slack, with the payment endpoint beside it."""
        port = self._addresses.sandbox
        command = [
            *(sys.executable, "-m", "sandbox", "--port", str(port)),
            *("--state", str(self._folder.path / "sandbox.db")),
            *("--app-url", f"http://127.0.0.1:{self._addresses.bot}"),
            "--rate-limits",
        ]
        if observed := self._addresses.observed:
            command += ["--link", "Prometheus", f"http://localhost:{observed.prometheus}"]
        is_ready = answers(f"http://127.0.0.1:{port}/")
        return self._program("The sandbox", command, self._folder.new_log("sandbox"), is_ready)

    def release(self) -> Program:
        """Describe the Procfile's release phase, which prepares the database."""
        log = self._folder.new_log("release")
        return self._program("The database", self._commands["release"], log, at_once)

    def web(self) -> Program:
        """Describe the Procfile's web process."""
        log = self._folder.new_log("bot")
        is_ready = answers(f"http://127.0.0.1:{self._addresses.bot}/healthz")
        observed = self._addresses.observed
        metrics = observed.bot if observed else None
        return self._program("The bot", self._commands["web"], log, is_ready, metrics)

    def worker(self) -> Program:
        """Describe the Procfile's worker process."""
        log = self._folder.new_log("worker")
        is_ready = says(log, "working on task queue")
        observed = self._addresses.observed
        metrics = observed.worker if observed else None
        return self._program("The worker", self._commands["worker"], log, is_ready, metrics)

    def prometheus(self) -> Program | None:
        """Describe the Prometheus that reads the metrics of both, if the demo is observed."""
        if not (observed := self._addresses.observed):
            return None
        targets = {"expense-bot": observed.bot, "expense-worker": observed.worker}
        command = prometheus(self._folder.path, observed.prometheus, targets)
        is_ready = answers(f"http://127.0.0.1:{observed.prometheus}/-/ready")
        return self._program("Prometheus", command, self._folder.new_log("prometheus"), is_ready)

    def _program(
        self,
        title: str,
        command: list[str],
        log: Path,
        is_ready: Callable[[], Awaitable[bool]],
        metrics_port: int | None = None,
    ) -> Program:
        metrics = {"EXPENSE_METRICS_PORT": str(metrics_port)} if metrics_port else {}
        return Program(title, command, self._environment | metrics, ROOT, log, is_ready)


def _environment(folder: DemoFolder, addresses: Addresses) -> dict[str, str]:
    sandbox = f"http://127.0.0.1:{addresses.sandbox}"
    return environment(
        **folder.secrets(),
        PORT=str(addresses.bot),
        DATABASE_URL=f"sqlite:///{folder.path}/expenses.db",
        SLACK_API_URL=f"{sandbox}/api/",
        SLACK_APPROVALS_CHANNEL=APPROVALS.id,
        EXPENSE_APPROVERS=MANAGERS.id,
        EXPENSE_POLICY=str(Path(__file__).with_name("policy.toml")),
        EXPENSE_PAYMENT_URL=os.environ.get("EXPENSE_PAYMENT_URL") or f"{sandbox}/payments",
        EXPENSE_SERVER_URL=f"http://127.0.0.1:{addresses.bot}",
        TEMPORAL_ADDRESS=f"127.0.0.1:{addresses.temporal}",
    )
