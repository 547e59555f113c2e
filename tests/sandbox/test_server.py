"""The whole loop: a real Bolt app in a workspace, driven as a test of the bot would drive it."""

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox
from bot.sandbox.config import ADA, APPROVALS, MINA
from tests.sandbox.conftest import BUTTONS, SECTION, bolt_for, modal, served


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
