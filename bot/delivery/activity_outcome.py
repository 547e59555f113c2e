"""What became of the activity that waits for a decision, read from what Temporal says of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any

from temporalio.api.enums.v1 import PendingActivityState, RetryState, WorkflowExecutionStatus
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.common import RawValue
from temporalio.converter import DataConverter

from bot.delivery.proof import Proofs
from bot.domain.errors import Unproven
from bot.domain.expense import Decision
from bot.services.recovery import Proof

CREATE_ACTIVITY = "create_expense_activity"
WAIT_ACTIVITY = "wait_for_decision_activity"
PAYMENT_ACTIVITY = "payment_activity"


@dataclass(frozen=True, slots=True)
class Attempt:
    """How to complete the waiting activity by its id, whichever attempt of it is alive."""

    workflow_id: str
    run_id: str | None
    activity_id: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """The activity waits for a decision, until `decide_by` if an attempt runs and Temporal says."""

    decide_by: datetime | None
    attempt: Attempt | None = None


@dataclass(frozen=True, slots=True)
class NotYet:
    """The workflow runs, and has not come to the waiting activity."""


class Payment(Enum):
    """What became of the payment activity."""

    NONE = auto()
    UNDER_WAY = auto()
    FAILED = auto()
    DONE = auto()


@dataclass(frozen=True, slots=True)
class Decided:
    """The activity was completed with this decision."""

    decision: str  # any text; only exactly APPROVED is paid
    proof: Proof | None = None  # shows that this bot made the decision
    payment: Payment = Payment.NONE  # what followed
    why: str | None = None  # how the workflow ended, as a phrase for people; None while it runs

    @property
    def may_be_paid(self) -> bool:
        """Whether this bot approved it, and the payment may have been asked for."""
        approved = self.proof is not None and self.decision == Decision.APPROVED
        return approved and self.payment is not Payment.NONE


@dataclass(frozen=True, slots=True)
class Expired:
    """The decision window ended."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The workflow ended without a decision; `why` is a phrase for people."""

    why: str


@dataclass(frozen=True, slots=True)
class Lost:
    """Temporal does not have the workflow where it was started, and has not removed its history."""


Outcome = Waiting | NotYet | Decided | Expired | Closed | Lost

_RUNNING: set[int] = {
    WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING,
    WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_PAUSED,
}
_ENDED: dict[int, str] = {
    WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED: "completed",
    WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_FAILED: "failed",
    WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CANCELED: "canceled",
    WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TERMINATED: "terminated",
    WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW: "continued as new",
    WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TIMED_OUT: "timed out",
}


def how_it_closed(status: int) -> str | None:
    """Say how a workflow ended, as a phrase for people; None while it runs."""
    if status in _RUNNING:
        return None
    if words := _ENDED.get(status):
        return f"its workflow ended: {words}"
    raise Unproven(f"Temporal gives its workflow the status {status}, which is not known")


@dataclass(slots=True)
class History:
    """What a workflow's history says of one expense."""

    # The activity ids under which the waiting activity was scheduled.
    waiting_ids: set[str] = field(default_factory=set)
    decision: str | None = None  # the result of the waiting activity; None if it has none
    proof: Proof | None = None
    is_expired: bool = False  # whether the waiting activity ended for want of time
    payment: Payment = Payment.NONE

    @property
    def is_about_it(self) -> bool:
        """Whether the workflow has asked for a decision on the expense."""
        return bool(self.waiting_ids)

    def end(self, why: str | None) -> Decided | Expired | None:
        """Say how the waiting activity ended; None if it did not."""
        if self.decision is not None:
            return Decided(self.decision, self.proof, self.payment, why)
        return Expired() if self.is_expired else None


async def read_history(
    events: Iterable[HistoryEvent], expense_id: str, converter: DataConverter, proofs: Proofs
) -> History:
    """Read what a workflow's whole history says of one expense; it may care for several."""
    found, kinds = History(), dict[int, str]()
    for event in events:
        scheduled = event.activity_task_scheduled_event_attributes
        if (kind := scheduled.activity_type.name) in (WAIT_ACTIVITY, PAYMENT_ACTIVITY):
            if await _texts(converter, scheduled.input) != [expense_id]:
                continue
            kinds[event.event_id] = kind
            if kind == WAIT_ACTIVITY:
                found.waiting_ids.add(scheduled.activity_id)
            elif found.payment is not Payment.DONE:
                found.payment = Payment.UNDER_WAY
            continue
        ended = _ended_activity(event)
        if ended is None or (of := kinds.get(ended.scheduled_event_id)) is None:
            continue
        is_complete = event.HasField("activity_task_completed_event_attributes")
        if of == PAYMENT_ACTIVITY:
            found.payment = Payment.DONE if is_complete else Payment.FAILED
        elif is_complete:
            found.decision = next(iter(await _texts(converter, ended.result)), "")
            raw = await converter.decode_wrapper(ended.result, [RawValue])
            found.proof = proofs.read(raw[0].payload, expense_id) if raw else None
        else:
            # It can also fail because the worker could not reach us until there was no time left.
            found.is_expired = (
                event.HasField("activity_task_timed_out_event_attributes")
                or ended.retry_state == RetryState.RETRY_STATE_TIMEOUT
            )
    if found.proof and found.proof.decision != found.decision:
        found.proof = None
    return found


def decide_by(activity: PendingActivityInfo) -> datetime | None:
    """Return when Temporal ends an attempt that runs; None if none runs, or it does not say."""
    if activity.state != PendingActivityState.PENDING_ACTIVITY_STATE_STARTED:
        return None
    ends = []
    if window := activity.activity_options.start_to_close_timeout.ToTimedelta():
        ends.append(activity.last_started_time.ToDatetime(tzinfo=UTC) + window)
    if activity.HasField("expiration_time"):
        ends.append(activity.expiration_time.ToDatetime(tzinfo=UTC))
    return min(ends, default=None)


async def _texts(converter: DataConverter, payloads: Any) -> list[str]:
    return [str(value) for value in await converter.decode_wrapper(payloads)]


def _ended_activity(event: HistoryEvent) -> Any | None:
    for end in ("completed", "timed_out", "failed"):
        if event.HasField(f"activity_task_{end}_event_attributes"):  # type: ignore[arg-type]
            return getattr(event, f"activity_task_{end}_event_attributes")
    return None
