"""Whether the bot is alive, and whether it can take traffic."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError

from bot.domain.errors import TryAgain
from bot.web.health import Health

SECRET = "postgres://user:password@db"


class FakePart:
    """Something the bot depends on."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked = 0

    async def ping(self) -> None:
        self.asked += 1
        if self.error:
            raise self.error


async def silence() -> None:
    await asyncio.Event().wait()


@asynccontextmanager
async def serving(
    check_database: Callable[[], Awaitable[object]],
    is_alive: Callable[[], bool] = lambda: True,
) -> AsyncIterator[Callable[[str], Awaitable[tuple[int, str]]]]:
    async with running(Health(is_alive, check_database)) as get:
        yield get


@asynccontextmanager
async def running(health: Health) -> AsyncIterator[Callable[[str], Awaitable[tuple[int, str]]]]:
    app = web.Application()
    app.add_routes(health.routes())
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession() as session:

        async def get(path: str) -> tuple[int, str]:
            async with session.get(url + path) as response:
                return response.status, await response.text()

        yield get
    await runner.cleanup()


async def test_a_loop_that_stands_still_is_not_alive() -> None:
    async with serving(FakePart().ping, lambda: False) as get:
        assert await get("/healthz") == (503, "delivery: has stopped")


async def test_a_bot_that_stops_takes_no_more_traffic() -> None:
    health = Health(lambda: True, FakePart().ping)
    async with running(health) as get:
        assert await get("/readyz") == (200, "database: ready")
        leaving = asyncio.create_task(health.leave())
        await asyncio.sleep(0)
        assert await get("/readyz") == (503, "bot: stopping")
        assert await get("/healthz") == (200, "alive")
        assert not leaving.done()
        leaving.cancel()


async def test_a_bot_that_nobody_asks_leaves_at_once() -> None:
    leaving = asyncio.create_task(Health(lambda: True, FakePart().ping).leave())
    await asyncio.sleep(0)
    assert leaving.done()


async def test_why_it_is_not_ready_is_told_to_the_log_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    part = FakePart(RuntimeError(SECRET))
    health = Health(lambda: True, part.ping)
    for error in (part.error, part.error, None, None):
        part.error = error
        await health._ask()
    assert caplog.messages == [
        "the database is not ready: RuntimeError",
        "the database is ready again",
    ]


async def test_alive_is_said_whatever_the_others_do() -> None:
    part = FakePart(TryAgain("away"))
    async with serving(part.ping) as get:
        assert await get("/healthz") == (200, "alive")
    assert part.asked == 0


@pytest.mark.parametrize(
    "error",
    [
        TryAgain(f"The database at {SECRET} does not answer."),
        SlackApiError("invalid_auth", {"error": "invalid_auth", "token": SECRET}),
        TimeoutError(),
        RuntimeError(f"unforeseen: {SECRET}"),
    ],
)
async def test_who_does_not_answer_is_named_and_nothing_else_is_told(error: Exception) -> None:
    async with serving(FakePart(error).ping) as get:
        assert await get("/readyz") == (503, "database: not ready")


async def test_silence_is_no_answer() -> None:
    async with serving(silence) as get:
        assert await get("/readyz") == (503, "database: not ready")


async def test_many_who_ask_make_one_question() -> None:
    part = FakePart()
    async with serving(part.ping) as get:
        answers = await asyncio.gather(*(get("/readyz") for _ in range(20)))
    assert set(answers) == {(200, "database: ready")}
    assert part.asked == 1
