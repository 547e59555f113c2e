"""The demo as a newcomer has it: one command, a browser, Ctrl-C, and again."""

import asyncio
import os
import re
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import expect

from sandbox.programs import ROOT
from sandbox.slack.config import ADA, APPROVALS, MINA
from tests.support.browser import PATIENCE_MS, OpenPage, Window
from tests.support.stopwatch import PATIENCE
from tests.test_ops import PANELS

pytestmark = pytest.mark.long

# In CI it is installed; see `tests/test_ops.py`.
OBSERVE = ["--observe"] if shutil.which("prometheus") else []


@dataclass
class Demo:
    """A running demo."""

    process: asyncio.subprocess.Process
    said: list[str]
    programs: int

    async def says(self, words: str) -> str:
        """Read on until a line has these words, and return it."""
        assert self.process.stdout
        async with asyncio.timeout(PATIENCE):
            async for line in self.process.stdout:
                self.said.append(line.decode().rstrip())
                if words in self.said[-1]:
                    return self.said[-1]
        raise AssertionError(f"the demo ended without saying {words!r}: {self.said}")

    async def address(self, title: str) -> str:
        """Read on until an address is told, and return it."""
        return (await self.says(f"  {title}   ")).split()[-1]

    async def end(self, number: signal.Signals) -> int:
        """Send a signal, and wait for the end of the demo and all its processes."""
        children = await processes(self.process.pid)
        assert len(children) == self.programs + 1  # and the guard
        self.process.send_signal(number)
        async with asyncio.timeout(PATIENCE):
            await self.process.communicate()
            while children & await processes():
                await asyncio.sleep(0.05)
        assert self.process.returncode is not None
        return self.process.returncode


@asynccontextmanager
async def demo(folder: Path, *options: str) -> AsyncIterator[Demo]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox.demo", "--folder", str(folder), *options),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield Demo(process, [], programs=4 + len(options))
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def processes(parent: int | None = None) -> set[int]:
    """List the running processes, or those of one parent."""
    ps = await asyncio.create_subprocess_exec(
        *("ps", "-A", "-o", "pid=,ppid=,stat="), stdout=asyncio.subprocess.PIPE
    )
    lines = [line.split() for line in (await ps.communicate())[0].decode().splitlines()]
    return {
        int(pid)
        for pid, ppid, state in lines
        if parent in (None, int(ppid)) and not state.startswith("Z") and int(pid) != ps.pid
    }


async def submit_by_form(window: Window, amount: str, what: str) -> None:
    form = window.dialog
    # Slack gives an app 3 s; a busy machine may take longer the first time, and people try again.
    for patience in (5_000, 5_000, PATIENCE_MS):
        await window.say("/expense submit")
        with suppress(AssertionError):
            await expect(form).to_be_visible(timeout=patience)
            break
    await form.get_by_label("Amount").fill(amount)
    await form.get_by_label("Currency").select_option(label="EUR – Euro")
    await form.get_by_label("What was it for?").fill(what)
    await form.get_by_label("Category").select_option(label="Meals")
    await form.get_by_role("button", name="Submit").click()
    await expect(form).to_have_count(0)


async def picture(window: Window, name: str) -> None:
    """Keep a picture for people to look at, where they ask for one."""
    if folder := os.environ.get("PICTURES"):
        await window.page.screenshot(path=f"{folder}/{name}.png")


async def test_the_demo(tmp_path: Path, open_page: OpenPage) -> None:
    folder = tmp_path / "demo"
    async with demo(folder, *OBSERVE) as first:
        sandbox = await first.address("Slack sandbox")
        assert await first.address("Temporal web UI")
        assert await first.address("The bot")
        prometheus = await first.address("Prometheus") if OBSERVE else ""
        await first.says("Ctrl-C")

        ada = await open_page(sandbox, ADA)
        mina = await open_page(sandbox, MINA, APPROVALS.id)
        await submit_by_form(ada, "42.50", "Team lunch")
        lunch = mina.message("Team lunch")
        await expect(lunch).to_contain_text("€42.50")
        await picture(mina, "1-asked")
        await lunch.get_by_role("button", name="Approve").click()
        await expect(lunch).to_contain_text("Paid")
        await expect(lunch.get_by_role("button", name="Approve")).to_have_count(0)
        await ada.go("Messages")
        await expect(ada.message("It is paid")).to_be_visible()
        await picture(ada, "2-paid")

        await ada.say("/expense submit 2000 EUR New laptops")
        laptops = mina.message("New laptops")
        await laptops.get_by_role("button", name="Approve").click()
        await expect(laptops).to_contain_text("insufficient funds")
        await ada.say("/expense submit 12 EUR Waits for tomorrow")
        await expect(mina.message("Waits for tomorrow")).to_be_visible()
        await picture(mina, "3-refused")
        if OBSERVE:
            await ada.say("/expense withdraw nowhere")
            link = ada.page.get_by_role("link", name="Prometheus")
            await expect(link).to_have_attribute("href", prometheus)
            await until_every_panel_has_data(prometheus)

        async with demo(folder) as second:
            assert sandbox in await second.says("already running")
            assert await second.process.wait() == 1
        # People close the window, and the page would complain that its server is gone.
        await ada.page.close()
        await mina.page.close()
        assert await first.end(signal.SIGINT) == 0

    async with demo(folder) as again:
        sandbox = await again.address("Slack sandbox")
        await again.says("Ctrl-C")
        mina = await open_page(sandbox, MINA, APPROVALS.id)
        await expect(mina.message("Team lunch")).to_contain_text("Paid")
        waiting = mina.message("Waits for tomorrow")
        await waiting.get_by_role("button", name="Approve").click()
        await expect(waiting).to_contain_text("Paid")
        await picture(mina, "4-next-day")
        await mina.page.close()
        assert await again.end(signal.SIGKILL) == -signal.SIGKILL


async def until_every_panel_has_data(prometheus: str) -> None:
    """Wait until each query of `ops/dashboard.json` finds something, but for what did not fail."""
    exprs = [target["expr"] for panel in PANELS for target in panel["targets"]]
    without = {
        expr.replace("$__rate_interval", "1m")
        for expr in exprs
        if "temporal_request_failure_total" not in expr
    }
    async with aiohttp.ClientSession() as http, asyncio.timeout(PATIENCE):
        while without := {expr for expr in without if not await result_of(expr, http, prometheus)}:
            await asyncio.sleep(0.2)


async def result_of(query: str, http: aiohttp.ClientSession, prometheus: str) -> Any:
    """Ask Prometheus' HTTP API; the answer must be a good one."""
    url = f"{prometheus}/api/v1/query"
    async with http.get(url, params={"query": query}) as response:
        answer = await response.json()
    assert answer["status"] == "success", (query, answer)
    return answer["data"]["result"]


async def test_what_dies_is_started_again_and_a_taken_port_is_left_alone(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        # Whoever has the sandbox's port by now: it is taken.
        with suppress(OSError):
            stack.enter_context(socket.create_server(("127.0.0.1", 8080)))
        running = await stack.enter_async_context(demo(tmp_path / "demo"))
        assert "another program uses 8080" in await running.says("The sandbox takes port")
        await running.says("Ctrl-C")
        log = tmp_path / "demo" / "sandbox.log"
        before = log.read_text()
        (sandbox,) = await named("-m sandbox ", running.process.pid)
        os.kill(sandbox, signal.SIGKILL)
        assert re.search(r"sandbox ended with SIGKILL.*again", await running.says("SIGKILL"))
        async with asyncio.timeout(PATIENCE):
            while log.read_text() != 2 * before:
                await asyncio.sleep(0.05)
        assert await running.end(signal.SIGTERM) == 0


async def named(words: str, parent: int) -> set[int]:
    """Find the processes of one parent by their command lines."""
    ps = await asyncio.create_subprocess_exec(
        *("ps", "-A", "-ww", "-o", "pid=,args="), stdout=asyncio.subprocess.PIPE
    )
    lines = (await ps.communicate())[0].decode().splitlines()
    found = {int(line.split()[0]) for line in lines if words in line}
    return found & await processes(parent)


async def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with demo(tmp_path / "file" / "demo") as refused:
        await refused.says("cannot be used: Not a directory.")
        assert await refused.process.wait() == 1
        assert len(refused.said) == 1


async def test_what_does_not_start_is_said(tmp_path: Path) -> None:
    (tmp_path / "temporal.db").mkdir()
    async with demo(tmp_path) as broken:
        await broken.says("Temporal ended with exit code 1")
        async with asyncio.timeout(PATIENCE):
            assert await broken.process.wait() == 1
