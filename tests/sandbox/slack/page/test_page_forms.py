"""What people do on the page: commands, buttons and forms, with the mouse or only the keyboard."""

from typing import Any

from playwright.async_api import expect
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Sandbox
from sandbox.slack.config import ADA, APPROVALS, GENERAL, MINA
from tests.sandbox.conftest import BUTTONS, SECTION, bolt_for, modal, served
from tests.sandbox.slack.page.test_page import plain
from tests.support.browser import OpenPage


def field(name: str, kind: str, **more: Any) -> dict[str, Any]:
    optional = more.pop("optional", False)
    return {
        "type": "input",
        "block_id": name.lower(),
        "label": plain(name),
        "optional": optional,
        "element": {"type": kind, "action_id": "it", **more},
    }


def options(*names: str) -> list[dict[str, Any]]:
    return [{"text": plain(name), "value": name.upper()} for name in names]


def form_app(slack: Sandbox, view: dict[str, Any], submitted: list[dict[str, Any]]) -> AsyncApp:
    """An app whose command opens a form, that wants "what" to be more than one word."""
    app = bolt_for(slack)

    @app.command("/expense")
    async def open_form(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()

    @app.view("expense_modal")
    async def submit(ack: AsyncAck, view: dict[str, Any]) -> None:
        values = view["state"]["values"]
        what = values.get("what", {}).get("what_input", {}).get("value")
        if what == "Lunch":
            await ack(response_action="errors", errors={"what": "Say a little more."})
            return
        submitted.append(values)
        await ack()

    return app


async def test_a_command_and_a_form_need_only_the_keyboard(
    slack: Sandbox, open_page: OpenPage
) -> None:
    submitted: list[dict[str, Any]] = []
    async with served(slack, form_app(slack, modal(), submitted)):
        window = await open_page(slack, ADA, GENERAL.id)
        keyboard = window.page.keyboard
        what = window.dialog.get_by_label("What for")
        await window.composer.focus()
        await keyboard.type("/expense submit")
        await keyboard.press("Enter")
        await expect(what).to_be_focused()
        await keyboard.press("Enter")
        await expect(what).to_have_accessible_description("Please complete this required field.")
        await expect(what).to_be_focused()
        await keyboard.type("Lunch")
        await keyboard.press("Enter")
        await expect(what).to_have_accessible_description("Say a little more.")
        await expect(what).to_have_attribute("aria-invalid", "true")
        await expect(what).to_have_value("Lunch")
        await keyboard.type(" with Bruno")
        await keyboard.press("Tab")
        await expect(window.dialog.get_by_label("Note (optional)")).to_be_focused()
        await keyboard.press("Enter")
        await expect(window.dialog).to_have_count(0)
        await expect(window.composer).to_be_focused()
        await expect(window.composer).to_have_value("")
    assert submitted[0]["what"]["what_input"]["value"] == "Lunch with Bruno"
    assert submitted[0]["note"]["note_input"]["value"] is None


async def test_escape_and_both_buttons_close_a_form(slack: Sandbox, open_page: OpenPage) -> None:
    view = modal(close=plain("Not now"))
    async with served(slack, form_app(slack, view, [])):
        window = await open_page(slack, ADA, GENERAL.id)
        for leave in ("Escape", "Not now", "Close this form"):
            await window.say("/expense submit")
            await expect(window.dialog).to_have_accessible_name("Expense")
            if leave == "Escape":
                await window.page.keyboard.press("Escape")
            else:
                await window.button(leave).click()
            await expect(window.dialog).to_have_count(0)
            assert slack.open_view(ADA) is None
            await expect(window.composer).to_be_focused()


async def test_every_kind_of_field_reaches_the_app(slack: Sandbox, open_page: OpenPage) -> None:
    view = modal(
        blocks=[
            field("Currency", "static_select", options=options("Eur", "Usd")),
            field("Day", "datepicker", initial_date="2026-01-31"),
            field("Who", "users_select"),
            field("Class", "radio_buttons", options=options("First", "Second")),
            field("Extras", "checkboxes", options=options("Meal", "Bed", "Car"), optional=True),
            field("Count", "number_input", is_decimal_allowed=False),
            field("Mail", "email_text_input"),
            field("Story", "plain_text_input", multiline=True),
            field("Memo", "plain_text_input", initial_value="as it was"),
        ]
    )
    submitted: list[dict[str, Any]] = []
    async with served(slack, form_app(slack, view, submitted)):
        window = await open_page(slack, ADA, GENERAL.id)
        await window.say("/expense submit")
        form = window.dialog
        await form.get_by_label("Currency").select_option("Usd")
        await form.get_by_label("Day").fill("2026-02-01")
        await form.get_by_label("Who").select_option("Mina Laurent")
        await form.get_by_role("radiogroup", name="Class").get_by_label("Second").check()
        await form.get_by_role("group", name="Extras").get_by_label("Meal").check()
        await form.get_by_label("Car").check()
        await form.get_by_label("Count").fill("3.5")
        await form.get_by_label("Mail").fill("ada@example.com")
        await form.get_by_label("Story").fill("One\nTwo")
        await window.button("Submit").click()
        await expect(form.get_by_label("Count")).to_have_accessible_description(
            "Please enter a whole number."
        )
        await form.get_by_label("Count").fill("3")
        await window.button("Submit").click()
        await expect(form).to_have_count(0)
    held = {
        name: next(v for k, v in it["it"].items() if k != "type")
        for name, it in submitted[0].items()
    }
    assert held["currency"]["value"] == "USD"
    assert held["day"] == "2026-02-01"
    assert held["who"] == MINA.id
    assert held["class"]["value"] == "SECOND"
    assert [option["value"] for option in held["extras"]] == ["MEAL", "CAR"]
    assert held["count"] == "3"
    assert held["mail"] == "ada@example.com"
    assert held["story"] == "One\nTwo"
    assert held["memo"] == "as it was"


async def test_a_half_filled_form_survives_whatever_happens_around_it(
    slack: Sandbox, client: AsyncWebClient, open_page: OpenPage
) -> None:
    async with served(slack, form_app(slack, modal(), [])):
        window = await open_page(slack, ADA, GENERAL.id)
        await window.say("/expense submit")
        what = window.dialog.get_by_label("What for")
        await what.press_sequentially("Team ")
        await client.chat_postMessage(channel=APPROVALS.id, text="Something else")
        await expect(window.page.get_by_text("1 new")).to_have_count(1)
        await what.press_sequentially("lunch")
        view = slack.open_view(ADA)
        assert view
        blocks = [*modal()["blocks"], {"type": "section", "text": plain("One more thing")}]
        await client.views_update(view_id=view["id"], hash=view["hash"], view=modal(blocks=blocks))
        await expect(window.dialog).to_contain_text("One more thing")
        await expect(what).to_have_value("Team lunch")
        await expect(what).to_be_focused()


async def test_a_button_is_clicked_and_the_keyboard_keeps_its_place(
    slack: Sandbox, client: AsyncWebClient, open_page: OpenPage
) -> None:
    app = bolt_for(slack)

    @app.action("approve")
    async def approve(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        words = f"Approved by <@{body['user']['id']}>: {body['actions'][0]['value']}"
        await client.chat_update(channel=APPROVALS.id, ts=body["message"]["ts"], text=words)
        await ack()

    await client.chat_postMessage(channel=APPROVALS.id, text="Lunch", blocks=[SECTION, BUTTONS])
    async with served(slack, app):
        ada = await open_page(slack, ADA, APPROVALS.id)
        mina = await open_page(slack, MINA, APPROVALS.id)
        await mina.button("Approve").focus()
        await mina.page.keyboard.press("Enter")
        for window in (ada, mina):
            await expect(window.messages).to_contain_text("Approved by @Mina Laurent: E-1")
            await expect(window.button("Approve")).to_have_count(0)
        await expect(mina.messages).to_be_focused()


async def test_a_button_may_ask_first(
    slack: Sandbox, client: AsyncWebClient, open_page: OpenPage
) -> None:
    clicks: list[str] = []
    app = bolt_for(slack)

    @app.action("reject")
    async def reject(ack: AsyncAck, body: dict[str, Any]) -> None:
        clicks.append(body["user"]["id"])
        await ack()

    confirm = {
        "title": plain("Reject it?"),
        "text": plain("Ada will be told."),
        "confirm": plain("Reject for good"),
        "deny": plain("Keep it"),
    }
    button = {"type": "button", "action_id": "reject", "text": plain("Reject"), "confirm": confirm}
    await client.chat_postMessage(
        channel=APPROVALS.id, text="Lunch", blocks=[{"type": "actions", "elements": [button]}]
    )
    async with served(slack, app):
        window = await open_page(slack, MINA, APPROVALS.id)
        question = window.page.get_by_role("alertdialog", name="Reject it?")
        for no in ("Escape", "Enter"):
            await window.button("Reject").click()
            await expect(question).to_have_accessible_description("Ada will be told.")
            await expect(question.get_by_role("button", name="Keep it")).to_be_focused()
            await window.page.keyboard.press(no)
            await expect(question).to_have_count(0)
        await window.button("Reject").click()
        await question.get_by_role("button", name="Reject for good").click()
        await slack.until(lambda: clicks)
    assert clicks == [MINA.id]


async def test_menus_and_dates_in_a_message_tell_the_app_what_was_chosen(
    slack: Sandbox, client: AsyncWebClient, open_page: OpenPage
) -> None:
    chosen: list[Any] = []
    app = bolt_for(slack)

    @app.action({"block_id": "choices"})
    async def note(ack: AsyncAck, action: dict[str, Any]) -> None:
        chosen.append(
            action.get("selected_date")
            or action.get("selected_user")
            or action["selected_option"]["value"]
        )
        await ack()

    elements = [
        {
            "type": "static_select",
            "action_id": "currency",
            "placeholder": plain("Currency"),
            "options": options("Eur", "Usd"),
        },
        {"type": "users_select", "action_id": "who", "placeholder": plain("Person")},
        {"type": "datepicker", "action_id": "day", "placeholder": plain("Day")},
        {"type": "overflow", "action_id": "more", "options": options("History", "Copy")},
    ]
    await client.chat_postMessage(
        channel=APPROVALS.id,
        text="x",
        blocks=[{"type": "actions", "block_id": "choices", "elements": elements}],
    )
    async with served(slack, app):
        window = await open_page(slack, MINA, APPROVALS.id)
        await window.page.get_by_label("Currency").select_option("Usd")
        await window.page.get_by_label("Person").select_option("Ada Okafor")
        await window.page.get_by_label("Day").fill("2026-02-01")
        await window.page.get_by_label("More actions").click()
        await window.button("Copy").click()
        await slack.until(lambda: len(chosen) == 4)
        assert chosen == ["USD", ADA.id, "2026-02-01", "COPY"]
        await expect(window.page.get_by_label("Currency")).to_have_value("1")


async def test_typing_a_slash_offers_the_commands(slack: Sandbox, open_page: OpenPage) -> None:
    window = await open_page(slack, ADA, GENERAL.id)
    keyboard = window.page.keyboard
    offers = window.page.get_by_role("listbox", name="Commands").get_by_role("option")
    await window.composer.focus()
    await keyboard.type("/")
    await expect(offers).to_contain_text(["/expense submit 42.50 EUR", "/expense list"])
    await expect(window.composer).to_have_attribute("aria-expanded", "true")
    await keyboard.press("Escape")
    await expect(offers).to_have_count(0)
    await keyboard.type("expense li")
    await keyboard.press("ArrowDown")
    await keyboard.press("Enter")
    await expect(window.composer).to_have_value("/expense list")
    await expect(window.composer).to_be_focused()
    assert slack.messages(GENERAL) == []


async def test_a_message_is_said_and_a_wrong_command_is_kept_to_be_corrected(
    slack: Sandbox, open_page: OpenPage
) -> None:
    window = await open_page(slack, ADA, GENERAL.id)
    await window.say("Good morning <all> & *everybody*")
    await expect(window.message("Good morning <all> & everybody")).to_contain_text("Ada Okafor")
    await window.say("/nonsense")
    await expect(window.page.get_by_role("alert")).to_contain_text("not a valid command")
    await expect(window.composer).to_have_value("/nonsense")
    await window.composer.press("End")
    await window.composer.press_sequentially("!")
    await expect(window.page.get_by_role("alert")).to_have_count(0)
