"""Trouble on demand: what Slack does on a bad day, and its rate limits."""

import asyncio
import math
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, get_args

from aiohttp import web

Kind = Literal["ratelimited", "error", "slow", "hang", "lost"]

# Calls a minute that Slack documents (the least of a tier, without its tolerance for bursts);
# chat.postMessage instead is one a second and channel.
RATES = {
    "chat.update": 50,
    "chat.postEphemeral": 100,
    "chat.delete": 50,
    "views.open": 100,
    "views.update": 100,
    "views.push": 100,
    "views.publish": 100,
    "users.info": 100,
    "usergroups.users.list": 20,
    "conversations.open": 50,
    "conversations.info": 50,
    "bots.info": 50,
    "files.info": 100,
}


@dataclass
class Fault:
    """What happens to calls of a method; `times` counts down, None lasts until cleared."""

    kind: Kind
    seconds: float = 1.0
    status: int = 500
    times: int | None = None


class Faults:
    """The faults in force, by Web API method; `*` stands for every method."""

    def __init__(self, *, rate_limits: bool) -> None:
        self.rate_limits = rate_limits
        # Set at the sandbox's end, so that nothing waits past it.
        self.closing = asyncio.Event()
        self._faults: dict[str, list[Fault]] = {}
        self._calls: dict[tuple[str, str], deque[float]] = {}

    def add(
        self,
        method: str,
        kind: Kind,
        *,
        seconds: float = 1.0,
        status: int = 500,
        times: int | None = None,
    ) -> None:
        """Make calls of a method fail; later faults wait until earlier ones are used up."""
        self._faults.setdefault(method, []).append(Fault(kind, seconds, status, times))

    def add_json(self, body: Any) -> None:
        """Make calls fail as a control request asks; a wrong request is a ValueError."""
        if not isinstance(body, dict) or body.get("fault") not in get_args(Kind):
            raise ValueError(f"fault must be one of {', '.join(get_args(Kind))}")
        seconds, status = body.get("seconds", 1.0), body.get("status", 500)
        times = body.get("times")
        if not isinstance(body.get("method"), str):
            raise ValueError("method must be a Web API method, or *")
        if not isinstance(seconds, int | float) or not 0 <= seconds <= 3600:
            raise ValueError("seconds must be a number from 0 to 3600")
        if not isinstance(status, int) or not 500 <= status <= 599:
            raise ValueError("status must be a number from 500 to 599")
        if not (times is None or (isinstance(times, int) and times > 0)):
            raise ValueError("times must be a number above 0")
        self.add(body["method"], body["fault"], seconds=seconds, status=status, times=times)

    def clear(self) -> None:
        """End all trouble."""
        self._faults.clear()

    def limit(self, *, on: bool) -> None:
        """Begin or stop to answer 429 as often as Slack; what was called before is forgotten."""
        self.rate_limits = on
        self._calls.clear()

    def take(self, method: str) -> Fault | None:
        """Tell what happens to this call."""
        for name in (method, "*"):
            queue = self._faults.get(name, [])
            if queue:
                fault = queue[0]
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times == 0:
                        queue.pop(0)
                return fault
        return None

    def retry_after(self, method: str, channel: str) -> int | None:
        """Count this call; say how long to wait if it is one too many."""
        posting = method == "chat.postMessage"
        if not self.rate_limits or not (posting or method in RATES):
            return None
        window, allowed = (1.0, 1) if posting else (60.0, RATES[method])
        calls = self._calls.setdefault((method, channel if posting else ""), deque())
        now = time.monotonic()
        while calls and now - calls[0] >= window:
            calls.popleft()
        if len(calls) >= allowed:
            return max(1, math.ceil(window - (now - calls[0])))
        calls.append(now)
        return None

    async def play(self, fault: Fault) -> web.Response | None:
        """Let the trouble happen that comes before acting; None means: now act."""
        if fault.kind == "ratelimited":
            return too_many_requests(fault.seconds)
        if fault.kind == "error":
            return web.Response(status=fault.status, text="Internal error")
        if fault.kind == "slow":
            await self._sleep(fault.seconds)
        if fault.kind == "hang":
            await self._sleep(None)
            return web.Response(status=503, text="Service unavailable")
        return None

    async def _sleep(self, seconds: float | None) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.closing.wait(), seconds)


def too_many_requests(seconds: float) -> web.Response:
    """Answer that the app calls too often."""
    return web.json_response(
        {"ok": False, "error": "ratelimited"},
        status=429,
        headers={"Retry-After": str(max(1, math.ceil(seconds)))},
    )


def drop(request: web.Request) -> web.Response:
    """Close the connection instead of answering."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
