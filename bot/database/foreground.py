"""Lets people who wait for an acknowledgement go first.

What follows a click costs several times the processor time of the click itself, and nobody counts
its milliseconds. So its steps wait for a breath in which no request is being answered; while the
breath does not come, one step goes every now and then, so that nothing is put off for ever.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

from bot.database.connection import Connection, Database

# In a rush, one step each: 50 a second.
STEP_SECONDS = 0.02
# The next click of a rush comes sooner than that; and so late the decision is on its way.
BREATH_SECONDS = 0.001
# Whoever is not answered by then waits for something else than the processor, such as Slack.
LONGEST_SECONDS = 0.25


class Rush:
    """Knows whether somebody is waiting for an acknowledgement just now."""

    def __init__(self) -> None:
        self._waiting: set[object] = set()
        self._calm = asyncio.Event()
        self._calm.set()
        self._line = asyncio.Lock()
        self._next_step = 0.0

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count somebody as waiting."""
        loop, ticket = asyncio.get_running_loop(), object()
        self._waiting.add(ticket)
        self._calm.clear()
        timer = loop.call_later(LONGEST_SECONDS, self._leave, ticket)
        try:
            yield
        finally:
            timer.cancel()
            loop.call_later(BREATH_SECONDS, self._leave, ticket)

    def _leave(self, ticket: object) -> None:
        self._waiting.discard(ticket)
        if not self._waiting:
            self._calm.set()

    async def turn(self) -> None:
        """Wait until it is one's turn to do something that can wait."""
        if self._calm.is_set():
            return
        loop = asyncio.get_running_loop()
        async with self._line:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._next_step):
                    await self._calm.wait()
            self._next_step = loop.time() + STEP_SECONDS


class Unhurried:
    """A database for what can wait; its calls are those of `Database`.

    Args:
        database: where it is.
        rush: says when it is its turn.
    """

    def __init__(self, database: Database, rush: Rush) -> None:
        self._database = database
        self._rush = rush

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Lend a connection for reading only."""
        await self._rush.turn()
        async with self._database.reading() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """Lend a connection in a transaction."""
        await self._rush.turn()
        async with self._database.writing() as connection:
            yield connection

    @asynccontextmanager
    async def writing_once(self) -> AsyncIterator[Connection]:
        """Lend a connection in which each statement is a transaction of its own."""
        await self._rush.turn()
        async with self._database.writing_once() as connection:
            yield connection
