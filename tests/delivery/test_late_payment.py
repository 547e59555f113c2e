"""A payment that was refused and then turns out to be made is paid, and everybody reads so."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from temporalio.client import Client

from bot.__main__ import main
from bot.block_kit.stuck_list import ASK_FOR_PAYMENT_ACTION as ASK
from sandbox import Sandbox
from tests.delivery.test_scheduler import APPROVE, QUICK
from tests.slack.listeners.test_home import open_home
from tests.support.databases import change_sqlite
from tests.support.house import ADA, MINA, NOOR, House, environment, house
from tests.support.payments import KEY, FakePayments, fake_payments, saying

Paying = Callable[..., AbstractAsyncContextManager[House]]


@pytest.fixture
async def payments() -> AsyncIterator[FakePayments]:
    async with fake_payments() as fake:
        yield fake


@pytest.fixture
def paying(temporal_client: Client, task_queue: str, tmp_path: Path) -> Paying:
    """Open houses that ask a payment system at an address."""

    def open_house(url: str, **options: Any) -> AbstractAsyncContextManager[House]:
        return house(
            *(temporal_client, task_queue, tmp_path),
            timing=QUICK,
            EXPENSE_PAYMENT_URL=url,
            EXPENSE_PAYMENT_KEY=KEY,
            **options,
        )

    return open_house


async def test_everybody_reads_that_it_is_paid_after_all(
    paying: Paying, payments: FakePayments, caplog: pytest.LogCaptureFixture
) -> None:
    has_begun, may_end = asyncio.Event(), asyncio.Event()

    async def take_time(_: web.Request) -> web.StreamResponse:
        has_begun.set()
        await may_end.wait()
        return web.json_response({"status": "paid"})

    async with paying(payments.url) as here:
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


async def test_an_admin_has_a_refused_payment_asked_for_again_in_their_home(
    paying: Paying, payments: FakePayments, tmp_path: Path
) -> None:
    payments.in_turn = [saying('{"error": "INSUFFICIENT_FUNDS"}', status=402)]
    async with paying(payments.url, EXPENSE_ADMINS=NOOR.id) as here:
        expense_id = await here.submit()
        assert (await here.slack.click(MINA, here.message(expense_id), APPROVE)).ok
        await here.slack.until(lambda: "*Not paid.*" in here.message(expense_id)["text"])
        await change_sqlite(
            tmp_path / "expenses.db",
            lambda database: database.execute(
                "UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE event = 'refuse_payment'"
            ),
        )
        view = await open_home(here, NOOR)
        assert "*Not paid.*" in str(view["blocks"][1])
        assert (await here.slack.click(NOOR, view, ASK)).ok
        await here.until_status(expense_id, "COMPLETED")
        await here.slack.until(lambda: "*Paid.*" in here.message(expense_id)["text"])
        keys = [headers["Idempotency-Key"] for headers, _ in payments.requests]
        assert keys == [expense_id, f"{expense_id}:2"]
        told = f"<@{NOOR.id}> had the payment asked for again"
        for words in (told, "It is paid"):
            await here.slack.until(
                lambda words=words: any(
                    words in message["text"] for message in here.slack.direct_messages(ADA)
                )
            )
        # It does not take longer than usual, as it was asked for just now.
        assert "longer than usual" not in str(here.slack.direct_messages(ADA))


async def test_a_payment_that_nobody_answers_for_an_hour_is_told_and_nobody_else_is_asked(
    paying: Paying, payments: FakePayments, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with Sandbox.start() as slack:
        async with paying(payments.url, slack=slack) as here:
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
            lines = [
                line.message for line in caplog.records if "has given no answer" in line.message
            ]
            assert len(lines) == 1
            assert lines[0].startswith(f"expense {expense_id}: EXPENSE_PAYMENT_URL ")
        # It is the same one, but by its name nobody can tell.
        elsewhere = payments.url.replace("127.0.0.1", "localhost")
        async with paying(elsewhere, slack=slack, worker=False) as here:
            warned = (
                "EXPENSE_PAYMENT_URL is at localhost now, and the last payment was asked for at"
            )
            assert warned in caplog.text
            payments.answer = None
            form = {"type": "payment", "id": expense_id, "is_api_call": "true"}
            assert (await here.post("/action", form))[0] == 503
            assert f"expense {expense_id}: 127.0.0.1 was asked for its payment" in caplog.text
            assert await here.status(expense_id) == "APPROVED"
            settle = ["settle", expense_id, "ask-again"]
            lacking = {"EXPENSE_PAYMENT_URL": "", "EXPENSE_PAYMENT_KEY": ""}
            with environment({**here.variables, **lacking}):
                assert await asyncio.to_thread(main, settle) == 2
            assert (await here.post("/action", form))[0] == 503
            with environment(here.variables):
                assert await asyncio.to_thread(main, settle) == 0
            assert await here.post("/action", form) == (200, "SUCCEED")
            await here.until_status(expense_id, "COMPLETED")
