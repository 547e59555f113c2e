"""Sends prepared requests as fast as they are answered: python -m benchmarks.load.

It is a process of its own with a bare protocol. Its own ceiling is measured, too, so that no figure
is the load generator's.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any


class Connection(asyncio.Protocol):
    """One connection that sends the next request when the last one is answered."""

    def __init__(self, shared: "Shared") -> None:
        self._shared = shared
        self._buffer = b""
        self._sent = 0.0
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport = transport
        self._next()

    def _next(self) -> None:
        request = self._shared.next()
        if request is None:
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Read a whole answer, and send the next request."""
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = 0
        for line in head.split(b"\r\n"):
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        if len(body) < length:
            return
        self._shared.answered(int(head[9:12]), time.perf_counter() - self._sent)
        self._buffer = b""
        if self._shared.pause:
            asyncio.get_running_loop().call_later(self._shared.pause, self._next)
        else:
            self._next()

    def connection_lost(self, error: Exception | None) -> None:
        """Leave the run; a request without an answer is missing in the statuses."""
        self._shared.ended()


class Shared:
    """What all connections share."""

    def __init__(self, requests: list[bytes], connections: int, pause: float) -> None:
        self.pause = pause
        self._requests = iter(requests)
        self.latencies: list[float] = []
        self.statuses: Counter[int] = Counter()
        self._open = connections
        self.done = asyncio.Event()

    def next(self) -> bytes | None:
        """Return the next request; each is sent once."""
        return next(self._requests, None)

    def answered(self, status: int, seconds: float) -> None:
        """Note an answer."""
        self.statuses[status] += 1
        self.latencies.append(seconds)

    def ended(self) -> None:
        """Note that a connection is closed."""
        self._open -= 1
        if not self._open:
            self.done.set()


async def run(requests: list[bytes], job: dict[str, Any]) -> dict[str, Any]:
    """Send the requests over so many connections."""
    shared = Shared(requests, job["connections"], job.get("pause", 0.0))
    loop = asyncio.get_running_loop()
    began, processor = time.perf_counter(), time.process_time()
    await asyncio.gather(
        *(
            loop.create_connection(lambda: Connection(shared), "127.0.0.1", job["port"])
            for _ in range(job["connections"])
        )
    )
    await shared.done.wait()
    seconds = time.perf_counter() - began
    return {
        "seconds": seconds,
        "processor": time.process_time() - processor,
        "latencies": shared.latencies,
        "statuses": dict(shared.statuses),
    }


if __name__ == "__main__":
    wanted = json.load(sys.stdin)
    prepared = Path(wanted["requests"]).read_bytes().split(b"\x00")
    json.dump(asyncio.run(run(prepared, wanted)), sys.stdout)
