"""A decision that Temporal took counts, also with a worker that sends nothing of ours."""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowHandle

from tests.delivery.test_scheduler import APPROVE, QUICK
from tests.support.days import by_temporal_s_clock
from tests.support.house import APPROVALS, KEY, MINA, House, house
from tests.support.plain_worker import MINUTES_MEMO, PlainWorker, plain_worker
from tests.support.stopwatch import PATIENCE

ATTEMPT_ENDED = 1  # PENDING_ACTIVITY_STATE_SCHEDULED: Temporal waits before the next attempt


@pytest.fixture
async def here(temporal_client: Client, task_queue: str, tmp_path: Path) -> AsyncIterator[House]:
    async with house(temporal_client, task_queue, tmp_path, worker=False, timing=QUICK) as running:
        yield running


@pytest.fixture
async def plain(here: House) -> AsyncIterator[PlainWorker]:
    async with plain_worker(here.temporal, here.task_queue, here.bot_url, KEY) as worker:
        yield worker


async def start(here: House, minutes: int = 10) -> WorkflowHandle:
    """Start a workflow as another service does, and wait until the approvers are asked."""
    handle = await here.temporal.start_workflow(
        "SampleExpenseWorkflow",
        f"order-{uuid.uuid4()}",
        id=f"orders-{uuid.uuid4()}",
        task_queue=here.task_queue,
        memo={MINUTES_MEMO: minutes},
        result_type=str,
    )
    await here.slack.until(lambda: here.slack.messages(APPROVALS))
    return handle


async def test_what_was_submitted_in_slack_is_paid(here: House, plain: PlainWorker) -> None:
    expense_id = await here.submit()
    assert (await here.slack.click(MINA, here.message(expense_id), APPROVE)).ok
    assert await here.workflow(expense_id).result() == "COMPLETED"
    await here.until_status(expense_id, "COMPLETED")


@by_temporal_s_clock
async def test_people_have_the_window_that_the_workflow_gives_them(
    here: House, plain: PlainWorker
) -> None:
    handle = await start(here, minutes=120)
    [message] = here.slack.messages(APPROVALS)
    shown = re.search(r"<!date\^(\d+)", message["text"])
    assert shown
    left = datetime.fromtimestamp(int(shown[1]), UTC) - datetime.now(UTC)
    assert timedelta(minutes=118) < left < timedelta(minutes=121)
    assert (await here.slack.click(MINA, message, APPROVE)).ok
    assert await handle.result() == "COMPLETED"


async def test_a_decision_counts_of_which_the_bot_never_heard_that_temporal_took_it(
    here: House, plain: PlainWorker
) -> None:
    """As when the bot dies, or Temporal's answer is lost, before the bot wrote it down."""
    plain.pays.clear()
    handle = await start(here)
    [expense_id] = plain.tokens
    activity = here.temporal.get_async_activity_handle(task_token=plain.tokens[expense_id])
    await activity.complete("APPROVED")
    assert (await here.slack.click(MINA, here.slack.messages(APPROVALS)[0], APPROVE)).ok
    await here.slack.until(lambda: "Approved" in here.slack.messages(APPROVALS)[0]["text"])
    assert await here.status(expense_id) == "APPROVED"
    plain.pays.set()
    assert await handle.result() == "COMPLETED"
    await here.until_status(expense_id, "COMPLETED")


async def test_a_decision_between_two_attempts_counts(here: House, plain: PlainWorker) -> None:
    plain.dies = True
    handle = await start(here)
    async with asyncio.timeout(PATIENCE):
        while await states(handle) != [ATTEMPT_ENDED]:
            await asyncio.sleep(0.02)
    assert (await here.slack.click(MINA, here.slack.messages(APPROVALS)[0], APPROVE)).ok
    assert await handle.result() == "COMPLETED"


async def states(handle: WorkflowHandle) -> list[int]:
    description = await handle.describe()
    return [activity.state for activity in description.raw_description.pending_activities]
