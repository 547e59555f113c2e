"""The Home tab as a place to work in: lists to tick, buttons that ask, values that stay."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import ClientRefusal, Sandbox
from sandbox.slack.config import ADA, APPROVALS, MINA, PRIYA
from tests.sandbox.conftest import BUTTONS, SECTION, RecordingApp, modal, opened, refusal
from tests.sandbox.slack.page.test_protocol import send


def option(value: str) -> dict[str, Any]:
    return {
        "text": {"type": "mrkdwn", "text": f"*{value}*", "verbatim": False},
        "description": {"type": "plain_text", "text": f"The expense {value}", "emoji": True},
        "value": value,
    }


def ticks(*values: str, block_id: str = "waiting", ticked: Any = ()) -> dict[str, Any]:
    element = {
        "type": "checkboxes",
        "action_id": "choose",
        "options": [option(value) for value in values],
    }
    if ticked:
        element["initial_options"] = [option(value) for value in ticked]
    return {"type": "actions", "block_id": block_id, "elements": [element]}


def home_of(*blocks: Any, **fields: Any) -> dict[str, Any]:
    return {"type": "home", "blocks": [*blocks, BUTTONS], **fields}


DAY = {
    "type": "section",
    "block_id": "since",
    "text": {"type": "mrkdwn", "text": "Since"},
    "accessory": {"type": "datepicker", "action_id": "day", "initial_date": "2026-02-01"},
}
MORE = {
    "type": "input",
    "block_id": "more",
    "optional": True,
    "label": {"type": "plain_text", "text": "Also"},
    "element": {"type": "checkboxes", "action_id": "also", "options": [option("all")]},
}


async def publish(slack: Sandbox, client: AsyncWebClient, *blocks: Any, **fields: Any) -> Any:
    await client.views_publish(user_id=ADA.id, view=home_of(*blocks, **fields))
    return slack.home(ADA)


def values_of(app: RecordingApp) -> Any:
    return app.payload()["view"]["state"]["values"]


def ticked_in(app: RecordingApp, block_id: str = "waiting") -> list[str]:
    return [o["value"] for o in values_of(app)[block_id]["choose"]["selected_options"]]


async def test_a_tick_is_an_action_with_all_that_is_filled_in(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    view = await publish(slack, client, ticks("E-1", "E-2"), DAY, MORE, private_metadata="page=1")
    assert (await slack.click(ADA, view, "choose", ["E-2"])).ok
    payload = app.payload()
    [action] = payload["actions"]
    assert action.pop("action_ts")
    assert action == {
        "type": "checkboxes",
        "block_id": "waiting",
        "action_id": "choose",
        "selected_options": [option("E-2")],
    }
    assert payload["type"] == "block_actions"
    assert payload["container"] == {"type": "view", "view_id": view["id"]}
    for absent in ("channel", "message", "response_url", "response_urls", "state"):
        assert absent not in payload
    assert payload["view"]["id"] == view["id"]
    assert payload["view"]["hash"] == view["hash"]
    assert payload["view"]["private_metadata"] == "page=1"
    assert payload["view"]["state"]["values"] == {
        "waiting": {"choose": {"type": "checkboxes", "selected_options": [option("E-2")]}},
        "since": {"day": {"type": "datepicker", "selected_date": "2026-02-01"}},
        "more": {"also": {"type": "checkboxes", "selected_options": []}},
    }
    first = payload["trigger_id"]
    assert (await slack.click(ADA, view, "day", "2026-03-01")).ok
    assert (await slack.click(ADA, view, "approve")).ok
    assert app.payload()["trigger_id"] != first
    assert ticked_in(app) == ["E-2"]
    assert values_of(app)["since"]["day"]["selected_date"] == "2026-03-01"
    await client.views_open(trigger_id=app.payload()["trigger_id"], view=modal())


async def test_what_was_ticked_stays_while_the_block_is_published_again(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    view = await publish(slack, client, ticks("E-1", "E-2", ticked=["E-1"]))
    assert (await slack.click(ADA, view, "approve")).ok
    assert ticked_in(app) == ["E-1"]
    await slack.click(ADA, view, "choose", ["E-1", "E-2"])
    # The initial options count only for an element that was not there before.
    view = await publish(slack, client, ticks("E-0", "E-2", "E-1", ticked=["E-0"]))
    await slack.click(ADA, view, "approve")
    assert sorted(ticked_in(app)) == ["E-1", "E-2"]
    # What is not on offer any more cannot be ticked.
    view = await publish(slack, client, ticks("E-2", "E-3"))
    await slack.click(ADA, view, "approve")
    assert ticked_in(app) == ["E-2"]
    with pytest.raises(ClientRefusal, match="not one of the options"):
        await slack.click(ADA, view, "choose", ["E-1"])
    # Another block is another list, and the first one begins anew when it comes back.
    view = await publish(slack, client, ticks("E-2", block_id="rest", ticked=["E-2"]))
    await slack.click(ADA, view, "approve")
    assert ticked_in(app, "rest") == ["E-2"]
    view = await publish(slack, client, ticks("E-2"))
    await slack.click(ADA, view, "approve")
    assert ticked_in(app) == []


async def test_nobody_has_what_somebody_else_ticked(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    view = await publish(slack, client, ticks("E-1"))
    await slack.click(ADA, view, "choose", ["E-1"])
    await client.views_publish(user_id=MINA.id, view=home_of(ticks("E-1")))
    other = slack.home(MINA)
    assert other
    await slack.click(MINA, other, "approve")
    assert ticked_in(app) == []
    assert slack.page.state.of(MINA.id)["home"]["state"]["values"]["waiting"]["choose"] == {
        "type": "checkboxes",
        "selected_options": [],
    }
    shown = slack.page.state.of(ADA.id)["home"]["state"]["values"]["waiting"]["choose"]
    assert shown["selected_options"] == [option("E-1")]


async def test_a_home_has_a_hundred_blocks(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    blocks = [ticks(f"E-{n}", block_id=f"b{n}") for n in range(99)]
    view = await publish(slack, client, *blocks)
    assert (await slack.click(ADA, view, "approve")).ok
    assert len(values_of(app)) == 99
    answer = await refusal(client.views_publish(user_id=ADA.id, view=home_of(*blocks, SECTION)))
    assert answer["error"] == "invalid_arguments"
    assert "no more than 100 items" in answer["response_metadata"]["messages"][0]


async def test_a_click_that_crosses_a_new_home_loses_nothing_but_what_is_gone(
    slack: Sandbox, client: AsyncWebClient, http: aiohttp.ClientSession, app: RecordingApp
) -> None:
    await publish(slack, client, ticks("E-1", block_id="new"))
    values = {"old": {"choose": {"type": "checkboxes", "selected_options": [option("E-0")]}}}
    click = {"user": ADA.id, "home": True, "block_id": "decision", "action_id": "approve"}
    assert (await send(http, slack, "action", **click, values=values))["ok"]
    assert ticked_in(app, "new") == []


async def test_a_message_tells_all_that_is_chosen_in_it(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    blocks = [ticks("E-1", "E-2"), DAY, BUTTONS]
    await client.chat_postMessage(channel=APPROVALS.id, text="x", blocks=blocks)
    [message] = slack.messages(APPROVALS)
    assert (await slack.click(MINA, message, "approve", values={"choose": ["E-2"]})).ok
    values = app.payload()["state"]["values"]
    assert values["waiting"]["choose"]["selected_options"] == [option("E-2")]
    assert values["since"]["day"]["selected_date"] == "2026-02-01"


A, B = (
    {"text": {"type": "plain_text", "text": name, "emoji": True}, "value": name} for name in "AB"
)
FILLED: list[tuple[dict[str, Any], str, Any]] = [
    ({"type": "plain_text_input", "initial_value": "Tea"}, "value", "Tea"),
    ({"type": "plain_text_input", "multiline": True, "initial_value": "A\nB"}, "value", "A\nB"),
    (
        {"type": "number_input", "is_decimal_allowed": True, "initial_value": "4.50"},
        "value",
        "4.50",
    ),
    ({"type": "email_text_input", "initial_value": "a@example.com"}, "value", "a@example.com"),
    (
        {"type": "url_text_input", "initial_value": "https://x.example"},
        "value",
        "https://x.example",
    ),
    ({"type": "datepicker", "initial_date": "2026-02-28"}, "selected_date", "2026-02-28"),
    ({"type": "timepicker", "initial_time": "09:30"}, "selected_time", "09:30"),
    ({"type": "users_select", "initial_user": PRIYA.id}, "selected_user", PRIYA.id),
    ({"type": "multi_users_select", "initial_users": [MINA.id]}, "selected_users", [MINA.id]),
    *[
        ({"type": kind, "options": [A, B], "initial_option": B}, "selected_option", B)
        for kind in ("static_select", "radio_buttons")
    ],
    *[
        ({"type": kind, "options": [A, B], "initial_options": [B]}, "selected_options", [B])
        for kind in ("multi_static_select", "checkboxes")
    ],
]
FULL_FORM = modal(
    private_metadata="E-1",
    blocks=[
        {
            "type": "input",
            "block_id": f"b{number}",
            "label": {"type": "plain_text", "text": f"Field {number}"},
            "element": {**element, "action_id": "it"},
        }
        for number, (element, _, _) in enumerate(FILLED)
    ],
)


def full_state() -> dict[str, Any]:
    return {
        f"b{number}": {"it": {"type": element["type"], key: value}}
        for number, (element, key, value) in enumerate(FILLED)
    }


async def test_a_form_that_opens_filled_in_is_sent_as_it_is(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp
) -> None:
    view = await opened(slack, client, FULL_FORM)
    assert (await slack.submit(ADA, view)).ok
    assert values_of(app) == full_state()


@pytest.mark.parametrize("place", ["home", "message"])
async def test_a_form_opened_from_anywhere_is_updated_pushed_and_sent(
    slack: Sandbox, client: AsyncWebClient, app: RecordingApp, place: str
) -> None:
    if place == "home":
        origin = await publish(slack, client)
    else:
        await client.chat_postMessage(channel=APPROVALS.id, text="x", blocks=[BUTTONS])
        [origin] = slack.messages(APPROVALS)
    await slack.click(ADA, origin, "approve")
    trigger = app.payload()["trigger_id"]
    blocks = [*modal()["blocks"], BUTTONS]
    view = (await client.views_open(trigger_id=trigger, view=modal(blocks=blocks)))["view"]
    # What is half filled in goes with a click, and stays when the form is changed.
    await slack.click(ADA, view, "approve", values={"what": "half"})
    pushed = await client.views_push(trigger_id=app.payload()["trigger_id"], view=modal())
    assert pushed["view"]["previous_view_id"] == view["id"]
    await slack.close_view(ADA)
    fields = {"view_id": view["id"], "view": modal(private_metadata="new")}
    await client.views_update(hash=view["hash"], **fields)
    answer = await refusal(client.views_update(hash=view["hash"], **fields))
    assert answer["error"] == "hash_conflict"
    current = slack.open_view(ADA)
    assert current
    assert (await slack.submit(ADA, current)).ok
    payload = app.payload()
    assert payload["type"] == "view_submission"
    assert payload["view"]["private_metadata"] == "new"
    assert values_of(app)["what"]["what_input"]["value"] == "half"
    assert payload["response_urls"] == []
    for absent in ("channel", "message", "container"):
        assert absent not in payload
