"""Slack's rate limits: https://docs.slack.dev/apis/web-api/rate-limits."""

import math
import time
from collections import deque
from collections.abc import Callable

# Calls a minute that Slack documents (the least of a tier, without its tolerance for bursts);
# chat.postMessage instead is one a second and channel.
RATES = {
    "chat.update": 50,
    "chat.postEphemeral": 100,
    "chat.delete": 50,
    "chat.scheduleMessage": 50,
    "chat.deleteScheduledMessage": 50,
    "views.open": 100,
    "views.update": 100,
    "views.push": 100,
    "views.publish": 100,
    "users.info": 100,
    "users.lookupByEmail": 50,
    "usergroups.users.list": 20,
    "conversations.open": 50,
    "conversations.info": 50,
    "bots.info": 50,
    "files.info": 100,
    "files.getUploadURLExternal": 100,
    "files.completeUploadExternal": 100,
}


class RateLimits:
    """Counts the app's calls by method, and by channel for chat.postMessage.

    Args:
        on: whether a call too many is refused; tests and the demo switch it.
        clock: tells the time in seconds; the app's has to go alike.
    """

    def __init__(self, *, on: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self.on = on
        self._clock = clock
        self._calls: dict[tuple[str, str], deque[float]] = {}

    def switch(self, *, on: bool) -> None:
        """Begin or stop to refuse calls; what was called before is forgotten."""
        self.on = on
        self._calls.clear()

    def retry_after(self, method: str, channel: str) -> int | None:
        """Count a call.

        Args:
            method: of the Web API.
            channel: where it writes, as an id; only chat.postMessage counts by channel.

        Returns:
            The seconds until it may be tried again, if it is one too many; otherwise None.
        """
        posting = method == "chat.postMessage"
        if not self.on or not (posting or method in RATES):
            return None
        window, allowed = (1.0, 1) if posting else (60.0, RATES[method])
        calls = self._calls.setdefault((method, channel if posting else ""), deque())
        moment = self._clock()
        while calls and moment - calls[0] >= window:
            calls.popleft()
        if len(calls) >= allowed:
            return max(1, math.ceil(window - (moment - calls[0])))
        calls.append(moment)
        return None
