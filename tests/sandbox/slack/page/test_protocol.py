"""The page's protocol, without the page."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Sandbox
from sandbox.slack.config import ADA, APPROVALS, GENERAL, KIM, LEE, MINA, SAM
from tests.sandbox.conftest import BUTTONS, RecordingApp, home, modal, opened
from tests.support.stopwatch import Stopwatch


async def send(http: aiohttp.ClientSession, slack: Sandbox, path: str, **body: Any) -> Any:
    async with http.post(f"{slack.base_url}/client/{path}", json=body) as response:
        assert response.status == 200
        return await response.json()


async def state(http: aiohttp.ClientSession, slack: Sandbox, user: str = ADA.id) -> Any:
    async with http.get(f"{slack.base_url}/client/state", params={"user": user}) as response:
        assert response.status == 200
        return await response.json()


async def test_the_state_is_what_one_person_sees(
    slack: Sandbox, client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    await client.chat_postMessage(channel=APPROVALS.id, text="x", blocks=[BUTTONS])
    await client.chat_postMessage(channel=SAM.id, text="for Sam")
    await client.chat_postEphemeral(channel=APPROVALS.id, user=ADA.id, text="psst")
    await client.views_publish(user_id=ADA.id, view=home())
    view = await opened(slack, client, modal())
    seen = await state(http, slack)
    assert seen["workspace"] == {
        "team_name": "Sandbox Ltd",
        "app": {"name": "Expenses", "bot_user_id": slack.config.bot_user_id},
        "commands": [
            {
                "command": "/expense",
                "description": "Submit an expense, or see where yours stand",
                "usage_hint": slack.config.manifest.commands["/expense"].usage_hint,
            }
        ],
    }
    assert seen["users"][0] == {
        "id": ADA.id,
        "name": "ada",
        "real_name": "Ada Okafor",
        "title": "Account manager",
        "locale": "en-GB",
        "tz": "Europe/London",
        "deleted": False,
        "is_bot": False,
        "is_restricted": False,
        "team_id": None,
        "marks": [],
        "is_sparse": False,
    }
    assert seen["usergroups"][0]["users"] == [MINA.id, SAM.id]
    assert [channel["name"] for channel in seen["channels"]] == [
        "expenses-approvals",
        "general",
        "finance",
    ]
    [dm] = seen["dms"]
    assert dm["with"] == slack.config.bot_user_id
    assert seen["messages"][dm["id"]] == []
    texts = [(m["text"], m.get("ephemeral")) for m in seen["messages"][APPROVALS.id]]
    assert texts == [("x", None), ("psst", True)]
    assert seen["view"]["id"] == view["id"]
    assert seen["view"]["errors"] == {}
    assert seen["home"]["type"] == "home"
    assert seen["payments"]["paid"] == []
    others = await state(http, slack, SAM.id)
    assert others["view"] is None
    assert others["home"] is None
    assert len(others["messages"][APPROVALS.id]) == 1


async def test_a_guest_sees_no_channels(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    assert (await state(http, slack, LEE.id))["channels"] == []


@pytest.mark.parametrize("user", ["", "U0NOBODY", KIM.id])
async def test_nobodys_state(slack: Sandbox, http: aiohttp.ClientSession, user: str) -> None:
    answer = await state(http, slack, user)
    assert answer["ok"] is False
    assert answer["error"].endswith(".")


async def test_secrets_are_nowhere(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    seen = json.dumps(await state(http, slack))
    config = slack.config
    secrets = (config.bot_token, config.app_token, config.signing_secret, slack.payments.key)
    assert not any(secret in seen for secret in secrets)


async def test_changes_are_told_at_once(
    slack: Sandbox, client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    url = f"{slack.base_url}/client/events"
    async with http.get(url, params={"user": ADA.id}) as stream:
        assert stream.content_type == "text/event-stream"

        async def revision() -> int:
            line = await stream.content.readline()
            assert await stream.content.readline() == b"\n"
            return int(json.loads(line.removeprefix(b"data: "))["revision"])

        before = await revision()
        watch = Stopwatch()
        for number in range(3):
            slack.say(ADA, GENERAL, str(number))
        # Three changes within one moment are one event.
        assert await revision() == before + 3
        assert watch.seconds < 1
        await client.chat_postMessage(channel=APPROVALS.id, text="x")
        assert await revision() == before + 4


async def test_the_stream_stays_alive(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    slack.page.heartbeat_seconds = 0.01
    async with http.get(f"{slack.base_url}/client/events", params={"user": ADA.id}) as stream:
        await stream.content.readline()
        await stream.content.readline()
        assert await stream.content.readline() == b": still here\n"
    # The page is gone, and its watcher with it.
    assert await slack.until(lambda: slack.workspace.revision is not None)


async def test_a_stream_for_nobody(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{slack.base_url}/client/events", params={"user": "x"}) as answer:
        assert (await answer.json())["ok"] is False


async def test_a_stream_does_not_hold_up_the_end(http: aiohttp.ClientSession) -> None:
    async with Sandbox.start() as slack:
        url = f"{slack.base_url}/client/events"
        stream = await http.get(url, params={"user": ADA.id})
        await stream.content.readline()
        watch = Stopwatch()
    assert watch.seconds < 1
    stream.close()


async def test_writing_and_commands(
    slack: Sandbox, http: aiohttp.ClientSession, app: RecordingApp
) -> None:
    said = await send(http, slack, "command", user=ADA.id, channel=GENERAL.id, text="Hello all")
    assert said == {"ok": True}
    assert slack.messages(GENERAL)[0]["text"] == "Hello all"
    command = await send(
        http, slack, "command", user=ADA.id, channel=GENERAL.id, text="/expense list"
    )
    assert command["ok"]
    assert app.form()["text"] == "list"
    for text, words in (("/nope", "not a valid command"), ("", "nothing to send")):
        answer = await send(http, slack, "command", user=ADA.id, channel=GENERAL.id, text=text)
        assert answer["ok"] is False
        assert words in answer["error"]


async def test_a_failed_command_is_told_in_the_conversation(
    slack: Sandbox, http: aiohttp.ClientSession
) -> None:
    answer = await send(http, slack, "command", user=ADA.id, channel=GENERAL.id, text="/expense")
    assert answer["ok"]
    [told] = (await state(http, slack))["messages"][GENERAL.id]
    assert told["ephemeral"]
    assert told["text"] == '/expense failed with the error "dispatch_failed"'


async def test_a_click(
    slack: Sandbox, client: AsyncWebClient, http: aiohttp.ClientSession, app: RecordingApp
) -> None:
    posted = await client.chat_postMessage(channel=APPROVALS.id, text="x", blocks=[BUTTONS])
    click = {"user": ADA.id, "channel": APPROVALS.id, "block_id": "decision"}
    answer = await send(
        http, slack, "action", **click, message_ts=posted["ts"], action_id="approve", value="E-1"
    )
    assert answer == {"ok": True}
    assert app.payload()["actions"][0]["value"] == "E-1"
    for wrong in ({"message_ts": "1.0"}, {"action_id": "explode"}, {"user": KIM.id}):
        body = {**click, "message_ts": posted["ts"], "action_id": "approve", **wrong}
        answer = await send(http, slack, "action", **body)
        assert answer["ok"] is False
        assert answer["error"].endswith(".")


async def test_a_click_on_home_and_modal(
    slack: Sandbox, client: AsyncWebClient, http: aiohttp.ClientSession, app: RecordingApp
) -> None:
    click = {"user": ADA.id, "block_id": "decision", "action_id": "approve"}
    answer = await send(http, slack, "action", **click, home=True)
    assert answer["ok"] is False
    await client.views_publish(user_id=ADA.id, view={"type": "home", "blocks": [BUTTONS]})
    assert (await send(http, slack, "action", **click, home=True))["ok"]
    assert app.payload()["view"]["type"] == "home"
    view = await opened(slack, client, modal(blocks=[*modal()["blocks"], BUTTONS]))
    values = {"what": {"what_input": {"type": "plain_text_input", "value": "half"}}}
    body = {**click, "view_id": view["id"], "values": values}
    assert (await send(http, slack, "action", **body))["ok"]
    assert app.payload()["view"]["state"]["values"]["what"]["what_input"]["value"] == "half"
    answer = await send(http, slack, "action", **click, view_id="V0OTHER")
    assert answer["ok"] is False


async def test_a_form(
    slack: Sandbox, client: AsyncWebClient, http: aiohttp.ClientSession, app: RecordingApp
) -> None:
    view = await opened(slack, client, modal())
    form = {"user": ADA.id, "view_id": view["id"]}
    assert (await send(http, slack, "submit", **form, values={}))["ok"]
    errors = (await state(http, slack))["view"]["errors"]
    assert errors == {"what": "Please complete this required field."}
    values = {"what": {"what_input": {"type": "plain_text_input", "value": "Lunch"}}}
    assert (await send(http, slack, "submit", **form, values=values))["ok"]
    assert app.payload()["view"]["state"]["values"]["what"]["what_input"]["value"] == "Lunch"
    assert (await state(http, slack))["view"] is None
    for path in ("submit", "close"):
        assert (await send(http, slack, path, **form, values={}))["ok"] is False


@pytest.mark.parametrize(
    "values",
    [
        None,
        [],
        {"what": 5},
        {"what": {"what_input": {"type": "plain_text_input", "value": 5}}},
        {"other": {"x": {"value": "y"}}},
    ],
)
async def test_a_form_with_nonsense(
    slack: Sandbox, client: AsyncWebClient, http: aiohttp.ClientSession, values: Any
) -> None:
    view = await opened(slack, client, modal())
    answer = await send(http, slack, "submit", user=ADA.id, view_id=view["id"], values=values)
    assert answer["ok"] is False


async def test_closing_a_form(
    slack: Sandbox, client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    view = await opened(slack, client, modal())
    assert (await send(http, slack, "close", user=ADA.id, view_id=view["id"]))["ok"]
    assert slack.open_view(ADA) is None


async def test_opening_the_home_tab(
    slack: Sandbox, http: aiohttp.ClientSession, app: RecordingApp
) -> None:
    assert (await send(http, slack, "home", user=ADA.id))["ok"]
    assert len(app.received) == 2
    assert (await send(http, slack, "home", user="x"))["ok"] is False


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"user": 5}', b"{}"])
@pytest.mark.parametrize("path", ["command", "action", "submit", "close", "home"])
async def test_requests_that_are_none(
    slack: Sandbox, http: aiohttp.ClientSession, path: str, body: bytes
) -> None:
    async with http.post(f"{slack.base_url}/client/{path}", data=body) as response:
        assert response.status == 200
        assert (await response.json())["ok"] is False


async def test_two_people_at_once(
    slack: Sandbox, client: AsyncWebClient, http: aiohttp.ClientSession, app: RecordingApp
) -> None:
    app.seconds = 0.5
    posted = await client.chat_postMessage(channel=APPROVALS.id, text="x", blocks=[BUTTONS])
    click = {"block_id": "decision", "message_ts": posted["ts"], "action_id": "approve"}
    watch = Stopwatch()
    await asyncio.gather(
        *[send(http, slack, "action", user=user.id, **click) for user in (ADA, MINA, SAM)]
    )
    assert watch.seconds < 1
