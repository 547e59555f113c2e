"""Keeps to Slack's rate limits: https://docs.slack.dev/apis/web-api/rate-limits.

Everything goes at once until Slack answers 429. From then on the calls of that method, and for
messages of that channel, take turns at the rate that Slack allows, until there is a calm minute.
A call whose turn is near waits for it. One whose turn is far is told when to come back, and keeps
its turn: so it holds up nothing that goes to other channels, and costs neither Slack nor the
database a try a second (measured, see docs/performance.md).
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack.errors import RateLimited


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls in any so many seconds."""

    calls: int
    seconds: float


# A little slower than Slack allows, as not all calls take equally long to get there: a message a
# second in each channel, and 50 updates a minute. Methods that are not named here never wait, above
# all those that answer a click; and chat.delete, which takes back a message that should not be
# there, and is not called again.
POSTING = "chat.postMessage"
RATES = {POSTING: Rate(1, 1.05), "chat.update": Rate(50, 61.0)}

NEAR_SECONDS = 2.0
# Delivery comes back by a clock that ticks once a second, and should rather be early than late.
AHEAD_SECONDS = 1.0
# A call that is not made again has lost its turn by then.
ABSENT_SECONDS = 10.0
CALM_SECONDS = 60.0


class _Line:
    """The turns of one kind of call."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._taken: deque[float] = deque(maxlen=rate.calls)
        self._promised: dict[Hashable, float] = {}
        self._end = 0.0  # the turn of the next call that has not asked before
        self._closed_until = 0.0

    def take(self, call: Hashable, now: float) -> float:
        """Take a turn, and return for how many seconds to wait for it.

        Raises:
            RateLimited: it is too far away, and kept.
        """
        self._promised = self._still_promised(now)
        # A call whose turn it is may not have come back; those that are here do not wait for it.
        soonest = self._soonest(now)
        turn = self._promised.pop(call, None)
        if turn is None:
            turn = max(self._end, soonest) if self._promised else soonest
            self._end = turn + self._rate.seconds / self._rate.calls
        if (wait := max(turn, soonest) - now) > NEAR_SECONDS:
            self._promised[call] = turn
            raise RateLimited("Slack takes no more of these just now.", after=wait - AHEAD_SECONDS)
        self._taken.append(soonest)
        return soonest - now

    def close(self, call: Hashable, now: float, seconds: float) -> None:
        """Let no call through for a while; this one is the first after that."""
        before = self._soonest(now)
        self._closed_until = max(self._closed_until, now + seconds)
        later = self._soonest(now) - before
        self._promised = {other: turn + later for other, turn in self._promised.items()}
        self._promised[call] = self._closed_until
        self._end = max(self._end + later, self._closed_until)

    def waiting(self, now: float) -> int:
        """Return how many calls have a turn that is too far away to wait for."""
        return len(self._still_promised(now))

    def _still_promised(self, now: float) -> dict[Hashable, float]:
        kept = self._promised.items()
        return {call: turn for call, turn in kept if turn + ABSENT_SECONDS > now}

    def is_closed(self, now: float) -> bool:
        return now < self._closed_until

    def is_calm(self, now: float) -> bool:
        """Return whether the next call can be tried without a turn."""
        return max(self._closed_until, self._end) + CALM_SECONDS <= now

    def _soonest(self, now: float) -> float:
        is_full = len(self._taken) == self._rate.calls
        return max(now, self._closed_until, self._taken[0] + self._rate.seconds if is_full else 0)


class RateLimiter:
    """Gives calls of Slack's Web API their turns."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Any] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lines: dict[tuple[str, str], _Line] = {}

    async def turn(self, method: str, arguments: Mapping[str, Any]) -> None:
        """Wait for the turn of a call.

        Raises:
            RateLimited: its turn comes later, and is kept for a call with the same `ts`, or with
                the same text in the same thread.
        """
        key = _kind(method, arguments)
        while (line := self._lines.get(key)) and not line.is_calm(self._clock()):
            if (wait := line.take(_call(arguments), self._clock())) > 0:
                await self._sleep(wait)
            if not line.is_closed(self._clock()):
                return

    def refused(self, method: str, arguments: Mapping[str, Any], seconds: float) -> None:
        """Remember that Slack answered 429, so that no other call runs into it."""
        if rate := RATES.get(method):
            now = self._clock()
            lines = {key: line for key, line in self._lines.items() if not line.is_calm(now)}
            line = lines.setdefault(_kind(method, arguments), _Line(rate))
            line.close(_call(arguments), now, seconds)
            self._lines = lines

    def waiting(self) -> Mapping[str, int]:
        """Return how many calls of each limited method have a turn that is still to come."""
        counted = dict.fromkeys(RATES, 0)
        for (method, _), line in self._lines.items():
            counted[method] += line.waiting(self._clock())
        return counted

    def __len__(self) -> int:
        return len(self._lines)


def _kind(method: str, arguments: Mapping[str, Any]) -> tuple[str, str]:
    """Name what shares a limit; that a person's id means a channel, only a 429 tells."""
    return method, str(arguments.get("channel")) if method == POSTING else ""


def _call(arguments: Mapping[str, Any]) -> Hashable:
    return arguments.get("ts") or (arguments.get("thread_ts"), arguments.get("text"))
