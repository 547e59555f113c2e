"""Runs programs as a platform does: restarts those that die, and ends all of them together.

The programs form one process group. Its leader is a guard, a shell that ends the group as soon as
the supervisor is gone: so no program is left running, not even after SIGKILL.
"""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE
from types import TracebackType

from sandbox.programs import LOOK_SECONDS, Program

# Its standard input is closed when the supervisor's process ends, by SIGKILL, too.
_GUARD = "trap '' TERM; read _; kill -TERM 0; sleep 3; kill -KILL 0"
_READY_SECONDS = 60
# A program that lived this long did not die of its start.
_LONG_LIFE = 30.0
_LAST_LINES = 5

Process = asyncio.subprocess.Process


class StartError(Exception):
    """A program did not get ready; the message has its title and the end of its log."""


class Supervisor:
    """Runs programs until the end of its context, where the last one is ended first.

    Args:
        ended: is called when a kept program died by itself, with the program, how it ended, and
            the seconds until it is started again.
        lock: a descriptor that every process inherits; its lock is free once all are gone.
        grace: the seconds between SIGTERM and SIGKILL at the end; the bot and the worker promise
            to be gone within 10 s.
        longest_pause: the most seconds between a death and the next start.

    Attributes:
        was_forced: whether a program had to be killed at the end.
    """

    def __init__(
        self,
        ended: Callable[[Program, str, float], None] = lambda *_: None,
        *,
        lock: int | None = None,
        grace: float = 10,
        longest_pause: float = 30,
    ) -> None:
        self.was_forced = False
        self._ended = ended
        self._inherited = () if lock is None else (lock,)
        self._grace = grace
        self._longest_pause = longest_pause
        self._guard: Process
        self._running: dict[str, Process] = {}
        self._keepers: list[asyncio.Task[None]] = []
        self._killed: set[int] = set()
        self._not_before: dict[str, float] = {}
        self._stopped: set[str] = set()
        self._may_run = asyncio.Condition()

    async def __aenter__(self) -> "Supervisor":
        """Start the guard."""
        self._guard = await asyncio.create_subprocess_exec(
            *("/bin/sh", "-c", _GUARD),
            stdin=PIPE,
            stdout=DEVNULL,
            stderr=DEVNULL,
            process_group=0,
            pass_fds=self._inherited,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End all programs and the processes they started."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        try:
            async with asyncio.timeout(self._grace):
                for process in reversed([*self._running.values()] if self._grace else []):
                    with suppress(ProcessLookupError):
                        process.terminate()
                    await process.wait()
        except TimeoutError:
            self.was_forced = True
        finally:
            for title in self._running:
                self.kill(title)
            self.kill_all()
            await asyncio.gather(*(p.wait() for p in (self._guard, *self._running.values())))

    @property
    def group(self) -> int:
        """Return the number of the process group."""
        return self._guard.pid

    def kill_all(self) -> None:
        """End everything at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.group, signal.SIGKILL)

    def kill(self, title: str, seconds: float = 0) -> bool:
        """Kill a program with SIGKILL, and the processes it started.

        Args:
            title: of the program.
            seconds: how long it stays dead if it is kept running.

        Returns:
            Whether it ran.
        """
        process = self._running[title]
        if process.returncode is not None or process.pid in self._killed:
            return False
        self._killed.add(process.pid)
        self._not_before[title] = time.monotonic() + seconds
        # PostgreSQL's backends are groups of their own; its postmaster goes first, so that it
        # sees none of them die.
        for pid in (process.pid, *_children(process.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return True

    @asynccontextmanager
    async def stopped(self, *titles: str) -> AsyncIterator[None]:
        """Kill programs, and do not start them again while the body runs."""
        self._stopped.update(titles)
        try:
            while any(self._running[title].returncode is None for title in titles):
                for title in titles:
                    self.kill(title)
                await asyncio.sleep(LOOK_SECONDS)
            yield
        finally:
            async with self._may_run:
                self._stopped.difference_update(titles)
                self._may_run.notify_all()

    async def run(self, program: Program) -> None:
        """Run a program to its end.

        Raises:
            StartError: it cannot be started, or exits with another code than 0.
        """
        process = await self._spawn(program)
        if code := await process.wait():
            raise StartError(_failure(program, f"ended with {_how(code)}"))
        del self._running[program.title]

    async def start(self, program: Program) -> Process:
        """Start a program, and wait until it is ready.

        Raises:
            StartError: it cannot be started, ended instead, or is not ready after a minute.
        """
        process = await self._spawn(program)
        until = time.monotonic() + _READY_SECONDS
        while not await program.is_ready():
            with suppress(TimeoutError):
                code = await asyncio.wait_for(process.wait(), LOOK_SECONDS)
                raise StartError(_failure(program, f"ended with {_how(code)}"))
            if time.monotonic() > until:
                raise StartError(_failure(program, f"is not ready after {_READY_SECONDS} s"))
        return process

    def keep(self, program: Program) -> asyncio.Task[None]:
        """Start a program again whenever it dies, until the end of the context.

        When it dies by itself, it is started at once the first time, and then after a growing
        pause; after `kill`, when its time is over.
        """
        self._keepers.append(asyncio.create_task(self._keep(program)))
        return self._keepers[-1]

    async def _keep(self, program: Program) -> None:
        pause = 0.0
        while True:
            process, began = self._running[program.title], time.monotonic()
            code = await process.wait()
            if process.pid in self._killed:
                pause = max(0, self._not_before[program.title] - time.monotonic())
                await asyncio.sleep(pause)
                pause = 0.0
            else:
                pause = 0.0 if time.monotonic() - began > _LONG_LIFE else pause
                self._ended(program, _how(code), pause)
                await asyncio.sleep(pause)
                pause = min(max(1.0, 2 * pause), self._longest_pause)
            async with self._may_run:
                await self._may_run.wait_for(lambda: program.title not in self._stopped)
            await self._spawn(program)
            if program.title in self._stopped:  # since it was about to be started
                self.kill(program.title)

    async def _spawn(self, program: Program) -> Process:
        # Opened to append each time, so that the output of the run before is not lost.
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
                    pass_fds=self._inherited,
                    user=program.user,
                )
            except OSError as error:
                raise StartError(f"{program.title} cannot be started: {error}") from error
        self._running[program.title] = process
        return process


def _children(pid: int) -> list[int]:
    try:
        return [*map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    except OSError:  # it has ended, or this is no Linux
        return []


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
