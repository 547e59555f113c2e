"""Slash commands, and what people write themselves."""

from typing import Any

import pytest

from sandbox import ClientRefusal, Sandbox
from sandbox.slack.client.envelope import TOKEN
from sandbox.slack.config import ADA, APPROVALS, GENERAL, KIM, LEE, SAM
from tests.sandbox.conftest import SECTION, RecordingApp


async def test_a_command_has_all_of_slacks_fields(slack: Sandbox, app: RecordingApp) -> None:
    ack = await slack.command(ADA, "/expense", "submit 42.50 EUR  Team lunch", channel=GENERAL)
    assert (ack.ok, ack.status, ack.text) == (True, 200, "")
    form = app.form()
    assert form.pop("response_url").startswith(f"{slack.base_url}/commands/")
    assert len(form.pop("trigger_id").split(".")) == 3
    assert form == {
        "token": TOKEN,
        "team_id": slack.config.team_id,
        "team_domain": "sandbox",
        "channel_id": GENERAL.id,
        "channel_name": "general",
        "user_id": ADA.id,
        "user_name": "ada",
        "command": "/expense",
        "text": "submit 42.50 EUR  Team lunch",
        "api_app_id": slack.config.app_id,
        "is_enterprise_install": "false",
    }


async def test_a_command_in_direct_messages(slack: Sandbox, app: RecordingApp) -> None:
    await slack.command(ADA, "/expense")
    form = app.form()
    assert form["channel_name"] == "directmessage"
    assert form["channel_id"].startswith("D")
    assert form["text"] == ""


async def test_an_answer_in_the_acknowledgement(slack: Sandbox, app: RecordingApp) -> None:
    app.answer = "Here you are"
    assert (await slack.command(ADA, "/expense", channel=GENERAL)).text == "Here you are"
    app.answer = {"text": "For all", "response_type": "in_channel", "blocks": [SECTION]}
    assert (await slack.command(ADA, "/expense", channel=GENERAL)).text == "For all"
    assert [message["text"] for message in slack.ephemeral(ADA, GENERAL)] == ["Here you are"]
    assert [message["text"] for message in slack.messages(GENERAL)] == ["For all"]
    assert slack.ephemeral(SAM) == []


@pytest.mark.parametrize(
    "answer",
    [
        {"text": ""},
        {"text": "x", "colour": "red"},
        {"text": "x", "response_type": "loud"},
        {"text": "x", "blocks": [{"type": "carousel"}]},
        {"text": "x" * 4001},
    ],
)
async def test_an_answer_slack_would_not_show(
    slack: Sandbox, app: RecordingApp, answer: dict[str, Any]
) -> None:
    app.answer = answer
    ack = await slack.command(ADA, "/expense", channel=GENERAL)
    assert ack.error
    assert ack.error.startswith("invalid_command_response")
    assert slack.messages(GENERAL) == []


async def test_commands_that_slack_does_not_send(slack: Sandbox, app: RecordingApp) -> None:
    with pytest.raises(ClientRefusal, match="/nope is not a valid command"):
        await slack.command(ADA, "/nope", "x")
    with pytest.raises(ClientRefusal, match="not supported in threads"):
        await slack.command(ADA, "/expense", channel=GENERAL, thread_ts="1.000100")
    assert app.received == []


@pytest.mark.parametrize(
    ("user", "words"),
    [
        (KIM.id, "Kim Novak's account is deactivated"),
        (LEE.id, "not in this conversation"),
        ("U0NOBODY", "nobody called U0NOBODY"),
        ("U0EXPNSSB0T", "nobody called"),
    ],
)
async def test_people_who_cannot_do_it(
    slack: Sandbox, app: RecordingApp, user: str, words: str
) -> None:
    with pytest.raises(ClientRefusal, match=words):
        await slack.command(user, "/expense", channel=APPROVALS)
    assert app.received == []


async def test_somebody_elses_direct_messages(slack: Sandbox, app: RecordingApp) -> None:
    with pytest.raises(ClientRefusal, match="not in this conversation"):
        await slack.command(SAM, "/expense", channel=slack.workspace.dm(ADA.id))


def test_people_write(slack: Sandbox) -> None:
    slack.say(ADA, GENERAL, "A & B <c>")
    [message] = slack.messages(GENERAL)
    assert message["user"] == ADA.id
    assert message["text"] == "A &amp; B &lt;c&gt;"
    assert "bot_id" not in message


def test_what_people_cannot_write(slack: Sandbox) -> None:
    with pytest.raises(ClientRefusal, match="turned off"):
        slack.say(ADA, slack.workspace.dm(ADA.id), "hello")
    with pytest.raises(ClientRefusal, match="nothing to send"):
        slack.say(ADA, GENERAL, "  ")
    with pytest.raises(ClientRefusal, match="at most 4000"):
        slack.say(ADA, GENERAL, "x" * 4001)
