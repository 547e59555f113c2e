"""Nonsense in every place: a refusal in Slack's form, never a broken server."""

import json
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Sandbox
from sandbox.slack.block_kit import check_blocks, check_view
from sandbox.slack.config import ADA, APPROVALS, MANAGERS
from sandbox.slack.errors import SlackError
from tests.sandbox.conftest import (
    BUTTONS,
    SECTION,
    RecordingApp,
    home,
    modal,
    opened,
    with_scopes,
)

NONSENSE: list[Any] = [
    None,
    True,
    -1,
    1e300,
    "",
    " ",
    "x" * 10_000,
    "\x00",
    "<!channel> *bold* @everyone",
    "'; DROP TABLE message; --",
    "😀",
    [],
    [[]],
    [None],
    {},
    {"type": []},
    {"type": {"type": "modal"}},
]


def places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List every place of a document where something else could stand."""
    found = [path]
    if isinstance(document, dict):
        for key, value in document.items():
            found += places(value, (*path, key))
    if isinstance(document, list):
        for index, value in enumerate(document):
            found += places(value, (*path, index))
    return found


def changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copy = json.loads(json.dumps(document))
    place = copy
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return copy


def outcome(check: Callable[..., Any], *arguments: Any) -> str:
    try:
        check(*arguments)
    except SlackError as refusal:
        return refusal.error
    return "ok"


def test_nonsense_in_blocks_and_views() -> None:
    blocks = [SECTION, BUTTONS, *modal()["blocks"]]
    outcomes = {
        outcome(check_blocks, changed(blocks, path, value))
        for path in places(blocks)
        for value in NONSENSE
    }
    assert outcomes == {"ok", "invalid_blocks", "invalid_blocks_format"}
    for kind, view in (("modal", modal()), ("home", home())):
        outcomes = {
            outcome(check_view, changed(view, path, value), kind)
            for path in places(view)
            for value in NONSENSE
        }
        assert outcomes == {"ok", "invalid_arguments"}


async def test_nonsense_in_arguments(http: aiohttp.ClientSession) -> None:
    right: dict[str, Any] = {
        "channel": APPROVALS.id,
        "text": "x",
        "user": ADA.id,
        "users": ADA.id,
        "user_id": ADA.id,
        "usergroup": MANAGERS.id,
        "view": modal(),
        "bot": "B0EXPENSES1",
    }
    async with Sandbox.start(with_scopes("im:write", "im:read")) as slack:
        headers = {"Authorization": f"Bearer {slack.config.bot_token}"}
        right["ts"] = slack.workspace.next_ts()
        for name, method in slack.api.methods.items():
            names = (*method.required, *method.optional)
            for argument in names:
                for value in NONSENSE:
                    body = {key: right[key] for key in names if key in right} | {argument: value}
                    request: dict[str, Any] = {"json": body}
                    if not method.takes_json:
                        request = {"data": {key: str(value) for key, value in body.items()}}
                    async with http.post(
                        slack.api_url + name, headers=headers, **request
                    ) as answer:
                        assert answer.status == 200, (name, argument, value)
                        assert isinstance((await answer.json())["ok"], bool)


@pytest.mark.parametrize("path", ["command", "action", "submit", "close", "home"])
async def test_nonsense_from_the_page(
    slack: Sandbox,
    client: AsyncWebClient,
    http: aiohttp.ClientSession,
    app: RecordingApp,
    path: str,
) -> None:
    posted = await client.chat_postMessage(channel=APPROVALS.id, text="x", blocks=[BUTTONS])
    form = modal(blocks=[*modal()["blocks"], BUTTONS])
    for key in ("user", "channel", "text", "message_ts", "view_id", "home", "block_id", "values"):
        for value in NONSENSE:
            view = slack.open_view(ADA) or await opened(slack, client, form)
            body = {
                "user": ADA.id,
                "channel": APPROVALS.id,
                "text": "/expense",
                "block_id": "decision",
                "action_id": "approve",
                "view_id": view["id"],
                "values": {"what": {"what_input": {"value": "x"}}},
            }
            if key in ("channel", "text", "message_ts", "block_id"):
                body["message_ts"] = posted["ts"]
            url = f"{slack.base_url}/client/{path}"
            async with http.post(url, json=body | {key: value}) as answer:
                assert answer.status == 200, (key, value)
                assert isinstance((await answer.json())["ok"], bool)
