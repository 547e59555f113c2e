"""What a thief can do with one credential alone: with the worker's key, with the database."""

import base64
import binascii
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.service import RPCError

from bot.database.encryption import Cipher
from sandbox.slack.config import MINA
from tests.support.house import House, house

KEY = "a key for task tokens that was not leaked"


async def attempts(h: House, victim: str) -> list[str]:
    """Do everything the worker's key allows, to get an expense paid that nobody approved."""
    call = {"id": victim, "is_api_call": "true"}
    answers = []
    for kind in ("approve", "APPROVED", "decide", "complete", "reject", "payment", "PAYMENT"):
        for asks in (h.get, h.post):
            answers.append((await asks("/action", **call, type=kind))[1])
    thief = {"X-Temporal-Workflow-Id": "thief", "X-Temporal-Run-Id": "thief"}
    owner = {"X-Temporal-Workflow-Id": f"expense_{victim}", "X-Temporal-Run-Id": "thief"}
    for headers in (None, thief, owner):
        async with h.http.get(f"{h.bot_url}/create", params=call, headers=headers) as answer:
            answers.append(await answer.text())
        for more in ({}, {"X-Temporal-Decide-By": "2035-01-01T00:00:00Z"}):
            both = {**(headers or {}), **more}
            form = {"task_token": b"a token of the thief's".hex()}
            answers.append((await h.post("/registerCallback", form, both, id=victim))[1])
    # An expense of the thief's own, in the name of the victim's workflow.
    for name, headers in (("bait-1", owner), ("bait-2", None)):
        bait = {"id": name, "is_api_call": "true"}
        async with h.http.get(f"{h.bot_url}/create", params=bait, headers=headers) as answer:
            answers.append(await answer.text())
        await h.post("/registerCallback", {"task_token": "00"}, owner, id=name)
        answers.append((await h.get("/action", **bait, type="payment"))[1])
    return answers


async def test_with_the_worker_s_key_nobody_approves_or_pays(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    async with house(temporal_client, task_queue, tmp_path, payments=True) as h:
        victim, rejected = await h.submit(), await h.submit()
        await h.slack.click(MINA, h.message(rejected), "reject_expense")
        view = await h.slack.until(lambda: h.slack.open_view(MINA))
        await h.slack.submit(MINA, view, {"reason": "No"})
        await h.until_status(rejected, "REJECTED")
        for expense_id in (victim, rejected):
            answers = await attempts(h, expense_id)
            assert "ERROR:INVALID_TYPE" in answers
            assert "ERROR:INVALID_STATE" in answers
            assert "ERROR:ID_ALREADY_EXISTS" in answers
        assert h.slack.payments.paid == []
        assert (await h.status(victim), await h.status(rejected)) == ("CREATED", "REJECTED")
        # What the thief registered does not keep the manager's decision from where it belongs.
        await h.slack.click(MINA, h.message(victim), "approve_expense")
        assert await h.workflow(victim).result() == "COMPLETED"
        assert [paid["expense_id"] for paid in h.slack.payments.paid] == [victim]


async def test_an_expense_of_another_s_cannot_be_decided_in_the_name_of_a_bait(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    async with house(temporal_client, task_queue, tmp_path, payments=True) as h:
        victim = await h.submit("900 EUR A dear thing")
        owner = {"X-Temporal-Workflow-Id": f"expense_{victim}"}
        await h.get("/create", id="bait", is_api_call="true")
        form = {"task_token": "00"}
        stolen = await h.post("/registerCallback", form, owner, id="bait")
        assert stolen == (200, "ERROR:INVALID_STATE")
        assert await h.post("/registerCallback", form, id="bait") == (200, "SUCCEED")
        await h.slack.click(MINA, h.message("bait"), "approve_expense")
        assert await h.status(victim) == "CREATED"
        assert h.slack.payments.paid == []


def everything_in(database: Path) -> list[Any]:
    """Read every value of every table, as whoever found a copy of the database would."""
    with closing(sqlite3.connect(database)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return [
            value
            for (table,) in tables.fetchall()
            for row in connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            for value in row
        ]


def readings(value: Any) -> set[bytes]:
    """Read a value in every way that could make a task token of it."""
    raw = value if isinstance(value, bytes) else str(value).encode()
    found = {raw}
    for decode in (base64.urlsafe_b64decode, base64.b64decode, binascii.unhexlify):
        with suppress(ValueError):
            found.add(decode(raw + b"=" * (-len(raw) % 4)))
    return {token for token in found if token}


async def test_a_leaked_database_holds_no_token_that_decides(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    async with house(temporal_client, task_queue, tmp_path, EXPENSE_ENCRYPTION_KEY=KEY) as h:
        expense_id = await h.submit()
        values = everything_in(tmp_path / "expenses.db")
        tokens = set().union(*map(readings, values))
        assert len(tokens) > 50
        for token in tokens:
            with pytest.raises(RPCError):
                await temporal_client.get_async_activity_handle(task_token=token).complete(
                    "APPROVED"
                )
        assert await h.status(expense_id) == "CREATED"
        # The same reading with the key finds it, so that the search above would have.
        right = [Cipher([KEY]).decrypt(value) for value in values if isinstance(value, bytes)]
        [token] = [found for found in right if found]
        await temporal_client.get_async_activity_handle(task_token=token).complete("REJECTED")
        assert await h.workflow(expense_id).result() == ""
