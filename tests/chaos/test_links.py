"""Links: what each kind of trouble does to bytes on their way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from chaos.network.links import Link, Mode


@asynccontextmanager
async def echo() -> AsyncIterator[Link]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(100):
                writer.write(data)
        except ConnectionError:
            pass  # the link was cut
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    link = Link("a>b", server.sockets[0].getsockname()[1])
    await link.start()
    try:
        yield link
    finally:
        await link.stop()
        server.close()


class Caller:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def says(self, word: bytes, seconds: float = 0.2) -> bytes | None:
        self.writer.write(word)
        try:
            return await asyncio.wait_for(self.reader.read(100), seconds)
        except TimeoutError:
            return None
        except ConnectionError:
            return b""


@asynccontextmanager
async def call(link: Link) -> AsyncIterator[Caller]:
    reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
    try:
        yield Caller(reader, writer)
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("mode", "now", "later"),
    [
        ("cut", b"", b""),
        ("hold", None, b"one"),
        ("slow", None, b"one"),
        ("forget", None, None),
    ],
)
async def test_trouble_and_what_is_left_of_it(
    mode: Mode, now: bytes | None, later: bytes | None
) -> None:
    async with echo() as link, call(link) as caller:
        assert await caller.says(b"zero") == b"zero"
        link.disturb(mode)
        assert await caller.says(b"one") == now
        link.mend()
        if later != b"":
            assert await caller.says(b"", 1) == later
        async with call(link) as fresh:
            assert await fresh.says(b"two") == b"two"


async def test_a_cut_link_takes_no_new_connections() -> None:
    async with echo() as link:
        link.disturb("cut")
        async with call(link) as caller:
            assert await caller.says(b"one") == b""


async def test_what_is_held_is_counted_and_can_be_lost() -> None:
    async with echo() as link, call(link) as caller:
        link.disturb("hold")
        assert await caller.says(b"one") is None
        assert link.held_bytes == 3
        link.reset()
        link.mend()
        assert await caller.says(b"", 1) == b""
