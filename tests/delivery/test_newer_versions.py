"""A bot that meets what a newer one recorded leaves it alone, and goes on with everything else."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from bot import catalogue
from bot.commands.repair import reconcile
from bot.delivery.scheduler import BATCH
from bot.setting_groups import ReconcileSettings
from bot.settings import load
from tests.support.databases import change_sqlite
from tests.support.house import ADA, MINA, SAM, environment, house
from tests.support.ruled import APPROVE, QUICK


async def test_one_that_cannot_be_read_holds_up_no_other_one(
    temporal_client: Client,
    task_queue: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with house(temporal_client, task_queue, tmp_path, timing=QUICK) as here:
        expense_id = await here.submit()
        message = here.message(expense_id)

        def write_as_newer(database: sqlite3.Connection) -> None:
            database.execute(
                "UPDATE expenses SET due_at = '2020-01-01', plan = ? WHERE id = ?",
                ('{"rule":"x","stages":[],"window":null,"allowance":null,"veto":1}', expense_id),
            )
            # So many are due that they fill everything that is looked at in one go.
            database.execute("PRAGMA foreign_keys = OFF")
            database.executemany(
                "INSERT INTO expenses (id, state, version, created_at, due_at, attempts)"
                " VALUES (?, 'ON_HOLD', 1, '2020-01-01', '2020-01-01', 0)",
                [(f"newer-{number}",) for number in range(BATCH)],
            )

        await change_sqlite(tmp_path / "expenses.db", write_as_newer)
        assert (await here.slack.click(SAM, message, APPROVE)).ok
        said = await here.slack.until(lambda: here.slack.ephemeral(SAM))
        assert said[-1]["text"] == catalogue.say("being-updated")
        ack = await here.slack.command(ADA, "/expense", f"status {expense_id}")
        assert ack.text == catalogue.say("being-updated")

        other = await here.submit("7.00 EUR Bus")
        assert (await here.slack.click(MINA, here.message(other), APPROVE)).ok
        assert await here.workflow(other).result() == "COMPLETED"
        status, text = await here.get("/status", id=expense_id)
        assert status == 503
        assert "newer version" in text
        with closing(sqlite3.connect(tmp_path / "expenses.db")) as database:
            query = (
                "SELECT count(*) FROM expenses WHERE state = 'ON_HOLD' AND leased_until > due_at"
            )
            assert database.execute(query).fetchone() == (0,)
        with environment(here.variables):
            await reconcile(load(ReconcileSettings), timedelta(days=1), is_lost=False, mend=True)
        await here.workflow(expense_id).terminate()
    assert f"of expense {expense_id}; this version leaves" in capsys.readouterr().out
    lines = [record.getMessage() for record in caplog.records if "newest" in record.getMessage()]
    assert len([line for line in lines if expense_id in line]) == 1
