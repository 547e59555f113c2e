"""Clicks and forms, as the app gets them."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import ClientRefusal, Sandbox
from sandbox.slack.client.echo import sent_back
from sandbox.slack.config import ADA, APPROVALS, GENERAL, KIM, LEE, MINA, SAM
from tests.sandbox.conftest import BUTTONS, SECTION, RecordingApp, home, modal, opened, refusal


async def posted(slack: Sandbox, client: AsyncWebClient, *blocks: Any) -> dict[str, Any]:
    await client.chat_postMessage(
        channel=APPROVALS.id, text="Lunch", blocks=list(blocks) or [SECTION, BUTTONS]
    )
    return slack.messages(APPROVALS)[-1]


async def test_a_click_on_a_message(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    message = await posted(slack, client)
    assert (await slack.click(MINA, message, "approve")).ok
    payload = app.payload()
    [action] = payload["actions"]
    assert action.pop("action_ts")
    assert action == {
        "type": "button",
        "block_id": "decision",
        "action_id": "approve",
        "text": {"type": "plain_text", "text": "Approve", "emoji": True},
        "value": "E-1",
        "style": "primary",
    }
    assert payload["type"] == "block_actions"
    assert payload["user"]["id"] == MINA.id
    assert payload["channel"] == {"id": APPROVALS.id, "name": "expenses-approvals"}
    assert payload["message"] == sent_back(message)
    assert payload["container"] == {
        "type": "message",
        "message_ts": message["ts"],
        "channel_id": APPROVALS.id,
        "is_ephemeral": False,
    }
    assert payload["state"] == {"values": {}}
    assert payload["response_url"].startswith(f"{slack.base_url}/actions/")
    assert payload["trigger_id"]
    assert payload["team"] == {"id": slack.config.team_id, "domain": "sandbox"}
    assert payload["api_app_id"] == slack.config.app_id


async def test_texts_come_back_as_slack_writes_them(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    typed = {"type": "plain_text", "text": "<b> & co", "emoji": False}
    ours = {"type": "mrkdwn", "text": "&lt;b&gt; *&amp;* <@U0ADA4KFR7Q>"}
    sections = [{"type": "section", "text": text} for text in (typed, ours)]
    message = await posted(slack, client, *sections, BUTTONS)
    assert (await slack.click(MINA, message, "approve")).ok
    first, second, _ = app.payload()["message"]["blocks"]
    assert first["text"] == {**typed, "text": "&lt;b&gt; &amp; co"}
    assert second["text"] == {**ours, "verbatim": False}
    # What people see is what the app sent.
    assert slack.messages(APPROVALS)[-1]["blocks"][0]["text"] == typed


async def test_a_click_on_a_message_only_one_sees(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    await client.chat_postEphemeral(channel=APPROVALS.id, user=ADA.id, text="x", blocks=[BUTTONS])
    [message] = slack.ephemeral(ADA)
    assert (await slack.click(ADA, message, "reject")).ok
    payload = app.payload()
    assert payload["container"]["is_ephemeral"]
    assert "message" not in payload


async def test_a_late_click_on_what_is_gone_from_the_message(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    message = await posted(slack, client)
    await client.chat_update(channel=APPROVALS.id, ts=message["ts"], text="Decided")
    assert (await slack.click(MINA, message, "approve")).ok
    assert app.payload()["message"]["text"] == "Decided"
    with pytest.raises(ClientRefusal, match="nothing called approve"):
        await slack.click(MINA, slack.messages(APPROVALS)[0], "approve")
    await client.chat_delete(channel=APPROVALS.id, ts=message["ts"])
    with pytest.raises(ClientRefusal, match="deleted"):
        await slack.click(MINA, message, "approve")


@pytest.mark.parametrize("user", [KIM, LEE])
async def test_clicks_of_people_who_are_not_there(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp, user: Any
) -> None:
    message = await posted(slack, client)
    with pytest.raises(ClientRefusal):
        await slack.click(user, message, "approve")
    assert app.received == []


async def test_a_click_that_fails_is_marked_until_one_works(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    message = await posted(slack, client)
    app.status = 500
    assert (await slack.click(MINA, message, "approve")).error == "dispatch_failed"
    shown = slack.page.state.of(MINA.id)["messages"][APPROVALS.id][0]
    assert "didn't respond" in shown["client_error"]
    assert "client_error" not in slack.page.state.of(SAM.id)["messages"][APPROVALS.id][0]
    app.status = 200
    await slack.click(MINA, message, "approve")
    assert "client_error" not in slack.page.state.of(MINA.id)["messages"][APPROVALS.id][0]


OPTIONS = [
    {"text": {"type": "plain_text", "text": name, "emoji": True}, "value": name}
    for name in ("travel", "food")
]


@pytest.mark.parametrize(
    ("element", "given", "key", "value"),
    [
        ({"type": "static_select", "options": OPTIONS}, "food", "selected_option", OPTIONS[1]),
        ({"type": "overflow", "options": OPTIONS}, "food", "selected_option", OPTIONS[1]),
        ({"type": "users_select"}, SAM.id, "selected_user", SAM.id),
        ({"type": "datepicker"}, "2026-02-28", "selected_date", "2026-02-28"),
        ({"type": "checkboxes", "options": OPTIONS}, ["food"], "selected_options", OPTIONS[1:]),
    ],
)
async def test_a_choice_on_a_message(
    slack: Sandbox,
    client: AsyncWebClient,
    app: RecordingApp,
    element: dict[str, Any],
    given: Any,
    key: str,
    value: Any,
) -> None:
    block = {"type": "actions", "block_id": "b", "elements": [{**element, "action_id": "choice"}]}
    message = await posted(slack, client, block)
    assert (await slack.click(ADA, message, "choice", given)).ok
    payload = app.payload()
    assert payload["actions"][0][key] == value
    if element["type"] != "overflow":
        state = payload["state"]["values"]["b"]["choice"]
        assert state == {"type": element["type"], key: value}


async def test_a_choice_that_is_not_on_offer(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    select = {"type": "static_select", "action_id": "choice", "options": OPTIONS}
    message = await posted(slack, client, {"type": "actions", "elements": [select]})
    with pytest.raises(ClientRefusal, match="not one of the options"):
        await slack.click(ADA, message, "choice", "gold")


FORM = modal(
    private_metadata="secret",
    blocks=[
        {
            "type": "input",
            "block_id": f"{name}_block",
            "optional": optional,
            "label": {"type": "plain_text", "text": name},
            "element": {"action_id": name, **element},
        }
        for name, optional, element in [
            ("what", False, {"type": "plain_text_input", "max_length": 20}),
            ("amount", False, {"type": "number_input", "is_decimal_allowed": True}),
            ("category", False, {"type": "static_select", "options": OPTIONS}),
            ("who", True, {"type": "users_select"}),
            ("day", True, {"type": "datepicker", "initial_date": "2026-02-28"}),
            ("kind", True, {"type": "radio_buttons", "options": OPTIONS}),
            ("extras", True, {"type": "checkboxes", "options": OPTIONS}),
            ("note", True, {"type": "plain_text_input"}),
        ]
    ],
)


async def test_a_form_has_slacks_state(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    view = await opened(slack, client, FORM)
    given = {"what": "Lunch", "amount_block": "42.50", "category": "food", "extras": ["travel"]}
    assert (await slack.submit(ADA, view, given)).ok
    assert slack.open_view(ADA) is None
    payload = app.payload()
    assert payload["type"] == "view_submission"
    assert payload["view"]["private_metadata"] == "secret"
    assert payload["view"]["hash"] == view["hash"]
    assert payload["response_urls"] == []
    assert payload["view"]["state"]["values"] == {
        "what_block": {"what": {"type": "plain_text_input", "value": "Lunch"}},
        "amount_block": {"amount": {"type": "number_input", "value": "42.50"}},
        "category_block": {"category": {"type": "static_select", "selected_option": OPTIONS[1]}},
        "who_block": {"who": {"type": "users_select", "selected_user": None}},
        "day_block": {"day": {"type": "datepicker", "selected_date": "2026-02-28"}},
        "kind_block": {"kind": {"type": "radio_buttons", "selected_option": None}},
        "extras_block": {"extras": {"type": "checkboxes", "selected_options": OPTIONS[:1]}},
        "note_block": {"note": {"type": "plain_text_input", "value": None}},
    }


async def test_slacks_client_holds_back_an_incomplete_form(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    view = await opened(slack, client, FORM)
    ack = await slack.submit(ADA, view, {"what": "", "amount": "1", "category": "food"})
    assert ack.error == "not_sent"
    assert slack.view_errors(ADA) == {"what_block": "Please complete this required field."}
    assert app.received == []


async def test_a_form_of_the_past(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    view = await opened(slack, client, modal())
    await slack.close_view(ADA)
    with pytest.raises(ClientRefusal, match="not open"):
        await slack.submit(ADA, view, {"what": "x"})
    with pytest.raises(ClientRefusal, match="no form open"):
        await slack.close_view(ADA)


async def test_a_field_that_is_not_there(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    view = await opened(slack, client, modal())
    with pytest.raises(ClientRefusal, match="no field amount"):
        await slack.submit(ADA, view, {"what": "x", "amount": "5"})


async def test_closing_is_told_only_on_request(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    await opened(slack, client, modal())
    assert await slack.close_view(ADA) is None
    assert app.received == []
    view = await opened(slack, client, modal(notify_on_close=True))
    ack = await slack.close_view(ADA)
    assert ack
    assert ack.ok
    payload = app.payload()
    assert payload["type"] == "view_closed"
    assert payload["view"]["id"] == view["id"]
    assert payload["is_cleared"] is False
    assert "trigger_id" not in payload


async def test_closing_may_clear_the_stack(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    await opened(slack, client, modal())
    trigger = slack.views.trigger(ADA.id, in_modal=True)
    view = modal(notify_on_close=True, clear_on_close=True)
    await client.views_push(trigger_id=trigger, view=view)
    await slack.close_view(ADA)
    assert slack.open_view(ADA) is None
    assert app.payload()["is_cleared"] is True


async def test_a_click_in_a_modal_can_push(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    await opened(slack, client, modal(blocks=[*modal()["blocks"], BUTTONS]))
    view = slack.open_view(ADA)
    assert view
    assert (await slack.click(ADA, view, "approve", values={"what": "half"})).ok
    payload = app.payload()
    assert payload["container"] == {"type": "view", "view_id": view["id"]}
    assert payload["view"]["state"]["values"]["what"]["what_input"]["value"] == "half"
    assert "channel" not in payload
    assert "response_url" not in payload
    await client.views_push(trigger_id=payload["trigger_id"], view=modal())
    top = slack.open_view(ADA)
    assert top
    assert top["previous_view_id"] == view["id"]


async def test_typing_sends_nothing_unless_asked_to(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    view = await opened(slack, client, modal())
    with pytest.raises(ClientRefusal, match="only sends anything with its form"):
        await slack.click(ADA, view, "what_input", "x")
    [first, second] = modal()["blocks"]
    view = await opened(slack, client, modal(blocks=[{**first, "dispatch_action": True}, second]))
    assert (await slack.click(ADA, view, "what_input", "x")).ok
    payload = app.payload()
    assert payload["actions"][0]["value"] == "x"
    assert payload["view"]["state"]["values"]["what"]["what_input"]["value"] == "x"


async def test_a_click_on_the_home_tab(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    await client.views_publish(user_id=ADA.id, view={**home(), "blocks": [BUTTONS]})
    view = slack.home(ADA)
    assert view
    assert (await slack.click(ADA, view, "approve")).ok
    payload = app.payload()
    assert payload["view"]["type"] == "home"
    push = client.views_push(trigger_id=payload["trigger_id"], view=modal())
    assert (await refusal(push))["error"] == "not_found"


async def test_a_message_in_a_channel_without_the_bot_can_be_answered(
    slack: Sandbox, app: RecordingApp
) -> None:
    app.answer = {"text": "x", "blocks": [BUTTONS]}
    await slack.command(ADA, "/expense", channel=GENERAL)
    assert (await slack.click(ADA, slack.ephemeral(ADA)[0], "approve")).ok
