"""Floods of every kind, each from a process of its own: `python -m fuzz.attacks`."""

import argparse
import asyncio
import json
import math
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
from yarl import URL

BIG = b"a" * 200_000
AT_ONCE = 64
MANY_CONNECTIONS = 1500
AT_ITS_HEIGHT = "at its height"
FORM = "application/x-www-form-urlencoded"


class Flood:
    """One attack.

    Args:
        url: the bot's address.
        key: the worker's key, for the attack that knows it.
        seconds: how long the attack lasts once it is at its height.
    """

    def __init__(self, url: str, key: str, seconds: float) -> None:
        self.url = url
        self.key = key
        self.seconds = seconds
        self.until = math.inf
        self.answers: Counter[str] = Counter()

    def is_at_its_height(self) -> None:
        """Tell the process that started the attack, and let it last from now on."""
        if self.until == math.inf:
            self.until = time.monotonic() + self.seconds
            print(AT_ITS_HEIGHT, flush=True)

    async def repeat(self, session: aiohttp.ClientSession, ask: Callable[[], object]) -> None:
        """Ask again and again."""
        while time.monotonic() < self.until:
            method, path, more = ask()  # type: ignore[misc]
            try:
                async with session.request(method, self.url + path, **more) as response:
                    await response.read()
                    self.answers[str(response.status)] += 1
            except (aiohttp.ClientError, TimeoutError, OSError):
                self.answers["hung up"] += 1
                await asyncio.sleep(0.01)
            if self.answers.total() >= AT_ONCE:
                self.is_at_its_height()

    async def asking(self, ask: Callable[[], object]) -> None:
        """Ask on many connections at once."""
        connector = aiohttp.TCPConnector(limit=AT_ONCE)
        timeout = aiohttp.ClientTimeout(total=15)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            await asyncio.gather(*(self.repeat(session, ask) for _ in range(AT_ONCE)))

    async def holding(self, head: bytes, trickle: bytes) -> None:
        """Hold many connections, and send a little over each from time to time."""
        parts = URL(self.url)
        async with asyncio.TaskGroup() as group:
            for _ in range(MANY_CONNECTIONS // 10):
                for _ in range(10):
                    group.create_task(self._hold(str(parts.host), parts.port or 80, head, trickle))
                await asyncio.sleep(0.01)
            self.is_at_its_height()

    async def _hold(self, host: str, port: int, head: bytes, trickle: bytes) -> None:
        while time.monotonic() < self.until:
            try:
                reader, writer = await asyncio.open_connection(host, port)
                writer.write(head)
                while time.monotonic() < self.until and not reader.at_eof():
                    writer.write(trickle)
                    await asyncio.sleep(0.5)
                self.answers["held"] += 1
                writer.transport.abort()
            except OSError:
                self.answers["hung up"] += 1
                await asyncio.sleep(0.1)


def _looks_signed() -> dict[str, str]:
    return {
        "X-Slack-Request-Timestamp": str(int(time.time())),
        "X-Slack-Signature": f"v0={random.randbytes(32).hex()}",
        "Content-Type": FORM,
    }


async def _without_length() -> AsyncIterator[bytes]:
    for _ in range(20):
        yield BIG


def _attacks(flood: Flood) -> dict[str, Callable[[], Awaitable[None]]]:
    events = "/slack/events"
    wrong = {"Authorization": "Bearer wrong"}
    right = {"Authorization": f"Bearer {flood.key}"}
    slow = (
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n"
        b"X-Slack-Request-Timestamp: %d\r\nX-Slack-Signature: v0=0\r\n\r\n" % time.time()
    )

    def create() -> object:
        name = f"flood-{random.randbytes(8).hex()}"
        return "GET", f"/create?is_api_call=true&id={name}", {"headers": right}

    asks: dict[str, Callable[[], object]] = {
        "unsigned": lambda: ("POST", events, {"data": b"payload={}"}),
        "forged": lambda: ("POST", events, {"data": BIG, "headers": _looks_signed()}),
        "no length": lambda: (
            "POST",
            events,
            {"data": _without_length(), "headers": _looks_signed()},
        ),
        "wrong key": lambda: ("GET", "/status?id=x", {"headers": wrong}),
        "right key": create,
        "health": lambda: ("GET", random.choice(["/readyz", "/healthz"]), {}),
        "unknown": lambda: ("GET", f"/{random.randbytes(8).hex()}", {}),
    }
    return {name: lambda ask=ask: flood.asking(ask) for name, ask in asks.items()} | {
        "slow bodies": lambda: flood.holding(slow, b"a"),
        "slow heads": lambda: flood.holding(b"POST / HTTP/1.1\r\n", b"X"),
        "idle": lambda: flood.holding(b"", b""),
    }


ATTACKS = list(_attacks(Flood("", "", 0)))


async def main() -> None:
    """Attack, and print when it is at its height, and how often each answer came, as JSON."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.attacks", description=__doc__)
    parser.add_argument("attack", choices=ATTACKS)
    parser.add_argument("--url", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--seconds", type=float, required=True)
    options = parser.parse_args()
    host = URL(options.url).host
    if host not in ("127.0.0.1", "localhost"):
        sys.exit("only this machine is flooded")
    flood = Flood(options.url, options.key, options.seconds)
    await _attacks(flood)[options.attack]()
    print(json.dumps(flood.answers))


if __name__ == "__main__":
    asyncio.run(main())
