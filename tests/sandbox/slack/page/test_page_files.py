"""Files in the page: picked in a form, taken away again, sent, and seen as pictures."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Sandbox
from sandbox.slack.config import ADA, APPROVALS, GENERAL
from tests.sandbox.conftest import PNG, bolt_for, modal, opened, served, with_scopes
from tests.sandbox.slack.page.test_page_forms import form_app
from tests.sandbox.slack.test_files import form, pictures
from tests.support.browser import OpenPage


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    async with Sandbox.start(with_scopes("files:read")) as sandbox:
        yield sandbox


@pytest.fixture
def receipts(tmp_path: Path) -> list[Path]:
    names = ("Lunch ü & co.png", "hotel.pdf", "notes.txt")
    for name in names:
        (tmp_path / name).write_bytes(PNG)
    return [tmp_path / name for name in names]


async def test_files_are_picked_removed_and_sent(
    slack: Sandbox, open_page: OpenPage, receipts: list[Path]
) -> None:
    submitted: list[dict[str, Any]] = []
    view = form(optional=False, filetypes=["png", "pdf"], max_files=2)
    async with served(slack, form_app(slack, view, submitted)):
        window = await open_page(slack, ADA, GENERAL.id)
        await window.say("/expense submit")
        field = window.dialog.get_by_label("Receipts")
        await expect(field).to_have_attribute("accept", ".png,.pdf")
        await window.button("Submit").click()
        await expect(field).to_have_accessible_description("Please complete this required field.")
        await field.set_input_files(receipts[2])
        await expect(window.dialog.get_by_role("alert")).to_have_text(
            "notes.txt cannot be added here: only png, pdf can."
        )
        added = window.dialog.get_by_role("list", name="Files added").get_by_role("listitem")
        await field.set_input_files(receipts[:2])
        await expect(added).to_contain_text(["Lunch ü & co.png", "hotel.pdf"])
        await expect(window.dialog.get_by_role("alert")).to_have_count(0)
        await field.set_input_files(receipts[0])
        await expect(window.dialog.get_by_role("alert")).to_have_text(
            "You can add at most 2 files."
        )
        await window.button("Remove hotel.pdf").click()
        await expect(added).to_have_count(1)
        await expect(added.locator("img")).to_have_js_property("naturalWidth", 1)
        await window.button("Submit").click()
        await expect(window.dialog).to_have_count(0)
    [file] = submitted[0]["receipts"]["files"]["files"]
    assert file["name"] == "Lunch ü & co.png"
    assert (file["mimetype"], file["size"], file["user"]) == ("image/png", len(PNG), ADA.id)


async def test_one_file_takes_the_place_of_another(
    slack: Sandbox, client: AsyncWebClient, open_page: OpenPage, receipts: list[Path]
) -> None:
    await opened(slack, client, form(max_files=1))
    window = await open_page(slack, ADA, GENERAL.id)
    field = window.dialog.get_by_label("Receipts (optional)")
    added = window.dialog.get_by_role("listitem")
    await field.set_input_files(receipts[0])
    await expect(added).to_contain_text(["Lunch"])
    await field.set_input_files(receipts[1])
    await expect(added).to_contain_text(["hotel.pdf"])


async def test_a_large_file_is_refused_before_it_is_sent(
    slack: Sandbox, client: AsyncWebClient, open_page: OpenPage, tmp_path: Path
) -> None:
    await opened(slack, client, form())
    window = await open_page(slack, ADA, GENERAL.id)
    large = tmp_path / "large.pdf"
    large.write_bytes(b"x" * (10 * 1024 * 1024 + 1))
    await window.dialog.get_by_label("Receipts (optional)").set_input_files(large)
    await expect(window.dialog.get_by_role("alert")).to_have_text("large.pdf is larger than 10 MB.")


async def test_pictures_of_files_are_seen_everywhere(
    slack: Sandbox, client: AsyncWebClient, open_page: OpenPage
) -> None:
    file = slack.give(ADA, "Quittung ü.png", PNG)
    app = bolt_for(slack)

    @app.event("app_home_opened")
    async def open_home() -> None:
        pass

    async with served(slack, app):
        for reference in ({"id": file["id"]}, {"url": file["url_private"]}):
            blocks = pictures(reference)
            await client.chat_postMessage(channel=APPROVALS.id, text="x", blocks=blocks)
        await client.views_publish(user_id=ADA.id, view={"type": "home", "blocks": blocks})
        window = await open_page(slack, ADA, APPROVALS.id)
        images = window.page.get_by_role("img", name="The receipt")
        await expect(images).to_have_count(6)
        # A link to it is followed as the person who reads.
        linked = f"<{file['permalink']}|bill>"
        await client.chat_postMessage(channel=APPROVALS.id, text=linked)
        link = window.page.get_by_role("link", name="bill")
        await expect(link).to_have_attribute("href", f"{file['permalink']}?as={ADA.id}")
        # What the app uploads stands in its message.
        await client.files_upload_v2(content=PNG, filename="dot.png", channel=APPROVALS.id)
        shared = window.page.get_by_role("list", name="Files")
        await expect(shared.get_by_role("link", name="dot.png")).to_have_count(1)
        await expect(shared.locator("img")).to_have_js_property("naturalWidth", 1)
        await window.go("Home")
        await expect(images).to_have_count(3)
        await opened(slack, client, modal(blocks=pictures({"url": file["permalink"]})))
        images = window.dialog.get_by_role("img", name="The receipt")
        await expect(images).to_have_count(3)
        for number in range(3):
            await expect(images.nth(number)).to_have_js_property("naturalWidth", 1)
        response = await window.page.goto(f"{file['permalink']}?as={ADA.id}")
        assert response
        assert await response.body() == PNG
        response = await window.page.goto(file["url_private"])
        assert response
        assert response.headers["content-type"] == "image/png"
