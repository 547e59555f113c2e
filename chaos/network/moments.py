"""Named moments of an expense's life, at which bytes on their way can be held.

The links, the router, the gate and the bank report each moment before they pass its bytes on. A
strike sets a trap for a moment: the bytes that are caught wait, so that processes can be killed in
exactly that moment.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Trap:
    """Waits for one moment, and holds what marks it."""

    name: str
    caught: asyncio.Future[str] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    let_go: asyncio.Future[bool] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    async def wait(self, seconds: float) -> str | None:
        """Wait until bytes are caught.

        Args:
            seconds: the most to wait.

        Returns:
            The process whose bytes they are; None if none came.
        """
        done, _ = await asyncio.wait([self.caught], timeout=seconds)
        return self.caught.result() if done else None

    def drop(self) -> None:
        """Lose the bytes that are held."""
        if not self.let_go.done():
            self.let_go.set_result(False)

    def release(self) -> None:
        """Let the bytes that are held go on."""
        if not self.let_go.done():
            self.let_go.set_result(True)


class Moments:
    """Tells the traps which moments have come."""

    def __init__(self) -> None:
        self._traps: dict[str, list[Trap]] = defaultdict(list)
        self.seen: Counter[str] = Counter()

    async def reached(self, name: str, where: str) -> bool:
        """Report a moment, and wait if a trap holds it.

        Args:
            name: of the moment.
            where: the process whose bytes are on their way.

        Returns:
            Whether they may go on; otherwise they are lost.
        """
        self.seen[name] += 1
        for trap in self._traps[name]:
            if not trap.caught.done():
                trap.caught.set_result(where)
                return await trap.let_go
        return True

    @asynccontextmanager
    async def trap(self, name: str) -> AsyncIterator[Trap]:
        """Set a trap; the bytes that it still holds at the end go on."""
        trap = Trap(name)
        self._traps[name].append(trap)
        try:
            yield trap
        finally:
            self._traps[name].remove(trap)
            trap.release()
            trap.caught.cancel()
