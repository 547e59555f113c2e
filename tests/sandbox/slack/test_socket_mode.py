"""Socket Mode with the SDK's real client."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Sandbox, WorkspaceConfig
from sandbox.slack.config import ADA, APPROVALS, GENERAL
from tests.sandbox.conftest import BUTTONS, bolt_for, client_of, home, modal


@asynccontextmanager
async def connected(slack: Sandbox, app: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    handler = AsyncSocketModeHandler(
        app, slack.config.app_token, web_client=client_of(slack), ping_interval=0.2
    )
    await handler.connect_async()
    await slack.until(lambda: slack.sockets.live)
    try:
        yield handler
    finally:
        await handler.close_async()


@asynccontextmanager
async def raw_socket(
    slack: Sandbox, http: aiohttp.ClientSession
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    client = client_of(slack)
    answer = await client.apps_connections_open(app_token=slack.config.app_token)
    async with http.ws_connect(answer["url"]) as socket:
        assert (await socket.receive_json())["type"] == "hello"
        yield socket


async def test_everything_goes_over_the_socket(slack: Sandbox) -> None:
    app = bolt_for(slack)

    @app.command("/expense")
    async def open_form(ack: AsyncAck, body: dict, client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=modal())
        await ack("Fill it in")

    @app.view("expense_modal")
    async def post(ack: AsyncAck, view: dict, client: AsyncWebClient) -> None:
        what = view["state"]["values"]["what"]["what_input"]["value"]
        if what == "wrong":
            await ack(response_action="errors", errors={"what": "Wrong."})
            return
        await client.chat_postMessage(channel=APPROVALS.id, text=what, blocks=[BUTTONS])
        await ack()

    @app.action("approve")
    async def approve(ack: AsyncAck, body: dict, client: AsyncWebClient) -> None:
        ts = body["message"]["ts"]
        await client.chat_update(channel=APPROVALS.id, ts=ts, text="Approved")
        await ack()

    @app.event("app_home_opened")
    async def publish(event: dict, client: AsyncWebClient) -> None:
        await client.views_publish(user_id=event["user"], view=home())

    async with connected(slack, app):
        assert (await slack.command(ADA, "/expense", channel=GENERAL)).text == "Fill it in"
        view = slack.open_view(ADA)
        assert view
        assert (await slack.submit(ADA, view, {"what": "wrong"})).ok
        assert slack.view_errors(ADA) == {"what": "Wrong."}
        assert (await slack.submit(ADA, view, {"what": "Lunch"})).ok
        assert (await slack.click(ADA, slack.messages(APPROVALS)[0], "approve")).ok
        assert slack.messages(APPROVALS)[0]["text"] == "Approved"
        await slack.open_home(ADA)
        assert await slack.until(lambda: slack.home(ADA))


async def test_the_app_comes_back_after_a_refresh(slack: Sandbox) -> None:
    app = bolt_for(slack)

    @app.command("/expense")
    async def answer(ack: AsyncAck) -> None:
        await ack("Still here")

    async with connected(slack, app):
        await slack.sockets.refresh()
        await slack.until(lambda: slack.sockets.live)
        assert len(slack.calls_of("apps.connections.open")) == 2
        assert (await slack.command(ADA, "/expense")).text == "Still here"


async def test_an_envelope(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    async with raw_socket(slack, http) as socket:
        command = asyncio.create_task(slack.command(ADA, "/expense", "list"))
        envelope = await socket.receive_json()
        assert envelope["type"] == "slash_commands"
        assert envelope["payload"]["text"] == "list"
        assert envelope["accepts_response_payload"] is True
        # Slack ignores whatever acknowledges nothing.
        for noise in ("[", "[]", '{"envelope_id": 5}', '{"envelope_id": "other"}'):
            await socket.send_str(noise)
        answer: dict[str, Any] = {"envelope_id": envelope["envelope_id"], "payload": {"text": "x"}}
        await socket.send_str(json.dumps(answer))
        assert (await command).text == "x"
        event = asyncio.create_task(slack.open_home(ADA))
        envelope = await socket.receive_json()
        assert (envelope["type"], envelope["retry_attempt"]) == ("events_api", 0)
        assert envelope["accepts_response_payload"] is False
        await socket.send_json({"envelope_id": envelope["envelope_id"]})
        ack = await event
        assert ack
        assert ack.ok


async def test_no_acknowledgement(http: aiohttp.ClientSession) -> None:
    config = WorkspaceConfig(ack_seconds=0.05)
    async with Sandbox.start(config) as slack, raw_socket(slack, http):
        assert (await slack.command(ADA, "/expense")).error == "operation_timeout"


async def test_several_connections_take_turns(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    async def acknowledge(socket: aiohttp.ClientWebSocketResponse, seen: list[str]) -> None:
        async for message in socket:
            envelope = json.loads(message.data)
            if "envelope_id" in envelope:
                seen.append(envelope["payload"]["text"])
                await socket.send_json({"envelope_id": envelope["envelope_id"]})

    one: list[str] = []
    two: list[str] = []
    async with raw_socket(slack, http) as first, raw_socket(slack, http) as second:
        tasks = [asyncio.create_task(acknowledge(first, one))]
        tasks.append(asyncio.create_task(acknowledge(second, two)))
        for number in range(4):
            assert (await slack.command(ADA, "/expense", str(number))).ok
    await asyncio.gather(*tasks)
    assert (one, two) == (["0", "2"], ["1", "3"])


async def test_an_address_is_good_once(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    answer = await client_of(slack).apps_connections_open(app_token=slack.config.app_token)
    url = answer["url"]
    assert url.startswith("ws://")
    async with http.ws_connect(url), http.get(url.replace("ws", "http", 1)) as second:
        assert second.status == 401
    async with http.get(f"{slack.base_url}/link/") as none:
        assert none.status == 401


async def test_http_takes_over_when_the_socket_is_gone(
    slack: Sandbox, http: aiohttp.ClientSession
) -> None:
    async with raw_socket(slack, http):
        assert slack.sockets.live
    await slack.until(lambda: not slack.sockets.live)
    assert (await slack.command(ADA, "/expense")).error == "dispatch_failed"


async def test_a_refresh_hangs_up_on_an_app_that_does_not_listen(
    slack: Sandbox, http: aiohttp.ClientSession
) -> None:
    async with raw_socket(slack, http) as socket:
        await slack.sockets.refresh(patience=0)
        assert not slack.sockets.live
        assert (await socket.receive_json())["type"] == "disconnect"
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
