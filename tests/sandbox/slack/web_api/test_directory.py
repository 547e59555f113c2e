"""People, groups and conversations, as the app may ask for them."""

from dataclasses import replace

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Channel, Sandbox, WorkspaceConfig
from sandbox.slack.config import ADA, APPROVALS, BRUNO, FINANCE, KIM, LEE, MANAGERS, MINA, SAM, User
from tests.sandbox.conftest import client_of, refusal, with_scopes


async def test_a_person(client: AsyncWebClient) -> None:
    user = (await client.users_info(user=BRUNO.id, include_locale=True))["user"]
    assert user["locale"] == "de-DE"
    assert user["tz"] == "Europe/Berlin"
    assert user["real_name"] == user["profile"]["real_name"] == "Bruno Keller"
    assert (user["is_bot"], user["deleted"], user["is_restricted"]) == (False, False, False)


async def test_a_locale_is_told_only_on_request(client: AsyncWebClient) -> None:
    assert "locale" not in (await client.users_info(user=ADA.id))["user"]
    assert "locale" not in (await client.users_info(user=ADA.id, include_locale=False))["user"]


async def test_unusual_people(slack: Sandbox, client: AsyncWebClient) -> None:
    gone = (await client.users_info(user=KIM.id))["user"]
    assert gone["deleted"]
    assert "tz" not in gone
    assert (await client.users_info(user=LEE.id))["user"]["is_restricted"]
    assert (await client.users_info(user=slack.config.bot_user_id))["user"]["is_bot"]
    assert (await refusal(client.users_info(user="U0NOBODY")))["error"] == "user_not_found"


async def test_slackbot_is_no_bot_to_slack(client: AsyncWebClient) -> None:
    user = (await client.users_info(user="USLACKBOT"))["user"]
    assert (user["name"], user["is_bot"], user["deleted"]) == ("slackbot", False, False)


async def test_people_of_whom_slack_says_more_or_nothing(
    slack: Sandbox, client: AsyncWebClient
) -> None:
    slack.workspace.users["U0NEW"] = User("U0NEW", "new", "New", marks=("is_invited_user",))
    slack.workspace.users["U0QUIET"] = User("U0QUIET", "quiet", "Quiet", is_sparse=True)
    assert (await client.users_info(user="U0NEW"))["user"]["is_invited_user"]
    quiet = (await client.users_info(user="U0QUIET", include_locale=True))["user"]
    assert (quiet["real_name"], quiet["tz"], quiet["enterprise_user"]) == (None, None, None)
    assert set(quiet["profile"].values()) == {None}


async def test_a_group_that_is_disabled(slack: Sandbox, client: AsyncWebClient) -> None:
    for error in ("no_such_subteam", "plan_upgrade_required"):
        slack.disable_group(MANAGERS.id, error)
        answer = await refusal(client.usergroups_users_list(usergroup=MANAGERS.id))
        assert answer["error"] == error
        assert (await client.usergroups_users_list(usergroup=FINANCE.id))["ok"]
    slack.disable_group(MANAGERS.id, None)
    assert (await client.usergroups_users_list(usergroup=MANAGERS.id))["ok"]


async def test_a_user_group(slack: Sandbox, client: AsyncWebClient) -> None:
    answer = await client.usergroups_users_list(usergroup=MANAGERS.id)
    assert answer["users"] == [MINA.id, SAM.id]
    slack.set_group_members(MANAGERS.id, [ADA.id, KIM.id, "U0NOBODY"])
    answer = await client.usergroups_users_list(usergroup=MANAGERS.id)
    assert answer["users"] == [ADA.id, KIM.id]
    answer = await refusal(client.usergroups_users_list(usergroup="S0NONE"))
    assert answer["error"] == "no_such_subteam"


async def test_opening_a_conversation() -> None:
    async with Sandbox.start(with_scopes("im:write")) as slack:
        client = client_of(slack)
        first = await client.conversations_open(users=ADA.id)
        again = await client.conversations_open(users=[ADA.id])
        assert first["channel"] == again["channel"]
        assert again["already_open"]


@pytest.mark.parametrize(
    ("users", "error"),
    [
        (KIM.id, "user_disabled"),
        ("U0EXPNSSB0T", "cannot_dm_bot"),
        ("U0NOBODY", "user_not_found"),
        (f"{ADA.id},{SAM.id}", "method_not_supported_for_channel_type"),
    ],
)
async def test_conversations_that_cannot_be_opened(users: str, error: str) -> None:
    async with Sandbox.start(with_scopes("im:write")) as slack:
        answer = await refusal(client_of(slack).conversations_open(users=users))
        assert answer["error"] == error


async def test_conversations() -> None:
    secret = Channel("C0SECRET001", "board", is_private=True)
    async with Sandbox.start(with_scopes("im:read", channels=(APPROVALS, secret))) as slack:
        client = client_of(slack)
        channel = (await client.conversations_info(channel=APPROVALS.id))["channel"]
        assert (channel["name"], channel["is_member"]) == ("expenses-approvals", True)
        dm = (await client.chat_postMessage(channel=ADA.id, text="x"))["channel"]
        assert (await client.conversations_info(channel=dm))["channel"]["user"] == ADA.id
        for hidden in (secret.id, "C0NOWHERE"):
            answer = await refusal(client.conversations_info(channel=hidden))
            assert answer["error"] == "channel_not_found"


async def test_the_bot(slack: Sandbox, client: AsyncWebClient) -> None:
    bot = (await client.bots_info(bot=slack.config.bot_id))["bot"]
    assert bot["user_id"] == slack.config.bot_user_id
    assert (await refusal(client.bots_info(bot="B0OTHER")))["error"] == "bot_not_found"


async def test_people_are_found_by_their_addresses(slack: Sandbox, client: AsyncWebClient) -> None:
    found = await client.users_lookupByEmail(email=ADA.email.upper())
    assert found["user"]["id"] == ADA.id
    assert found["user"]["profile"]["email"] == ADA.email
    for nobody in (KIM.email, "nobody@sandbox.example"):
        assert (await refusal(client.users_lookupByEmail(email=nobody)))["error"] == (
            "users_not_found"
        )


async def test_without_its_scope_nobody_learns_of_addresses() -> None:
    manifest = replace(WorkspaceConfig().manifest, scopes=frozenset({"users:read"}))
    async with Sandbox.start(WorkspaceConfig(manifest=manifest)) as slack:
        client = client_of(slack)
        assert "email" not in (await client.users_info(user=ADA.id))["user"]["profile"]
        refused = await refusal(client.users_lookupByEmail(email=ADA.email))
        assert (refused["error"], refused["needed"]) == ("missing_scope", "users:read.email")
