"""The whole loop: a real Bolt app in a workspace, driven as a test of the bot would drive it."""

import pytest
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Channel, ClientRefusal, Sandbox, User, WorkspaceConfig
from sandbox.slack.config import ADA, APPROVALS, MINA
from tests.sandbox.conftest import BUTTONS, SECTION, bolt_for, client_of, modal, served


async def test_an_expense_goes_through_command_form_message_and_click(slack: Sandbox) -> None:
    app = bolt_for(slack)

    @app.command("/expense")
    async def open_form(ack: AsyncAck, body: dict, client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=modal())
        await ack()

    @app.view("expense_modal")
    async def post(ack: AsyncAck, view: dict, client: AsyncWebClient) -> None:
        what = view["state"]["values"]["what"]["what_input"]["value"]
        await client.chat_postMessage(channel=APPROVALS.id, text=what, blocks=[SECTION, BUTTONS])
        await ack()

    @app.action("approve")
    async def approve(ack: AsyncAck, body: dict, client: AsyncWebClient) -> None:
        channel, ts = body["channel"]["id"], body["message"]["ts"]
        await client.chat_update(channel=channel, ts=ts, text="Approved", blocks=[SECTION])
        await client.chat_postMessage(channel=ADA.id, text="Yours was approved")
        await ack()

    async with served(slack, app):
        ack = await slack.command(ADA, "/expense", "submit")
        assert ack.ok
        assert ack.seconds < 1
        view = slack.open_view(ADA)
        assert view
        assert (await slack.submit(ADA, view, {"what_input": "Team lunch"})).ok
        assert slack.open_view(ADA) is None
        [message] = slack.messages(APPROVALS)
        assert message["text"] == "Team lunch"
        assert (await slack.click(MINA, message, "approve")).ok
        assert [message["text"] for message in slack.messages(APPROVALS)] == ["Approved"]
        assert [message["text"] for message in slack.direct_messages(ADA)] == ["Yours was approved"]


async def test_waiting_has_an_end(slack: Sandbox) -> None:
    with pytest.raises(TimeoutError, match="not seen within"):
        await slack.until(lambda: slack.messages(APPROVALS), seconds=0.05)


async def test_clicking_what_is_not_there(slack: Sandbox) -> None:
    slack.say(ADA, APPROVALS, "no buttons")
    with pytest.raises(ClientRefusal, match="nothing called approve"):
        await slack.click(MINA, slack.messages(APPROVALS)[0], "approve")


async def test_a_workspace_of_ones_own() -> None:
    eve = User("U0EVE", "eve", "Eve Adams", locale="sv-SE")
    room = Channel("C0ROOM", "room", bot_is_member=True, members=frozenset({eve.id}))
    config = WorkspaceConfig(users=(eve, ADA), channels=(room,), user_groups=())
    async with Sandbox.start(config, app_url="http://127.0.0.1:1/") as slack:
        assert slack.app_url == "http://127.0.0.1:1"
        client = client_of(slack)
        await client.chat_postMessage(channel=room.id, text="x")
        assert (await client.users_info(user=eve.id, include_locale=True))["user"]["locale"]
        slack.say(eve, room, "mine")
        with pytest.raises(ClientRefusal, match="not in this conversation"):
            slack.say(ADA, room, "not mine")
        with pytest.raises(ClientRefusal, match="not in this conversation"):
            slack.say(ADA, "C0NOWHERE", "x")
