"""Every Block Kit limit the sandbox holds apps to."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Sandbox
from sandbox.slack.block_kit import check_blocks, check_view
from sandbox.slack.config import ADA, APPROVALS
from sandbox.slack.errors import SlackError
from tests.sandbox.conftest import BUTTONS, SECTION, home, modal, refusal


def plain(text: str = "x", **more: Any) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, **more}


def mrkdwn(text: str = "x", **more: Any) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, **more}


def section(**fields: Any) -> dict[str, Any]:
    return {"type": "section", **fields}


def actions(*elements: Any, **fields: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements), **fields}


def button(**fields: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(), **fields}


def field(element: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"type": "input", "label": plain(), "element": element, **fields}


def option(value: str = "a", **fields: Any) -> dict[str, Any]:
    return {"text": plain(), "value": value, **fields}


def select(**fields: Any) -> dict[str, Any]:
    return {"type": "static_select", **fields}


def confirm(**fields: Any) -> dict[str, Any]:
    return {"title": plain(), "text": plain(), "confirm": plain(), "deny": plain(), **fields}


IMAGE = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a"}
FILE_IMAGE = {"type": "image", "alt_text": "a", "slack_file": {"id": "F0"}}
TEXT_INPUT = {"type": "plain_text_input"}

GOOD = [
    section(text=plain("&" * 600)),
    section(text=mrkdwn("&" * 3000)),
    section(text=mrkdwn("👍" * 1500)),
    section(text=plain("x" * 3000)),
    section(text=mrkdwn(verbatim=True), accessory=button(value="v" * 2000, style="danger")),
    section(fields=[mrkdwn("x" * 2000)] * 10),
    section(text=plain(), accessory=IMAGE, block_id="b" * 255),
    section(text=plain(), accessory={"type": "overflow", "options": [option()] * 5}),
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider"},
    {"type": "context", "elements": [mrkdwn(), plain(), IMAGE]},
    {**IMAGE, "title": plain()},
    {"type": "image", "alt_text": "a", "slack_file": {"id": "F0"}, "title": plain()},
    section(text=plain(), accessory={**FILE_IMAGE, "slack_file": {"url": "https://example.com"}}),
    {"type": "context", "elements": [FILE_IMAGE]},
    section(
        text=plain(),
        accessory={
            "type": "checkboxes",
            "options": [
                option(str(n), text=plain("x" * 75), description=mrkdwn("x" * 75))
                for n in range(10)
            ],
        },
    ),
    field({"type": "checkboxes", "options": [option()], "initial_options": [option()]}),
    actions(*[button(confirm=confirm()) for _ in range(25)]),
    actions(select(options=[option(str(n)) for n in range(100)])),
    actions(select(option_groups=[{"label": plain(), "options": [option()]}])),
    actions({"type": "users_select", "placeholder": plain(), "initial_user": ADA.id}),
    actions({"type": "datepicker", "initial_date": "2026-02-28"}),
    actions({"type": "timepicker", "initial_time": "23:59"}),
    actions({"type": "checkboxes", "options": [option(text=mrkdwn())]}),
    field({"type": "number_input", "is_decimal_allowed": True, "min_value": "0"}),
    field({"type": "email_text_input"}),
    field({"type": "url_text_input"}),
    field({"type": "radio_buttons", "options": [option()], "initial_option": option()}),
    field({"type": "multi_static_select", "options": [option()], "initial_options": [option()]}),
    field({"type": "multi_users_select", "initial_users": [ADA.id]}),
    field({**TEXT_INPUT, "multiline": True, "max_length": 3000}, hint=plain(), optional=True),
]

BAD = [
    ("escaped", "less than 3001", "/text/text", section(text=plain("&" * 601))),
    ("emoji", "less than 3001", "/text/text", section(text=mrkdwn("👍" * 1501))),
    (
        "initial text",
        "longer than max_length",
        "/element",
        field({**TEXT_INPUT, "initial_value": "👍👍", "max_length": 3}),
    ),
    ("section", "must be less than 3001 characters", "/text/text", section(text=plain("x" * 3001))),
    ("empty text", "must be more than 0 characters", "/text/text", section(text=plain(""))),
    ("no text", "must define either `text` or `fields`", "", section()),
    ("11 fields", "no more than 10 items", "/fields", section(fields=[plain()] * 11)),
    ("long field", "less than 2001", "/fields/0/text", section(fields=[plain("x" * 2001)])),
    ("header", "less than 151", "/text/text", {"type": "header", "text": plain("x" * 151)}),
    ("mrkdwn header", "valid enum value", "/text/type", {"type": "header", "text": mrkdwn()}),
    ("unknown block", "unsupported type: carousel", "", {"type": "carousel"}),
    ("untyped block", "missing required field: type", "", {"text": plain()}),
    ("not an object", "", "", "text"),
    ("unknown key", "invalid additional property: colour", "", section(text=plain(), colour=1)),
    ("null", "must not be null: accessory", "", section(text=plain(), accessory=None)),
    ("text as string", "", "/text", section(text="x")),
    ("number as text", "must provide a string", "/text/text", section(text=plain(5))),  # type: ignore[arg-type]
    ("emoji in mrkdwn", "additional property: emoji", "/text", section(text=mrkdwn(emoji=True))),
    ("verbatim in plain", "property: verbatim", "/text", section(text=plain(verbatim=True))),
    ("long block_id", "less than 256", "/block_id", section(text=plain(), block_id="b" * 256)),
    ("11 in context", "no more than 10", "", {"type": "context", "elements": [plain()] * 11}),
    ("button in context", "unsupported type", "", {"type": "context", "elements": [button()]}),
    ("no elements", "at least 1 item", "/elements", actions()),
    ("26 elements", "no more than 25", "/elements", actions(*[button()] * 26)),
    ("long button", "less than 76", "/elements/0/text/text", actions(button(text=plain("x" * 76)))),
    ("mrkdwn button", "valid enum", "/elements/0/text/type", actions(button(text=mrkdwn()))),
    ("button value", "less than 2001", "/elements/0/value", actions(button(value="v" * 2001))),
    ("button url", "less than 3001", "/elements/0/url", actions(button(url="v" * 3001))),
    ("button style", "valid enum", "/elements/0/style", actions(button(style="green"))),
    ("action_id", "less than 256", "/elements/0/action_id", actions(button(action_id="a" * 256))),
    ("disabled", "property: disabled", "/elements/0", actions(button(disabled=True))),
    (
        "same action_id",
        "action_id already exists: a",
        "",
        actions(button(action_id="a"), button(action_id="a")),
    ),
    ("typing in actions", "unsupported type: plain_text_input", "", actions(TEXT_INPUT)),
    ("multi in actions", "unsupported type", "", actions({"type": "multi_users_select"})),
    (
        "confirm title",
        "less than 101",
        "",
        actions(button(confirm=confirm(title=plain("x" * 101)))),
    ),
    ("confirm text", "less than 301", "", actions(button(confirm=confirm(text=mrkdwn("x" * 301))))),
    ("confirm deny", "less than 31", "", actions(button(confirm=confirm(deny=plain("x" * 31))))),
    ("option text", "less than 76", "", actions(select(options=[option(text=plain("x" * 76))]))),
    ("option value", "less than 76", "", actions(select(options=[option("v" * 76)]))),
    ("option mrkdwn", "valid enum", "", actions(select(options=[option(text=mrkdwn())]))),
    ("same values", "option values must be unique", "", actions(select(options=[option()] * 2))),
    ("no options", "either `options` or `option_groups`", "", actions(select())),
    ("101 options", "no more than 100", "", actions(select(options=[option()] * 101))),
    (
        "strange initial",
        "initial option must be one of the options",
        "",
        actions(select(options=[option()], initial_option=option("b"))),
    ),
    (
        "strange initial radio",
        "initial option must be one of the options",
        "",
        field({"type": "radio_buttons", "options": [option()], "initial_option": option("b")}),
    ),
    (
        "11 radios",
        "no more than 10",
        "",
        field({"type": "radio_buttons", "options": [option()] * 11}),
    ),
    (
        "11 checkboxes",
        "no more than 10",
        "",
        actions({"type": "checkboxes", "options": [option()] * 11}),
    ),
    (
        "long checkbox",
        "less than 76",
        "",
        actions({"type": "checkboxes", "options": [option(text=mrkdwn("x" * 76))]}),
    ),
    (
        "long description",
        "less than 76",
        "",
        actions({"type": "checkboxes", "options": [option(description=plain("x" * 76))]}),
    ),
    (
        "nothing ticked",
        "at least 1 item",
        "",
        actions({"type": "checkboxes", "options": [option()], "initial_options": []}),
    ),
    ("no picture", "`image_url` or `slack_file`", "", {"type": "image", "alt_text": "a"}),
    ("two pictures", "`image_url` or `slack_file`", "", {**IMAGE, "slack_file": {"id": "F0"}}),
    ("no file", "`id` or `url`", "/slack_file", {**FILE_IMAGE, "slack_file": {}}),
    (
        "two files",
        "`id` or `url`",
        "/slack_file",
        {**FILE_IMAGE, "slack_file": {"id": "F0", "url": "x"}},
    ),
    (
        "6 in overflow",
        "no more than 5",
        "",
        actions({"type": "overflow", "options": [option()] * 6}),
    ),
    ("placeholder", "less than 151", "", field({**TEXT_INPUT, "placeholder": plain("x" * 151)})),
    ("button as input", "unsupported type: button", "", field(button())),
    ("label", "less than 2001", "/label/text", field(TEXT_INPUT, label=plain("x" * 2001))),
    ("mrkdwn label", "valid enum", "/label/type", field(TEXT_INPUT, label=mrkdwn())),
    ("max_length", "", "/element/max_length", field({**TEXT_INPUT, "max_length": 3001})),
    ("decimals", "field: is_decimal_allowed", "/element", field({"type": "number_input"})),
    (
        "no such day",
        "YYYY-MM-DD",
        "",
        actions({"type": "datepicker", "initial_date": "2026-02-30"}),
    ),
    ("short date", "YYYY-MM-DD", "", actions({"type": "datepicker", "initial_date": "20260228"})),
    ("no such hour", "", "", actions({"type": "timepicker", "initial_time": "24:00"})),
    ("file in message", "unsupported type: file_input", "", field({"type": "file_input"})),
    ("image alt", "field: alt_text", "", {"type": "image", "image_url": "https://example.com/a"}),
]


@pytest.mark.parametrize("block", GOOD, ids=lambda block: str(block)[:40])
def test_a_block_within_the_limits_passes(block: dict[str, Any]) -> None:
    if block.get("accessory", {}).get("type") == "overflow":
        block["accessory"]["options"] = [option(str(n)) for n in range(5)]
    assert check_blocks([block])


@pytest.mark.parametrize(
    ("words", "pointer", "block"), [b[1:] for b in BAD], ids=[b[0] for b in BAD]
)
def test_a_block_beyond_a_limit_is_refused(words: str, pointer: str, block: Any) -> None:
    with pytest.raises(SlackError) as caught:
        check_blocks([block])
    assert caught.value.error == "invalid_blocks"
    [message, *_] = caught.value.messages
    assert words in message
    assert f"[json-pointer:/blocks/0{pointer}" in message


BAD_LISTS: list[tuple[str, Any]] = [
    ("no more than 50 items allowed [json-pointer:/blocks]", [SECTION] * 51),
    ("block_id already exists: b", [{**SECTION, "block_id": "b"}] * 2),
]


@pytest.mark.parametrize(("words", "blocks"), BAD_LISTS)
def test_blocks_are_checked_together(words: str, blocks: Any) -> None:
    with pytest.raises(SlackError) as caught:
        check_blocks(blocks)
    assert words in caught.value.messages[0]


def test_blocks_must_be_a_list() -> None:
    with pytest.raises(SlackError, match="invalid_blocks_format"):
        check_blocks({"type": "divider"})


BAD_MODALS: list[tuple[str, dict[str, Any]]] = [
    ("must be less than 25 characters [json-pointer:/view/title/text]", {"title": plain("x" * 25)}),
    ("valid enum value [json-pointer:/view/title/type]", {"title": mrkdwn()}),
    ("less than 25 characters [json-pointer:/view/submit/text]", {"submit": plain("x" * 25)}),
    ("less than 25 characters [json-pointer:/view/close/text]", {"close": plain("x" * 25)}),
    ("less than 3001 characters", {"private_metadata": "x" * 3001}),
    ("less than 256 characters", {"callback_id": "x" * 256}),
    ("no more than 100 items allowed [json-pointer:/view/blocks]", {"blocks": [SECTION] * 101}),
    ("at least 1 item", {"blocks": []}),
    ("invalid additional property: hash [json-pointer:/view]", {"hash": "1"}),
    ("type must be modal", {"type": "home"}),
    ("block_id already exists", {"blocks": [{**SECTION, "block_id": "b"}] * 2}),
    (
        "only one element may focus_on_load",
        {"blocks": [field({**TEXT_INPUT, "focus_on_load": True})] * 2},
    ),
]


@pytest.mark.parametrize(("words", "change"), BAD_MODALS)
def test_a_modal_beyond_a_limit_is_refused(words: str, change: dict[str, Any]) -> None:
    with pytest.raises(SlackError) as caught:
        check_view(modal(**change), "modal")
    assert caught.value.error == "invalid_arguments"
    assert words in caught.value.messages[0]


def test_a_modal_with_inputs_needs_a_submit_button() -> None:
    view = modal()
    del view["submit"]
    with pytest.raises(SlackError) as caught:
        check_view(view, "modal")
    assert "missing required field: submit" in caught.value.messages[0]


def test_a_modal_needs_a_title() -> None:
    view = modal()
    del view["title"]
    with pytest.raises(SlackError) as caught:
        check_view(view, "modal")
    assert caught.value.messages == ["[ERROR] missing required field: title [json-pointer:/view]"]


def test_a_modal_may_take_files() -> None:
    assert check_view(modal(blocks=[field({"type": "file_input", "max_files": 1})]), "modal")


def test_a_home_has_no_title_and_no_files() -> None:
    with pytest.raises(SlackError) as caught:
        check_view({**home(), "title": plain()}, "home")
    assert "invalid additional property: title" in caught.value.messages[0]
    with pytest.raises(SlackError) as caught:
        check_view({"type": "home", "blocks": [field({"type": "file_input"})]}, "home")
    assert "unsupported type: file_input" in caught.value.messages[0]


@pytest.mark.parametrize("view", [None, "modal", 5, []])
def test_a_view_must_be_an_object(view: Any) -> None:
    with pytest.raises(SlackError, match="invalid_arguments"):
        check_view(view, "modal")


def test_a_view_has_a_size() -> None:
    big = modal(blocks=[section(text=plain("é" * 3000)) for _ in range(90)])
    with pytest.raises(SlackError, match="view_too_large"):
        check_view(big, "modal")


def test_missing_ids_are_made_up_and_the_original_stays_as_it_was() -> None:
    block = actions(button())
    [completed] = check_blocks([block])
    assert completed["block_id"]
    assert completed["elements"][0]["action_id"]
    assert "block_id" not in block


async def test_the_web_api_words_it_as_slack_does(slack: Sandbox, client: AsyncWebClient) -> None:
    long = section(text=plain("x" * 3001))
    answer = await refusal(client.chat_postMessage(channel=APPROVALS.id, text="x", blocks=[long]))
    assert answer == {
        "ok": False,
        "error": "invalid_blocks",
        "response_metadata": {
            "messages": [
                "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
            ]
        },
    }
    assert slack.messages(APPROVALS) == []


async def test_good_blocks_come_back(slack: Sandbox, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel=APPROVALS.id, text="x", blocks=[BUTTONS])
    assert slack.messages(APPROVALS)[0]["blocks"] == [BUTTONS]
