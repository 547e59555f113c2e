"""Messages, as the app posts, changes and deletes them."""

import time
from dataclasses import replace

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Channel, Manifest, Sandbox, WorkspaceConfig
from sandbox.slack.config import ADA, APPROVALS, BRUNO, GENERAL, KIM, LEE, SAM
from tests.sandbox.conftest import BUTTONS, SECTION, client_of, refusal, with_scopes

SECRET = Channel("C0SECRET001", "board", is_private=True)


async def test_a_message_looks_as_in_slack(slack: Sandbox, client: AsyncWebClient) -> None:
    answer = await client.chat_postMessage(channel=APPROVALS.id, text="x", blocks=[SECTION])
    assert answer["channel"] == APPROVALS.id
    profile = {"bot_profile": slack.config.bot_profile}
    assert answer["message"] == slack.messages(APPROVALS)[0] | profile
    message = answer["message"]
    assert message["ts"] == answer["ts"]
    assert message["bot_id"] == slack.config.bot_id
    assert message["user"] == slack.config.bot_user_id
    assert message["blocks"][0]["text"] == SECTION["text"]


async def test_ts_is_unique_and_rising(slack: Sandbox, client: AsyncWebClient) -> None:
    stamps = [
        (await client.chat_postMessage(channel=APPROVALS.id, text=str(number)))["ts"]
        for number in range(20)
    ]
    assert stamps == sorted(set(stamps))
    whole, _, fraction = stamps[0].partition(".")
    assert len(whole) == 10
    assert len(fraction) == 6


async def test_a_message_to_a_person_opens_their_dm(slack: Sandbox, client: AsyncWebClient) -> None:
    first = await client.chat_postMessage(channel=ADA.id, text="one")
    assert first["channel"].startswith("D")
    second = await client.chat_postMessage(channel=first["channel"], text="two")
    assert second["channel"] == first["channel"]
    assert [message["text"] for message in slack.direct_messages(ADA)] == ["one", "two"]
    assert slack.direct_messages(BRUNO) == []


async def test_a_channel_by_name(slack: Sandbox, client: AsyncWebClient) -> None:
    answer = await client.chat_postMessage(channel="#expenses-approvals", text="x")
    assert answer["channel"] == APPROVALS.id
    wrong = await refusal(
        client.chat_update(channel="#expenses-approvals", ts=answer["ts"], text="y")
    )
    assert wrong["error"] == "channel_not_found"


async def test_a_message_to_somebody_who_has_left_is_taken(
    slack: Sandbox, client: AsyncWebClient
) -> None:
    answer = await client.chat_postMessage(channel=KIM.id, text="Are you there?")
    assert answer["channel"].startswith("D")
    assert [message["text"] for message in slack.direct_messages(KIM)] == ["Are you there?"]


async def test_all_blocks_together_have_a_limit(slack: Sandbox, client: AsyncWebClient) -> None:
    text = {"type": "plain_text", "text": "<" * 625}
    blocks = [{"type": "section", "text": text}] * 4
    sent = await client.chat_postMessage(channel=APPROVALS.id, text="x", blocks=blocks)
    more = [*blocks, {"type": "section", "text": {"type": "mrkdwn", "text": "y"}}]
    for call in (
        client.chat_postMessage(channel=APPROVALS.id, text="x", blocks=more),
        client.chat_update(channel=APPROVALS.id, ts=sent["ts"], text="x", blocks=more),
    ):
        assert (await refusal(call))["error"] == "msg_blocks_too_long"


@pytest.mark.parametrize("channel", ["C0NOWHERE", "general", "", "USLACKBOT", "U0EXPNSSB0T", "#x"])
async def test_a_channel_that_is_not_there(client: AsyncWebClient, channel: str) -> None:
    answer = await refusal(client.chat_postMessage(channel=channel, text="x"))
    assert answer["error"] == ("channel_not_found" if channel else "invalid_arguments")


async def test_a_channel_the_bot_is_not_in(slack: Sandbox, client: AsyncWebClient) -> None:
    answer = await refusal(client.chat_postMessage(channel=GENERAL.id, text="x"))
    assert answer["error"] == "not_in_channel"
    answer = await refusal(client.chat_postEphemeral(channel=GENERAL.id, user=ADA.id, text="x"))
    assert answer["error"] == "not_in_channel"


async def test_chat_write_public_reaches_public_channels_only() -> None:
    config = with_scopes("chat:write.public", channels=(APPROVALS, GENERAL, SECRET))
    async with Sandbox.start(config) as slack:
        client = client_of(slack)
        assert (await client.chat_postMessage(channel=GENERAL.id, text="x"))["ok"]
        answer = await refusal(client.chat_postMessage(channel=SECRET.id, text="x"))
        assert answer["error"] == "channel_not_found"


async def test_direct_messages_need_the_messages_tab() -> None:
    manifest = replace(Manifest.load(), messages_tab=False)
    async with Sandbox.start(WorkspaceConfig(manifest=manifest)) as slack:
        answer = await refusal(client_of(slack).chat_postMessage(channel=ADA.id, text="x"))
        assert answer["error"] == "messages_tab_disabled"


@pytest.mark.parametrize("text", [{}, {"text": ""}, {"text": "  \n"}])
async def test_text_is_demanded_with_blocks_too(
    client: AsyncWebClient, text: dict[str, str]
) -> None:
    # Not by chat_postMessage, which warns of it.
    arguments = {"channel": APPROVALS.id, "blocks": [SECTION], **text}
    answer = await refusal(client.api_call("chat.postMessage", json=arguments))
    assert answer["error"] == "no_text"


async def test_text_has_a_length(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=APPROVALS.id, text="x" * 4000)
    answer = await refusal(client.chat_postMessage(channel=APPROVALS.id, text="x" * 4001))
    assert answer["error"] == "msg_too_long"
    answer = await refusal(
        client.chat_update(channel=APPROVALS.id, ts=posted["ts"], text="x" * 4001)
    )
    assert answer["error"] == "msg_too_long"


async def test_an_update_replaces_text_and_blocks(slack: Sandbox, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=APPROVALS.id, text="x", blocks=[BUTTONS])
    before = slack.messages(APPROVALS)[0]
    await client.chat_update(
        channel=APPROVALS.id, ts=posted["ts"], text="y", blocks=[{"type": "divider"}]
    )
    [after] = slack.messages(APPROVALS)
    assert after["text"] == "y"
    assert after["blocks"][0]["type"] == "divider"
    assert "edited" not in after
    # Whoever looked earlier still holds what they saw.
    assert before["blocks"] == [BUTTONS]


async def test_an_update_without_blocks_takes_them_away(
    slack: Sandbox, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel=APPROVALS.id, text="x", blocks=[BUTTONS])
    await client.chat_update(channel=APPROVALS.id, ts=posted["ts"], text="y")
    [after] = slack.messages(APPROVALS)
    assert "blocks" not in after
    assert after["edited"]["user"] == slack.config.bot_user_id


async def test_updating_what_is_not_there(slack: Sandbox, client: AsyncWebClient) -> None:
    answer = await refusal(client.chat_update(channel=APPROVALS.id, ts="1.000100", text="y"))
    assert answer["error"] == "message_not_found"
    answer = await refusal(client.chat_update(channel=ADA.id, ts="1.000100", text="y"))
    assert answer["error"] == "channel_not_found"
    answer = await refusal(client.chat_delete(channel="C0NOWHERE", ts="1.000100"))
    assert answer["error"] == "channel_not_found"


async def test_an_ephemeral_message_cannot_be_updated(
    slack: Sandbox, client: AsyncWebClient
) -> None:
    posted = await client.chat_postEphemeral(channel=APPROVALS.id, user=ADA.id, text="x")
    ts = posted["message_ts"]
    answer = await refusal(client.chat_update(channel=APPROVALS.id, ts=ts, text="y"))
    assert answer["error"] == "message_not_found"


async def test_other_peoples_messages_are_theirs(slack: Sandbox, client: AsyncWebClient) -> None:
    slack.say(ADA, APPROVALS, "mine")
    ts = slack.messages(APPROVALS)[0]["ts"]
    answer = await refusal(client.chat_update(channel=APPROVALS.id, ts=ts, text="y"))
    assert answer["error"] == "cant_update_message"
    answer = await refusal(client.chat_delete(channel=APPROVALS.id, ts=ts))
    assert answer["error"] == "cant_delete_message"


async def test_deleting(slack: Sandbox, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=APPROVALS.id, text="x")
    await client.chat_delete(channel=APPROVALS.id, ts=posted["ts"])
    assert slack.messages(APPROVALS) == []
    answer = await refusal(client.chat_delete(channel=APPROVALS.id, ts=posted["ts"]))
    assert answer["error"] == "message_not_found"


async def test_an_ephemeral_message_is_for_one_person(
    slack: Sandbox, client: AsyncWebClient
) -> None:
    await client.chat_postEphemeral(channel=APPROVALS.id, user=ADA.id, text="psst")
    assert [message["text"] for message in slack.ephemeral(ADA)] == ["psst"]
    assert slack.ephemeral(ADA, GENERAL) == []
    assert slack.ephemeral(SAM) == []
    assert slack.messages(APPROVALS) == []


@pytest.mark.parametrize("user", [KIM.id, LEE.id, "U0NOBODY"])
async def test_an_ephemeral_message_to_somebody_elsewhere(
    client: AsyncWebClient, user: str
) -> None:
    answer = await refusal(client.chat_postEphemeral(channel=APPROVALS.id, user=user, text="x"))
    assert answer["error"] == "user_not_in_channel"


async def test_threads(slack: Sandbox, client: AsyncWebClient) -> None:
    parent = (await client.chat_postMessage(channel=APPROVALS.id, text="x"))["ts"]
    reply = await client.chat_postMessage(channel=APPROVALS.id, text="y", thread_ts=parent)
    assert reply["message"]["thread_ts"] == parent
    deeper = client.chat_postMessage(channel=APPROVALS.id, text="z", thread_ts=reply["ts"])
    assert (await refusal(deeper))["error"] == "cannot_reply_to_message"
    lost = client.chat_postMessage(channel=APPROVALS.id, text="z", thread_ts="1.000100")
    assert (await refusal(lost))["error"] == "thread_not_found"


async def test_metadata(slack: Sandbox, client: AsyncWebClient) -> None:
    metadata = {"event_type": "expense", "event_payload": {"id": "E-1"}}
    posted = await client.chat_postMessage(channel=APPROVALS.id, text="x", metadata=metadata)
    await client.chat_update(
        channel=APPROVALS.id, ts=posted["ts"], text="y", metadata={**metadata, "event_payload": {}}
    )
    assert slack.messages(APPROVALS)[0]["metadata"]["event_payload"] == {}
    answer = await refusal(
        client.chat_postMessage(channel=APPROVALS.id, text="x", metadata={"event_type": "e"})
    )
    assert answer["error"] == "invalid_metadata_format"


async def test_a_message_for_later_is_refused_as_one_for_now_would_be(
    client: AsyncWebClient,
) -> None:
    at = str(int(time.time()) + 3600)
    answer = await refusal(client.chat_scheduleMessage(channel=GENERAL.id, text="x", post_at=at))
    assert answer["error"] == "not_in_channel"
    for late, error in (("0", "time_in_past"), ("9" * 12, "time_too_far"), ("x", "invalid_time")):
        answer = await refusal(
            client.chat_scheduleMessage(channel=APPROVALS.id, text="x", post_at=late)
        )
        assert answer["error"] == error


async def test_a_message_for_later_can_be_taken_back_once(
    slack: Sandbox, client: AsyncWebClient
) -> None:
    at = str(int(time.time()) + 3600)
    answer = await client.chat_scheduleMessage(channel=APPROVALS.id, text="x", post_at=at)
    which = {"channel": APPROVALS.id, "scheduled_message_id": answer["scheduled_message_id"]}
    assert (await client.chat_deleteScheduledMessage(**which))["ok"]
    again = await refusal(client.chat_deleteScheduledMessage(**which))
    assert again["error"] == "invalid_scheduled_message_id"
    assert slack.messages(APPROVALS) == []
