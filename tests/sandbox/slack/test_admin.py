"""What administrators do to the app, and people of other workspaces."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import ClientRefusal, Sandbox, WorkspaceConfig
from sandbox.slack.config import APPROVALS, GENERAL, MINA, User
from tests.sandbox.conftest import BUTTONS, RecordingApp, client_of, refusal

SECRET = replace(APPROVALS, id="C0SECRET001", name="secret", is_private=True)
PAT = User("U0PARTNER01", "pat", "Pat of a partner company", team_id="T0PARTNER01")


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    config = WorkspaceConfig()
    config = replace(config, channels=(*config.channels, SECRET), users=(*config.users, PAT))
    async with Sandbox.start(config) as sandbox:
        yield sandbox


async def posted(client: AsyncWebClient, channel: str = APPROVALS.id) -> dict[str, Any]:
    """Post a message with buttons, and say where it is."""
    answer = await client.chat_postMessage(channel=channel, text="x", blocks=[BUTTONS])
    return {"channel": channel, "ts": answer["ts"]}


async def test_an_archived_channel(slack: Sandbox, client: AsyncWebClient) -> None:
    place = await posted(client)
    slack.admin.archive(APPROVALS)
    post = {"channel": APPROVALS.id, "text": "x"}
    assert (await refusal(client.chat_postMessage(**post)))["error"] == "is_archived"
    reply = client.chat_postMessage(**post, thread_ts=place["ts"])
    assert (await refusal(reply))["error"] == "is_archived"
    assert (await refusal(client.chat_update(**place, text="y")))["error"] == "is_inactive"
    assert (await refusal(client.chat_delete(**place)))["error"] == "cant_delete_message"
    with pytest.raises(ClientRefusal, match="archived"):
        await slack.click(MINA, slack.messages(APPROVALS)[0], "approve")
    slack.admin.unarchive(APPROVALS)
    assert (await refusal(client.chat_postMessage(**post)))["error"] == "not_in_channel"
    assert (await client.chat_update(**place, text="y"))["ok"]
    slack.admin.invite_bot(APPROVALS)
    assert (await client.chat_postMessage(**post))["ok"]


async def test_a_channel_without_the_bot(slack: Sandbox, client: AsyncWebClient) -> None:
    public, private = await posted(client), await posted(client, SECRET.id)
    for channel in (APPROVALS, SECRET):
        slack.admin.remove_bot(channel)
    post = client.chat_postMessage(channel=APPROVALS.id, text="x")
    assert (await refusal(post))["error"] == "not_in_channel"
    assert (await client.chat_update(**public, text="y"))["ok"]
    # Slack does not say that there is a private channel.
    post = client.chat_postMessage(channel=SECRET.id, text="x")
    assert (await refusal(post))["error"] == "channel_not_found"
    assert (await refusal(client.chat_update(**private, text="y")))["error"] == "channel_not_found"


async def test_restrictions_and_locks(slack: Sandbox, client: AsyncWebClient) -> None:
    place = await posted(client)
    slack.admin.restrict_posting(APPROVALS)
    post = {"channel": APPROVALS.id, "text": "x"}
    assert (await refusal(client.chat_postMessage(**post)))["error"] == "restricted_action"
    assert (await client.chat_update(**place, text="y"))["ok"]
    slack.admin.restrict_posting(APPROVALS, None)
    slack.admin.lock_thread(slack.messages(APPROVALS)[0])
    reply = client.chat_postMessage(**post, thread_ts=place["ts"])
    assert (await refusal(reply))["error"] == "restricted_action_thread_locked"
    assert (await client.chat_postMessage(**post))["ok"]


async def test_an_app_that_is_uninstalled(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    await slack.admin.uninstall()
    assert (await refusal(client.auth_test()))["error"] == "account_inactive"
    assert (await refusal(client_of(slack, "xoxb-1").auth_test()))["error"] == "invalid_auth"
    assert len(app.received) == 3  # and the challenge before them


async def test_people_of_other_workspaces_are_where_they_are_named(slack: Sandbox) -> None:
    assert not slack.workspace.is_member(PAT.id, GENERAL.id)
    shared = replace(GENERAL, members=frozenset({PAT.id}))
    slack.workspace.channels[GENERAL.id] = shared
    assert slack.workspace.is_member(PAT.id, GENERAL.id)
