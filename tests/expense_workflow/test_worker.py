"""The worker's process."""

import asyncio
import base64
import signal
import time
import uuid

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from expense_workflow.workflow import SampleExpenseWorkflow
from tests.expense_workflow.fake_bot import Answer, FakeBot
from tests.expense_workflow.processes import program
from tests.support.temporal import program as installed

pytestmark = pytest.mark.long

WORKER = "expense_workflow.worker"


async def test_a_signalled_worker_finishes_what_runs(
    fake_bot: FakeBot, temporal_client: Client, temporal_address: str
) -> None:
    async def finish_on(number: signal.Signals) -> None:
        async with program(
            WORKER, TEMPORAL_ADDRESS=temporal_address, EXPENSE_TASK_QUEUE=number.name
        ) as worker:
            await worker.says(f"working on task queue {number.name}")
            handle = await temporal_client.start_workflow(
                SampleExpenseWorkflow.run,
                number.name,
                id=f"expense_{uuid.uuid4()}",
                task_queue=number.name,
            )
            await fake_bot.called(f"/create {number.name}")
            signalled = time.monotonic()
            worker.process.send_signal(number)
            ended = await worker.end()
        assert time.monotonic() - signalled < 10
        assert ended.code == 0
        assert "Traceback" not in ended.out + ended.err
        assert ended.out.splitlines()[-1].endswith("stopped")
        events = [event.event_type for event in (await handle.fetch_history()).events]
        assert EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED in events
        await handle.terminate()

    fake_bot.answer("/create", Answer(delay=1.5))
    await asyncio.gather(finish_on(signal.SIGTERM), finish_on(signal.SIGINT))
    assert sorted(call.query["id"] for call in fake_bot.calls) == ["SIGINT", "SIGTERM"]


async def test_a_failed_attempt_takes_one_line_of_the_log(
    fake_bot: FakeBot, temporal_client: Client, temporal_address: str, task_queue: str
) -> None:
    fake_bot.answer("/create", Answer("ERROR:ID_ALREADY_EXISTS"))
    async with program(
        WORKER, TEMPORAL_ADDRESS=temporal_address, EXPENSE_TASK_QUEUE=task_queue
    ) as worker:
        await worker.says("working on")
        workflow_id = f"expense_{uuid.uuid4()}"
        await temporal_client.start_workflow(
            SampleExpenseWorkflow.run, "e-1", id=workflow_id, task_queue=task_queue
        )
        assert (
            f"create_expense_activity of {workflow_id} failed in attempt 1: "
            "ApplicationError: ID_ALREADY_EXISTS: "
            "create expense failed status: ERROR:ID_ALREADY_EXISTS "
            f"expense_id=e-1 workflow_id={workflow_id} request_id="
        ) in await worker.says("failed in attempt")
        worker.process.terminate()
        ended = await worker.end()
    assert "Traceback" not in ended.out + ended.err
    assert "HTTP Request" not in ended.out + ended.err


async def test_a_task_token_is_not_logged_when_a_completion_comes_too_late(
    fake_bot: FakeBot, temporal_client: Client, temporal_address: str, task_queue: str
) -> None:
    fake_bot.answer("/registerCallback", Answer("ERROR:INVALID_STATE", delay=1))
    async with program(
        WORKER, TEMPORAL_ADDRESS=temporal_address, EXPENSE_TASK_QUEUE=task_queue
    ) as worker:
        handle = await temporal_client.start_workflow(
            SampleExpenseWorkflow.run, "e-1", id=f"expense_{uuid.uuid4()}", task_queue=task_queue
        )
        await fake_bot.called("/registerCallback")
        await handle.terminate()
        await worker.says("failed in attempt")
        worker.process.terminate()
        ended = await worker.end()
    [call] = fake_bot.to("/registerCallback")
    token = bytes.fromhex(call.form["task_token"])
    said = ended.out + ended.err
    assert "ask_token" not in said
    assert base64.b64encode(token).decode() not in said
    assert token.hex() not in said


async def test_a_worker_waits_for_temporal(task_queue: str, closed_port: int) -> None:
    async with program(
        WORKER, TEMPORAL_ADDRESS=f"127.0.0.1:{closed_port}", EXPENSE_TASK_QUEUE=task_queue
    ) as worker:
        line = await worker.says("cannot be reached")
        assert f"127.0.0.1:{closed_port}" in line
        async with await WorkflowEnvironment.start_local(
            port=closed_port, dev_server_existing_path=installed("temporal")
        ):
            await worker.says("working on")
            worker.process.terminate()
            assert (await worker.end()).code == 0


async def test_a_worker_that_waits_for_temporal_can_be_stopped(closed_port: int) -> None:
    async with program(WORKER, TEMPORAL_ADDRESS=f"127.0.0.1:{closed_port}") as worker:
        await worker.says("cannot be reached")
        worker.process.terminate()
        assert (await worker.end(limit=3)).code == 0


async def test_a_wrong_setting_stops_the_start_with_one_line() -> None:
    async with program(WORKER, EXPENSE_API_KEY="schlüssel") as worker:
        ended = await worker.end()
    assert (ended.code, ended.out) == (2, "")
    [line] = ended.err.splitlines()
    assert "EXPENSE_API_KEY" in line
    assert "schlüssel" not in line


async def test_a_namespace_that_is_not_there_stops_the_start(temporal_address: str) -> None:
    async with program(
        WORKER, TEMPORAL_ADDRESS=temporal_address, TEMPORAL_NAMESPACE="nowhere"
    ) as worker:
        ended = await worker.end()
    assert ended.code == 1
    # Temporal's core may warn of it, too, and a little later.
    assert (
        "Temporal refused the worker: Namespace nowhere is not found. "
        "See TEMPORAL_NAMESPACE and the others TEMPORAL_*."
    ) in ended.out
