"""The worker process: python -m expense_workflow.worker."""

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from temporalio.client import Client, Interceptor
from temporalio.runtime import MetricBuffer
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from expense_workflow import __version__, logs
from expense_workflow.activities import (
    create_expense_activity,
    follow_up_activity,
    payment_activity,
    wait_for_decision_activity,
)
from expense_workflow.bot_client import http_pool
from expense_workflow.client import TemporalUnreachableError, connect, leave, reason
from expense_workflow.settings import Settings, SettingsError
from expense_workflow.telemetry import buffer_of, measuring
from expense_workflow.tracing import tracing
from expense_workflow.workflow import SampleExpenseWorkflow

# Run as a program, this module's own name is __main__.
_log = logging.getLogger("expense_workflow.worker")

_LONGEST_PAUSE = 30.0
_MEND = "See TEMPORAL_ADDRESS and the other settings TEMPORAL_*; the worker keeps trying."


@asynccontextmanager
async def running_worker(client: Client, task_queue: str) -> AsyncIterator[Worker]:
    """Run a worker with its HTTP client; at the end let running activities finish.

    Args:
        client: a connected client.
        task_queue: the task queue to work on.

    Raises:
        SettingsError: a setting is wrong.
    """
    async with (
        http_pool(),
        Worker(
            client,
            task_queue=task_queue,
            workflows=[SampleExpenseWorkflow],
            activities=[
                create_expense_activity,
                wait_for_decision_activity,
                follow_up_activity,
                payment_activity,
            ],
            # A third less processor time. The sandbox is for what could not be replayed; in the
            # tests, every recorded history goes through it.
            workflow_runner=UnsandboxedWorkflowRunner(),
            # For two cores: activities only wait for the bot, workflow tasks take CPU.
            max_concurrent_activities=50,
            max_concurrent_workflow_tasks=20,
            # About 100 KB each; a waiting workflow that is not cached is replayed when decided.
            max_cached_workflows=1000,
            # So that the process is gone within 10 s of SIGTERM: platforms kill soon after.
            graceful_shutdown_timeout=timedelta(seconds=8),
        ) as worker,
    ):
        yield worker


async def serve(settings: Settings, buffer: MetricBuffer | None = None) -> None:
    """Work until SIGTERM or SIGINT, then finish what runs.

    Args:
        settings: the worker's.
        buffer: takes Temporal's own metrics; None if nothing is measured.

    Raises:
        SettingsError: a setting is wrong.
        RuntimeError: Temporal refused the worker, such as for a namespace that is not there.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with measuring(settings, buffer):
        with tracing() as interceptors:
            await _work(settings, stop, interceptors)


async def _work(
    settings: Settings, stop: asyncio.Event, interceptors: Sequence[Interceptor]
) -> None:
    client = await _connect_patiently(stop, settings.payload_codec, interceptors)
    if client is None:
        return
    async with running_worker(client, settings.task_queue):
        _log.info(
            "working on task queue %s of namespace %s, the bot is at %s; version %s",
            settings.task_queue,
            client.namespace,
            settings.server_url,
            __version__,
        )
        await stop.wait()
        _log.info("stopping: no new tasks, finishing what runs")
    _log.info("stopped")


async def _connect_patiently(
    stop: asyncio.Event, codec: str, interceptors: Sequence[Interceptor]
) -> Client | None:
    """Connect as soon as Temporal is there; None if asked to stop before that."""
    pause, told = 0.5, ""
    while not stop.is_set():
        try:
            return await connect(codec=codec, interceptors=interceptors)
        except TemporalUnreachableError as error:
            if str(error) != told:
                _log.warning("%s. %s", error, _MEND)
            told = str(error)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
    return None


def main() -> int:
    """Run the worker process and say how it ended: 0 stopped, 1 refused, 2 wrong settings."""
    try:
        settings = Settings.from_environment()
        buffer = buffer_of(settings)
        logs.configure(settings.log_format, settings.log_level, buffer)
        asyncio.run(serve(settings, buffer))
    except SettingsError as error:
        sys.stderr.write(f"worker: {error}\n")
        return 2
    except RuntimeError as error:
        words = "Temporal refused the worker: %s See TEMPORAL_NAMESPACE and the others TEMPORAL_*."
        _log.error(words, reason(error))
        return 1
    return 0


if __name__ == "__main__":
    leave(main())
