"""What became of the activity that waits for a decision, read from what Temporal says of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from temporalio.api.enums.v1 import PendingActivityState, RetryState
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import WorkflowExecutionDescription, WorkflowExecutionStatus

WAIT_ACTIVITY = "wait_for_decision_activity"


@dataclass(frozen=True, slots=True)
class Waiting:
    """The activity waits for a decision, until `decide_by` if Temporal says so."""

    decide_by: datetime | None


@dataclass(frozen=True, slots=True)
class NotYet:
    """The workflow runs, and has not come to the waiting activity."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The activity was completed with this decision."""

    decision: str


@dataclass(frozen=True, slots=True)
class Expired:
    """The decision window ended."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The workflow ended without a decision; `why` is a phrase for people."""

    why: str


Outcome = Waiting | NotYet | Decided | Expired | Closed


def how_it_closed(description: WorkflowExecutionDescription) -> str | None:
    """Say how a workflow ended, as a phrase for people; None while it runs."""
    status = description.status
    if status is None or status is WorkflowExecutionStatus.RUNNING:
        return None
    return f"its workflow ended: {status.name.lower().replace('_', ' ')}"


def outcome_while_pending(activity: PendingActivityInfo) -> Outcome:
    """Say whether an activity that has not ended waits for people by now."""
    if activity.state != PendingActivityState.PENDING_ACTIVITY_STATE_STARTED:
        return NotYet()
    started = activity.last_started_time.ToDatetime(tzinfo=UTC)
    return Waiting(started + activity.activity_options.start_to_close_timeout.ToTimedelta())


async def outcome_in_history(events: Any, converter: Any) -> Outcome | None:
    """Read the end of the waiting activity from a workflow's history."""
    scheduled: set[int] = set()
    outcome: Outcome | None = None
    for event in events:
        ended = _ended_activity(event)
        if event.activity_task_scheduled_event_attributes.activity_type.name == WAIT_ACTIVITY:
            scheduled.add(event.event_id)
        elif ended is None or ended.scheduled_event_id not in scheduled:
            continue
        elif event.HasField("activity_task_completed_event_attributes"):
            values = await converter.decode_wrapper(ended.result)
            outcome = Decided(str(values[0]) if values else "")
        elif event.HasField("activity_task_timed_out_event_attributes"):
            outcome = Expired()
        elif ended.retry_state == RetryState.RETRY_STATE_TIMEOUT:
            # It failed because the worker could not reach us until there was no time left.
            outcome = Expired()
    return outcome


def _ended_activity(event: HistoryEvent) -> Any | None:
    for end in ("completed", "timed_out", "failed"):
        if event.HasField(f"activity_task_{end}_event_attributes"):  # type: ignore[arg-type]
            return getattr(event, f"activity_task_{end}_event_attributes")
    return None
