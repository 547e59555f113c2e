"""What Slack and the database are asked is seen in Prometheus' text."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from bot.database.engine.connection import Connection
from bot.database.schema import expenses
from bot.domain.errors import TryAgain
from bot.slack.errors import RateLimited, SlackRefusal
from bot.slack.rate_limiter import POSTING
from bot.slack.web_client import asking_slack, make_session, make_slack_client
from bot.telemetry.instruments import Instruments
from bot.telemetry.traffic import Queries, SlackCalls
from sandbox import Sandbox
from sandbox.slack.config import APPROVALS
from tests.support.rooms import rooms
from tests.support.scrapes import Scrape, scraped

CALLED = "slack_client_request_duration_seconds_count"


@pytest.fixture
async def exported(
    closed_port: int,
) -> AsyncIterator[tuple[Instruments, Callable[[], Awaitable[Scrape]]]]:
    async with scraped(closed_port) as opened:
        yield opened


async def test_a_call_of_slack_is_seen_with_its_method_and_its_error(
    exported: tuple[Instruments, Callable[[], Awaitable[Scrape]]],
) -> None:
    instruments, scrape = exported
    async with Sandbox.start() as slack, make_session() as session:
        client = make_slack_client(slack.config.bot_token, slack.api_url, session)
        SlackCalls(instruments, client).watch(session)

        async def post(channel: str = APPROVALS.id) -> None:
            async with asking_slack():
                await client.chat_postMessage(channel=channel, text="Tea")

        await post()
        with pytest.raises(SlackRefusal):
            await post("C0NOWHERE00")
        slack.faults.add(POSTING, "error", error="made_up_by_a_proxy", times=1)
        with pytest.raises(SlackRefusal):
            await post()
        slack.faults.add(POSTING, "lost", times=1)
        with pytest.raises(TryAgain):
            await post()
        slack.faults.add(POSTING, "error", status=502, times=1)
        with pytest.raises(TryAgain):
            await post()
        slack.faults.add(POSTING, "ratelimited", seconds=60)
        with pytest.raises(RateLimited):
            await post()
        seen = await scrape()
    for error in ("none", "channel_not_found", "other", "no_answer", "http_502", "ratelimited"):
        assert seen.values(CALLED, method=POSTING, error=error) == [1], error
    assert seen.value(CALLED) == 6
    assert seen.values("slack_client_waiting", method=POSTING) == [1]
    assert seen.values("slack_client_waiting", method="chat.update") == [0]


async def test_where_slack_wants_an_answer_is_no_label(
    exported: tuple[Instruments, Callable[[], Awaitable[Scrape]]],
) -> None:
    instruments, scrape = exported

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_post("/actions/T0/1/a.secret", answer)
    async with TestClient(TestServer(app)) as peer, make_session() as session:
        client = make_slack_client("xoxb-1", str(peer.make_url("/api/")), session)
        SlackCalls(instruments, client).watch(session)
        await session.post(peer.make_url("/actions/T0/1/a.secret"))
        seen = await scrape()
    assert seen.values(CALLED, method="response_url", error="none") == [1]
    assert "secret" not in seen.text


async def test_statements_transactions_and_connections_are_seen(
    exported: tuple[Instruments, Callable[[], Awaitable[Scrape]]], database_url: str
) -> None:
    instruments, scrape = exported
    took, counted = "db_client_operation_duration_seconds_count", "db_client_connection_count"
    async with rooms(database_url) as here:
        Queries(instruments, here.database)

        async def look(connection: Connection) -> Scrape:
            await connection.execute(select(expenses.c.id))
            return await scrape()

        await here.waiting()
        statements = (await scrape()).value(took, operation="statement")
        assert statements > 0
        within = await here.database.transaction(look)
        assert within.values(counted, state="used") == [1]
        after = await scrape()
    assert after.values(counted, state="used") == [0]
    assert after.value(counted, state="idle") >= 1
    assert after.value("db_client_connection_max") in (4, 8)
    assert after.values(took, operation="transaction") == [1]
    assert after.value(took, operation="statement") == statements


async def test_a_caller_who_gives_up_takes_no_connection_along(
    exported: tuple[Instruments, Callable[[], Awaitable[Scrape]]], sqlite_url: str
) -> None:
    instruments, scrape = exported
    async with rooms(sqlite_url) as here:
        Queries(instruments, here.database)

        async def wait(_: Connection) -> None:
            began.set()
            await asyncio.sleep(60)

        began = asyncio.Event()
        waiting = asyncio.create_task(here.database.transaction(wait))
        await began.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        seen = await scrape()
    assert seen.values("db_client_connection_count", state="used") == [0]
