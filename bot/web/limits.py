"""Keeps a flood from drowning the clicks of real managers: what is too much is refused at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from aiohttp import web
from aiolimiter import AsyncLimiter

# A caller that needs longer to send a body of this size is neither Slack nor a worker.
BODY_SECONDS = 5.0
# Strangers' bodies are read too, before their signature can be checked. Large ones, and those that
# do not say how large they are, arrive a few at a time. The fullest Home comes back with 60 KB, or
# twice that in a script whose letters Slack escapes, so no flood of large bodies refuses a click.
LARGE = 128 * 1024
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
        self._large_places = asyncio.Semaphore(LARGE_AT_ONCE)
        self._rate = AsyncLimiter(a_second, 1)
        self._body = body

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Take a place for one request, once it is known who calls: strangers take none.

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
            raise _busy()
        async with self._places:
            yield

    async def read(self, request: web.Request) -> bytes:
        """Read a body.

        Raises:
            HTTPRequestEntityTooLarge: it is too large.
            HTTPServiceUnavailable: too many large ones are arriving.
            HTTPRequestTimeout: it takes too long to arrive.
            HTTPBadRequest: it breaks off, or is not encoded as it says.
        """
        size = request.content_length
        is_large = size is None or size > LARGE
        if is_large and self._large_places.locked():
            raise _busy()
        async with self._large_places if is_large else nullcontext():
            body = await self._arrival(request, size or 0)
        # An error that is raised where the body is keeps it in memory until the collector comes by.
        if isinstance(body, web.HTTPException):
            raise body
        return body

    async def _arrival(self, request: web.Request, size: int) -> bytes | web.HTTPException:
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while size <= self._body and (chunk := await request.content.readany()):
                    body += chunk
                    size = max(size, len(body))
        except TimeoutError:
            return web.HTTPRequestTimeout(text="The body takes too long to arrive.")
        except (web.RequestPayloadError, ConnectionError):
            return web.HTTPBadRequest(text="The body breaks off, or is not encoded as it says.")
        if size > self._body:
            text = f"The body is larger than {self._body:,} bytes."
            return web.HTTPRequestEntityTooLarge(self._body, size, text=text)
        return bytes(body)


def _busy() -> web.HTTPException:
    return web.HTTPServiceUnavailable(
        text="Too much is going on just now; please try again in a second.",
        headers={"Retry-After": "1"},
    )
