"""This package's programs, started as a platform starts them."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.stopwatch import PATIENCE

ROOT = Path(__file__).parents[2]


@dataclass
class Ended:
    """How a process ended, and what it said."""

    code: int | None
    out: str
    err: str


class Program:
    """A running program."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def says(self, words: str) -> str:
        """Wait for a line with these words on standard output, and return it."""
        assert self.process.stdout
        async with asyncio.timeout(PATIENCE):
            async for line in self.process.stdout:
                if words in line.decode():
                    return line.decode()
        raise AssertionError(f"the program ended without saying: {words}")

    async def end(self, limit: float = PATIENCE) -> Ended:
        """Wait until the program ends by itself."""
        async with asyncio.timeout(limit):
            out, err = await self.process.communicate()
        return Ended(self.process.returncode, out.decode(), err.decode())


@asynccontextmanager
async def program(module: str, *arguments: str, **environment: str) -> AsyncIterator[Program]:
    """Start python -m module, and kill it at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        cwd=ROOT,
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Program(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
