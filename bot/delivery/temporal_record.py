"""Asks Temporal what it has recorded of an expense."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.errordetails.v1 import NotFoundFailure
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    DescribeWorkflowExecutionResponse,
    ListWorkflowExecutionsRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from bot.delivery.activity_outcome import (
    CREATE_ACTIVITY,
    Attempt,
    Closed,
    Decided,
    History,
    NotYet,
    Outcome,
    Waiting,
    decide_by,
    how_it_closed,
    read_history,
)
from bot.delivery.proof import Proofs
from bot.delivery.task_token import read_task_token
from bot.delivery.temporal import WORKFLOW
from bot.delivery.temporal_errors import RPC_TIMEOUT, asking_temporal, is_not_found
from bot.delivery.temporal_place import TemporalPlace
from bot.domain.callback import Callback, Place
from bot.domain.errors import Unproven
from bot.domain.expense import Caller
from bot.services.workflows import Origin


@dataclass(frozen=True, slots=True)
class _Run:
    """What Temporal has recorded of one run of a workflow."""

    id: str
    first_id: str  # of the run before all resets; "" from servers that do not tell
    outcome: Outcome
    is_about_it: bool  # whether it has asked for a decision on the expense


class TemporalRecord:
    """What Temporal has recorded."""

    def __init__(self, client: Client, proofs: Proofs, place: TemporalPlace) -> None:
        self._client = client
        self._proofs = proofs
        self.place = place

    async def look(self, expense_id: str, callback: Callback) -> Outcome:
        """Find out what became of the waiting activity.

        Raises:
            TryAgain: Temporal does not answer, or its answer proves nothing.
        """
        token = read_task_token(callback.task_token)
        workflow_id = callback.workflow_id or (token.workflow_id if token else None)
        if workflow_id is None:
            return await self._look_by_token(callback.task_token)
        latest = await self._look_at(workflow_id, None, expense_id)
        if latest is None:
            return await self.place.prove_lost(workflow_id, callback)
        run_before = callback.run_id or (token.run_id if token else None)
        if not latest.is_about_it and run_before not in (None, latest.id):
            before = await self._look_at(workflow_id, run_before, expense_id)
            # The workflow's id was used again, for something else; or it was reset, and has not
            # come to the decision again.
            if before and before.is_about_it:
                is_reset = bool(latest.first_id) and latest.first_id == before.first_id
                if isinstance(before.outcome, Decided) or not is_reset:
                    return before.outcome
        if callback.workflow_id is None and not latest.is_about_it:
            return Closed("its task token is that of another expense")
        return latest.outcome

    async def _look_at(self, workflow_id: str, run_id: str | None, expense_id: str) -> _Run | None:
        """Look at a run, by default the latest; None if Temporal does not know it."""
        found = await self._describe(workflow_id, run_id)
        if found is None:
            return None
        info = found.workflow_execution_info
        run_id, why = info.execution.run_id, how_it_closed(info.status)
        history = await self._history(workflow_id, run_id, expense_id)
        # A workflow that was terminated still lists what it had been waiting for.
        pending = found.pending_activities if why is None else ()
        outcome: Outcome = history.end(why) or (Closed(why) if why else NotYet())
        for activity in pending:
            if activity.activity_id in history.waiting_ids:
                attempt = Attempt(workflow_id, run_id, activity.activity_id)
                outcome = Waiting(decide_by(activity), attempt)
        return _Run(run_id, info.first_run_id, outcome, is_about_it=history.is_about_it)

    async def _describe(
        self, workflow_id: str, run_id: str | None = None
    ) -> DescribeWorkflowExecutionResponse | None:
        """Describe a run; None if Temporal does not know it."""
        request = DescribeWorkflowExecutionRequest(
            namespace=self._client.namespace,
            execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id or ""),
        )
        async with asking_temporal():
            try:
                return await self._client.workflow_service.describe_workflow_execution(
                    request, retry=True, timeout=RPC_TIMEOUT
                )
            except RPCError as error:
                if is_not_found(error, NotFoundFailure):
                    return None
                raise

    async def _history(self, workflow_id: str, run_id: str, expense_id: str) -> History:
        handle = self._client.get_workflow_handle(workflow_id, run_id=run_id)
        async with asking_temporal():
            history = await handle.fetch_history(rpc_timeout=RPC_TIMEOUT)
        try:
            return await read_history(
                history.events, expense_id, self._client.data_converter, self._proofs
            )
        except Exception as error:  # whatever a payload codec raises
            words = "what Temporal has recorded cannot be decoded: bot and worker need one codec"
            raise Unproven(words) from error

    async def _look_by_token(self, token: bytes | None) -> Outcome:
        """Ask by the token alone: a heartbeat reaches the attempt only while it is alive."""
        if token is None:
            return NotYet()
        handle = self._client.get_async_activity_handle(task_token=token)
        async with asking_temporal():
            try:
                await handle.heartbeat(rpc_timeout=RPC_TIMEOUT)
            except RPCError as error:
                if error.status is RPCStatusCode.INVALID_ARGUMENT:
                    return Closed("its task token is none of Temporal's")
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                raise Unproven("Temporal does not say what became of it") from error
        return Waiting(None)

    async def origin(
        self, expense_id: str, task_token: bytes, caller: Caller, until: datetime | None
    ) -> Origin:
        """Say which workflow a task token belongs to, and how long people have."""
        token = read_task_token(task_token)
        if token is None:
            return Origin(caller=caller, decide_by=until)
        place = Place(self._client.namespace, token.namespace_id)
        if until is None or caller.workflow_id is None:
            found = await self._look_at(token.workflow_id, token.run_id, expense_id)
            if found and found.is_about_it:
                if caller.workflow_id is None:
                    caller = Caller(workflow_id=token.workflow_id, run_id=token.run_id)
                if isinstance(found.outcome, Waiting):
                    until = until or found.outcome.decide_by
        return Origin(caller=caller, decide_by=until, place=place)

    async def is_continuation(self, caller: Caller, run_id: str | None) -> bool:
        """Return whether a workflow goes on in another run, as after a reset."""
        workflow_id = caller.workflow_id or ""
        now = await self._describe(workflow_id)
        if now is None or now.workflow_execution_info.execution.run_id != caller.run_id:
            return False
        if run_id is None:
            return True
        before, first = await self._describe(workflow_id, run_id), now.workflow_execution_info
        return bool(
            before
            and first.first_run_id
            and before.workflow_execution_info.first_run_id == first.first_run_id
        )

    async def is_creating(self, workflow_id: str) -> bool:
        """Return whether a workflow is at its first step just now."""
        found = await self._describe(workflow_id)
        pending = found.pending_activities if found else ()
        return any(activity.activity_type.name == CREATE_ACTIVITY for activity in pending)

    async def workflows_since(self, since: datetime) -> AsyncIterator[tuple[str, str]]:
        """List the workflows started since an instant (UTC): their ids, and how they stand."""
        # The client's own `list_workflows` fails at a status that it has no name for.
        request = ListWorkflowExecutionsRequest(
            namespace=self._client.namespace,
            query=f"WorkflowType = '{WORKFLOW}' AND StartTime >= '{since.isoformat()}'",
        )
        while True:
            async with asking_temporal():
                page = await self._client.workflow_service.list_workflow_executions(
                    request, retry=True, timeout=RPC_TIMEOUT
                )
            for found in page.executions:
                try:
                    words = how_it_closed(found.status) or "it still runs"
                except Unproven as unknown:
                    words = str(unknown)
                yield found.execution.workflow_id, words
            if not page.next_page_token:
                return
            request.next_page_token = page.next_page_token
