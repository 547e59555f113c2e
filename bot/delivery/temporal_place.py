"""Says which namespace answers, and so what it proves that Temporal does not know a workflow.

It is no evidence that the workflow was stopped: the same is said by another namespace, by a server
that was emptied, by one that came back from a backup, and of every workflow that ended long ago.
"""

import logging
import time
from datetime import UTC, datetime, timedelta

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from bot.delivery.activity_outcome import Lost
from bot.delivery.temporal_errors import RPC_TIMEOUT, asking_temporal
from bot.domain.callback import Callback, Place
from bot.domain.errors import Unproven

logger = logging.getLogger(__name__)

_REMEMBERED_SECONDS = 60.0
_NOT_TOLD = (RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED)
# Temporal removes histories after the retention period, and not to the minute.
_LEEWAY = timedelta(minutes=5)


class TemporalPlace:
    """Knows where a client's answers come from.

    Args:
        is_lost: whether the operator says that what Temporal does not know, it has lost.
    """

    def __init__(self, client: Client, *, is_lost: bool = False) -> None:
        self._client = client
        self._is_lost = is_lost
        self._here: Place | None = None
        self._retention = timedelta(0)
        self._asked_at = 0.0
        self._told: set[str] = set()

    async def here(self, *, anew: bool = False) -> Place:
        """Say which namespace answers.

        Raises:
            TryAgain: Temporal does not answer, or has no such namespace.
        """
        is_old = time.monotonic() - self._asked_at > _REMEMBERED_SECONDS
        if self._here is None or anew or is_old:
            self._here = await self._ask()
            self._asked_at = time.monotonic()
        return self._here

    async def _ask(self) -> Place:
        request = DescribeNamespaceRequest(namespace=self._client.namespace)
        async with asking_temporal():
            try:
                answer = await self._client.workflow_service.describe_namespace(
                    request, retry=True, timeout=RPC_TIMEOUT
                )
            except RPCError as error:
                if error.status in _NOT_TOLD:
                    return Place(self._client.namespace)
                raise
        self._retention = answer.config.workflow_execution_retention_ttl.ToTimedelta()
        return Place(self._client.namespace, answer.namespace_info.id)

    async def prove_lost(self, workflow_id: str, callback: Callback) -> Lost:
        """See that a workflow that is not found was started here, and cannot have ended long ago.

        Raises:
            Unproven: it may be somewhere else, or its history was removed after it had ended.
        """
        here, started = await self.here(anew=True), callback.place
        if self._is_lost:
            return Lost()
        if started is None or started.namespace_id is None or started != here:
            self._tell(
                f"{started} {here}",
                f"Temporal does not know the workflow {workflow_id}. It was started in "
                f"{started or 'a namespace that nobody noted'}, and this is {here}: correct "
                "TEMPORAL_ADDRESS or TEMPORAL_NAMESPACE; if that is right, Temporal has lost it: "
                "run python -m bot expenses restart, or for many see docs/restore.md",
            )
            raise Unproven("Temporal is not the one where its workflow was started")
        since = callback.started_at
        if since is None or datetime.now(UTC) > since + self._retention - _LEEWAY:
            self._tell(
                workflow_id,
                f"Temporal does not know the workflow {workflow_id} any more, and nobody can tell "
                "whether its expense was paid: find that out, and say it with python -m bot "
                "settle; see docs/restore.md",
            )
            raise Unproven("Temporal may have removed the history of its workflow")
        return Lost()

    def _tell(self, kind: str, sentence: str) -> None:
        """Tell the operator, once of each kind."""
        if kind not in self._told:
            self._told.add(kind)
            logger.error("%s", sentence)
