"""A real browser for tests of the sandbox's page, and of whole systems through it.

A conftest that wants the fixtures imports `browser` and `open_page` from here.
"""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, async_playwright, expect

from sandbox import Sandbox, User
from tests.support.stopwatch import PATIENCE

# The first one draws no window around each page, which takes more than half of the processor time.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# Nothing but the page under test: no sandbox that containers lack, no calls home.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = PATIENCE * 1000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The installed Chromium; without one there is nothing to test, except in CI."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        sentence = f"No browser is installed; looked for {', '.join(PROGRAMS)}."
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield chromium
        await chromium.close()


@dataclass
class Window:
    """One person's browser window on the workspace, with names for what is in it."""

    page: Page

    @property
    def composer(self) -> Locator:
        """The line to type a command or a message into."""
        return self.page.get_by_role("combobox", name="Message or command")

    @property
    def dialog(self) -> Locator:
        """The form in front."""
        return self.page.get_by_role("dialog")

    @property
    def messages(self) -> Locator:
        """Every message shown, replies included."""
        return self.page.get_by_role("article")

    def message(self, words: str) -> Locator:
        """The messages with these words in them."""
        return self.messages.filter(has_text=words)

    def button(self, name: str) -> Locator:
        """A button by its exact words."""
        return self.page.get_by_role("button", name=name, exact=True)

    async def say(self, line: str) -> None:
        """Type a line and send it."""
        await self.composer.fill(line)
        await self.composer.press("Enter")

    async def go(self, place: str) -> None:
        """Go to a place by its words in the sidebar: "# general", "Messages" or "Home"."""
        await self.page.get_by_role("navigation").get_by_role("link", name=place).click()


OpenPage = Callable[..., Awaitable[Window]]


@pytest.fixture
async def open_page(browser: Browser) -> AsyncIterator[OpenPage]:
    """Open the workspace as a person, in a window of their own; the page must not complain."""
    contexts, complaints = [], []

    def note(message: ConsoleMessage) -> None:
        # A test that takes the network or the server away expects to read of it.
        if message.type in ("error", "warning") and "net::ERR_" not in message.text:
            complaints.append(message.text)

    async def open_as(
        slack: Sandbox | str, user: User | str = "", place: str = "", width: int = 1280
    ) -> Window:
        context = await browser.new_context(viewport={"width": width, "height": 800})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", note)
        base = slack if isinstance(slack, str) else slack.base_url
        person = user if isinstance(user, str) else user.id
        query = "&".join(
            f"{key}={value}" for key, value in (("user", person), ("in", place)) if value
        )
        await page.goto(f"{base}/?{query}")
        return Window(page)

    yield open_as
    for context in contexts:
        await context.close()
    assert not complaints, complaints
