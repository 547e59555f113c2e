"""Make the README's pictures from the running demo: `.venv/bin/python -m docs.screenshots`.

It needs an installed Chromium. The demo runs in a folder of its own and ends with the script.
"""

import asyncio
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from sandbox.slack.config import ADA, APPROVALS, BRUNO, NOOR, SAM, TOMAS, User
from tests.support.browser import ARGUMENTS, PROGRAMS, Window

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
SIZE = {"width": 1280, "height": 800}


@asynccontextmanager
async def demo(folder: str, **settings: str) -> AsyncIterator[str]:
    """Run the demo, and yield the address of its stand-in Slack once everything is ready."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox.demo", "--folder", folder),
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=asyncio.subprocess.PIPE,
    )
    lines = process.stdout or asyncio.StreamReader()
    try:
        async for line in lines:
            if match := re.search(r"Slack sandbox +(http\S+)", line.decode()):
                yield match[1]
                break
        else:
            sys.exit("The demo did not start.")
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await process.communicate()


async def as_person(browser: Browser, sandbox: str, person: User) -> Window:
    """Open the approvals channel as somebody."""
    page = await browser.new_page(viewport=SIZE)
    await page.goto(f"{sandbox}/?user={person.id}&in={APPROVALS.id}")
    return Window(page)


async def take(page: Page, name: str) -> None:
    """Take one picture, without a blinking cursor in it."""
    await page.wait_for_timeout(500)
    await page.screenshot(path=IMAGES / f"{name}.png", animations="disabled", caret="hide")


async def submit(window: Window, line: str, words: str) -> None:
    """Submit an expense in one line, and wait until the approvers see it."""
    await window.say(f"/expense submit {line}")
    await window.message(words).get_by_role("button", name="Approve").wait_for()


async def show_the_form(window: Window) -> None:
    """Picture a requester's form, and submit it."""
    await window.say("/expense submit")
    await window.dialog.get_by_label("Amount").fill("42.50")
    await window.dialog.get_by_label("What was it for?").fill("Team lunch")
    await window.dialog.get_by_label("Category").select_option(label="Meals")
    await take(window.page, "form")
    await window.dialog.get_by_role("button", name="Submit").click()
    await window.message("Team lunch").get_by_role("button", name="Approve").wait_for()


async def approve(window: Window, words: str) -> None:
    """Approve an expense, and wait until it is paid."""
    await window.message(words).get_by_role("button", name="Approve").click()
    await window.message(words).filter(has_text="Paid.").wait_for()


async def reject(window: Window, words: str, reason: str) -> None:
    """Reject an expense, and wait until its message says so."""
    await window.message(words).get_by_role("button", name="Reject").click()
    await window.dialog.get_by_label("Why?").fill(reason)
    await window.dialog.get_by_role("button", name="Reject").click()
    await window.message(words).filter(has_text="Rejected").wait_for()


async def show_home(requester: Window, manager: Window) -> None:
    """Picture a manager's Home with some expenses ticked."""
    for line, words in (
        ("42.50 EUR Lunch with the Lisbon team", "Lisbon"),
        ("310 USD Two nights in Boston", "Boston"),
        ("19.99 EUR Adapter for the meeting room", "Adapter"),
    ):
        await submit(requester, line, words)
    await manager.say("/expense submit 12.80 EUR Taxi to the airport")
    await manager.go("Home")
    for words in ("Lisbon", "Adapter"):
        await manager.page.get_by_role("checkbox", name=words).check()
    await take(manager.page, "home")


async def show_approvals(browser: Browser, sandbox: str) -> None:
    """Picture how an expense is asked for, decided and paid."""
    ada, bruno, sam = [await as_person(browser, sandbox, person) for person in (ADA, BRUNO, SAM)]
    await show_the_form(ada)
    await approve(sam, "Team lunch")
    await submit(bruno, "1290 EUR Standing desk", "Standing desk")
    await reject(sam, "Standing desk", "Please order it through the office team.")
    await submit(bruno, "89 EUR Train to the Leipzig workshop", "Leipzig")
    await take(sam.page, "approval")
    await approve(sam, "Leipzig")
    await take(sam.page, "paid")
    await show_home(bruno, sam)


async def close_a_month(browser: Browser, sandbox: str) -> None:
    """Picture how two people of finance pay what was approved."""
    ada, bruno, sam, noor, tomas = [
        await as_person(browser, sandbox, person) for person in (ADA, BRUNO, SAM, NOOR, TOMAS)
    ]
    for who, line, words in (
        (ada, "42.50 EUR Team lunch with the Lisbon office", "Lisbon"),
        (bruno, "310 USD Two nights in Boston", "Boston"),
        (ada, "89 EUR Train to the Leipzig workshop", "Leipzig"),
        (bruno, "19.99 EUR Adapter for the meeting room", "Adapter"),
    ):
        await submit(who, line, words)
        await sam.message(words).get_by_role("button", name="Approve").click()
        await sam.message(words).filter(has_text="finance pays it").wait_for()
    await noor.go("Home")
    mark = noor.button("Mark expenses as paid")
    await mark.wait_for()
    await take(noor.page, "finance")
    await mark.click()
    await noor.dialog.get_by_role("checkbox").last.check()
    await noor.dialog.get_by_label("Reference").fill("Bank run 2026-48")
    await take(noor.page, "mark-as-paid")
    await noor.dialog.get_by_role("button", name="Mark", exact=True).click()
    await noor.dialog.filter(has_text="marked as paid").wait_for()
    await tomas.go("Home")
    await tomas.page.get_by_role("button", name="payments and confirm them").click()
    await tomas.dialog.wait_for()
    await take(tomas.page, "confirm-payments")


async def main() -> None:
    """Play expenses through and take the pictures."""
    await picture(show_approvals)
    await picture(close_a_month, EXPENSE_PAYMENT_URL="none")


async def picture(story: Callable[[Browser, str], Awaitable[None]], **settings: str) -> None:
    """Play a story in a demo of its own."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pictures") as folder:
        async with demo(folder, **settings) as sandbox, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
            await story(browser, sandbox)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
