"""Starts workflows in Temporal and completes the activities that wait for people."""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.client import (
    AsyncActivityHandle,
    Client,
)
from temporalio.common import WorkflowIDReusePolicy
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from bot.delivery.activity_outcome import (
    WAIT_ACTIVITY,
    Closed,
    Expired,
    NotYet,
    Outcome,
    Waiting,
    how_it_closed,
    outcome_in_history,
    outcome_while_pending,
)
from bot.delivery.payload_codec import load_converter
from bot.domain.errors import SettingsError, TryAgain
from bot.domain.expense import Callback, Decision, Expense, workflow_id_of
from bot.domain.outages import Outage

WORKFLOW = "SampleExpenseWorkflow"
WAIT_ACTIVITY_ID = "wait_for_decision"
WINDOW_MEMO = "decision_window_seconds"
FOLLOW_UP_MEMO = "follow_up_seconds"

# Counts per attempt of the client, which makes several: about three times as long in all.
_RPC_TIMEOUT = timedelta(seconds=3)

_outage = Outage("Temporal", logging.getLogger(__name__))
_UNKNOWN = "Temporal does not know its workflow"


async def connect_temporal(codec: str | None = None) -> Client:
    """Make a client from Temporal's own environment configuration (TEMPORAL_*).

    It connects when it is first used, so that the bot starts while Temporal is away.

    Args:
        codec: `module:attribute` of the codec of what Temporal stores; the worker needs the same.

    Raises:
        SettingsError: the configuration makes no sense.
    """
    converter = load_converter(codec)
    # An API key turns TLS on, even an empty one as platforms keep it.
    variables = {name: value for name, value in os.environ.items() if value.strip()}
    try:
        config = ClientConfig.load_client_connect_config(override_env_vars=variables)
        config.setdefault("target_host", "localhost:7233")
        return await Client.connect(**config, data_converter=converter, lazy=True)
    except (RuntimeError, ValueError, OSError) as error:
        words = " ".join(str(error).split())
        raise SettingsError(f"TEMPORAL_* or its TOML file is wrong: {words}") from error


class Temporal:
    """What the bot asks of Temporal.

    Args:
        client: connected, or lazy.
        task_queue: where new workflows run.
    """

    def __init__(self, client: Client, task_queue: str) -> None:
        self._client = client
        self._task_queue = task_queue

    async def start(self, expense: Expense) -> None:
        """Start the workflow of an expense, unless it was started before.

        Raises:
            TryAgain: Temporal does not answer.
        """
        async with _reachable():
            with suppress(WorkflowAlreadyStartedError):
                await self._client.start_workflow(
                    WORKFLOW,
                    expense.id,
                    id=workflow_id_of(expense.id),
                    task_queue=self._task_queue,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    memo=_memo(expense),
                    static_summary=f"Expense {expense.id}",
                    rpc_timeout=_RPC_TIMEOUT,
                )

    async def complete(self, callback: Callback, decision: Decision) -> bool:
        """Complete the waiting activity with a decision.

        By task token first, as the contract says. A token dies with its attempt, so that "not
        found" can also mean that a retry is under way: completing by id reaches whichever attempt
        is alive.

        Returns:
            Whether Temporal took it; if not, `outcome` says what happened instead.

        Raises:
            TryAgain: Temporal does not answer.
        """
        if callback.task_token and await self._complete(
            self._client.get_async_activity_handle(task_token=callback.task_token), decision
        ):
            return True
        if callback.workflow_id:
            return await self._complete(
                self._client.get_async_activity_handle(
                    workflow_id=callback.workflow_id, run_id=None, activity_id=WAIT_ACTIVITY_ID
                ),
                decision,
            )
        return False

    async def _complete(self, handle: AsyncActivityHandle, decision: Decision) -> bool:
        async with _reachable():
            try:
                await handle.complete(decision.value, rpc_timeout=_RPC_TIMEOUT)
            except RPCError as error:
                # INVALID_ARGUMENT: not a task token at all; the caller of the API made it up.
                if _is_unknown(error) or error.status is RPCStatusCode.INVALID_ARGUMENT:
                    return False
                raise
        return True

    async def outcome(self, callback: Callback) -> Outcome:
        """Find out what became of the waiting activity.

        Raises:
            TryAgain: Temporal does not answer.
        """
        async with _reachable():
            if callback.workflow_id is None:
                return await self._outcome_by_token(callback)
            handle = self._client.get_workflow_handle(callback.workflow_id)
            try:
                description = await handle.describe(rpc_timeout=_RPC_TIMEOUT)
                why = how_it_closed(description)
                # A workflow that was terminated still lists what it had been waiting for.
                for activity in description.raw_description.pending_activities if not why else ():
                    if activity.activity_type.name == WAIT_ACTIVITY:
                        return outcome_while_pending(activity)
                history = await handle.fetch_history(rpc_timeout=_RPC_TIMEOUT)
            except RPCError as error:
                if _is_unknown(error):
                    return Closed(_UNKNOWN)
                raise
            converter = self._client.data_converter
            if past := await outcome_in_history(history.events, converter):
                return past
            return Closed(why) if why else NotYet()

    async def closed(self, callback: Callback) -> str | None:
        """Say how a workflow ended, as a phrase for people; None while it runs.

        Raises:
            TryAgain: Temporal does not answer.
        """
        if callback.workflow_id is None:
            return None
        async with _reachable():
            handle = self._client.get_workflow_handle(callback.workflow_id)
            try:
                return how_it_closed(await handle.describe(rpc_timeout=_RPC_TIMEOUT))
            except RPCError as error:
                if _is_unknown(error):
                    return _UNKNOWN
                raise

    async def _outcome_by_token(self, callback: Callback) -> Outcome:
        """Ask by the token alone: a heartbeat reaches the attempt only while it is alive."""
        if callback.task_token is None:
            return NotYet()
        handle = self._client.get_async_activity_handle(task_token=callback.task_token)
        try:
            await handle.heartbeat(rpc_timeout=_RPC_TIMEOUT)
        except RPCError as error:
            if _is_unknown(error) or error.status is RPCStatusCode.INVALID_ARGUMENT:
                return Expired()
            raise
        return Waiting(None)


def _memo(expense: Expense) -> dict[str, float]:
    memo = {WINDOW_MEMO: expense.window.total_seconds()} if expense.window else {}
    if expense.plan and (first := expense.plan.first_follow_up()):
        memo[FOLLOW_UP_MEMO] = first.total_seconds()
    return memo


def _is_unknown(error: RPCError) -> bool:
    """Say whether Temporal does not know what it was asked about.

    It says the same of a whole namespace, such as one that is named wrongly or was not restored
    yet; that says nothing about any workflow, and nobody's expense ends because of it.
    """
    details = error.grpc_status.details if error.status is RPCStatusCode.NOT_FOUND else None
    return details is not None and not any(
        detail.Is(NamespaceNotFoundFailure.DESCRIPTOR) for detail in details
    )


@asynccontextmanager
async def _reachable() -> AsyncIterator[None]:
    """Turn what the client says when Temporal is away into "try again".

    A lazy client whose server is down raises a plain RuntimeError, not an RPCError (measured).
    """
    with _outage:
        try:
            yield
        except (RPCError, RuntimeError) as error:
            raise TryAgain("Temporal does not answer.") from error
