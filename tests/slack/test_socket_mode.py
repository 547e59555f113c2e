"""Socket Mode: a token that Slack refuses, a Slack that is away, and the end of the process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from bot.slack.bolt_app import make_slack_app
from bot.slack.errors import SlackRefusal
from bot.slack.installation import Installation
from bot.slack.socket_mode import SocketMode
from bot.slack.web_client import make_session, make_slack_client
from sandbox import Sandbox
from tests.support.stopwatch import PATIENCE


@asynccontextmanager
async def connection(slack: Sandbox, app_token: str) -> AsyncIterator[SocketMode]:
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(make_session())
        client = make_slack_client(slack.config.bot_token, slack.api_url, session)
        socket_mode = SocketMode(make_slack_app(client, Installation(client)), app_token)
        socket_mode.ping_interval = 0.2
        stack.push_async_callback(socket_mode.close)
        yield socket_mode


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    async with Sandbox.start() as sandbox:
        yield sandbox


async def test_a_token_that_slack_refuses_is_noticed_before_anything_else(slack: Sandbox) -> None:
    async with connection(slack, "xapp-wrong") as socket_mode:
        with pytest.raises(SlackRefusal, match="invalid_auth"):
            await socket_mode.prepare()


async def test_a_token_that_is_revoked_is_said_once_and_tried_again(
    slack: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    async with connection(slack, "xapp-wrong") as socket_mode:
        connecting = asyncio.create_task(socket_mode.connect())
        await slack.until(lambda: len(slack.calls_of("apps.connections.open")) > 3)
        socket_mode.app_token = slack.config.app_token
        async with asyncio.timeout(PATIENCE):
            await connecting
    assert caplog.text.count("SLACK_APP_TOKEN is refused by Slack (invalid_auth)") == 1
    assert "Traceback" not in caplog.text


async def test_a_failed_try_is_followed_by_one_with_a_new_address(slack: Sandbox) -> None:
    async with connection(slack, slack.config.app_token) as socket_mode:
        await socket_mode.prepare()
        address = str(socket_mode.wss_uri)
        slack.sockets.forget_tickets()
        async with asyncio.timeout(PATIENCE):
            await socket_mode.connect()
            await slack.until(lambda: slack.sockets.live)
        assert socket_mode.wss_uri != address


async def test_it_hangs_up_on_a_slack_that_says_no_goodbye(slack: Sandbox) -> None:
    async with connection(slack, slack.config.app_token) as socket_mode:
        await socket_mode.connect()
        assert socket_mode.current_session
        # The other end stops to read and to answer.
        connected = socket_mode.current_session._response.connection
        assert connected
        assert connected.transport
        connected.transport.pause_reading()
        async with asyncio.timeout(5):
            await socket_mode.close()
