"""The whole system on this machine: Temporal, the sandbox, the bot and the worker.

The bot and the worker run exactly as the Procfile words them; only their settings are the demo's.
"""

import asyncio
import itertools
import os
import shlex
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp

from bot.sandbox.config import ADA, APPROVALS, MANAGERS, MINA, WorkspaceConfig
from bot.sandbox.demo_folder import DemoFolder, DemoFolderError
from bot.sandbox.supervisor import Program, StartError, Supervisor

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".demo"

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

    def url(self, port: int) -> str:
        """Write the address of a port."""
        return f"http://localhost:{port}"


def run_demo(folder: Path | None = None) -> int:
    """Run the demo until Ctrl-C.

    Args:
        folder: where it keeps what the next start goes on with; .demo unless told otherwise.

    Returns:
        The exit code: 0 after Ctrl-C, 1 when something did not start.
    """
    try:
        return asyncio.run(_run(DemoFolder(folder or FOLDER)))
    except (DemoFolderError, StartError) as error:
        _tell(str(error))
        return 1


async def _run(folder: DemoFolder) -> int:
    stop = asyncio.Event()
    with folder.taken() as lock:
        supervisor = Supervisor(_tell, lock)

        def end() -> None:
            if stop.is_set():
                supervisor.kill()
            stop.set()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, end)
        began = time.monotonic()
        async with supervisor:
            work = asyncio.create_task(_serve(folder, supervisor))
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait((work, stopping), return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if work.done():
                work.result()
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
            _tell("\nEnding ...")
            began = time.monotonic()
        _tell(f"Everything has ended, after {time.monotonic() - began:.1f} s.")
    return 0


async def _serve(folder: DemoFolder, supervisor: Supervisor) -> None:
    """Start everything, say where it is, and keep it running."""
    _tell(f"Starting; everything is kept in {folder.path}")
    addresses = _choose_addresses()
    folder.note(f"its sandbox is at {addresses.url(addresses.sandbox)}", supervisor.group)
    environment = _environment(folder, addresses)
    async with aiohttp.ClientSession() as http:
        temporal = _temporal(folder, addresses, environment, http)
        sandbox = _sandbox(folder, addresses, environment, http)
        release, web, worker = _app(folder, addresses, environment, http)
        await _together(
            _step(temporal.title, supervisor.start(temporal)),
            _step(sandbox.title, supervisor.start(sandbox)),
            _step(release.title, supervisor.run(release)),
        )
        await _together(
            _step(web.title, supervisor.start(web)),
            _step(worker.title, supervisor.start(worker)),
        )
    _tell(_welcome(addresses))
    await asyncio.gather(*map(supervisor.keep, (temporal, sandbox, web, worker)))


async def _together(*steps: Awaitable[None]) -> None:
    results = await asyncio.gather(*steps, return_exceptions=True)
    for error in results:
        if error:
            raise error


async def _step(title: str, work: Awaitable[None]) -> None:
    began = time.monotonic()
    await work
    _tell(f"  {title:<24} ready after {time.monotonic() - began:.1f} s")


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
        "EXPENSE_PAYMENT_URL": f"{sandbox}/payments",
        "EXPENSE_SERVER_URL": f"http://127.0.0.1:{addresses.bot}",
        "TEMPORAL_ADDRESS": f"127.0.0.1:{addresses.temporal}",
        # Whoever has a profile for another Temporal server keeps it out of this.
        "TEMPORAL_CONFIG_FILE": os.devnull,
    }


def _temporal(
    folder: DemoFolder,
    addresses: Addresses,
    environment: dict[str, str],
    http: aiohttp.ClientSession,
) -> Program:
    command = [
        str(Path(sys.executable).with_name("temporal")),
        *("server", "start-dev", "--ip", "127.0.0.1", "--log-level", "error"),
        *("--port", str(addresses.temporal), "--ui-port", str(addresses.temporal_web)),
        *("--db-filename", str(folder.path / "temporal.db")),
        *("--sqlite-pragma", "journal_mode=wal"),
        *(f"--dynamic-config-value={value}" for value in _TEMPORAL_VALUES),
    ]
    api = f"http://127.0.0.1:{addresses.temporal_web}/api/v1/namespaces/default"
    log = folder.new_log("temporal")
    return Program("Temporal", command, environment, folder.path, log, _answers(http, api))


def _sandbox(
    folder: DemoFolder,
    addresses: Addresses,
    environment: dict[str, str],
    http: aiohttp.ClientSession,
) -> Program:
    command = [
        *(sys.executable, "-m", "bot.sandbox", "--port", str(addresses.sandbox)),
        *("--state", str(folder.path / "sandbox.db")),
        *("--app-url", f"http://127.0.0.1:{addresses.bot}"),
    ]
    page = f"http://127.0.0.1:{addresses.sandbox}/"
    log = folder.new_log("sandbox")
    return Program("The sandbox", command, environment, ROOT, log, _answers(http, page))


def _app(
    folder: DemoFolder,
    addresses: Addresses,
    environment: dict[str, str],
    http: aiohttp.ClientSession,
) -> tuple[Program, Program, Program]:
    commands = procfile()
    ready = f"http://127.0.0.1:{addresses.bot}/readyz"
    release, web, worker = map(folder.new_log, ("release", "bot", "worker"))
    return (
        Program("The database", commands["release"], environment, ROOT, release),
        Program("The bot", commands["web"], environment, ROOT, web, _answers(http, ready)),
        Program(
            "The worker",
            commands["worker"],
            environment,
            ROOT,
            worker,
            _says(worker, "working on task queue"),
        ),
    )


def procfile(file: Path = ROOT / "Procfile") -> dict[str, list[str]]:
    """Read the commands of the Procfile's process types, for the Python that runs this."""
    commands = {}
    for line in file.read_text().splitlines():
        kind, _, command = line.partition(":")
        commands[kind] = [
            sys.executable if word == "python" else word for word in shlex.split(command)
        ]
    return commands


def _answers(http: aiohttp.ClientSession, url: str) -> Callable[[], Awaitable[bool]]:
    async def answers() -> bool:
        try:
            async with http.get(url, timeout=aiohttp.ClientTimeout(total=5)) as response:
                return response.ok
        except (aiohttp.ClientError, TimeoutError):
            return False

    return answers


def _says(log: Path, words: str) -> Callable[[], Awaitable[bool]]:
    # A short file on this machine: reading it blocks nobody for long.
    read = partial(log.read_text, errors="replace")

    async def says() -> bool:
        return words in read()

    return says


def _choose_addresses() -> Addresses:
    taken: set[int] = set()
    return Addresses(
        sandbox=_choose_port(8080, "The sandbox", taken),
        bot=_choose_port(8099, "The bot", taken),
        temporal=_choose_port(7233, "Temporal", taken),
        temporal_web=_choose_port(8233, "Temporal's web UI", taken),
    )


def _choose_port(wanted: int, title: str, taken: set[int]) -> int:
    port = next(p for p in itertools.count(wanted) if p not in taken and _is_free(p))
    taken.add(port)
    if port != wanted:
        _tell(f"  {title} takes port {port}, because another program uses {wanted}")
    return port


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


def _welcome(addresses: Addresses) -> str:
    budget = WorkspaceConfig().budget
    ada, mina = ADA.real_name, MINA.real_name
    return f"""
  Slack sandbox     {addresses.url(addresses.sandbox)}
  Temporal web UI   {addresses.url(addresses.temporal_web)}
  The bot           {addresses.url(addresses.bot)}

Open the Slack sandbox in a browser and try this:
  1. Be {ada}, type /expense submit and fill in the form.
  2. Be {mina}, a manager: in #{APPROVALS.name} click Approve, and it is paid.
  3. Be {ada} again, type /expense submit {budget * 2:f} EUR New laptops, and approve that too:
     the payment is refused, for there are only {budget:f} of each currency to spend.

Ctrl-C ends everything; the next start goes on where this one stopped.
"""


def _tell(line: str) -> None:
    # The terminal may be gone before the demo is.
    with suppress(OSError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
