"""Runs other programs as a platform would: starts again what dies, and ends all of them together.

They form one process group, led by a guard that outlives whoever started it just long enough to
end the rest: so nothing is left running, not even after SIGKILL.
"""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE
from types import TracebackType

# Its standard input ends when we do, however we do.
_GUARD = "trap '' TERM; read _; kill -TERM 0; sleep 3; kill -KILL 0"
_LOOK_SECONDS = 0.05
_READY_SECONDS = 60
# The bot and the worker promise to be gone within 10 s of SIGTERM.
_END_SECONDS = 10
_LONGEST_PAUSE = 30.0
_LAST_LINES = 5


class StartError(Exception):
    """A program did not get ready; the message says which, and what it said last."""


async def at_once() -> bool:
    """Count a program as ready as soon as it runs."""
    return True


@dataclass(frozen=True)
class Program:
    """A program and how to run it.

    Attributes:
        title: what people call it.
        command: the program and its arguments.
        environment: its whole environment.
        folder: where it runs.
        log: the file that gets what it says.
        is_ready: whether it does its work by now.
    """

    title: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    is_ready: Callable[[], Awaitable[bool]] = at_once


class Supervisor:
    """Runs programs until the end of its context, the first one started longest.

    Args:
        tell: says a line to the person in front of the screen.
        lock: a descriptor that every process inherits; its lock is free once all are gone.
    """

    def __init__(self, tell: Callable[[str], None], lock: int) -> None:
        self._tell = tell
        self._lock = lock
        self._guard: asyncio.subprocess.Process
        self._running: dict[str, asyncio.subprocess.Process] = {}

    async def __aenter__(self) -> "Supervisor":
        """Start the guard."""
        self._guard = await asyncio.create_subprocess_exec(
            "/bin/sh",
            "-c",
            _GUARD,
            stdin=PIPE,
            stdout=DEVNULL,
            stderr=DEVNULL,
            process_group=0,
            pass_fds=[self._lock],
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End all programs, the last one started first, and whatever they started."""
        try:
            async with asyncio.timeout(_END_SECONDS):
                for process in reversed(list(self._running.values())):
                    with suppress(ProcessLookupError):
                        process.terminate()
                    await process.wait()
        except TimeoutError:
            self._tell("Not everything ended when asked to, and was killed.")
        finally:
            self.kill()
            await asyncio.gather(*(p.wait() for p in (self._guard, *self._running.values())))

    @property
    def group(self) -> int:
        """Tell the number of the process group."""
        return self._guard.pid

    def kill(self) -> None:
        """End everything at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.group, signal.SIGKILL)

    async def run(self, program: Program) -> None:
        """Run a program to its end.

        Raises:
            StartError: it cannot be started, or it failed.
        """
        process = await self._spawn(program)
        if code := await process.wait():
            raise StartError(_failure(program, f"ended with {_how(code)}"))
        del self._running[program.title]

    async def start(self, program: Program) -> None:
        """Start a program, and wait until it is ready.

        Raises:
            StartError: it cannot be started, ended instead, or is not ready after a minute.
        """
        process = await self._spawn(program)
        until = time.monotonic() + _READY_SECONDS
        while not await program.is_ready():
            with suppress(TimeoutError):
                code = await asyncio.wait_for(process.wait(), _LOOK_SECONDS)
                raise StartError(_failure(program, f"ended with {_how(code)}"))
            if time.monotonic() > until:
                raise StartError(_failure(program, f"is not ready after {_READY_SECONDS} s"))

    async def keep(self, program: Program) -> None:
        """Start a program again whenever it dies; after a quick death, with a growing pause."""
        pause = 0.0
        while True:
            began = time.monotonic()
            code = await self._running[program.title].wait()
            lived_long = time.monotonic() - began > _LONGEST_PAUSE
            pause = 0.0 if lived_long else pause
            when = f" in {pause:.0f} s" if pause else ""
            self._tell(
                f"{program.title} ended with {_how(code)} and is started again{when}; "
                f"see {program.log}"
            )
            await asyncio.sleep(pause)
            await self._spawn(program)
            pause = min(max(1.0, 2 * pause), _LONGEST_PAUSE)

    async def _spawn(self, program: Program) -> asyncio.subprocess.Process:
        # Opened anew each time and only added to: what the one before said is not lost.
        with program.log.open("ab") as log:
            try:
                process = await asyncio.create_subprocess_exec(
                    *program.command,
                    cwd=program.folder,
                    env=program.environment,
                    stdin=DEVNULL,
                    stdout=log,
                    stderr=log,
                    process_group=self.group,
                    pass_fds=[self._lock],
                )
            except OSError as error:
                raise StartError(f"{program.title} cannot be started: {error}") from error
        self._running[program.title] = process
        return process


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def _failure(program: Program, what: str) -> str:
    said = program.log.read_text(errors="replace").splitlines()[-_LAST_LINES:]
    return "\n".join(
        [
            f"{program.title} {what}. The end of {program.log}:",
            *(f"  {line}" for line in said),
        ]
    )
