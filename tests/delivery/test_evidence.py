"""An expense ends on evidence only, and goes on with its workflow."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowHandle

from sandbox import Sandbox
from tests.delivery.test_scheduler import APPROVE, QUICK
from tests.delivery.test_temporal import other_namespace, reset
from tests.support.house import MINA, House, house
from tests.support.stopwatch import PATIENCE


@pytest.fixture
async def here(temporal_client: Client, task_queue: str, tmp_path: Path) -> AsyncIterator[House]:
    async with house(temporal_client, task_queue, tmp_path, timing=QUICK, payments=True) as running:
        yield running


async def test_a_click_in_a_wrong_namespace_cancels_nothing(
    temporal_client: Client, task_queue: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with Sandbox.start() as slack:
        async with house(temporal_client, task_queue, tmp_path, slack=slack, timing=QUICK) as here:
            expense_id = await here.submit()
        async with house(
            *(temporal_client, task_queue, tmp_path),
            slack=slack,
            worker=False,
            timing=QUICK,
            TEMPORAL_NAMESPACE=await other_namespace(temporal_client),
        ) as wrong:
            assert (await slack.click(MINA, wrong.message(expense_id), APPROVE)).ok
            await slack.until(lambda: "correct TEMPORAL_ADDRESS" in caplog.text)
            assert await wrong.status(expense_id) == "APPROVED"
        async with house(temporal_client, task_queue, tmp_path, slack=slack, timing=QUICK) as here:
            assert await here.workflow(expense_id).result() == "COMPLETED"
            await here.until_status(expense_id, "COMPLETED")


async def until_waiting(handle: WorkflowHandle, run_id: str) -> None:
    """Wait until a run of a workflow waits for a decision."""
    async with asyncio.timeout(PATIENCE):
        while True:
            description = await handle.describe()
            pending = description.raw_description.pending_activities
            if description.run_id == run_id and [
                activity.activity_type.name for activity in pending
            ] == ["wait_for_decision_activity"]:
                return
            await asyncio.sleep(0.02)


async def test_a_workflow_that_was_reset_goes_on_with_its_expense(here: House) -> None:
    expense_id = await here.submit()
    handle = here.workflow(expense_id)
    for _ in range(2):
        await until_waiting(handle, await reset(here.temporal, handle))
    assert (await here.slack.click(MINA, here.message(expense_id), APPROVE)).ok
    assert await handle.result() == "COMPLETED"
    await reset(here.temporal, handle)
    async with asyncio.timeout(PATIENCE):
        while (await handle.describe()).close_time is None:
            await asyncio.sleep(0.02)
    assert await handle.result() == "COMPLETED"
    assert [payment["expense_id"] for payment in here.slack.payments.paid] == [expense_id]


async def test_a_workflow_started_once_more_is_not_the_one_in_charge(here: House) -> None:
    order = f"order-{uuid.uuid4()}"
    handle = await here.temporal.start_workflow(
        "SampleExpenseWorkflow",
        order,
        id=f"orders-{uuid.uuid4()}",
        task_queue=here.task_queue,
    )
    await until_waiting(handle, handle.first_execution_run_id or "")
    await handle.terminate()
    again = await here.temporal.start_workflow(
        "SampleExpenseWorkflow",
        order,
        id=handle.id,
        task_queue=here.task_queue,
    )
    with pytest.raises(Exception, match="Workflow execution failed") as failure:
        await again.result()
    assert "ID_ALREADY_EXISTS" in str(failure.value.cause.__cause__)
