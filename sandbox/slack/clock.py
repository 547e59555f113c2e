"""The clock by which Slack's limits of seconds are judged."""

import asyncio


def now() -> float:
    """Return the seconds of the event loop, by which everybody's timeouts are judged, too."""
    return asyncio.get_running_loop().time()
