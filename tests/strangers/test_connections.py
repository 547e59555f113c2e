"""Connections that are opened to take up room: they give way, and whoever asks is answered."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from aiohttp import web

from bot.web import limits
from bot.web.limits import Limits
from bot.web.log_throttle import LogThrottle
from bot.web.server import Doorkeeper, serving
from tests.support.stopwatch import PATIENCE

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def served(doorkeeper: Doorkeeper | None = None) -> AsyncIterator[int]:
    """Serve an application that reads bodies, and tell its port."""
    limit = Limits(at_once=8, a_second=1000, body=300_000)

    async def read(request: web.Request) -> web.Response:
        return web.Response(text=f"{len(await limit.read(request))} bytes")

    app = web.Application(client_max_size=300_000)
    app.add_routes([web.post("/", read)])
    listening: AbstractAsyncContextManager[tuple[str, int]] = serving(
        app, "127.0.0.1", 0, shutdown_timeout=0.1, doorkeeper=doorkeeper
    )
    async with listening as (_, port):
        yield port


@pytest.fixture
async def connect() -> AsyncIterator[Callable[[int], object]]:
    opened: list[asyncio.StreamWriter] = []

    async def open_one(port: int) -> Connection:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        opened.append(writer)
        return reader, writer

    yield open_one
    for writer in opened:
        writer.close()


def whole(body: bytes = b"ab") -> bytes:
    return b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


async def status(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(PATIENCE):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split()[0])
        await reader.readexactly(length)
    return head.split()[1]


@pytest.mark.parametrize("begun", [b"", b"POST / HTTP/1.1\r\nHost: x\r\nX-Slow: a"])
async def test_who_never_asks_is_hung_up_on(connect, begun: bytes) -> None:  # type: ignore[no-untyped-def]
    async with served(Doorkeeper(patience=0.3)) as port:
        reader, writer = await connect(port)
        writer.write(begun)
        async with asyncio.timeout(PATIENCE):
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)


async def test_who_has_asked_may_ask_again_later(connect) -> None:  # type: ignore[no-untyped-def]
    async with served(Doorkeeper(patience=0.2)) as port:
        reader, writer = await connect(port)
        for _ in range(2):
            writer.write(whole())
            assert await status(reader) == b"200"
            await asyncio.sleep(0.8)


async def test_of_too_many_the_quietest_give_way(connect) -> None:  # type: ignore[no-untyped-def]
    async with served(Doorkeeper(most=10, patience=60)) as port:
        idle = [await connect(port) for _ in range(40)]
        await asyncio.sleep(0.6)
        reader, writer = await connect(port)
        writer.write(whole())
        assert await status(reader) == b"200"
        closed = sum(reader.at_eof() or reader.exception() is not None for reader, _ in idle)
        assert closed >= 30


async def test_a_trickle_of_large_bodies_keeps_no_click_out(connect) -> None:  # type: ignore[no-untyped-def]
    half = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + b"a" * 100
    async with served() as port:
        slow = [await connect(port) for _ in range(limits.LARGE_AT_ONCE)]
        for _, writer in slow:
            writer.write(half)
        await asyncio.sleep(0.5)
        for body, answer in [(b"a" * limits.LARGE, b"200"), (b"a" * 200_000, b"503")] * 3:
            reader, writer = await connect(port)
            writer.write(whole(body))
            assert await status(reader) == answer
        for reader, _ in slow:
            assert await status(reader) == b"408"


async def test_a_body_without_a_length_is_bounded_too(connect) -> None:  # type: ignore[no-untyped-def]
    async with served() as port:
        reader, writer = await connect(port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"8000\r\n" + b"a" * 0x8000 + b"\r\n"
        for _ in range(12):
            writer.write(chunk)
        assert await status(reader) == b"413"


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nab",
        b"Content-Length: +2\r\n\r\nab",
        b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"Authorization: Bearer secret\x01\r\n\r\n",
    ],
)
async def test_a_request_that_can_be_read_in_two_ways_is_refused(  # type: ignore[no-untyped-def]
    connect, caplog: pytest.LogCaptureFixture, raw: bytes
) -> None:
    async with served() as port:
        reader, writer = await connect(port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\n" + raw)
        assert await status(reader) == b"400"
    assert "secret" not in caplog.text
    assert "Traceback" not in caplog.text


def test_a_flood_of_refusals_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    refusals = LogThrottle(logging.getLogger("test"))
    for _ in range(10_000):
        refusals.note("refused a stranger")
        refusals.note("refused another kind")
    assert 2 <= len(caplog.records) <= 6


def test_what_was_not_told_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    refusals = LogThrottle(logging.getLogger("test"))
    for _ in range(5):
        refusals.note("refused a stranger")
    refusals._last["refused a stranger"] -= 2
    refusals.note("refused a stranger")
    assert caplog.messages[-1] == "refused a stranger (and 4 times more since this was last said)"
