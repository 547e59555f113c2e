"""response_url: five uses, half an hour, private unless told otherwise."""

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Sandbox, WorkspaceConfig
from sandbox.slack.config import ADA, APPROVALS, GENERAL, SAM
from tests.sandbox.conftest import BUTTONS, SECTION, RecordingApp, bolt_for, recording, served


async def use(
    http: aiohttp.ClientSession, url: str, body: Any = None, **request: Any
) -> tuple[int, str]:
    async with http.post(url, **({"json": body} | request)) as response:
        return response.status, await response.text()


@pytest.fixture
async def url(slack: Sandbox, app: RecordingApp) -> str:
    """The response_url of a command that Ada gave in #general."""
    await slack.command(ADA, "/expense", channel=GENERAL)
    return app.form()["response_url"]


async def clicked(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp, *, private: bool = False
) -> str:
    """Click on a message and give back the response_url."""
    message = {"channel": APPROVALS.id, "text": "x", "blocks": [BUTTONS]}
    if private:
        await client.chat_postEphemeral(user=ADA.id, **message)
        await slack.click(ADA, slack.ephemeral(ADA)[-1], "approve")
    else:
        await client.chat_postMessage(**message)
        await slack.click(ADA, slack.messages(APPROVALS)[-1], "approve")
    return str(app.payload()["response_url"])


async def test_an_answer_is_private_unless_told_otherwise(
    slack: Sandbox, http: aiohttp.ClientSession, url: str
) -> None:
    assert await use(http, url, {"text": "psst"}) == (200, "ok")
    assert await use(http, url, {"text": "all", "response_type": "in_channel"}) == (200, "ok")
    assert [message["text"] for message in slack.ephemeral(ADA, GENERAL)] == ["psst"]
    assert slack.ephemeral(SAM) == []
    assert [message["text"] for message in slack.messages(GENERAL)] == ["all"]


async def test_an_answer_to_a_click_takes_the_place_of_the_message_unless_it_says_not_to(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp, http: aiohttp.ClientSession
) -> None:
    url = await clicked(slack, client, app)
    assert await use(http, url, {"text": "aside", "replace_original": False}) == (200, "ok")
    assert [message["text"] for message in slack.messages(APPROVALS)] == ["x"]
    assert [message["text"] for message in slack.ephemeral(ADA)] == ["aside"]
    assert await use(http, url, {"text": "instead"}) == (200, "ok")
    assert [message["text"] for message in slack.messages(APPROVALS)] == ["instead"]


async def test_five_uses(http: aiohttp.ClientSession, url: str) -> None:
    for _ in range(5):
        assert (await use(http, url, {"text": "x"}))[0] == 200
    status, body = await use(http, url, {"text": "x"})
    assert status == 404
    assert "used_url" in body


async def test_refused_answers_do_not_count(http: aiohttp.ClientSession, url: str) -> None:
    for _ in range(6):
        assert (await use(http, url, {"text": ""}))[0] == 400
    assert (await use(http, url, {"text": "x"}))[0] == 200


async def test_half_an_hour(http: aiohttp.ClientSession) -> None:
    config = WorkspaceConfig(response_url_seconds=0.02)
    async with Sandbox.start(config) as slack, recording(slack) as app:
        await slack.command(ADA, "/expense")
        await asyncio.sleep(0.03)
        status, body = await use(http, app.form()["response_url"], {"text": "x"})
    assert status == 404
    assert "expired_url" in body


async def test_an_invented_url(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    status, body = await use(http, f"{slack.base_url}/actions/T0/1/x", {"text": "x"})
    assert status == 404
    assert "invalid_url" in body


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "no_text"),
        ({"blocks": [SECTION]}, "no_text"),
        ({"text": "x", "colour": "red"}, "invalid_payload"),
        ({"text": "x", "response_type": "loud"}, "invalid_payload"),
        ({"text": "x", "blocks": [{"type": "carousel"}]}, "invalid_blocks"),
        ({"text": "x" * 4001}, "msg_too_long"),
        ({"text": 5}, "invalid_arguments"),
        ([], "json_not_object"),
        ({"text": "x", "replace_original": True}, "message_not_found"),
        ({"delete_original": True}, "message_not_found"),
    ],
)
async def test_answers_slack_does_not_take(
    slack: Sandbox, http: aiohttp.ClientSession, url: str, body: Any, error: str
) -> None:
    status, answer = await use(http, url, body)
    assert status == 400
    assert error in answer
    assert slack.ephemeral(ADA) == []


async def test_broken_json(http: aiohttp.ClientSession, url: str) -> None:
    status, answer = await use(http, url, data=b"{", json=None)
    assert (status, "invalid_json" in answer) == (400, True)


@pytest.mark.parametrize("private", [False, True])
async def test_replacing_and_deleting_the_original(
    slack: Sandbox,
    client: AsyncWebClient,
    app: RecordingApp,
    http: aiohttp.ClientSession,
    private: bool,
) -> None:
    url = await clicked(slack, client, app, private=private)

    def shown() -> list[dict[str, Any]]:
        return slack.ephemeral(ADA) if private else slack.messages(APPROVALS)

    blocks = [{**SECTION, "block_id": "b"}]
    await use(http, url, {"text": "done", "replace_original": True, "blocks": blocks})
    assert [(message["text"], message["blocks"]) for message in shown()] == [("done", blocks)]
    await use(http, url, {"text": "done", "replace_original": True})
    assert "blocks" not in shown()[0]
    await use(http, url, {"delete_original": True})
    assert shown() == []


async def test_bolts_respond(slack: Sandbox) -> None:
    app = bolt_for(slack)

    @app.command("/expense")
    async def answer(ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack()
        assert (await respond("Here", blocks=[SECTION])).body == "ok"
        assert (await respond({"text": "All", "response_type": "in_channel"})).status_code == 200

    async with served(slack, app):
        assert (await slack.command(ADA, "/expense", channel=GENERAL)).ok
    assert slack.ephemeral(ADA)[0]["text"] == "Here"
    assert slack.messages(GENERAL)[0]["text"] == "All"
    assert [call.outcome for call in slack.calls_of("response_url")] == ["ok", "ok"]


async def test_trouble(slack: Sandbox, http: aiohttp.ClientSession, url: str) -> None:
    slack.faults.add("response_url", "error", status=503, times=1)
    assert (await use(http, url, {"text": "x"}))[0] == 503
    slack.faults.add("response_url", "lost", times=1)
    with pytest.raises(aiohttp.ClientError):
        await use(http, url, {"text": "seen"})
    assert [message["text"] for message in slack.ephemeral(ADA)] == ["seen"]


async def test_slow_and_forgotten(http: aiohttp.ClientSession) -> None:
    config = WorkspaceConfig(response_url_seconds=0)
    async with Sandbox.start(config) as slack, recording(slack) as app:
        await slack.command(ADA, "/expense")
        url = app.form()["response_url"]
        await asyncio.sleep(0.01)
        await slack.command(ADA, "/expense")
        slack.faults.add("response_url", "slow", seconds=0.01)
        status, body = await use(http, url, {"text": "x"})
    assert (status, "invalid_url" in body) == (404, True)
