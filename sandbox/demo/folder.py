"""The demo's folder: kept from one start to the next, and used by one demo at a time."""

import fcntl
import json
import os
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_LOOK_SECONDS = 0.05
# The guard gives the others 3 s.
_LEFTOVER_SECONDS = 5


class DemoFolderError(Exception):
    """The folder cannot be used; the message is one sentence that says why."""


class DemoFolder:
    """The folder with the demo's databases, secrets and logs.

    Args:
        path: where it is; it is made when it is missing.

    Raises:
        DemoFolderError: it cannot be made or written to.
    """

    def __init__(self, path: Path) -> None:
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(_open(path / "demo.lock"))
        except OSError as error:
            raise DemoFolderError(f"{path} cannot be used: {error.strerror}.") from error
        self.path = path.resolve()
        self._demo = self.path / "demo.lock"
        self._processes = self.path / "processes.lock"

    @contextmanager
    def taken(self) -> Iterator[int]:
        """Lock the folder against other demos.

        Yields:
            A descriptor for the demo's processes to inherit: while one of them runs, the folder is
            in use.

        Raises:
            DemoFolderError: another demo uses it.
        """
        demo, processes = _open(self._demo), _open(self._processes)
        try:
            if not _take(demo):
                raise DemoFolderError(f"The demo is already running: {self._demo.read_text()}.")
            if not _take(processes, _LEFTOVER_SECONDS):
                self._end_leftovers(processes)
            yield processes
        finally:
            os.close(demo)
            os.close(processes)

    def note(self, where: str, group: int) -> None:
        """Write down where this demo is, for other demos that find the folder locked.

        Args:
            where: the address of the demo.
            group: the group of its processes.
        """
        self._demo.write_text(where)
        self._processes.write_text(str(group))

    def _end_leftovers(self, lock: int) -> None:
        """End the processes of a demo that could not end them itself."""
        # The lock is held, so the group has a member and its number is not anybody else's.
        with suppress(ValueError, ProcessLookupError):
            os.killpg(int(self._processes.read_text()), signal.SIGKILL)
        if not _take(lock, _LEFTOVER_SECONDS):
            raise DemoFolderError(f"Another program uses {self._processes}.")

    def secrets(self) -> dict[str, str]:
        """Read the made-up secrets, as environment variables; make them at the first start."""
        file = self.path / "secrets.json"
        if not file.exists():
            made = {
                "SLACK_BOT_TOKEN": f"xoxb-{secrets.token_hex(16)}",
                "SLACK_SIGNING_SECRET": secrets.token_hex(16),
                "EXPENSE_PAYMENT_KEY": secrets.token_hex(32),
            }
            draft = file.with_suffix(".draft")
            draft.touch(mode=0o600)
            draft.write_text(json.dumps(made, indent=2))
            draft.rename(file)
        try:
            kept: dict[str, str] = json.loads(file.read_text())
        except ValueError:
            raise DemoFolderError(
                f"{file} cannot be read; delete {self.path} to begin anew."
            ) from None
        return kept

    def new_log(self, name: str) -> Path:
        """Begin an empty log, and return its path."""
        log = self.path / f"{name}.log"
        log.write_bytes(b"")
        return log


def _open(file: Path) -> int:
    return os.open(file, os.O_RDWR | os.O_CREAT, 0o600)


def _take(lock: int, patience: float = 0) -> bool:
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(_LOOK_SECONDS)
        else:
            return True
