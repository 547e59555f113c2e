"""Who may call what, and how."""

import json
import time
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Sandbox
from sandbox.slack.config import ADA, APPROVALS, MANAGERS
from tests.sandbox.conftest import SECTION, client_of, modal, refusal, with_scopes


async def call(
    http: aiohttp.ClientSession, slack: Sandbox, method: str, token: str = "", **request: Any
) -> dict[str, Any]:
    headers = request.pop("headers", {})
    headers.setdefault("Authorization", f"Bearer {token or slack.config.bot_token}")
    async with http.post(slack.api_url + method, headers=headers, **request) as response:
        assert response.status == 200
        body: dict[str, Any] = await response.json()
        return body


async def test_auth_test_tells_the_app_who_it_is(slack: Sandbox, client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert answer["user_id"] == slack.config.bot_user_id
    assert answer["bot_id"] == slack.config.bot_id
    assert answer["team_id"] == slack.config.team_id
    assert "chat:write" in answer.headers["X-OAuth-Scopes"]


async def test_an_unknown_method(slack: Sandbox, client: AsyncWebClient) -> None:
    answer = await refusal(client.chat_meMessage(channel=APPROVALS.id, text="x"))
    assert answer["error"] == "unknown_method"


async def test_no_token(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    answer = await call(http, slack, "auth.test", headers={"Authorization": ""})
    assert answer == {"ok": False, "error": "not_authed"}


@pytest.mark.parametrize("token", ["xoxb-wrong", "xoxb-\udce9"])
async def test_a_wrong_token(slack: Sandbox, http: aiohttp.ClientSession, token: str) -> None:
    answer = await call(
        http, slack, "auth.test", data={"token": "x"}, headers={"Authorization": ""}
    )
    assert answer["error"] == "invalid_auth"
    header = f"Bearer {token}".encode(errors="surrogateescape").decode("latin-1")
    answer = await call(http, slack, "auth.test", headers={"Authorization": header})
    assert answer["error"] == "invalid_auth"


async def test_a_token_in_the_form(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    data = {"token": slack.config.bot_token}
    assert (await call(http, slack, "auth.test", data=data, headers={"Authorization": ""}))["ok"]


async def test_a_token_does_not_belong_into_json(
    slack: Sandbox, http: aiohttp.ClientSession
) -> None:
    answer = await call(http, slack, "auth.test", json={"token": slack.config.bot_token})
    assert answer["error"] == "invalid_arguments"


async def test_the_wrong_kind_of_token(slack: Sandbox) -> None:
    answer = await refusal(client_of(slack, slack.config.app_token).auth_test())
    assert answer["error"] == "not_allowed_token_type"
    token = slack.config.bot_token
    answer = await refusal(client_of(slack).apps_connections_open(app_token=token))
    assert answer["error"] == "not_allowed_token_type"


async def test_a_scope_that_the_manifest_does_not_have(client: AsyncWebClient) -> None:
    answer = await refusal(client.conversations_open(users=ADA.id))
    assert answer["error"] == "missing_scope"
    assert answer["needed"] == "im:write"
    granted = ("chat:write", "commands", "files:read", "files:write", "usergroups:read")
    assert answer["provided"] == ",".join((*granted, "users:read", "users:read.email"))


async def test_a_scope_that_was_granted() -> None:
    async with Sandbox.start(with_scopes("im:write")) as slack:
        assert (await client_of(slack).conversations_open(users=ADA.id))["ok"]


async def test_a_missing_argument(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    answer = await call(http, slack, "chat.postMessage", json={"text": "x"})
    assert answer["error"] == "invalid_arguments"
    messages = answer["response_metadata"]["messages"]
    assert messages == ["[ERROR] missing required field: channel"]


async def test_an_unknown_argument(client: AsyncWebClient) -> None:
    answer = await refusal(
        client.chat_postMessage(channel=APPROVALS.id, text="x", icon_emoji=":a:")
    )
    messages = answer["response_metadata"]["messages"]
    assert messages == ["[ERROR] unknown argument: icon_emoji"]


async def test_an_argument_of_the_wrong_kind(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    answer = await call(http, slack, "chat.postMessage", json={"channel": 5, "text": "x"})
    assert answer["error"] == "invalid_arguments"
    answer = await call(http, slack, "chat.postMessage", json={"channel": APPROVALS.id, "text": 5})
    assert answer["error"] == "invalid_arguments"


async def test_a_repeated_argument(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    data = f"channel={APPROVALS.id}&text=a&text=b"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await call(http, slack, "chat.postMessage", data=data, headers=headers)
    assert answer["response_metadata"]["messages"] == ["[ERROR] repeated argument: text"]


async def test_another_team(client: AsyncWebClient) -> None:
    answer = await refusal(client.users_info(user=ADA.id, team_id="T0OTHER"))
    assert answer["error"] == "team_not_found"


@pytest.mark.parametrize(
    ("body", "content_type", "error"),
    [
        (b"{", "application/json", "invalid_json"),
        (b"[" * 100_000, "application/json", "invalid_json"),
        (b'{"text": "\\ud800"}', "application/json", "invalid_json"),
        (b"\xff{}", "application/json", "invalid_json"),
        (b"[]", "application/json", "json_not_object"),
        (b"text=%ff", "application/x-www-form-urlencoded", "invalid_form_data"),
        (b"\xff\xfe", "application/x-www-form-urlencoded", "invalid_form_data"),
        (b"x", "text/plain", "invalid_post_type"),
        (b"blocks=x", "application/x-www-form-urlencoded", "invalid_blocks_format"),
        (b"view=x", "application/x-www-form-urlencoded", "invalid_arguments"),
    ],
)
async def test_a_body_that_cannot_be_read(
    slack: Sandbox, http: aiohttp.ClientSession, body: bytes, content_type: str, error: str
) -> None:
    headers = {"Content-Type": content_type}
    answer = await call(http, slack, "chat.postMessage", data=body, headers=headers)
    assert answer["error"] == error


async def test_a_huge_body(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    headers = {"Authorization": f"Bearer {slack.config.bot_token}"}
    url = slack.api_url + "chat.postMessage"
    async with http.post(url, data=BytesIO(b"x" * 2_000_000), headers=headers) as response:
        assert response.status == 413


async def test_methods_that_read_take_no_json(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    answer = await call(http, slack, "users.info", json={"user": ADA.id})
    assert answer["error"] == "invalid_arguments"


async def test_other_verbs(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    async with http.delete(slack.api_url + "auth.test") as response:
        assert (await response.json())["error"] == "invalid_arguments"


async def test_form_and_json_say_the_same(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    blocks = json.dumps([SECTION])
    as_form = {"channel": APPROVALS.id, "text": "x", "blocks": blocks}
    assert (await call(http, slack, "chat.postMessage", data=as_form))["ok"]
    assert (await call(http, slack, "chat.postMessage", json=as_form))["ok"]
    as_json = {"channel": APPROVALS.id, "text": "x", "blocks": [SECTION]}
    assert (await call(http, slack, "chat.postMessage", json=as_json))["ok"]
    assert len(slack.messages(APPROVALS)) == 3


async def test_the_sdk_reaches_every_method() -> None:
    async with Sandbox.start(with_scopes("im:write", "channels:read", "files:read")) as slack:
        client = client_of(slack)
        await client.usergroups_users_list(usergroup=MANAGERS.id)
        await client.conversations_info(channel=APPROVALS.id)
        await client.conversations_open(users=[ADA.id])
        await client.bots_info(bot=slack.config.bot_id)
        await client.users_info(user=ADA.id, include_locale=True)
        await client.users_lookupByEmail(email=ADA.email)
        posted = await client.chat_postMessage(channel=APPROVALS.id, text="x")
        await client.chat_update(channel=APPROVALS.id, ts=posted["ts"], text="y")
        await client.chat_delete(channel=APPROVALS.id, ts=posted["ts"])
        await client.chat_postEphemeral(channel=APPROVALS.id, user=ADA.id, text="x")
        scheduled = await client.chat_scheduleMessage(
            channel=APPROVALS.id, text="x", post_at=str(int(time.time()) + 3600)
        )
        await client.chat_deleteScheduledMessage(
            channel=APPROVALS.id, scheduled_message_id=scheduled["scheduled_message_id"]
        )
        opened = await client.views_open(trigger_id=slack.views.trigger(ADA.id), view=modal())
        await client.views_update(view_id=opened["view"]["id"], view=modal())
        trigger = slack.views.trigger(ADA.id, in_modal=True)
        await client.views_push(trigger_id=trigger, view=modal())
        await client.views_publish(
            user_id=ADA.id, view={"type": "home", "blocks": [{"type": "divider"}]}
        )
        await client.files_info(file=slack.give(ADA, "r.pdf", b"x")["id"])
        await client.files_upload_v2(content="x", filename="a.txt", channel=APPROVALS.id)
        await client.apps_connections_open(app_token=slack.config.app_token)
        assert {call.outcome for call in slack.calls} == {"ok"}
        assert {call.method for call in slack.calls} == set(slack.api.methods) - {"auth.test"}


async def test_calls_are_logged_without_tokens(slack: Sandbox, http: aiohttp.ClientSession) -> None:
    data = {"token": slack.config.bot_token, "channel": APPROVALS.id, "text": "x"}
    await call(http, slack, "chat.postMessage", data=data, headers={"Authorization": ""})
    [logged] = slack.calls_of("chat.postMessage")
    assert logged.arguments == {"channel": APPROVALS.id, "text": "x"}
    assert logged.outcome == "ok"
    assert slack.config.bot_token not in repr(slack.calls)
    assert slack.config.bot_token not in repr(slack.config)
