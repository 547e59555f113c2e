"""Starts workflows as another service would, which knows Temporal and not the bot."""

import asyncio
from contextlib import suppress

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from chaos.logbook import Logbook, Start
from chaos.settings import TASK_QUEUE
from expense_workflow import DECISION_WINDOW_MEMO
from expense_workflow.workflow import SampleExpenseWorkflow


async def start_workflow(temporal: Client, logbook: Logbook, name: str, seconds: float) -> None:
    """Start a workflow as another service does.

    Args:
        temporal: a client of the server.
        logbook: learns of the start.
        name: is made part of the workflow's and the expense's id.
        seconds: how long people have to decide.
    """
    start = Start(expense_id=f"ORDER-{name}", workflow_id=f"order-{name}", seconds=seconds)
    logbook.starts[start.expense_id] = start
    await _start_surely(temporal, start)
    start.is_started = True


async def start_again(temporal: Client, logbook: Logbook) -> None:
    """Start every workflow again that Temporal has lost."""
    for start in [*logbook.starts.values()]:
        if start.is_started:
            await _start_surely(temporal, start)


async def _start_surely(temporal: Client, start: Start) -> None:
    while True:
        try:
            return await _start(temporal, start)
        except RPCError:
            await asyncio.sleep(1)


async def _start(temporal: Client, start: Start) -> None:
    # An earlier call may have started it, and its answer been lost.
    with suppress(WorkflowAlreadyStartedError):
        await temporal.start_workflow(
            SampleExpenseWorkflow.run,
            start.expense_id,
            id=start.workflow_id,
            task_queue=TASK_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            memo={DECISION_WINDOW_MEMO: start.seconds},
        )
