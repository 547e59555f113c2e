"""Work that follows an answer, kept in sight until it has ended."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

logger = logging.getLogger(__name__)

FAREWELL_SECONDS = 2.0


class Background:
    """Runs what need not be waited for, and lets it finish before the process ends.

    Only for what people can repeat themselves, such as opening a form or a private sentence:
    what must happen in any case is the scheduler's.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin some work; if it fails, that is logged."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._end)

    async def finish(self) -> None:
        """Wait for what has begun, but not for long: the process is about to end."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=FAREWELL_SECONDS)
            for task in late:
                task.cancel()

    def _end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("work in the background failed", exc_info=error)
