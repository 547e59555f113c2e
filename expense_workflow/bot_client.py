"""The worker's HTTP connections to the bot, and how long it waits for an answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

import aiohttp
import httpx
from httpx_aiohttp import HttpxAiohttpClient

from expense_workflow import __version__
from expense_workflow.settings import Settings
from expense_workflow.wording import brief

# Both end before the 10 s that the workflow gives a call, so that the failure names the real error.
_SILENCE = 8.0
_WHOLE_CALL = 9.0

# More connections than one worker runs activities at a time: no call ever waits for a free one.
_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=30)

_pool: ContextVar[httpx.AsyncClient | None] = ContextVar("expense_workflow_http_pool", default=None)


@asynccontextmanager
async def http_pool() -> AsyncIterator[None]:
    """Let all activities of the workers started inside share one HTTP client.

    Making an httpx.AsyncClient takes about 20 ms of CPU for its TLS context: three a workflow
    would keep a core busy with nothing else. Address and key are read here, once.

    Raises:
        SettingsError: a setting is wrong.
    """
    outer = _pool.get()
    async with _open_client() as client:
        _pool.set(client)
        try:
            yield
        finally:
            _pool.set(outer)


def _open_client() -> httpx.AsyncClient:
    settings = Settings.from_environment()
    headers = {"User-Agent": f"expense-approvals/{__version__}"}
    if settings.api_key:
        headers["Authorization"] = f"Bearer {settings.api_key}"
    # httpx over aiohttp's connections: with 50 activities at a time, a call takes 0.5 ms of
    # processor time instead of 2.2 ms over httpx's own (measured).
    return HttpxAiohttpClient(
        base_url=settings.server_url, headers=headers, timeout=_SILENCE, limits=_LIMITS
    )


@asynccontextmanager
async def bot() -> AsyncIterator[httpx.AsyncClient]:
    """Lend the worker's HTTP client, or one of its own to an activity that runs alone."""
    try:
        async with asyncio.timeout(_WHOLE_CALL):
            if pooled := _pool.get():
                yield pooled
            else:
                async with _open_client() as client:
                    yield client
    except httpx.TimeoutException as error:
        if not isinstance(error.__cause__, TimeoutError):
            # httpx-aiohttp 0.2 takes a refused or lost connection for one that took too long.
            words = f"EXPENSE_SERVER_URL names a place where no bot answers: {brief(str(error))}"
            # Without what is behind it, of which Temporal has no room for all.
            raise httpx.ConnectError(words, request=error.request) from None
        words = f"no answer from the bot within {_SILENCE:.0f} s"
        raise type(error)(words, request=error.request) from error
    except aiohttp.ClientError as error:
        words = f"the bot's answer cannot be read: {brief(str(error))}"
        raise httpx.RemoteProtocolError(words) from error
    except TimeoutError as error:
        # A server that sends a byte now and then is never silent for long enough for httpx.
        words = f"no whole answer from the bot within {_WHOLE_CALL:.0f} s"
        raise httpx.ReadTimeout(words) from error
