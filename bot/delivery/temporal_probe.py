"""Looks whether Temporal can do for an expense what it will be asked to."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from bot.delivery.temporal_errors import RPC_TIMEOUT, is_not_found
from bot.delivery.workflow_probe import PART, look_at_newest_workflow, of_the_worker
from bot.domain.health.findings import Finding, well, wrong
from bot.domain.health.outages import cause_of

# A worker polls anew every minute. Temporal lists it for five minutes, also when it has gone.
RECENT = timedelta(minutes=2)
PATIENCE_SECONDS = 5.0
_TYPES = {
    "workflows": TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    "activities": TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
}
_NO_ENTRY = (RPCStatusCode.UNAUTHENTICATED, RPCStatusCode.PERMISSION_DENIED)
# A client that is refused when it connects says so in the words of Temporal's core (measured).
_NO_ENTRY_WORDS = re.compile(r"code: (?:Unauthenticated|PermissionDenied)\b")


async def look_at_temporal(client: Client, task_queue: str) -> list[Finding]:
    """Find out whether the namespace is there and lets us in, and whether a worker polls.

    `check_health` would say neither: it knows no namespace, and asks for no key.
    """
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            counts = await asyncio.gather(
                *(_pollers(client, task_queue, kind) for kind in _TYPES.values())
            )
    except (RPCError, RuntimeError, TimeoutError) as error:
        return [_refusal(client, error)]
    pollers = dict(zip(_TYPES, counts, strict=True))
    if idle := [kind for kind, count in pollers.items() if not count]:
        what = f"no worker polls the task queue {task_queue} for {' or '.join(idle)}"
        do = (
            "Start the worker. If it runs, give it the TEMPORAL_* settings and the "
            "EXPENSE_TASK_QUEUE of the bot."
        )
        return [of_the_worker(f"{what} in namespace {client.namespace}", do, "no worker")]
    count = min(pollers.values())
    workers = "1 worker polls" if count == 1 else f"{count} workers poll"
    polls = well(PART, f"{workers} the task queue {task_queue} in namespace {client.namespace}")
    return [polls, *await look_at_newest_workflow(client, task_queue)]


async def _pollers(client: Client, task_queue: str, kind: TaskQueueType.ValueType) -> int:
    """Count the workers that polled a task queue just now."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=task_queue), task_queue_type=kind
    )
    answer = await client.workflow_service.describe_task_queue(request, timeout=RPC_TIMEOUT)
    since = datetime.now(UTC) - RECENT
    return sum(poller.last_access_time.ToDatetime(tzinfo=UTC) >= since for poller in answer.pollers)


def _refusal(client: Client, error: Exception) -> Finding:
    address = client.service_client.config.target_host
    what, do = f"{address} does not answer", "See that TEMPORAL_ADDRESS names a server that runs."
    if _is_no_entry(error):
        what = f"{address} does not let the bot into namespace {client.namespace}"
        do = "Replace TEMPORAL_API_KEY or the certificate, which may have expired."
    elif is_not_found(error, NamespaceNotFoundFailure):
        what = f"{address} has no namespace {client.namespace}"
        do = "Correct TEMPORAL_NAMESPACE, or make the namespace."
    elif client.service_client.config.tls:
        do = (
            "See that TEMPORAL_ADDRESS names a server that runs and takes TLS, and that the "
            "certificates of TEMPORAL_TLS_* are its own and have not expired."
        )
    return wrong(PART, f"{what} ({cause_of(error)})", do)


def _is_no_entry(error: Exception) -> bool:
    if isinstance(error, RPCError):
        return error.status in _NO_ENTRY
    return bool(_NO_ENTRY_WORDS.search(str(error)))
