"""What operators see of a running worker, and that it is what is written."""

import asyncio

import pytest
from temporalio.client import Client

from tests.expense_workflow.fake_bot import Answer, FakeBot
from tests.expense_workflow.processes import program
from tests.support.scrapes import documented, scrape
from tests.support.stopwatch import PATIENCE

pytestmark = pytest.mark.long


async def test_a_worker_shows_itself_and_temporal_s_own(
    fake_bot: FakeBot, temporal_client: Client, temporal_address: str, task_queue: str
) -> None:
    variables = {"TEMPORAL_ADDRESS": temporal_address, "EXPENSE_TASK_QUEUE": task_queue}
    async with program("expense_workflow.worker", EXPENSE_METRICS_PORT="0", **variables) as worker:
        url = (await worker.says("metrics on http")).split()[-1]
        await worker.says("working on")
        fake_bot.answer("/create", Answer("ERROR:ID_ALREADY_EXISTS"))
        await temporal_client.start_workflow(
            "SampleExpenseWorkflow", "e-1", id=f"expense_{task_queue}", task_queue=task_queue
        )
        failed = "temporal_activity_execution_failed_total"
        async with asyncio.timeout(PATIENCE):
            while not (seen := await scrape(url)).value(failed):
                await asyncio.sleep(0.05)
        worker.process.terminate()
        ended = await worker.end()
    assert (ended.code, ended.err) == (0, "")
    assert seen.own_labels() == documented("The processes")
    assert seen.values("target_info", service_name="expense-worker") == [1]
    assert seen.values(failed, activity_type="create_expense_activity") == [1]
    assert seen.value("temporal_num_pollers", task_queue=task_queue) > 0
    assert seen.value("temporal_worker_task_slots_available", worker_type="ActivityWorker") == 50
    waited = "temporal_workflow_task_schedule_to_start_latency_seconds_count"
    assert seen.value(waited) >= 1
