"""Each alert fires in a real Prometheus when its fault is made, and ends when it is mended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from temporalio.client import Client

from bot.delivery.timing import Timing
from expense_workflow.worker import running_worker
from sandbox.programs import free_port
from tests.support.house import ADA, APPROVALS, KEY, MINA, NOOR, environment, house
from tests.support.prometheus import watcher
from tests.support.stopwatch import PATIENCE
from tests.test_ops import NAMES

pytestmark = pytest.mark.long

OFTEN = Timing(census=timedelta(seconds=0.2), longest_retry=timedelta(seconds=0.5))
APPROVE = "approve_expense"
LONG_AGO = "now() - interval '3 minutes'"


class Record:
    """The bot's database, in which a test lets time pass, and stands in the bot's way."""

    def __init__(self, connection: asyncpg.Connection, url: str) -> None:
        self._connection, self._url = connection, url

    async def until(self, query: str) -> str:
        """Wait until the database finds something, and return it."""
        async with asyncio.timeout(PATIENCE):
            while not (found := await self._connection.fetchval(query)):
                await asyncio.sleep(0.02)
        return str(found)

    async def change(self, column: str, value: str = LONG_AGO) -> None:
        """Let an instant of each expense that has it be another one."""
        await self._connection.execute(
            f"UPDATE expenses SET {column} = {value} WHERE {column} IS NOT NULL"  # noqa: S608
        )

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        """Let all expenses be due since long ago, and keep every bot from changing them."""
        other = await asyncpg.connect(self._url)
        try:
            changing = self._connection.transaction()
            await changing.start()
            await self.change("due_at")
            holding = other.transaction()
            await holding.start()
            # It waits before those who come once the change is there.
            lock = asyncio.create_task(other.execute("LOCK TABLE expenses IN EXCLUSIVE MODE"))
            await self.until("SELECT count(*) FROM pg_locks WHERE NOT granted")
            await changing.commit()
            await lock
            yield
        finally:
            await other.close()


async def test_each_alert_fires_with_its_fault_and_ends_with_it(
    temporal_client: Client, task_queue: str, tmp_path: Path, postgres_url: str
) -> None:
    async with AsyncExitStack() as stack:
        port = free_port()
        alerts = await stack.enter_async_context(watcher(tmp_path, port))
        await alerts.until_firing("ExpenseProcessDown")
        bot = house(
            *(temporal_client, task_queue, tmp_path),
            payments=True,
            worker=False,
            timing=OFTEN,
            EXPENSE_METRICS_PORT=str(port),
            DATABASE_URL=postgres_url,
            EXPENSE_ENCRYPTION_KEY="k" * 32,
        )
        here = await stack.enter_async_context(bot)
        connection = await asyncpg.connect(postgres_url)
        stack.push_async_callback(connection.close)
        record = Record(connection, postgres_url)
        await alerts.until_calm()

        # No worker runs.
        assert (await here.slack.command(ADA, "/expense", "submit 42.50 EUR Team lunch")).ok
        expense_id = await record.until("SELECT id FROM expenses WHERE started_at IS NOT NULL")
        await record.change("started_at")
        await alerts.until_firing("ExpenseWorkerMissing")
        with environment({"EXPENSE_SERVER_URL": here.bot_url, "EXPENSE_API_KEY": KEY}):
            await stack.enter_async_context(running_worker(temporal_client, task_queue))
        await here.slack.until(lambda: here.slack.messages(APPROVALS))

        # The database makes everybody wait. What rises is seen from the second look on.
        await alerts.until_known('slack_acknowledgement_duration_seconds_count{kind="command"}')
        async with record.locked():
            submit = ((NOOR, "/expense", f"submit {day} EUR Taxi") for day in range(1, 8))
            await asyncio.gather(*(here.slack.command(*one) for one in submit))
            await alerts.until_firing(
                *("ExpenseDeliveryBehind", "ExpensePeopleToldToTryAgain"),
                *("ExpenseAcknowledgementSlow", "ExpenseDatabaseSlow"),
            )

        # The payment system does not answer, and Slack refuses the token.
        here.slack.faults.add("payments", "error", status=503)
        assert (await here.slack.click(MINA, here.message(expense_id), APPROVE)).ok
        await record.until("SELECT max(payment_asked_at) FROM expenses")
        await record.change("payment_asked_at")
        await alerts.until_firing("ExpensePaymentUnanswered")
        here.slack.faults.add("*", "error", error="token_revoked")
        assert (await here.slack.command(ADA, "/expense", "submit 12 EUR Tea")).ok
        await record.until("SELECT count(trouble) FROM expenses")
        await record.change("trouble_since")
        await alerts.until_firing("ExpenseStuck", "ExpenseSlackRefuses")

        here.slack.faults.clear()
        await record.change("due_at", "now()")
        await here.until_status(expense_id, "COMPLETED")
        await alerts.until_calm()
        assert alerts.seen == set(NAMES)
