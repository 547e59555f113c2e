"""Processes as a platform runs them: started again when they die, whoever killed them."""

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

# Its standard input ends when the harness does, however that does.
_GUARD = "trap '' TERM; read _; kill -KILL 0"
_QUICK_DEATH = 1.0


@dataclass(frozen=True)
class Program:
    """What runs under a name.

    Attributes:
        user: whom it runs as, if not as we do; PostgreSQL refuses to run as root.
        is_ready: says whether it does its work.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    is_ready: Callable[[], Awaitable[bool]]
    user: str | None = None


class Processes:
    """Runs programs until the end of its context, and kills them when asked to.

    Args:
        ended: is told of each program that ended without being killed.
    """

    def __init__(self, ended: Callable[[str], None]) -> None:
        self._ended = ended
        self._guard: asyncio.subprocess.Process
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._programs: dict[str, Program] = {}
        self._not_before: dict[str, float] = {}
        self._killed: set[int] = set()

    async def __aenter__(self) -> "Processes":
        """Start the guard, which ends everything when we end."""
        self._guard = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", _GUARD, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, process_group=0
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Kill everything."""
        for keeper in self._keepers.values():
            keeper.cancel()
        await asyncio.gather(*self._keepers.values(), return_exceptions=True)
        for name in [*self._running]:
            self.kill(name)
        with suppress(ProcessLookupError):
            os.killpg(self._guard.pid, signal.SIGKILL)
        await asyncio.gather(*(p.wait() for p in (self._guard, *self._running.values())))

    async def start(self, program: Program, seconds: float = 60) -> None:
        """Start a program, keep it running from now on, and wait until it is ready."""
        self._programs[program.name] = program
        await self._spawn(program)
        self._keepers[program.name] = asyncio.create_task(self._keep(program))
        await self.until_ready(program.name, seconds)

    async def until_ready(self, name: str, seconds: float = 60) -> None:
        """Wait until a program does its work.

        Raises:
            TimeoutError: it does not.
        """
        until = time.monotonic() + seconds
        while not await self._programs[name].is_ready():
            if time.monotonic() > until:
                raise TimeoutError(f"{name} is not ready; see {self._programs[name].log}")
            await asyncio.sleep(0.05)

    def kill(self, name: str, seconds: float = 0) -> bool:
        """Kill a program with SIGKILL, and everything it started.

        Args:
            name: which program.
            seconds: how long it stays dead.

        Returns:
            Whether there was anything to kill.
        """
        process = self._running[name]
        if process.returncode is not None or process.pid in self._killed:
            return False
        self._killed.add(process.pid)
        self._not_before[name] = time.monotonic() + seconds
        # PostgreSQL's backends are groups of their own; its postmaster goes first, so that it
        # sees none of them die.
        family = [process.pid, *_children(process.pid)]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return True

    async def run(self, program: Program) -> None:
        """Run a program to its end.

        Raises:
            RuntimeError: it failed.
        """
        await self._spawn(program)
        if code := await self._running.pop(program.name).wait():
            raise RuntimeError(f"{program.name} ended with {code}; see {program.log}")

    async def _keep(self, program: Program) -> None:
        while True:
            process, began = self._running[program.name], time.monotonic()
            code = await process.wait()
            if process.pid not in self._killed:
                self._ended(f"{program.name} with {code}")
                if time.monotonic() - began < 60:
                    await asyncio.sleep(_QUICK_DEATH)
            await asyncio.sleep(max(0, self._not_before.get(program.name, 0) - time.monotonic()))
            await self._spawn(program)

    async def _spawn(self, program: Program) -> None:
        with program.log.open("ab") as log:
            self._running[program.name] = await asyncio.create_subprocess_exec(
                *program.command,
                cwd=program.folder,
                env=dict(program.environment),
                stdin=DEVNULL,
                stdout=log,
                stderr=log,
                process_group=self._guard.pid,
                user=program.user,
            )


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in text.split()]
