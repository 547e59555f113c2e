"""How fast Slack lets us write, kept on our side: whatever is too much waits in line here.

Slack takes a message a second in a channel and 50 updates a minute, and more than that for a
moment. So everything goes at once until Slack says that it was too much; from then on turns are
given out at those rates, in the order in which they were first asked for, until nobody waits any
more. Running into more 429s would cost every waiting expense a call each time, in no order.
Whoever's turn is near waits for it; whoever's is far is told when to come back, and does not hold
up what goes to other channels.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from bot.domain.errors import TryAgain

# So long somebody waits here; longer, and they would take the places of those who could write.
NEAR_SECONDS = 2.0
# Whoever comes back does so by a clock that ticks once a second, and rather too soon than too late.
AHEAD_SECONDS = 1.0
# Whoever does not come back for this long has nothing to say any more, and loses their place.
ABSENT_SECONDS = 10.0
# Slack may ask us to go on sooner than it said, and a forgotten line is an empty one.
LONGEST_SECONDS = 300.0
MOST_IN_LINE = 2_000
MOST_PEOPLE = 10_000
SWEEP_SECONDS = 60.0
CALM_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls in any so many seconds."""

    calls: int
    seconds: float


# A little slower than Slack allows: calls do not all take equally long to get there. What is not
# named here never waits, above all what people wait for who have clicked; and chat.delete, which
# takes back a message that should not be there, and is not made again.
POSTING = "chat.postMessage"
RATES = {POSTING: Rate(1, 1.05), "chat.update": Rate(50, 61.0)}

# What the calls of this task are about. It keeps its place in line also if meanwhile there is
# something else to say about it, such as a later deadline.
subject: ContextVar[str | None] = ContextVar("bot_slack_pace_subject", default=None)


class InLine(TryAgain):
    """It is not this call's turn; nothing went wrong, and `after` is when to come back."""


class _Line:
    """Those who want to make the same kind of call, in the order in which they came."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._turns: deque[float] = deque(maxlen=rate.calls)
        self._closed_until = 0.0
        # Who was sent away, and when they will be back.
        self._absent: dict[str, float] = {}

    def take(self, who: str, now: float) -> float:
        """Take a turn, and say for how many seconds to wait for it.

        Raises:
            InLine: it is too far away.
        """
        self._forget(now)
        place = 0
        for other in self._absent:
            if other == who:
                break
            place += 1
        wait = self._turn(place, now) - now
        if wait > NEAR_SECONDS:
            self._send_away(who, now, wait - AHEAD_SECONDS)
        self._absent.pop(who, None)
        # Whoever should go first and is not here goes next: no turn is left unused for anybody.
        turn = self._turn(0, now)
        self._turns.append(turn)
        return turn - now

    def refuse(self, who: str, now: float, seconds: float) -> None:
        """Let nobody through for a while, and this one first after that.

        Raises:
            InLine: always.
        """
        self._closed_until = max(self._closed_until, now + seconds)
        self._absent = {who: now, **self._absent}
        self._send_away(who, now, seconds)

    def is_closed(self, now: float) -> bool:
        return now < self._closed_until

    def is_idle(self, now: float) -> bool:
        """Say whether nobody has come for so long that it can be tried without turns again."""
        self._forget(now)
        over = max(self._closed_until, self._turns[-1] + self._rate.seconds if self._turns else 0)
        return not self._absent and over + CALM_SECONDS <= now

    def _send_away(self, who: str, now: float, seconds: float) -> None:
        after = min(seconds, LONGEST_SECONDS)
        if who in self._absent or len(self._absent) < MOST_IN_LINE:
            self._absent[who] = now + after
        raise InLine("Slack takes no more of these just now.", after=after)

    def _turn(self, place: int, now: float) -> float:
        """Say when it is the turn of whoever has so many before them."""
        rounds, place = divmod(place, self._rate.calls)
        turn = max(now, self._closed_until)
        if (before := len(self._turns) + place - self._rate.calls) >= 0:
            turn = max(turn, self._turns[before] + self._rate.seconds)
        return turn + rounds * self._rate.seconds

    def _forget(self, now: float) -> None:
        gone = [who for who, back in self._absent.items() if back + ABSENT_SECONDS < now]
        for who in gone:
            del self._absent[who]


class SlackPace:
    """Gives out turns to write to Slack.

    Args:
        clock: tells the time, in seconds.
        sleep: lets time pass.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Any] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lines: dict[tuple[str, str], _Line] = {}
        # A message to a person goes to a channel, whose name we learn from the first answer.
        self._channels: dict[str, str] = {}
        self._next_sweep = 0.0

    async def turn(self, method: str, arguments: Mapping[str, Any]) -> None:
        """Wait for the turn of a call.

        Args:
            method: of Slack's Web API.
            arguments: what it is called with.

        Raises:
            InLine: its turn comes later; its place is kept for its subject.
        """
        self._sweep()
        line = self._lines.get(self._key(method, arguments))
        while line:
            if (wait := line.take(_who(arguments), self._clock())) > 0:
                await self._sleep(wait)
            if not line.is_closed(self._clock()):
                return

    def refused(self, method: str, arguments: Mapping[str, Any], seconds: float) -> None:
        """Remember that Slack asked for patience, so that nobody else runs into it.

        Raises:
            InLine: it is known when to make this call again.
        """
        if rate := RATES.get(method):
            line = self._lines.setdefault(self._key(method, arguments), _Line(rate))
            line.refuse(_who(arguments), self._clock(), seconds)

    def learn(self, given: str, channel: str) -> None:
        """Remember which channel a person's direct messages are."""
        if given == channel or self._channels.get(given) == channel:
            return
        if len(self._channels) >= MOST_PEOPLE:
            self._channels.clear()
        self._channels[given] = channel
        if line := self._lines.pop((POSTING, given), None):
            self._lines.setdefault((POSTING, channel), line)

    def __len__(self) -> int:
        return len(self._lines)

    def _key(self, method: str, arguments: Mapping[str, Any]) -> tuple[str, str]:
        channel = str(arguments.get("channel")) if method == POSTING else ""
        return method, self._channels.get(channel, channel)

    def _sweep(self) -> None:
        if (now := self._clock()) >= self._next_sweep:
            self._next_sweep = now + SWEEP_SECONDS
            self._lines = {key: line for key, line in self._lines.items() if not line.is_idle(now)}


def _who(arguments: Mapping[str, Any]) -> str:
    """Say whose place in line a call takes.

    Two that are taken for each other share a place; the second gets a new one.
    """
    return subject.get() or str(arguments.get("ts") or arguments.get("text"))
