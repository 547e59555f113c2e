"""The whole system on this machine: Temporal, the sandbox, the bot and the worker.

The bot and the worker run exactly as the Procfile words them; only their settings are the demo's.
"""

import argparse
import asyncio
import shutil
import signal
import sys
import time
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from sandbox.demo.folder import DemoFolder, DemoFolderError
from sandbox.demo.programs import Addresses, Programs
from sandbox.payments.endpoint import BUDGET
from sandbox.programs import ROOT, Program
from sandbox.slack.config import ADA, APPROVALS, MINA
from sandbox.supervisor import StartError, Supervisor

FOLDER = ROOT / ".demo"
_NO_PROMETHEUS = (
    "OBSERVE=1 needs Prometheus, and there is no program prometheus: install it, on Debian and "
    "Ubuntu by apt-get install prometheus, elsewhere from https://prometheus.io/download/."
)


def run_demo(folder: Path | None = None, *, observe: bool = False) -> int:
    """Run the demo until Ctrl-C.

    Args:
        folder: for the databases, secrets and logs that the next start continues with; `.demo`
            by default.
        observe: whether Prometheus runs beside it.

    Returns:
        The exit code: 0 after Ctrl-C, 1 when something did not start.
    """
    try:
        if observe and not shutil.which("prometheus"):
            raise StartError(_NO_PROMETHEUS)
        return asyncio.run(_run(DemoFolder(folder or FOLDER), observe=observe))
    except (DemoFolderError, StartError) as error:
        _tell(str(error))
        return 1


async def _run(folder: DemoFolder, *, observe: bool) -> int:
    stop = asyncio.Event()
    with folder.taken() as lock:
        supervisor = Supervisor(_tell_of_a_death, lock=lock)

        def end() -> None:
            if stop.is_set():
                supervisor.kill_all()
            stop.set()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, end)
        async with supervisor:
            work = asyncio.create_task(_serve(folder, supervisor, observe=observe))
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
        if supervisor.was_forced:
            _tell("Not everything ended when asked to, and was killed.")
        _tell(f"Everything has ended, after {time.monotonic() - began:.1f} s.")
    return 0


async def _serve(folder: DemoFolder, supervisor: Supervisor, *, observe: bool) -> None:
    """Start everything, say where it is, and keep it running."""
    _tell(f"Starting; everything is kept in {folder.path}")
    addresses = Addresses.choose(_tell, observe=observe)
    folder.note(f"its sandbox is at {_url(addresses.sandbox)}", supervisor.group)
    programs = Programs(folder, addresses)
    temporal, sandbox = programs.temporal(), programs.sandbox()
    release, web, worker = programs.release(), programs.web(), programs.worker()
    await _together(
        _step(temporal.title, supervisor.start(temporal)),
        _step(sandbox.title, supervisor.start(sandbox)),
        _step(release.title, supervisor.run(release)),
    )
    last = [web, worker, *filter(None, [programs.prometheus()])]
    await _together(*(_step(program.title, supervisor.start(program)) for program in last))
    _tell(_welcome(addresses))
    await asyncio.gather(*map(supervisor.keep, (temporal, sandbox, *last)))


async def _together(*steps: Coroutine[Any, Any, None]) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for step in steps:
                group.create_task(step)
    except ExceptionGroup as errors:
        # The first error is the reason to stop; the others may only follow from it.
        raise errors.exceptions[0] from errors


async def _step(title: str, work: Awaitable[object]) -> None:
    began = time.monotonic()
    await work
    _tell(f"  {title:<24} ready after {time.monotonic() - began:.1f} s")


def _url(port: int) -> str:
    return f"http://localhost:{port}"


def _welcome(addresses: Addresses) -> str:
    ada, mina = ADA.real_name, MINA.real_name
    observed = addresses.observed
    prometheus = f"\n  Prometheus        {_url(observed.prometheus)}" if observed else ""
    return f"""
  Slack sandbox     {_url(addresses.sandbox)}
  Temporal web UI   {_url(addresses.temporal_web)}
  The bot           {_url(addresses.bot)}{prometheus}

Open the Slack sandbox in a browser and try this:
  1. Be {ada}, type /expense and fill in the form.
  2. Be {mina}, a manager: in #{APPROVALS.name} click Approve, and it is paid.
  3. Be {ada} again, type /expense submit {BUDGET * 2:f} EUR New laptops, and approve that too:
     the payment is refused, for there are only {BUDGET:f} of each currency to spend.

Ctrl-C ends everything; the next start goes on where this one stopped.
"""


def _tell_of_a_death(program: Program, how: str, pause: float) -> None:
    when = f" in {pause:.0f} s" if pause else ""
    _tell(f"{program.title} ended with {how} and is started again{when}; see {program.log}")


def _tell(line: str) -> None:
    # The terminal may be gone before the demo is.
    with suppress(OSError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.demo",
        description="Run the whole system on this machine, without accounts.",
    )
    parser.add_argument("--folder", type=Path, help="where it keeps its files; .demo otherwise")
    parser.add_argument("--observe", action="store_true", help="run Prometheus beside it")
    options = parser.parse_args()
    sys.exit(run_demo(options.folder, observe=options.observe))
