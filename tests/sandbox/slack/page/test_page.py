"""What the page shows: people's words as they were meant, each person's view of the workspace."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import expect
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from sandbox import Sandbox
from sandbox.payments.endpoint import webhook
from sandbox.slack.config import ADA, APPROVALS, BRUNO, GENERAL, MANAGERS, MINA, SAM
from tests.sandbox.conftest import SECTION, answering, bolt_for, home, served
from tests.support.browser import OpenPage

NASTY = "<img src=x onerror=alert(1)> *bold* <!channel> &amp; @everyone"


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, **more}}


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


async def test_a_visitor_chooses_who_to_be_and_stays_that_person(
    slack: Sandbox, open_page: OpenPage
) -> None:
    window = await open_page(slack)
    page = window.page
    await expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
    await expect(page.get_by_text("a stand-in for Slack")).to_be_visible()
    # Who left the company cannot log in.
    await expect(page.get_by_role("link", name="Kim Novak")).to_have_count(0)
    await page.get_by_role("link", name="Mina Laurent Manager").click()
    await expect(page.get_by_label("You are")).to_have_value(MINA.id)
    await page.reload()
    await expect(page.get_by_label("You are")).to_have_value(MINA.id)
    await page.get_by_label("You are").select_option("Sam Rivera — Manager")
    assert f"user={SAM.id}" in page.url
    await page.go_back()
    await expect(page.get_by_label("You are")).to_have_value(MINA.id)


async def test_somebody_unknown_is_told_and_offered_the_people_there_are(
    slack: Sandbox, open_page: OpenPage
) -> None:
    window = await open_page(slack, "U0NOBODY")
    await expect(window.page.get_by_role("alert")).to_contain_text("U0NOBODY")
    await expect(window.page.get_by_role("link", name="Ada Okafor")).to_be_visible()


async def test_peoples_words_stay_text(
    slack: Sandbox, client: AsyncWebClient, open_page: OpenPage
) -> None:
    await client.chat_postMessage(
        channel=APPROVALS.id,
        text="words",
        blocks=[
            {"type": "header", "text": plain(NASTY)},
            {"type": "section", "text": plain(NASTY)},
            section(escaped("<img src=x onerror=alert(1)> <!channel> @everyone"), verbatim=True),
        ],
    )
    window = await open_page(slack, ADA, APPROVALS.id)
    message = window.message("onerror")
    await expect(message.get_by_role("heading")).to_have_text(NASTY)
    await expect(message.get_by_text(NASTY, exact=True)).to_have_count(2)
    await expect(message).to_contain_text("<img src=x onerror=alert(1)> <!channel> @everyone")
    await expect(message.locator(".blocks").locator("img, strong, .mention")).to_have_count(0)


async def test_mrkdwn_means_what_slack_means_by_it(
    slack: Sandbox, client: AsyncWebClient, open_page: OpenPage
) -> None:
    text = (
        "*bold* _italic_ ~strike~ `*code*` 2*3*4 snake_case_name *_both_* "
        f"<https://example.com/?a=1&amp;b=2|a link> <javascript:alert(1)|no link> <@{ADA.id}> "
        f"<#{GENERAL.id}> <!subteam^{MANAGERS.id}> <!here> :receipt: :no_such_emoji: R&amp;D\n"
        "&gt; quoted\n```pre *formatted*```"
    )
    await client.chat_postMessage(channel=APPROVALS.id, text=text)
    window = await open_page(slack, ADA, APPROVALS.id)
    message = window.message("quoted")
    await expect(message).to_be_visible()

    async def texts(css: str) -> list[str]:
        return await message.locator(f".text {css}").all_inner_texts()

    assert await texts("strong") == ["bold", "both"]
    assert await texts("em") == ["italic", "both"]
    assert await texts("s") == ["strike"]
    assert await texts("code") == ["*code*"]
    assert await texts("a") == ["a link"]
    assert await texts(".mention") == ["@Ada Okafor", "#general", "@managers", "@here"]
    assert await texts("blockquote") == ["quoted"]
    assert await texts("pre") == ["pre *formatted*"]
    await expect(message).to_contain_text("2*3*4 snake_case_name")
    await expect(message).to_contain_text("no link")
    await expect(message).to_contain_text("🧾 :no_such_emoji: R&D")
    link = message.get_by_role("link", name="a link")
    await expect(link).to_have_attribute("href", "https://example.com/?a=1&b=2")


async def test_only_texts_that_are_not_verbatim_come_alive(
    slack: Sandbox, client: AsyncWebClient, open_page: OpenPage
) -> None:
    words = "@everyone see https://example.com/x. in #general"
    await client.chat_postMessage(
        channel=APPROVALS.id,
        text="words",
        blocks=[section(f"lively {words}"), section(f"verbatim {words}", verbatim=True)],
    )
    window = await open_page(slack, ADA, APPROVALS.id)
    lively = window.page.locator(".section", has_text="lively")
    await expect(lively.locator(".mention")).to_have_text(["@everyone", "#general"])
    await expect(lively.get_by_role("link")).to_have_text("https://example.com/x")
    verbatim = window.page.locator(".section", has_text="verbatim")
    await expect(verbatim).to_have_text(f"verbatim {words}")
    await expect(verbatim.locator(".mention, a")).to_have_count(0)


async def test_dates_are_told_in_the_readers_zone_and_locale(
    slack: Sandbox, client: AsyncWebClient, open_page: OpenPage
) -> None:
    # 2026-02-18 23:30 UTC is the next day in Berlin, and not yet the evening in New York.
    date = "<!date^1771457400^until {date_short} {time}|until some day>"
    await client.chat_postMessage(channel=APPROVALS.id, text=date)
    sam = await open_page(slack, SAM, APPROVALS.id)
    told = sam.messages.locator(".text time")
    await expect(told).to_have_text("until Feb 18, 2026 6:30 PM", use_inner_text=True)
    await expect(told).to_have_attribute("title", re.compile("Wednesday"))
    bruno = await open_page(slack, BRUNO, APPROVALS.id)
    told = bruno.messages.locator(".text time")
    await expect(told).to_have_text("until 19.02.2026 00:30")
    await expect(told).to_have_attribute("title", re.compile("Donnerstag"))


async def test_days_near_today_have_names(
    slack: Sandbox, client: AsyncWebClient, open_page: OpenPage
) -> None:
    first = await client.chat_postMessage(channel=APPROVALS.id, text="What day is it?")
    date = f"<!date^{int(float(first['ts']))}^{{date_short_pretty}}|today>"
    await client.chat_postMessage(channel=APPROVALS.id, text=date)
    window = await open_page(slack, BRUNO, APPROVALS.id)
    # It stays the same day for the page, whatever day it becomes meanwhile.
    await window.page.clock.set_fixed_time(float(first["ts"]))
    await window.page.reload()
    await expect(window.messages.locator(".text time")).to_have_text("heute")
    await expect(window.page.get_by_role("heading", name="Heute")).to_be_visible()


async def test_replies_stand_under_their_message_and_fold_away(
    slack: Sandbox, client: AsyncWebClient, open_page: OpenPage
) -> None:
    root = await client.chat_postMessage(channel=ADA.id, text="Your expense was submitted")
    for text in ("It was approved", "It was paid"):
        await client.chat_postMessage(channel=root["channel"], text=text, thread_ts=root["ts"])
    await client.chat_postMessage(channel=ADA.id, text="Something newer")
    window = await open_page(slack, ADA)
    await window.go("Messages")
    await expect(window.messages).to_contain_text(
        ["Your expense was submitted", "It was approved", "It was paid", "Something newer"]
    )
    await window.page.get_by_text("2 replies").click()
    await expect(window.message("It was paid")).to_be_hidden()
    await client.chat_postMessage(channel=root["channel"], text="Late", thread_ts=root["ts"])
    # What a person folded stays folded when something new arrives.
    await expect(window.page.get_by_text("3 replies")).to_be_visible()
    await expect(window.message("It was paid")).to_be_hidden()


async def test_a_private_message_is_for_one_person(
    slack: Sandbox, client: AsyncWebClient, open_page: OpenPage
) -> None:
    await client.chat_postEphemeral(channel=APPROVALS.id, user=ADA.id, text="Not yours to decide")
    await client.chat_postMessage(channel=APPROVALS.id, text="For everybody")
    ada = await open_page(slack, ADA, APPROVALS.id)
    await expect(ada.message("Not yours to decide")).to_contain_text("Only visible to you")
    await expect(ada.message("For everybody")).not_to_contain_text("Only visible to you")
    mina = await open_page(slack, MINA, APPROVALS.id)
    await expect(mina.messages).to_have_count(1)


async def test_a_changed_message_says_so_and_a_new_one_is_counted_where_nobody_looks(
    slack: Sandbox, client: AsyncWebClient, open_page: OpenPage
) -> None:
    posted = await client.chat_postMessage(channel=APPROVALS.id, text="Waiting")
    window = await open_page(slack, ADA, APPROVALS.id)
    await expect(window.message("Waiting")).not_to_contain_text("(edited)")
    await client.chat_update(channel=APPROVALS.id, ts=posted["ts"], text="Approved")
    await expect(window.message("Approved")).to_contain_text("(edited)")
    await client.chat_postMessage(channel=ADA.id, text="Yours was approved")
    messages = window.page.get_by_role("link", name="Messages 1 new")
    await messages.click()
    await expect(window.message("Yours was approved")).to_be_visible()
    await window.go("# general")
    await expect(messages).to_have_count(0)


async def test_the_home_tab_is_asked_for_when_it_is_opened(
    slack: Sandbox, open_page: OpenPage
) -> None:
    app = bolt_for(slack)

    @app.event("app_home_opened")
    async def publish(event: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_publish(user_id=event["user"], view=home("Three expenses are waiting"))

    async with served(slack, app):
        window = await open_page(slack, ADA)
        await window.go("Home")
        await expect(window.page.get_by_text("Three expenses are waiting")).to_be_visible()


async def test_a_click_that_fails_is_told_at_the_message(
    slack: Sandbox, client: AsyncWebClient, open_page: OpenPage
) -> None:
    button = {"type": "button", "action_id": "approve", "text": plain("Approve")}
    await client.chat_postMessage(
        channel=APPROVALS.id, text="x", blocks=[SECTION, {"type": "actions", "elements": [button]}]
    )

    async def broken(_: aiohttp.web.Request) -> aiohttp.web.Response:
        return aiohttp.web.Response(status=500)

    async with answering(slack, broken):
        window = await open_page(slack, MINA, APPROVALS.id)
        await window.button("Approve").click()
        await expect(window.message("Lunch").get_by_role("alert")).to_contain_text("didn't respond")


async def test_the_payments_panel_shows_what_was_paid_and_what_is_left(
    slack: Sandbox, http: aiohttp.ClientSession, open_page: OpenPage
) -> None:
    window = await open_page(slack, ADA)
    panel = window.page.get_by_role("region", name="Payments")
    await expect(panel).to_contain_text("Nothing has been paid yet.")
    payment = {"expense_id": "E-1", "amount": "42.50", "currency": "EUR", "payee": ADA.id}
    body, now = json.dumps(payment), datetime.now(UTC)
    headers = {
        "webhook-id": "E-1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": webhook(slack.payments.key).sign("E-1", now, body),
    }
    async with http.post(slack.payment_url, data=body, headers=headers) as answer:
        assert answer.status == 200
    await expect(panel).to_contain_text("€957.50")
    await expect(panel.get_by_role("listitem")).to_have_text("Ada Okafor€42.50")


async def test_a_narrow_window_fits_and_reaches_everything(
    slack: Sandbox, client: AsyncWebClient, open_page: OpenPage
) -> None:
    long = "Donaudampfschifffahrtsgesellschaft" * 10
    await client.chat_postMessage(channel=APPROVALS.id, text=long, blocks=[section(long)])
    window = await open_page(slack, ADA, APPROVALS.id, width=390)
    await expect(window.message(long)).to_be_visible()
    assert await window.page.evaluate("document.documentElement.scrollWidth") == 390
    await expect(window.page.get_by_role("navigation")).to_be_hidden()
    await window.button("Menu").click()
    await window.go("# general")
    await expect(window.page.get_by_role("heading", name="#general")).to_be_visible()
    await expect(window.page.get_by_role("navigation")).to_be_hidden()


async def test_reading_is_not_disturbed_by_what_arrives(
    slack: Sandbox, client: AsyncWebClient, open_page: OpenPage
) -> None:
    for number in range(60):
        await client.chat_postMessage(channel=APPROVALS.id, text=f"Expense number {number}")
    window = await open_page(slack, ADA, APPROVALS.id)
    await expect(window.message("Expense number 59")).to_be_in_viewport()
    log = window.page.get_by_role("log")
    await log.evaluate("log => { log.scrollTop = 500; }")
    await window.composer.fill("half a sen")
    await client.chat_postMessage(channel=APPROVALS.id, text="Expense number 60")
    newest = window.button("Newest messages ↓")
    await expect(newest).to_be_visible()
    assert await log.evaluate("log => log.scrollTop") == 500
    await expect(window.composer).to_have_value("half a sen")
    await expect(window.composer).to_be_focused()
    await newest.click()
    await expect(window.message("Expense number 60")).to_be_in_viewport()


async def test_the_page_says_when_the_sandbox_is_gone(slack: Sandbox, open_page: OpenPage) -> None:
    window = await open_page(slack, ADA)
    await expect(window.composer).to_be_visible()
    await window.page.context.set_offline(True)
    await window.say("hello")
    await expect(window.page.get_by_role("alert")).to_contain_text("did not answer")
    await expect(window.composer).to_have_value("hello")


async def test_the_page_finds_back_to_a_sandbox_that_was_restarted(
    open_page: OpenPage, tmp_path: Path
) -> None:
    state = tmp_path / "state.json"
    async with Sandbox.start(state_file=state) as before:
        port = URL(before.base_url).port or 0
        window = await open_page(before, ADA, GENERAL.id)
        await window.composer.fill("half a sen")
    await expect(window.page.get_by_role("status")).to_contain_text("Trying again")
    async with Sandbox.start(port=port, state_file=state) as after:
        after.say(BRUNO, GENERAL, "I am back")
        await expect(window.message("I am back")).to_be_visible()
        await expect(window.page.get_by_role("status")).to_have_count(0)
        await expect(window.composer).to_have_value("half a sen")
        after.say(BRUNO, GENERAL, "And still here")
        await expect(window.message("And still here")).to_be_visible()
