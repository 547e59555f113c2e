"""Processes that die at the worst moment, Socket Mode, and settings that are missing."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from sandbox import Sandbox
from tests.support.house import ADA, MINA, House
from tests.support.stopwatch import PATIENCE
from tests.system.gate import Gate
from tests.system.platform import UNHURRIED, Platform, installed, people

pytestmark = pytest.mark.long


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    async with Sandbox.start(UNHURRIED) as sandbox:
        yield sandbox


@pytest.fixture
async def platform(
    tmp_path: Path, temporal_address: str, task_queue: str, slack: Sandbox
) -> AsyncIterator[Platform]:
    url = f"sqlite:///{tmp_path}/expenses.db"
    async with installed(tmp_path, url, temporal_address, task_queue, slack) as app:
        yield app


@pytest.fixture
async def house(
    platform: Platform, slack: Sandbox, temporal_client: Client
) -> AsyncIterator[House]:
    await platform.release()
    async with people(platform, slack, temporal_client) as someone:
        yield someone


async def test_bot_and_worker_die_between_click_and_delivery(
    platform: Platform, house: House, temporal_address: str
) -> None:
    async with Gate.to(temporal_address) as gate:
        web, worker = await platform.start_both(TEMPORAL_ADDRESS=gate.address)
        approved, rejected = await house.submit(), await house.submit("7 EUR Tea")
        await platform.remember_task_tokens()
        await house.slack.click(MINA, house.message(rejected), "reject_expense")
        form = await house.slack.until(lambda: house.slack.open_view(MINA))

        await gate.shut()
        assert (await house.slack.click(MINA, house.message(approved), "approve_expense")).ok
        assert (await house.slack.submit(MINA, form, {"reason": "Coffee only."})).ok
        await web.kill()
        await worker.kill()

        for expense_id in (approved, rejected):
            description = await house.workflow(expense_id).describe()
            assert description.status is WorkflowExecutionStatus.RUNNING
        await gate.open()
        web, _ = await platform.start_both(TEMPORAL_ADDRESS=gate.address)
        assert await house.workflow(approved).result() == "COMPLETED"
        assert await house.workflow(rejected).result() == ""
        await house.slack.until(lambda: "Paid" in house.message(approved)["text"])
        await house.slack.until(lambda: "Coffee only." in house.message(rejected)["text"])
        assert await web.terminate() < 10


async def test_socket_mode(platform: Platform, house: House) -> None:
    slack = house.slack
    platform.config_vars |= {
        "SLACK_APP_TOKEN": slack.config.app_token,
        "SLACK_SIGNING_SECRET": "",
    }
    slack.app_url = None
    web, _ = await platform.start_both()
    await slack.until(lambda: slack.sockets.live)
    expense_id = await house.submit()
    assert (await slack.click(MINA, house.message(expense_id), "approve_expense")).ok
    assert await house.workflow(expense_id).result() == "COMPLETED"
    await slack.until(lambda: "Paid" in house.message(expense_id)["text"])
    assert [m for m in slack.direct_messages(ADA) if expense_id in m["text"]]
    assert await web.terminate() < 10


async def test_a_start_that_cannot_succeed_yet_ends_when_it_is_asked_to(
    platform: Platform, closed_port: int
) -> None:
    asked = asyncio.Event()

    async def never_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(never_answer, "127.0.0.1", 0)
    database = f"postgres://u:p@127.0.0.1:{silent.sockets[0].getsockname()[1]}/db"
    socket = {"SLACK_APP_TOKEN": "xapp-wrong", "SLACK_SIGNING_SECRET": ""}
    refused = await platform.start("web", **socket)
    without_slack = await platform.start(
        "web", SLACK_API_URL=f"http://127.0.0.1:{closed_port}/", **socket
    )
    assert await refused.ended() == 2
    async with asyncio.timeout(PATIENCE):
        while "listening on" not in platform.said("web"):
            await asyncio.sleep(0.05)
        without_database = await platform.start("web", DATABASE_URL=database)
        await asked.wait()
    for process in (without_slack, without_database):
        assert process.is_running
        assert await process.terminate() < 10
    silent.close()
    said = platform.said("web")
    assert said.count("bot: SLACK_APP_TOKEN is refused by Slack (invalid_auth): ") == 1
    # For want of who it is, and of an address for Socket Mode.
    assert said.count("; the bot starts all the same and keeps trying") == 2
    assert "Traceback" not in said


@pytest.mark.parametrize("kind", ["web", "release"])
async def test_a_mistake_in_the_database_s_address_is_one_line(
    platform: Platform, closed_port: int, kind: str
) -> None:
    url = f"postgres://u:secret@127.0.0.1:{closed_port}/db"
    assert await (await platform.start(kind, DATABASE_URL=url)).ended() == 2
    [line] = platform.said(kind).splitlines()
    assert line.startswith(
        f"bot: DATABASE_URL names 127.0.0.1:{closed_port}, which cannot be reached"
    )


async def test_a_missing_setting_is_named(platform: Platform) -> None:
    assert await (await platform.start("web", SLACK_BOT_TOKEN="")).ended() == 2
    [line] = platform.said("web").splitlines()
    assert line.startswith("bot: SLACK_BOT_TOKEN is missing: ")
