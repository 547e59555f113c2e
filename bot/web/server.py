"""Listens for connections, lets those go that only take up room, and answers every error."""

import asyncio
import errno
import logging
import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestHandler

from bot import logs
from bot.domain.errors import ExpenseError, SettingsError, TryAgain
from bot.domain.health.outages import with_cause
from bot.web.log_throttle import LogThrottle

# Below the 1,024 open files that many systems allow a process.
MOST_CONNECTIONS = 800
# A peer that has not sent the head of a request by then keeps the connection for its own sake.
FIRST_REQUEST_SECONDS = 10.0
KEEPALIVE_SECONDS = 75.0
SWEEP_SECONDS = 0.25

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

logger = logging.getLogger(__name__)
_refusals = LogThrottle(logger)


class Doorkeeper:
    """Hangs up on connections that never ask, and on the quietest when there are too many.

    aiohttp waits for the first request as long as the peer likes (measured), so that some
    thousand idle connections would leave no file descriptor for Slack's.

    Args:
        most: how many connections there may be.
        patience: seconds until the head of the first request must be here.
    """

    def __init__(
        self, most: int = MOST_CONNECTIONS, patience: float = FIRST_REQUEST_SECONDS
    ) -> None:
        self._most = most
        self._patience = patience
        self._busy: set[RequestHandler] = set()
        self._quiet_since: dict[RequestHandler, float] = {}
        self._has_asked: set[RequestHandler] = set()

    @web.middleware
    async def notice(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Notice which connections are being served."""
        connection = request.protocol
        self._busy.add(connection)
        self._quiet_since.pop(connection, None)
        try:
            return await handler(request)
        finally:
            self._busy.discard(connection)
            self._has_asked.add(connection)

    def sweep(self, connections: Iterable[RequestHandler]) -> None:
        """Look at every connection, and hang up on those that have been quiet for too long."""
        now, open_now = time.monotonic(), set(connections)
        self._has_asked &= open_now
        self._quiet_since = {
            connection: self._quiet_since.get(connection, now)
            for connection in open_now - self._busy
        }
        longest_first = sorted(self._quiet_since, key=self._quiet_since.__getitem__)
        surplus = max(0, len(open_now) - self._most)
        for place, connection in enumerate(longest_first):
            never_asked = connection not in self._has_asked
            is_late = never_asked and now - self._quiet_since[connection] >= self._patience
            if (is_late or place < surplus) and connection.transport:
                _refusals.note("hung up on a connection that only took up room")
                connection.transport.abort()


@web.middleware
async def plain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error with a word or a sentence, and never with what went on inside.

    A refusal is an answer (200, `ERROR:…`), as the contract with workers has it. What the caller
    has to mend is a 4xx, which handlers raise; what passes by itself is a 503, and workers retry.
    """
    logs.begin(request.headers.get("X-Request-ID"))
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except TryAgain as later:
        logger.warning("%s: %s", request.path, with_cause(later))
        headers = {"Retry-After": f"{later.after:.0f}"}
        return web.Response(status=503, text=f"{later} Please try again.", headers=headers)
    except ExpenseError as refusal:
        logger.info("%s: ERROR:%s", request.path, refusal.code)
        return web.Response(text=f"ERROR:{refusal.code}")
    except Exception:
        # The last stop: an error that nobody foresaw is logged whole, and answered briefly.
        logger.exception("%s %s failed", request.method, request.path)
        return web.Response(status=500, text="Something went wrong here; it was logged.")


@asynccontextmanager
async def serving(
    app: web.Application,
    host: str,
    port: int,
    *,
    shutdown_timeout: float,
    doorkeeper: Doorkeeper | None = None,
    name: str = "PORT",
) -> AsyncIterator[tuple[str, int]]:
    """Serve an application, and clean it up at the end.

    Args:
        host: the address to listen on; "::" for every one of this machine, of IPv4 and IPv6.
        port: the port to listen on; 0 takes a free one.
        name: the setting that names the port.

    Yields:
        Where it listens.

    Raises:
        SettingsError: another program listens there, or nobody may.
    """
    doorkeeper = doorkeeper or Doorkeeper()
    app.middlewares.insert(0, doorkeeper.notice)
    logging.getLogger("aiohttp.server").addFilter(_in_one_line)
    runner = web.AppRunner(
        app,
        # Addresses may carry what callers should not have put there; this log would keep it.
        access_log=None,
        shutdown_timeout=shutdown_timeout,
        keepalive_timeout=KEEPALIVE_SECONDS,
        # For the rest of a body that nobody is going to read.
        lingering_time=0.2,
    )
    async with AsyncExitStack() as running:
        running.push_async_callback(runner.cleanup)
        await runner.setup()
        running.callback(asyncio.create_task(_keep_sweeping(doorkeeper, runner)).cancel)
        yield await _listen(runner, host, port, name)


async def _listen(runner: web.AppRunner, host: str, port: int, name: str) -> tuple[str, int]:
    try:
        await web.SockSite(runner, _bind(host, port)).start()
    except OSError as error:
        words = f"{name} {port} cannot be listened on: {os.strerror(error.errno or 0)}"
        raise SettingsError(words) from error
    address = runner.addresses[0]
    return str(address[0]), int(address[1])


def _bind(host: str, port: int) -> socket.socket:
    # Some platforms, such as Railway and Fly.io, reach an app over IPv6; some machines have none.
    if host == "::" and socket.has_dualstack_ipv6():
        try:
            return socket.create_server((host, port), family=socket.AF_INET6, dualstack_ipv6=True)
        except OSError as error:
            if error.errno not in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
                raise
    return socket.create_server(("0.0.0.0" if host == "::" else host, port))  # noqa: S104


async def _keep_sweeping(doorkeeper: Doorkeeper, runner: web.AppRunner) -> None:
    while runner.server:
        await asyncio.sleep(SWEEP_SECONDS)
        doorkeeper.sweep(runner.server.connections)


def _in_one_line(record: logging.LogRecord) -> bool:
    """Drop what aiohttp logs of a request that is not HTTP: the request, keys included."""
    if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
        _refusals.note("refused a request that is not HTTP")
        return False
    return True
