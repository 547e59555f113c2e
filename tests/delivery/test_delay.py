"""Nobody waits in silence for a worker or a server that is not there."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from expense_workflow.worker import running_worker
from tests.delivery.test_scheduler import QUICK
from tests.support.house import ADA, APPROVALS, KEY, House, environment, house

SOON = replace(QUICK, delay=timedelta(seconds=0.3))


def told_of_a_delay(here: House) -> list[str]:
    """What the requester reads of a delay, in the thread of their expense."""
    replies = [m["text"] for m in here.slack.direct_messages(ADA) if "thread_ts" in m]
    return [text for text in replies if "longer than usual" in text]


async def submit(here: House) -> None:
    assert (await here.slack.command(ADA, "/expense", "submit 42.50 EUR Team lunch")).ok
    await here.slack.until(
        lambda: any("longer than usual" in m["text"] for m in here.slack.direct_messages(ADA))
    )


async def test_the_requester_is_told_once_that_no_worker_takes_it(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    async with house(temporal_client, task_queue, tmp_path, worker=False, timing=SOON) as here:
        await submit(here)
        with environment({"EXPENSE_SERVER_URL": here.bot_url, "EXPENSE_API_KEY": KEY}):
            async with running_worker(temporal_client, task_queue):
                await here.slack.until(lambda: here.slack.messages(APPROVALS))
        [told] = told_of_a_delay(here)
        assert "no approver has been asked yet" in told


async def test_the_requester_is_told_when_the_namespace_is_not_there(
    temporal_client: Client,
    task_queue: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    wrong = {"TEMPORAL_NAMESPACE": "nowhere"}
    async with house(
        temporal_client, task_queue, tmp_path, worker=False, timing=SOON, **wrong
    ) as here:
        await submit(here)
        assert len(told_of_a_delay(here)) == 1
    reasons = [line for line in caplog.messages if "Namespace nowhere is not found" in line]
    assert len([line for line in reasons if line.startswith("Temporal: ")]) == 1
    assert len([line for line in reasons if line.startswith("expense ")]) == 1
