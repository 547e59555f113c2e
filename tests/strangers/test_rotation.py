"""Every key is replaced while expenses wait and managers click: nothing is refused or lost."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.client import Client

from bot.database.encryption import Cipher, rotate_keys
from bot.database.engine.connection import Database
from bot.database.engine.url import parse_database_url
from bot.database.outbox import Outbox
from bot.domain.expense import Decision
from expense_workflow.worker import running_worker
from sandbox import Sandbox
from tests.support.house import MINA, House, environment, house
from tests.support.rooms import MANAGER, SECRET, WINDOW, rooms

# For the worker (A), for Slack's signatures (B), for payments (C) and for task tokens (D).
OLD = {name: f"the old {name} key of thirty-two characters" for name in "ABCD"}
NEW = {name: f"the new {name} key of thirty-two characters" for name in "ABCD"}


@asynccontextmanager
async def running(
    temporal: Client,
    queue: str,
    folder: Path,
    slack: Sandbox,
    keys: list[dict[str, str]],
    theirs: dict[str, str],
) -> AsyncIterator[House]:
    """Run the bot with some keys, while Slack, payments and worker use others."""
    joined = {name: ",".join(one[name] for one in keys) for name in "ABCD"}
    slack.delivery.config = replace(slack.config, signing_secret=theirs["B"])
    slack.payments.key = theirs["C"]
    async with house(
        temporal,
        queue,
        folder,
        slack=slack,
        worker=False,
        EXPENSE_API_KEY=joined["A"],
        SLACK_SIGNING_SECRET=joined["B"],
        EXPENSE_PAYMENT_URL=slack.payment_url,
        EXPENSE_PAYMENT_KEY=joined["C"],
        EXPENSE_ENCRYPTION_KEY=joined["D"],
    ) as h:
        h.http.headers["Authorization"] = f"Bearer {theirs['A']}"  # type: ignore[index]
        with environment({"EXPENSE_SERVER_URL": h.bot_url, "EXPENSE_API_KEY": theirs["A"]}):
            async with running_worker(temporal, queue):
                yield h


def token_of(folder: Path, expense_id: str) -> bytes:
    with closing(sqlite3.connect(folder / "expenses.db")) as connection:
        query = "SELECT task_token FROM expenses WHERE id = ?"
        found: bytes = connection.execute(query, [expense_id]).fetchone()[0]
        return found


async def approve(h: House, expense_id: str) -> None:
    ack = await h.slack.click(MINA, h.message(expense_id), "approve_expense")
    assert ack.ok, ack
    assert await h.workflow(expense_id).result() == "COMPLETED"


async def test_every_key_is_replaced_while_expenses_wait(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    async with Sandbox.start() as slack:
        common = (temporal_client, task_queue, tmp_path, slack)
        async with running(*common, [OLD], OLD) as h:
            waiting = [await h.submit(f"{n + 1} EUR Before") for n in range(4)]
            await approve(h, waiting[0])
        # The bot has both; the others still use the old ones, and then the new ones.
        async with running(*common, [NEW, OLD], OLD) as h:
            await approve(h, waiting[1])
            waiting.append(await h.submit("5 EUR Meanwhile"))
        async with running(*common, [NEW, OLD], NEW) as h:
            await approve(h, waiting[2])
            waiting.append(await h.submit("6 EUR Meanwhile"))
            database = Database(parse_database_url(f"sqlite:///{tmp_path}/expenses.db"))  # type: ignore[arg-type]
            assert (await rotate_keys(database, Cipher([NEW["D"], OLD["D"]])))[1] == 0
            await database.close()
            assert Cipher([NEW["D"]]).decrypt(token_of(tmp_path, waiting[3]))
        async with running(*common, [NEW], NEW) as h:
            for expense_id in waiting[3:]:
                assert await h.status(expense_id) == "CREATED"
                await approve(h, expense_id)
            await approve(h, await h.submit("7 EUR After"))
        assert len(slack.payments.paid) == 7


async def test_a_decision_arrives_although_the_key_of_its_token_is_gone(
    temporal_client: Client, task_queue: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with Sandbox.start() as slack:
        common = (temporal_client, task_queue, tmp_path, slack)
        async with running(*common, [OLD], OLD) as h:
            expense_id = await h.submit()
        async with running(*common, [{**OLD, "D": NEW["D"]}], OLD) as h:
            await approve(h, expense_id)
        assert "EXPENSE_ENCRYPTION_KEY does not fit its task token" in caplog.text


async def test_only_what_is_needed_is_encrypted_anew(database_url: str) -> None:
    new = "another secret of thirty-two characters"
    async with rooms(database_url) as here:
        waiting, decided = await here.waiting(), await here.waiting()
        await here.decisions.decide(decided.id, Decision.REJECTED, MANAGER)
        await here.deliver(await here.expenses.get(decided.id))
        assert await rotate_keys(here.database, Cipher([new, SECRET])) == (1, 0)
        assert await rotate_keys(
            here.database, Cipher(["a third secret of 32 characters, too"])
        ) == (0, 1)
        after = Outbox(here.database, Cipher([new]))
        due = await after.claim(waiting.id, WINDOW)
        assert due
        assert due.callback.task_token == b"token"
