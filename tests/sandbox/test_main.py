"""The sandbox as its own process."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.demo.folder import DemoFolder
from sandbox.demo.programs import Addresses, Programs
from sandbox.slack.config import ADA, APPROVALS
from tests.support.stopwatch import PATIENCE

SECRETS = {"SLACK_BOT_TOKEN": "xoxb-main", "SLACK_SIGNING_SECRET": "signing-main"}


@asynccontextmanager
async def process(
    *arguments: str, module: str = "sandbox", **environment: str
) -> AsyncIterator[Process]:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, "--port", "0"),
        *arguments,
        env={"PATH": os.environ["PATH"], **environment},
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.communicate()


async def address(child: Process) -> str:
    assert child.stdout
    line = await asyncio.wait_for(child.stdout.readline(), PATIENCE)
    return line.decode().split()[-1]


async def test_it_survives_sigkill_and_ends_on_sigterm(tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "state.db"))
    async with process(*state, **SECRETS) as child:
        client = AsyncWebClient("xoxb-main", base_url=f"{await address(child)}/api/")
        posted = await client.chat_postMessage(channel=APPROVALS.id, text="x")
        child.kill()
        await child.wait()
    async with process(*state, **SECRETS) as child:
        client = AsyncWebClient("xoxb-main", base_url=f"{await address(child)}/api/")
        await client.chat_update(channel=APPROVALS.id, ts=posted["ts"], text="y")
        child.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(child.wait(), PATIENCE) == 0


async def test_slack_alone_has_no_payment_endpoint_and_limits_are_on_when_asked_for(
    http: aiohttp.ClientSession,
) -> None:
    for module, arguments, status in (
        ("sandbox", (), 401),
        ("sandbox.slack", ("--rate-limits",), 404),
    ):
        async with process(*arguments, module=module, **SECRETS) as child:
            url = await address(child)
            async with http.post(f"{url}/payments", data=b"{}") as answer:
                assert answer.status == status
            async with http.get(f"{url}/client/state", params={"user": ADA.id}) as answer:
                assert ("payments" in await answer.json()) is (status == 401)
            async with http.get(f"{url}/control/rate-limits") as answer:
                assert (await answer.json())["on"] is bool(arguments)


def test_the_demo_asks_for_them(tmp_path: Path) -> None:
    programs = Programs(DemoFolder(tmp_path), Addresses(1, 2, 3, 4, observed=None))
    assert "--rate-limits" in programs.sandbox().command


async def failure(*arguments: str, **environment: str) -> str:
    async with process(*arguments, **environment) as child:
        _, error = await asyncio.wait_for(child.communicate(), PATIENCE)
        assert child.returncode == 1
        return error.decode()


async def test_what_is_wrong_is_said_in_one_line() -> None:
    missing, key, busy = await asyncio.gather(
        failure(),
        failure(**SECRETS, EXPENSE_PAYMENT_KEY="whsec_?"),
        failure("--host", "192.0.2.1", **SECRETS),
    )
    assert missing.count("\n") == 1
    assert "SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET" in missing
    assert key.startswith("EXPENSE_PAYMENT_KEY: ")
    assert busy.startswith("The sandbox cannot start: ")
