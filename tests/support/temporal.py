"""One Temporal development server for all processes of a run."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.stopwatch import PATIENCE

VALUES = (
    "history.transferProcessorMaxPollRPS=1000",  # tasks start at once, not at the next poll
    "frontend.enableServerVersionCheck=false",  # nothing here asks the network
)
# It outlives the process that starts it, which need not be the last one that uses it.
_IN_THE_BACKGROUND = '"$@" </dev/null >"$0" 2>&1 & echo $!'


def program(name: str) -> str:
    """Find a program that the lock file installed beside the running Python."""
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    assert found, f"{name} is missing: run make test"
    return found


def shared_server(folder: Path) -> str:
    """Return the address of the run's server; the first process that asks starts it."""
    folder.mkdir(exist_ok=True)
    file = folder / "temporal"
    with _one_at_a_time(folder / "temporal.lock"):
        if not file.exists():
            port = free_port()
            values = (word for value in VALUES for word in ("--dynamic-config-value", value))
            started = subprocess.run(
                [
                    *("/bin/sh", "-c", _IN_THE_BACKGROUND, str(folder / "temporal.log")),
                    *(program("temporal"), "server", "start-dev", "--headless"),
                    *("--ip", "127.0.0.1", "--port", str(port), "--log-level", "error"),
                    *values,
                ],
                stdout=subprocess.PIPE,
                start_new_session=True,
                check=True,
                text=True,
            )
            _wait_for(port)
            file.write_text(f"{started.stdout.strip()} 127.0.0.1:{port}")
    return file.read_text().split()[1]


def end_shared_server(folder: Path) -> None:
    """End the run's server, if anybody started it."""
    with suppress(FileNotFoundError, ProcessLookupError):
        os.kill(int((folder / "temporal").read_text().split()[0]), signal.SIGKILL)


@contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise AssertionError("Temporal's development server does not start")
