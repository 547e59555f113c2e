"""What dies is started again, what is killed stays dead for a while, and nothing is left."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.programs import Program, environment, says
from sandbox.supervisor import StartError, Supervisor
from tests.support.stopwatch import PATIENCE

SLEEPER = "import time; print('up', flush=True); time.sleep(60)"


def python(folder: Path, code: str, title: str = "sleeper") -> Program:
    log = folder / f"{title}.log"
    command = [sys.executable, "-c", code]
    return Program(title, command, environment(), folder, log, says(log, "up"))


def is_running(pid: int) -> bool:
    ps = subprocess.run(
        ["/bin/ps", "-o", "stat=", "-p", str(pid)], capture_output=True, check=False
    )
    return ps.stdout.strip() != b"" and not ps.stdout.startswith(b"Z")


async def until(look: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not look():
            await asyncio.sleep(0.02)


async def test_what_dies_by_itself_is_started_again_and_told(tmp_path: Path) -> None:
    ended: list[tuple[str, str]] = []
    program = python(tmp_path, SLEEPER)
    async with Supervisor(lambda which, how, _: ended.append((which.title, how))) as supervisor:
        process = await supervisor.start(program)
        supervisor.keep(program)
        process.terminate()
        await until(lambda: program.log.read_text().count("up") == 2)
        assert ended == [("sleeper", "SIGTERM")]
    assert not supervisor.was_forced


async def test_what_is_killed_stays_dead_as_long_as_asked(tmp_path: Path) -> None:
    ended: list[str] = []
    program = python(tmp_path, SLEEPER)
    async with Supervisor(lambda which, *_: ended.append(which.title)) as supervisor:
        await supervisor.start(program)
        supervisor.keep(program)
        began = time.monotonic()
        assert supervisor.kill("sleeper", 0.5)
        assert not supervisor.kill("sleeper")
        await until(lambda: program.log.read_text().count("up") == 2)
        assert time.monotonic() - began >= 0.5
    assert ended == []


async def test_what_is_stopped_is_started_again_when_it_may_run(tmp_path: Path) -> None:
    program = python(tmp_path, SLEEPER)
    async with Supervisor() as supervisor:
        process = await supervisor.start(program)
        supervisor.keep(program)
        async with supervisor.stopped("sleeper"):
            assert process.returncode is not None
            await asyncio.sleep(0.2)
            assert program.log.read_text().count("up") == 1
        await until(lambda: program.log.read_text().count("up") == 2)


async def test_what_fails_says_its_last_words(tmp_path: Path) -> None:
    broken = python(tmp_path, "import sys; sys.exit('no database')", "broken")
    async with Supervisor() as supervisor:
        for attempt in (supervisor.start, supervisor.run):
            with pytest.raises(StartError, match=r"broken ended with exit code 1.*\n  no database"):
                await attempt(broken)
        nowhere = Program("nowhere", ["/no/such/program"], {}, tmp_path, tmp_path / "log")
        with pytest.raises(StartError, match="nowhere cannot be started"):
            await supervisor.start(nowhere)


async def test_what_ignores_sigterm_is_killed_at_the_end(tmp_path: Path) -> None:
    stubborn = python(
        tmp_path, f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPER}"
    )
    async with Supervisor(grace=0.2) as supervisor:
        process = await supervisor.start(stubborn)
    assert process.returncode == -signal.SIGKILL
    assert supervisor.was_forced


async def test_nothing_outlives_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    code = f"""
import asyncio, pathlib
from tests.sandbox.test_supervisor import SLEEPER, Supervisor, python
from tests.support.stopwatch import PATIENCE

async def main():
    async with Supervisor() as supervisor:
        process = await supervisor.start(python(pathlib.Path({str(tmp_path)!r}), SLEEPER))
        print(process.pid, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""
    outer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE
    )
    assert outer.stdout
    async with asyncio.timeout(PATIENCE):
        inner = int(await outer.stdout.readline())
    outer.kill()
    await outer.communicate()
    await until(lambda: not is_running(inner))
