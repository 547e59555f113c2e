"""What people read of an expense that nobody can decide."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from sandbox.slack.config import ADA, APPROVALS, GRETA, KIM, MINA, SAM
from tests.slack.listeners.test_home import home_with, options
from tests.support.databases import change_sqlite
from tests.support.house import House
from tests.support.ruled import (
    APPROVE,
    QUICK,
    Ruled,
    asked,
    asked_in,
    direct,
    has_buttons,
    in_channel,
    ruled_houses,
    submitted,
    thread,
)

WATCHFUL = replace(QUICK, watch=timedelta(seconds=0.2), longest_watch=timedelta(seconds=0.2))
GONE = "S0GONE00001"
WITH_THEM = "with the approvers now"


@pytest.fixture
def ruled(temporal_client: Client, task_queue: str, tmp_path: Path) -> Ruled:
    return ruled_houses(temporal_client, task_queue, tmp_path, WATCHFUL)


def told(here: House, expense_id: str) -> list[str]:
    """List what the requester was told in the thread of an expense."""
    return [line for root in direct(here, ADA, expense_id) for line in thread(here, root, ADA)]


async def test_nobody_reads_that_approvers_have_it_before_one_of_them_does(ruled: Ruled) -> None:
    async with ruled(f'ask = ["{MINA.id}"]\nchannel = "{APPROVALS.id}"') as here:
        channels = here.slack.workspace.channels
        channels[APPROVALS.id] = replace(APPROVALS, is_private=True, bot_is_member=False)
        expense_id = await submitted(here)
        await here.slack.until(lambda: told(here, expense_id))
        [news] = told(here, expense_id)
        assert "Nobody could be asked" in news
        assert "Stuck" in direct(here, ADA, expense_id)[0]["text"]
        assert in_channel(here, APPROVALS, expense_id) == []

        channels[APPROVALS.id] = APPROVALS
        message = await asked_in(here, APPROVALS, expense_id)
        await here.slack.until(lambda: WITH_THEM in told(here, expense_id)[-1])
        assert "It can be decided again" in told(here, expense_id)[-1]
        assert "Waiting for a decision" in direct(here, ADA, expense_id)[0]["text"]
        assert (await here.slack.click(MINA, message, APPROVE)).ok
        assert await here.workflow(expense_id).result() == "COMPLETED"


async def test_a_group_that_is_gone_silences_nobody_beside_it(ruled: Ruled) -> None:
    rules = f'managers = ["{GONE}", "{SAM.id}"]'
    async with ruled(f'ask = ["{GONE}", "{MINA.id}"]', rules=rules) as here:
        expense_id = await submitted(here)
        await asked(here, MINA, expense_id)
        await here.slack.until(lambda: WITH_THEM in "".join(told(here, expense_id)))
        assert expense_id in options(await home_with(here, MINA, expense_id))
        assert (await here.slack.command(ADA, "/expense", "submit")).ok
        form = await here.slack.until(lambda: here.slack.open_view(ADA))
        assert SAM.id in str(form["blocks"])


async def test_who_stands_in_for_the_requester_can_be_the_last_one(ruled: Ruled) -> None:
    async with ruled(f'ask = ["{SAM.id}"]') as here:
        expense_id = await submitted(here)
        await asked(here, SAM, expense_id)
        await here.slack.until(lambda: WITH_THEM in "".join(told(here, expense_id)))
        await here.slack.command(ADA, "/expense", f"delegate @{SAM.name} until tomorrow")
        await here.slack.until(lambda: "Nobody can decide this" in told(here, expense_id)[-1])
        await here.slack.command(ADA, "/expense", "delegate stop")
        await here.slack.until(lambda: "can be decided again" in told(here, expense_id)[-1])
        # And one who comes to decide later is asked then.
        await here.slack.command(SAM, "/expense", f"delegate @{GRETA.name} until tomorrow")
        message = await asked(here, GRETA, expense_id)
        assert (await here.slack.click(GRETA, message, APPROVE)).ok
        assert await here.workflow(expense_id).result() == "COMPLETED"
        await here.slack.until(lambda: not has_buttons(direct(here, GRETA, expense_id)[0]))


async def test_what_a_bot_of_the_version_before_puts_off_is_looked_at_all_the_same(
    ruled: Ruled, tmp_path: Path
) -> None:
    async with ruled(f'ask = ["{SAM.id}"]') as here:
        expense_id = await submitted(here)
        await asked(here, SAM, expense_id)
        await here.slack.until(lambda: WITH_THEM in "".join(told(here, expense_id)))

        def write_as_before(database: sqlite3.Connection) -> None:
            # It looks again when the window ends, and writes delegations without another look.
            database.execute(
                "INSERT INTO delegations (person, delegate, until)"
                " VALUES (?, ?, '2099-01-01 00:00:00.000000')",
                (ADA.id, SAM.id),
            )
            database.execute("UPDATE expenses SET due_at = '2099-01-01 00:00:00.000000'")

        await change_sqlite(tmp_path / "expenses.db", write_as_before)
        await here.slack.until(lambda: "Nobody can decide this" in told(here, expense_id)[-1])


async def test_the_only_approver_reads_in_the_form_that_nobody_else_can_decide(
    ruled: Ruled,
) -> None:
    async with ruled(f'ask = ["{ADA.id}", "{KIM.id}"]') as here:
        ack = await here.slack.command(ADA, "/expense", "submit 42.50 EUR Team lunch")
        assert "Too few people could approve this" in (ack.text or "")
        assert here.slack.direct_messages(ADA) == []
