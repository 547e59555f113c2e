"""What delivery needs to know of an expense: how the bot finds the activity that waits for it."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.expense import Expense


@dataclass(frozen=True, slots=True)
class Place:
    """Where in Temporal a workflow was started."""

    namespace: str  # its name, which another server may have as well
    # Temporal's own id of it, which no other server has; None if it was not told.
    namespace_id: str | None = None

    def __str__(self) -> str:
        """Name it for the operator."""
        return f"namespace {self.namespace} (id {self.namespace_id or 'unknown'})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """How the bot completes the waiting activity."""

    # Completes one attempt of the activity; a secret.
    task_token: bytes | None = field(default=None, repr=False)
    # With the activity's id, completes the attempt that runs now; None if no worker has sent it.
    workflow_id: str | None = None
    run_id: str | None = None  # the workflow run that took charge last
    place: Place | None = None  # where the workflow was started; None if nobody noted it
    # The earliest time at which the bot can have started it, in UTC; None if it did not.
    started_at: datetime | None = None

    @property
    def names_workflow(self) -> bool:
        """Whether it tells, itself or by its token, which workflow to ask about."""
        return self.workflow_id is not None or self.task_token is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A leased expense, and what delivery needs to know about it."""

    expense: Expense
    callback: Callback
    attempts: int  # the number of deliveries since the expense last changed
    started: bool  # whether its workflow was started
    # When its messages have to be drawn again, in UTC; None if they do not.
    redraw_at: datetime | None
    due_at: datetime | None  # when it was due; if this changes during the lease, it is due again
    trouble: str | None = None  # why delivery could not do what it needs
