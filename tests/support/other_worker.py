"""A worker that does something else than ours."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker

from expense_workflow.bot_client import http_pool
from expense_workflow.workflow import SampleExpenseWorkflow


@asynccontextmanager
async def other_worker(
    client: Client, task_queue: str, activities: Sequence[Callable[..., Any]]
) -> AsyncIterator[None]:
    """Run a worker of our workflow with these activities."""
    async with (
        http_pool(),
        Worker(
            client,
            task_queue=task_queue,
            workflows=[SampleExpenseWorkflow],
            activities=activities,
        ),
    ):
        yield
