"""Lets people who wait for an acknowledgement go first.

What follows a click costs several times the processor time of the click itself, and nobody counts
its milliseconds. So delivery waits for a moment in which no request is being answered; while that
moment does not come, one step goes every now and then, so that nothing is put off for ever.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

# In a crowd, one step of one delivery each: ten a second.
STEP_SECONDS = 0.1
# The next click of a crowd comes sooner than that.
CALM_SECONDS = 0.003
# A request that takes longer waits for something else than the processor, such as Slack.
LONGEST_SECONDS = 1.0


class Foreground:
    """Knows whether somebody is waiting for an acknowledgement just now."""

    def __init__(self) -> None:
        self._waiting: set[object] = set()
        self._calm = asyncio.Event()
        self._calm.set()
        self._turns = asyncio.Lock()
        self._next_turn = 0.0

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count a request as waiting while the body runs."""
        loop, ticket = asyncio.get_running_loop(), object()
        self._waiting.add(ticket)
        self._calm.clear()
        timer = loop.call_later(LONGEST_SECONDS, self._leave, ticket)
        try:
            yield
        finally:
            timer.cancel()
            loop.call_later(CALM_SECONDS, self._leave, ticket)

    def _leave(self, ticket: object) -> None:
        self._waiting.discard(ticket)
        if not self._waiting:
            self._calm.set()

    async def turn(self) -> None:
        """Wait for the turn of something that can wait."""
        if self._calm.is_set():
            return
        async with self._turns:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._next_turn):
                    await self._calm.wait()
            self._next_turn = asyncio.get_running_loop().time() + STEP_SECONDS
