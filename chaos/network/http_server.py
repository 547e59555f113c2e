"""A small HTTP server that can lose requests, and a function that forwards them."""

from collections.abc import Awaitable, Callable

import aiohttp
from aiohttp import web

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}
# Longer than the bots and Slack wait, so that their time-outs are what counts.
PATIENCE = aiohttp.ClientTimeout(total=60, sock_connect=2)
SLOWNESS = 1.0


class Lost(Exception):
    """The request or its answer is lost, and with it the connection."""


class Server:
    """A small HTTP server for one handler.

    Args:
        handler: answers every request; `Lost` ends its connection without an answer.
    """

    def __init__(self, handler: Callable[[web.Request], Awaitable[web.Response]]) -> None:
        self._handler = handler
        self._runner: web.AppRunner

    async def start(self) -> None:
        """Start to listen, on a free port of this machine."""
        application = web.Application(client_max_size=4 * 1024 * 1024)
        application.router.add_route("*", "/{tail:.*}", self._handle)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()

    @property
    def port(self) -> int:
        """The port on which it listens."""
        port: int = self._runner.addresses[0][1]
        return port

    async def stop(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        try:
            return await self._handler(request)
        except (Lost, aiohttp.ClientError, TimeoutError):
            if request.transport:
                request.transport.abort()
            return web.Response()


async def forward(
    session: aiohttp.ClientSession, request: web.Request, url: str, body: bytes
) -> web.Response:
    """Forward a request to another address, and return the answer."""
    headers = {k: v for k, v in request.headers.items() if k.lower() not in _HOP_BY_HOP}
    async with session.request(
        request.method, url, data=body, headers=headers, allow_redirects=False
    ) as response:
        answer = await response.read()
        kept = {k: v for k, v in response.headers.items() if k.lower() not in _HOP_BY_HOP}
        return web.Response(status=response.status, body=answer, headers=kept)
