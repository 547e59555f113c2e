"""A payment that was refused and then turns out to be made is paid, and everybody reads so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from temporalio.client import Client

from tests.delivery.test_scheduler import APPROVE, QUICK
from tests.support.databases import change_sqlite
from tests.support.house import ADA, MINA, House, house
from tests.support.payments import KEY, FakePayments, fake_payments, saying


@asynccontextmanager
async def paying_house(
    temporal_client: Client, task_queue: str, folder: Path
) -> AsyncIterator[tuple[House, FakePayments]]:
    async with (
        fake_payments() as payments,
        house(
            temporal_client,
            task_queue,
            folder,
            timing=QUICK,
            EXPENSE_PAYMENT_URL=payments.url,
            EXPENSE_PAYMENT_KEY=KEY,
        ) as here,
    ):
        yield here, payments


async def test_everybody_reads_that_it_is_paid_after_all(
    temporal_client: Client, task_queue: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    has_begun, may_end = asyncio.Event(), asyncio.Event()

    async def take_time(_: web.Request) -> web.StreamResponse:
        has_begun.set()
        await may_end.wait()
        return web.json_response({"status": "paid"})

    async with paying_house(temporal_client, task_queue, tmp_path) as (here, payments):
        payments.in_turn = [take_time]
        payments.answer = saying('{"error": "INSUFFICIENT_FUNDS"}', status=402)
        expense_id = await here.submit()
        assert (await here.slack.click(MINA, here.message(expense_id), APPROVE)).ok
        await has_begun.wait()
        # The worker's connection broke, and its next attempt came to another bot, so to speak.
        form = {"type": "payment", "id": expense_id, "is_api_call": "true"}
        assert await here.post("/action", form) == (200, "ERROR:INSUFFICIENT_FUNDS")
        await here.slack.until(lambda: "*Not paid.*" in here.message(expense_id)["text"])
        await here.slack.until(lambda: here.slack.direct_messages(MINA))

        may_end.set()
        await here.until_status(expense_id, "COMPLETED")
        await here.slack.until(lambda: "*Paid.*" in here.message(expense_id)["text"])
        for person in (ADA, MINA):
            await here.slack.until(
                lambda whose=person: any(
                    "paid after all" in message["text"]
                    for message in here.slack.direct_messages(whose)
                )
            )
            assert "*Paid.*" in here.slack.direct_messages(person)[0]["text"]
        assert f"expense {expense_id}: the payment system has paid it" in caplog.text
        assert await here.post("/action", form) == (200, "SUCCEED")


async def test_a_payment_that_nobody_answers_for_an_hour_is_told_and_then_made(
    temporal_client: Client, task_queue: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with paying_house(temporal_client, task_queue, tmp_path) as (here, payments):
        payments.answer = saying("", status=503)
        expense_id = await here.submit()
        assert (await here.slack.click(MINA, here.message(expense_id), APPROVE)).ok
        await here.slack.until(lambda: payments.requests)
        await change_sqlite(
            tmp_path / "expenses.db",
            lambda database: database.execute(
                "UPDATE expenses SET payment_asked_at = '2020-01-01 00:00:00.000000'"
            ),
        )
        await here.slack.until(
            lambda: any(
                "For an hour, the payment system has not said" in message["text"]
                for message in here.slack.direct_messages(ADA)
            )
        )
        assert await here.status(expense_id) == "APPROVED"
        payments.answer = None
        await here.until_status(expense_id, "COMPLETED")
        lines = [line.message for line in caplog.records if "has given no answer" in line.message]
        assert len(lines) == 1
        assert lines[0].startswith(f"expense {expense_id}: EXPENSE_PAYMENT_URL ")
    # It is the same one, but by its name nobody can tell.
    elsewhere = payments.url.replace("127.0.0.1", "localhost")
    async with house(
        temporal_client,
        task_queue,
        tmp_path,
        worker=False,
        EXPENSE_PAYMENT_URL=elsewhere,
        EXPENSE_PAYMENT_KEY=KEY,
    ):
        warned = "EXPENSE_PAYMENT_URL is at localhost now, and the last payment was asked for at"
        assert warned in caplog.text
