"""Starts workflows in Temporal and completes the activities that wait for people."""

import os
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache

from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure, NotFoundFailure
from temporalio.client import AsyncActivityHandle, Client, Interceptor
from temporalio.common import RawValue, WorkflowIDReusePolicy
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.runtime import (
    LoggingConfig,
    MetricBuffer,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.service import RPCError, RPCStatusCode

from bot.delivery.activity_outcome import Attempt
from bot.delivery.payload_codec import load_converter
from bot.delivery.proof import Proofs
from bot.delivery.temporal_errors import RPC_TIMEOUT, asking_temporal, is_not_found
from bot.domain.callback import Callback
from bot.domain.errors import SettingsError
from bot.domain.expense import Decision, Expense, workflow_id_of

WORKFLOW = "SampleExpenseWorkflow"
WAIT_ACTIVITY_ID = "wait_for_decision"
WINDOW_MEMO = "decision_window_seconds"

_ONCE = WorkflowIDReusePolicy.REJECT_DUPLICATE


async def connect_temporal(
    codec: str | None = None,
    metrics: MetricBuffer | None = None,
    interceptors: Sequence[Interceptor] = (),
) -> Client:
    """Make a client from Temporal's own environment configuration (TEMPORAL_*).

    It connects when it is first used, so that the bot starts while Temporal is away.

    Args:
        codec: `module:attribute` of the codec of what Temporal stores; the worker needs the same.
        metrics: takes the client's own; None for none.
        interceptors: see what it does.

    Raises:
        SettingsError: the configuration makes no sense.
    """
    converter = load_converter(codec)
    # An API key turns TLS on, even an empty one as platforms keep it.
    variables = {name: value for name, value in os.environ.items() if value.strip()}
    try:
        config = ClientConfig.load_client_connect_config(override_env_vars=variables)
        if "://" in config.setdefault("target_host", "localhost:7233"):
            raise ValueError(
                "the address is HOST:PORT, without https:// (TEMPORAL_TLS is for that)"
            )
        return await Client.connect(
            **config,
            data_converter=converter,
            lazy=True,
            runtime=_quiet_runtime(metrics),
            interceptors=interceptors,
        )
    except (RuntimeError, ValueError, OSError) as error:
        words = " ".join(str(error).split())
        raise SettingsError(f"TEMPORAL_* or its TOML file is wrong: {words}") from error


@lru_cache
def _quiet_runtime(metrics: MetricBuffer | None) -> Runtime:
    """Make a runtime whose core does not log each retry; why a call failed is told by `Outage`."""
    quiet = TelemetryFilter(core_level="ERROR", other_level="ERROR")
    logging = LoggingConfig(filter=quiet)
    return Runtime(
        telemetry=TelemetryConfig(logging=logging, metrics=metrics, attach_service_name=False)
    )


class Temporal:
    """What the bot asks of Temporal."""

    def __init__(self, client: Client, task_queue: str, proofs: Proofs) -> None:
        self._client = client
        self._task_queue = task_queue
        self._proofs = proofs

    async def start(self, expense: Expense, *, again: bool = False) -> None:
        """Start the workflow of an expense, unless it was started before.

        Args:
            again: start another one also if the one before has failed.
        """
        window = expense.window
        policy = WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY if again else _ONCE
        async with asking_temporal():
            with suppress(WorkflowAlreadyStartedError):
                await self._client.start_workflow(
                    WORKFLOW,
                    expense.id,
                    id=workflow_id_of(expense.id),
                    task_queue=self._task_queue,
                    id_reuse_policy=policy,
                    memo={WINDOW_MEMO: window.total_seconds()} if window else {},
                    static_summary=f"Expense {expense.id}",
                    rpc_timeout=RPC_TIMEOUT,
                )

    async def terminate(self, workflow_id: str, why: str) -> None:
        """End a workflow, unless it has ended."""
        async with asking_temporal():
            try:
                handle = self._client.get_workflow_handle(workflow_id)
                await handle.terminate(reason=why, rpc_timeout=RPC_TIMEOUT)
            except RPCError as error:
                if not is_not_found(error, NotFoundFailure):
                    raise

    async def complete(self, expense: Expense, callback: Callback, decision: Decision) -> bool:
        """Complete the waiting activity with a decision.

        By task token first, as the contract says. A token dies with its attempt, so that "not
        found" can also mean that a retry is under way: completing by id reaches whichever attempt
        is alive.

        Returns:
            Whether Temporal took it; if not, `TemporalRecord.look` says what happened instead.
        """
        if callback.task_token:
            handle = self._client.get_async_activity_handle(task_token=callback.task_token)
            if await self._complete(handle, expense, decision, by_token=True):
                return True
        if callback.workflow_id is None:
            return False
        attempt = Attempt(callback.workflow_id, None, WAIT_ACTIVITY_ID)
        return await self.complete_attempt(attempt, expense, decision)

    async def complete_attempt(
        self, attempt: Attempt, expense: Expense, decision: Decision
    ) -> bool:
        """Complete the waiting activity by its id; return whether Temporal took the decision."""
        handle = self._client.get_async_activity_handle(
            workflow_id=attempt.workflow_id,
            run_id=attempt.run_id,
            activity_id=attempt.activity_id,
        )
        return await self._complete(handle, expense, decision)

    async def _complete(
        self,
        handle: AsyncActivityHandle,
        expense: Expense,
        decision: Decision,
        *,
        by_token: bool = False,
    ) -> bool:
        [payload] = self._client.data_converter.payload_converter.to_payloads([decision.value])
        self._proofs.sign(payload, expense, decision)
        async with asking_temporal():
            try:
                await handle.complete(RawValue(payload), rpc_timeout=RPC_TIMEOUT)
            except RPCError as error:
                if error.status is RPCStatusCode.INVALID_ARGUMENT:
                    return False  # not a task token at all; the caller of the API made it up
                # A namespace that is not found, such as one named wrongly or not restored yet, says
                # nothing about any workflow. But a token names its namespace itself, which an
                # emptied Temporal does not have.
                is_elsewhere = not by_token and is_not_found(error, NamespaceNotFoundFailure)
                if error.status is RPCStatusCode.NOT_FOUND and not is_elsewhere:
                    return False
                raise
        return True
