"""The Home tab in the page: ticking, asking first, redrawing, and mentions in the sidebar."""

from typing import Any

from playwright.async_api import expect
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Sandbox
from sandbox.slack.config import ADA, APPROVALS, FINANCE, GENERAL, MINA, MONEY, NOOR
from tests.sandbox.conftest import bolt_for, served
from tests.sandbox.slack.client.test_home import DAY, FULL_FORM, full_state, option, ticks
from tests.sandbox.slack.page.test_page import plain, section
from tests.sandbox.slack.page.test_page_forms import form_app
from tests.support.browser import OpenPage

CONFIRM = {
    "title": plain("Approve them?"),
    "text": {"type": "mrkdwn", "text": "*Two* expenses"},
    "confirm": plain("Approve all"),
    "deny": plain("Not yet"),
}


def button(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": name.lower(), "text": plain(name), **more}


def working_home(*values: str, block_id: str = "waiting") -> dict[str, Any]:
    return {
        "type": "home",
        "blocks": [
            {"type": "header", "text": plain("Waiting for you")},
            ticks(*values, block_id=block_id),
            {
                "type": "actions",
                "block_id": "bulk",
                "elements": [
                    button("Approve", style="primary", confirm=CONFIRM),
                    button("Reject", style="danger"),
                ],
            },
            {"type": "divider"},
            DAY,
            {"type": "context", "elements": [{"type": "mrkdwn", "text": f"For <@{MINA.id}>"}]},
        ],
    }


def noting(slack: Sandbox, actions: list[dict[str, Any]]) -> AsyncApp:
    """An app that publishes nothing by itself, and notes every action with its view's values."""
    app = bolt_for(slack)

    @app.event("app_home_opened")
    async def open_home() -> None:
        pass

    @app.action("choose")
    @app.action("approve")
    @app.action("reject")
    @app.action("day")
    async def note(ack: AsyncAck, body: dict[str, Any]) -> None:
        actions.append(body)
        await ack()

    return app


def ticked(body: dict[str, Any]) -> list[str]:
    [state] = [
        block["choose"] for block in body["view"]["state"]["values"].values() if "choose" in block
    ]
    return sorted(chosen["value"] for chosen in state["selected_options"])


async def test_ticks_on_home_are_told_and_go_with_every_click(
    slack: Sandbox, client: AsyncWebClient, open_page: OpenPage
) -> None:
    actions: list[dict[str, Any]] = []
    await client.views_publish(user_id=MINA.id, view=working_home("E-1", "E-2", "E-3"))
    async with served(slack, noting(slack, actions)):
        window = await open_page(slack, MINA, "home")
        page = window.page
        # Faster than the app answers, and none of them is lost.
        for name in ("E-1", "E-2", "E-3"):
            await page.get_by_role("checkbox", name=name).check(force=True)
        await page.get_by_role("checkbox", name="E-2").uncheck()
        await slack.until(lambda: len(actions) == 4)
        assert [len(body["actions"][0]["selected_options"]) for body in actions] == [1, 2, 3, 2]
        await window.button("Approve").click()
        question = page.get_by_role("alertdialog", name="Approve them?")
        await expect(question).to_have_accessible_description("Two expenses")
        await expect(question.locator("strong")).to_have_text("Two")
        await question.get_by_role("button", name="Approve all").click()
        await slack.until(lambda: len(actions) == 5)
        assert ticked(actions[4]) == ["E-1", "E-3"]
        assert actions[4]["view"]["state"]["values"]["since"]["day"]["selected_date"]
        # Leaving and reloading keeps what was ticked; a new list with the same ids does, too.
        await window.go("# general")
        await window.go("Home")
        await expect(page.get_by_role("checkbox", name="E-3")).to_be_checked()
        await page.reload()
        await expect(page.get_by_role("checkbox", name="E-1")).to_be_checked()
        await expect(page.get_by_role("checkbox", name="E-2")).not_to_be_checked()
        await client.views_publish(user_id=MINA.id, view=working_home("E-3", "E-4"))
        await expect(page.get_by_role("checkbox", name="E-4")).not_to_be_checked()
        await expect(page.get_by_role("checkbox", name="E-3")).to_be_checked()
        await expect(page.get_by_role("checkbox", name="E-1")).to_have_count(0)
        # Another block begins anew.
        await client.views_publish(user_id=MINA.id, view=working_home("E-3", block_id="rest"))
        await expect(page.get_by_role("checkbox", name="E-4")).to_have_count(0)
        await expect(page.get_by_role("checkbox", name="E-3")).not_to_be_checked()
        await window.button("Reject").click()
        await slack.until(lambda: len(actions) == 6)
        assert ticked(actions[5]) == []


async def test_a_tick_that_asks_first_is_taken_back(
    slack: Sandbox, client: AsyncWebClient, open_page: OpenPage
) -> None:
    actions: list[dict[str, Any]] = []
    asking = ticks("E-1")
    asking["elements"][0]["confirm"] = CONFIRM
    await client.views_publish(user_id=MINA.id, view={"type": "home", "blocks": [asking]})
    async with served(slack, noting(slack, actions)):
        window = await open_page(slack, MINA, "home")
        box = window.page.get_by_role("checkbox", name="E-1")
        await box.click()
        await window.button("Not yet").click()
        await expect(box).not_to_be_checked()
        await box.click()
        await window.button("Approve all").click()
        await slack.until(lambda: actions)
        await expect(box).to_be_checked()
    assert actions[0]["actions"][0]["selected_options"] == [option("E-1")]


async def test_a_form_that_opens_filled_in_is_sent_as_it_is(
    slack: Sandbox, open_page: OpenPage
) -> None:
    submitted: list[dict[str, Any]] = []
    async with served(slack, form_app(slack, FULL_FORM, submitted)):
        window = await open_page(slack, ADA, GENERAL.id)
        await window.say("/expense submit")
        await expect(window.dialog.get_by_label("Field 0")).to_have_value("Tea")
        await window.button("Submit").click()
        await expect(window.dialog).to_have_count(0)
    assert submitted == [full_state()]


async def test_who_is_mentioned_in_a_thread_sees_it_in_the_sidebar(
    slack: Sandbox, client: AsyncWebClient, open_page: OpenPage
) -> None:
    noor = await open_page(slack, NOOR, GENERAL.id)
    ada = await open_page(slack, ADA, GENERAL.id)
    root = await client.chat_postMessage(channel=MONEY.id, text="E-1: which project?")
    await client.chat_postMessage(
        channel=MONEY.id,
        thread_ts=root["ts"],
        text=f"<@{NOOR.id}> please look",
        blocks=[section(f"<@{NOOR.id}>, please look")],
    )
    for words in (f"<!subteam^{FINANCE.id}|@finance> anyone?", "nobody"):
        await client.chat_postMessage(channel=MONEY.id, thread_ts=root["ts"], text=words)
    place = noor.page.get_by_role("link", name="# finance 4 new @2 mentioning you")
    await expect(place).to_be_visible()
    await expect(ada.page.get_by_role("link", name="# finance 4 new", exact=True)).to_be_visible()
    await place.click()
    await expect(noor.page.get_by_text("3 replies")).to_be_visible()
    await expect(noor.page.locator(".names-you")).to_have_count(2)
    await expect(noor.page.locator(".mention.you")).to_have_text(["@Noor Haddad", "@finance"])
    await noor.go("# general")
    await expect(noor.page.get_by_text("mentioning you")).to_have_count(0)


async def test_names_and_dates_are_told_wherever_mrkdwn_stands(
    slack: Sandbox, client: AsyncWebClient, open_page: OpenPage
) -> None:
    words = (
        f"<@{NOOR.id}> <#{MONEY.id}> <!subteam^{FINANCE.id}> <!subteam^{FINANCE.id}|@finance> "
        "<!subteam^S0UNKNOWN00|@others> <!date^1771457400^{date_short}|some day>"
    )
    shown = "@Noor Haddad #finance @finance @finance @others 18 Feb 2026"
    text = {"type": "mrkdwn", "text": words}
    blocks = [
        {"type": "section", "text": text, "fields": [text]},
        {"type": "context", "elements": [text]},
    ]
    root = await client.chat_postMessage(channel=APPROVALS.id, text="x", blocks=blocks)
    await client.chat_postMessage(channel=APPROVALS.id, text=words, thread_ts=root["ts"])
    await client.views_publish(user_id=ADA.id, view={"type": "home", "blocks": blocks})
    window = await open_page(slack, ADA, APPROVALS.id)
    await expect(window.messages.locator(".text", has_text="Noor")).to_have_text([shown] * 4)
    await window.go("Home")
    await expect(window.page.locator(".text", has_text="Noor")).to_have_text([shown] * 3)


async def test_the_line_offers_people_and_channels(slack: Sandbox, open_page: OpenPage) -> None:
    window = await open_page(slack, ADA, GENERAL.id)
    keyboard = window.page.keyboard
    offers = window.page.get_by_role("listbox").get_by_role("option")
    await window.composer.focus()
    await keyboard.type("Ask @TOM")
    await expect(offers).to_have_text(["@tomás.ribeiroTomás Ribeiro"])
    await keyboard.press("ArrowDown")
    await keyboard.press("Enter")
    await expect(window.composer).to_have_value("Ask @tomás.ribeiro ")
    await keyboard.type("in #fin")
    await expect(offers).to_contain_text(["#finance"])
    await keyboard.press("ArrowDown")
    await keyboard.press("Tab")
    await keyboard.press("Enter")
    message = window.message("Ask")
    await expect(message.locator(".mention")).to_have_text(["@Tomás Ribeiro", "#finance"])
    [kept] = slack.messages(GENERAL)
    assert kept["text"] == f"Ask <@U0TMS4RBR5Q> in <#{MONEY.id}>"
