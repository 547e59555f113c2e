"""Keeps a flood from drowning the clicks of real managers: what is too much is refused at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiolimiter import AsyncLimiter

# Whoever needs longer to send a body of this size is not Slack, and not a worker.
BODY_SECONDS = 5.0
# Strangers' bodies are read too, before their signature can be checked. Those that are larger
# than what a connection holds anyway, or do not say how large they are, have few places: our
# own forms come back with 45 KB at most.
LARGE = 64 * 1024
LARGE_AT_ONCE = 4


class Limits:
    """How much one kind of caller may ask for.

    Args:
        at_once: requests that are worked on at the same time.
        a_second: requests a second, in the long run.
        body: bytes of a body.
    """

    def __init__(self, *, at_once: int, a_second: int, body: int) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._rate = AsyncLimiter(a_second, 1)
        self._body = body
        self._arriving: dict[asyncio.Timeout, None] = {}

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Take a place for one request.

        To be asked for once it is known who calls: a stranger takes nobody's place.

        Raises:
            HTTPTooManyRequests: there were too many in the last second.
            HTTPServiceUnavailable: too many are worked on.
        """
        if not self._rate.has_capacity():
            raise web.HTTPTooManyRequests(
                text="These are too many requests; please wait a second.",
                headers={"Retry-After": "1"},
            )
        await self._rate.acquire()
        if self._places.locked():
            raise web.HTTPServiceUnavailable(
                text="Too much is going on just now; please try again in a second.",
                headers={"Retry-After": "1"},
            )
        async with self._places:
            yield

    async def read(self, request: web.Request) -> bytes:
        """Read a body.

        When too many large ones arrive at once, the one that has taken longest gives way: whoever
        sends whole bodies, as Slack does, gets through between any number of those who trickle.

        Raises:
            HTTPRequestEntityTooLarge: it is too large.
            HTTPRequestTimeout: it takes too long to arrive.
            HTTPBadRequest: it breaks off, or is not encoded as it says.
        """
        raw: bytes | int = 413
        if (request.content_length or 0) <= self._body:
            raw = await self._arrival(request)
        if isinstance(raw, bytes):
            return raw
        # An error that is raised where the body is keeps it in memory until the collector comes by.
        if raw == 413:
            raise web.HTTPRequestEntityTooLarge(
                max_size=self._body,
                actual_size=request.content_length or 0,
                text=f"The body is larger than {self._body:,} bytes.",
            )
        if raw == 408:
            raise web.HTTPRequestTimeout(text="The body takes too long to arrive.")
        raise web.HTTPBadRequest(text="The body is not encoded as it says.")

    async def _arrival(self, request: web.Request) -> bytes | int:
        """Receive a body, or say with which status to refuse it."""
        body = bytearray()
        if request.content.is_eof():
            # It came with the head, as Slack's clicks do: nobody has to wait.
            return self._whole(request)
        try:
            async with asyncio.timeout(BODY_SECONDS) as patience:
                if request.content_length is None or request.content_length > LARGE:
                    self._make_room()
                    self._arriving[patience] = None
                try:
                    async for chunk in request.content.iter_any():
                        body += chunk
                        if len(body) > self._body:
                            return 413
                finally:
                    self._arriving.pop(patience, None)
        except TimeoutError:
            return 408
        except web.RequestPayloadError:
            return 400
        return bytes(body)

    def _whole(self, request: web.Request) -> bytes | int:
        try:
            body = request.content.read_nowait()
        except web.RequestPayloadError:
            return 400
        return body if len(body) <= self._body else 413

    def _make_room(self) -> None:
        if len(self._arriving) >= LARGE_AT_ONCE:
            slowest = next(iter(self._arriving))
            del self._arriving[slowest]
            slowest.reschedule(asyncio.get_running_loop().time())
