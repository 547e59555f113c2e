"""An event loop whose clock stands still while the process gets no CPU.

So a deadline of a test, of the bot or of the sandbox in one process with it passes when that many
seconds could be worked, and a busy neighbour on the machine fails no test.
"""

import asyncio
import selectors
import threading
import time
from collections.abc import Callable
from typing import Any

# How much later than asked a machine with nothing else to do wakes a process.
GRACE = 0.01


class FairClock:
    """Counts the seconds of waiting as long as was asked for, and of work those on the CPU.

    Args:
        wall: tells the time to everybody.
        work: tells how long this thread has been on the CPU.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.monotonic,
        work: Callable[[], float] = time.thread_time,
    ) -> None:
        self._wall, self._work = wall, work
        self._thread = threading.get_ident()
        self._now, self._worked = wall(), work()

    def time(self) -> float:
        """Return the time, which never is later than everybody's."""
        if threading.get_ident() != self._thread:  # whose work is not this loop's
            return self._now
        return self._now + self._work() - self._worked

    def wait(self, wait: Callable[[], Any], asked: float | None) -> Any:
        """Wait, and count no more seconds than were asked for; None asks for any number."""
        self._thread, self._now = threading.get_ident(), self.time()
        began = self._wall()
        try:
            return wait()
        finally:
            took = self._wall() - began
            self._now += took if asked is None else min(took, max(asked, 0) + GRACE)
            self._worked = self._work()


class _FairSelector(selectors.DefaultSelector):
    """Waits by a fair clock."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = FairClock()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        wait = super().select
        found: list[tuple[selectors.SelectorKey, int]]
        found = self.clock.wait(lambda: wait(timeout), timeout)
        return found


class FairLoop(asyncio.SelectorEventLoop):
    """An event loop with a fair clock."""

    def __init__(self) -> None:
        self._selector: _FairSelector
        super().__init__(_FairSelector())

    def time(self) -> float:
        """Return the time by which this loop's deadlines are judged."""
        return self._selector.clock.time()
