"""What the stand-in sends and answers has the shape of what Slack was recorded to send.

The recordings are in tests/data/slack. An app must not rely on more than Slack sends, and must cope
with all of it: so nothing is missing, nothing is of another type, and nothing is added.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox import Sandbox, WorkspaceConfig
from sandbox.slack.config import ADA, APPROVALS, GENERAL, MANAGERS, MINA, Organisation, Team, User
from tests.sandbox.conftest import RecordingApp, client_of, home, modal, recording

RECORDINGS = Path(__file__).parents[2] / "data/slack"
PARTNERS = Team("T0PARTNER01", "partner", Organisation("E0PARTNERS1", "Partners Ltd"))
PAT = User("U0PARTNER01", "pat", "Pat of a partner company", team_id=PARTNERS.id)
OURS = Organisation("E0ORGANISE1", "Organised Ltd")

BUTTON = {
    "type": "button",
    "action_id": "approve",
    "text": {"type": "plain_text", "text": "Approve", "emoji": True},
    "style": "primary",
    "value": "E-1",
}
BLOCKS = [{"type": "actions", "block_id": "decision", "elements": [BUTTON]}]
PLAIN_BUTTON = {key: value for key, value in BUTTON.items() if key != "style"}
FORM = modal(
    title={"type": "plain_text", "text": "Expense", "emoji": True},
    close={"type": "plain_text", "text": "Cancel", "emoji": True},
    submit={"type": "plain_text", "text": "Submit", "emoji": True},
    notify_on_close=True,
    blocks=[
        {
            "type": "input",
            "block_id": "reason",
            "label": {"type": "plain_text", "text": "Reason"},
            "element": {"type": "plain_text_input", "action_id": "value"},
        }
    ],
)


def recorded(name: str) -> dict[str, Any]:
    """What Slack sent or answered."""
    return dict(json.loads((RECORDINGS / f"{name}.json").read_text()))


def differences(there: Any, here: Any, path: str = "") -> list[str]:
    """Say how something of the stand-in's differs from what was recorded.

    Null was recorded where there may be something else; an empty object or list says nothing of
    what is in it.
    """
    if there is None:
        return []
    if type(there) is not type(here):
        return [f"{path} is {type(here).__name__}, and was {type(there).__name__}"]
    if isinstance(there, list) and there:
        return [line for item in here for line in differences(there[0], item, f"{path}[]")]
    if not (isinstance(there, dict) and there):
        return []
    found = [f"{path}.{key} is missing" for key in there.keys() - here.keys()]
    found += [f"{path}.{key} was never recorded" for key in here.keys() - there.keys()]
    for key in there.keys() & here.keys():
        found += differences(there[key], here[key], f"{path}.{key}")
    return found


@asynccontextmanager
async def workspace(**changes: Any) -> AsyncIterator[tuple[Sandbox, RecordingApp]]:
    """A workspace that shares a channel with partners, and an app that keeps what it gets."""
    config = WorkspaceConfig()
    shared = replace(APPROVALS, members=frozenset({MINA.id, PAT.id}))
    config = replace(
        config,
        users=(*config.users, PAT),
        channels=(shared, *(c for c in config.channels if c.id != shared.id)),
        other_teams=(PARTNERS,),
        **changes,
    )
    async with Sandbox.start(config) as slack, recording(slack) as app:
        yield slack, app


async def click(slack: Sandbox, user: User) -> None:
    await client_of(slack).chat_postMessage(channel=APPROVALS.id, text="x", blocks=BLOCKS)
    await slack.click(user, slack.messages(APPROVALS)[-1], "approve")


async def click_on_private_message(slack: Sandbox, user: User) -> None:
    client = client_of(slack)
    await client.chat_postEphemeral(channel=APPROVALS.id, user=user.id, text="x", blocks=BLOCKS)
    await slack.click(user, slack.ephemeral(user)[-1], "approve")


async def click_in_home(slack: Sandbox, user: User) -> None:
    view = home() | {"blocks": [{**BLOCKS[0], "elements": [PLAIN_BUTTON]}]}
    await client_of(slack).views_publish(user_id=user.id, view=view)
    shown = slack.home(user)
    assert shown
    await slack.click(user, shown, "approve")


async def submit(slack: Sandbox, user: User) -> None:
    await client_of(slack).views_open(trigger_id=slack.views.trigger(user.id), view=FORM)
    shown = slack.open_view(user)
    assert shown
    await slack.submit(user, shown, {"reason": "Lunch"})


async def close(slack: Sandbox, user: User) -> None:
    await client_of(slack).views_open(trigger_id=slack.views.trigger(user.id), view=FORM)
    await slack.close_view(user)


@pytest.mark.parametrize(
    ("name", "act", "user", "changes"),
    [
        ("click_in_channel", click, MINA, {}),
        ("click_of_connected_workspace", click, PAT, {}),
        ("click_in_organisation", click, MINA, {"is_enterprise_install": True}),
        ("click_on_private_message", click_on_private_message, MINA, {}),
        ("click_in_home", click_in_home, MINA, {}),
        ("form", submit, MINA, {}),
        ("form_of_connected_workspace", submit, PAT, {}),
        ("form_closed", close, MINA, {}),
    ],
)
async def test_interactions(name: str, act: Any, user: User, changes: dict[str, Any]) -> None:
    if changes:
        changes = {**changes, "organisation": OURS}
    async with workspace(**changes) as (slack, app):
        await act(slack, user)
        sent = app.payload()
        assert differences(recorded(name), sent) == []
        assert sent["user"]["team_id"] == (user.team_id or slack.config.team_id)


@pytest.mark.parametrize(
    ("name", "organisation"), [("command", None), ("command_in_organisation", OURS)]
)
async def test_commands(name: str, organisation: Organisation | None) -> None:
    async with workspace(organisation=organisation) as (slack, app):
        await slack.command(ADA, "/expense", "help", channel=GENERAL)
        assert differences(recorded(name), app.form()) == []


async def test_events() -> None:
    async with workspace() as (slack, app):
        await client_of(slack).views_publish(user_id=ADA.id, view=home())
        await slack.open_home(ADA)
        assert differences(recorded("home_opened"), json.loads(app.received[-1][1])) == []
        await slack.admin.uninstall()
        sent = [json.loads(body) for _, body in app.received[-2:]]
        names = ["app_uninstalled", "tokens_revoked"]
        assert [payload["event"]["type"] for payload in sent] == names
        for name, payload in zip(names, sent, strict=True):
            assert differences(recorded(name), payload) == []


async def test_answers() -> None:
    async with workspace() as (slack, _):
        client = client_of(slack)
        message = await client.chat_postMessage(channel=APPROVALS.id, text="x", blocks=BLOCKS)
        place = {"channel": APPROVALS.id, "ts": message["ts"]}
        answers = {
            "auth_test": await client.auth_test(),
            "bots_info": await client.bots_info(bot=slack.config.bot_id),
            "chat_postMessage": message,
            "chat_update": await client.chat_update(**place, text="y", blocks=BLOCKS),
            "chat_delete": await client.chat_delete(**place),
            "views_open": await client.views_open(
                trigger_id=slack.views.trigger(ADA.id), view=FORM
            ),
            "views_publish": await client.views_publish(user_id=ADA.id, view=home()),
            "usergroups_users_list": await client.usergroups_users_list(usergroup=MANAGERS.id),
            "users_info": await client.users_info(user=MINA.id, include_locale=True),
        }
        assert {path.stem for path in RECORDINGS.glob("answer_*")} == {
            f"answer_of_{method}" for method in answers
        }
        for method, answer in answers.items():
            there = recorded(f"answer_of_{method}")
            # Of what comes later, an app relies on nothing: here only what is missing counts.
            found = differences(there, answer.data)
            assert [line for line in found if not line.endswith("never recorded")] == [], method
