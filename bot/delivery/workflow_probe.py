"""Looks at the newest workflow that runs, which shows what nothing else does.

Such as that the bot and the worker have different payload codecs, or that the worker cannot reach
the bot.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import History
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    GetWorkflowExecutionHistoryReverseRequest,
    ListWorkflowExecutionsRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError

from bot.delivery.activity_outcome import CREATE_ACTIVITY, WAIT_ACTIVITY
from bot.domain.health.findings import Finding, Level

PART = "Temporal"
_TIMEOUT = timedelta(seconds=3)
_PATIENCE_SECONDS = 5.0
# Enough to see the newest workflow task, and an activity that it has scheduled.
_EVENTS = 10
# A bot that is restarted is back by then.
_TRIES = 4
_MAX_WORDS = 200
_ONE_CODEC = "Give the bot and the worker the same EXPENSE_PAYLOAD_CODEC with the same keys."
_REACH_US = "See the worker's log, and its EXPENSE_SERVER_URL and EXPENSE_API_KEY."


async def look_at_newest_workflow(client: Client, task_queue: str) -> list[Finding]:
    """Find out what keeps the worker from going on with the newest workflow that runs.

    Args:
        client: connected, or lazy.
        task_queue: where new workflows run.

    Returns:
        Nothing if all is well, if none runs, or if nobody tells.
    """
    query = f"TaskQueue = '{task_queue}' AND ExecutionStatus = 'Running'"
    newest = ListWorkflowExecutionsRequest(namespace=client.namespace, query=query, page_size=1)
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            found = await client.workflow_service.list_workflow_executions(newest, timeout=_TIMEOUT)
            if not found.executions:
                return []
            return [one async for one in _troubles(client, found.executions[0].execution)]
    except (RPCError, RuntimeError, TimeoutError):
        return []  # not every key may list workflows


async def _troubles(client: Client, execution: WorkflowExecution) -> AsyncIterator[Finding]:
    service, namespace = client.workflow_service, client.namespace
    describe = DescribeWorkflowExecutionRequest(namespace=namespace, execution=execution)
    read = GetWorkflowExecutionHistoryReverseRequest(
        namespace=namespace, execution=execution, maximum_page_size=_EVENTS
    )
    about, page = await asyncio.gather(
        service.describe_workflow_execution(describe, timeout=_TIMEOUT),
        service.get_workflow_execution_history_reverse(read, timeout=_TIMEOUT),
    )
    name = execution.workflow_id
    if failure := _failed_task(page.history):
        what = f"the worker cannot go on with {name} ({await words_of(client, failure)})"
        yield of_the_worker(what, f"See the worker's log. {_ONE_CODEC}", "cannot go on")
    elif why := await _undecodable(client, page.history):
        what = f"what the worker records of {name} cannot be decoded ({why})"
        yield of_the_worker(what, _ONE_CODEC, "cannot decode")
    for activity in about.pending_activities:
        if is_failing(activity):
            words = await words_of(client, activity.last_failure)
            what = f"{activity.activity_type.name} of {name} has failed several times ({words})"
            yield of_the_worker(what, _REACH_US, "activity fails")


def is_failing(activity: PendingActivityInfo) -> bool:
    """Return whether the worker tries in vain to tell the bot of an expense."""
    is_first_step = activity.activity_type.name in (CREATE_ACTIVITY, WAIT_ACTIVITY)
    return is_first_step and activity.attempt >= _TRIES and activity.HasField("last_failure")


def _failed_task(reverse: History) -> Failure | None:
    """Return how the last workflow task failed; None if it did not."""
    for event in reverse.events:
        if event.HasField("workflow_task_failed_event_attributes"):
            return event.workflow_task_failed_event_attributes.failure
        if event.HasField("workflow_task_completed_event_attributes"):
            return None
    return None


async def _undecodable(client: Client, history: History) -> str:
    """Say why what the worker has encoded cannot be decoded; empty if it can."""
    for event in history.events:
        scheduled = event.activity_task_scheduled_event_attributes
        try:
            await client.data_converter.decode_wrapper(scheduled.input)
        except Exception as error:  # whatever a payload codec raises
            return type(error).__name__
    return ""


async def words_of(client: Client, failure: Failure) -> str:
    """Say why something failed, in the words of whom it failed."""
    # Of a failure with much behind it, Temporal keeps what it has room for as the cause of its own.
    while failure.HasField("server_failure_info") and failure.HasField("cause"):
        failure = failure.cause
    try:
        words = str(await client.data_converter.decode_failure(failure))
    except Exception:  # whatever a payload codec raises
        words = failure.message
    return " ".join(words.split())[:_MAX_WORDS]


def of_the_worker(what: str, do: str, key: str) -> Finding:
    """Say what is wrong with the worker, which may be started only after this process."""
    return Finding(part=PART, level=Level.ERROR, what=what, do=do, key=key, comes_later=True)
