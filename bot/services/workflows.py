"""What services ask Temporal about the workflows that call."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.callback import Place
from bot.domain.expense import Caller, Expense


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a registration comes from."""

    caller: Caller  # the workflow run
    decide_by: datetime | None  # when Temporal will end the attempt, in UTC; None if nobody says
    place: Place | None = None  # where in Temporal it runs; None if the task token does not say


class Workflows(Protocol):
    """Asks Temporal, who knows better than callers; raises TryAgain if it does not answer."""

    async def origin(
        self, expense_id: str, task_token: bytes, caller: Caller, until: datetime | None
    ) -> Origin:
        """Say which workflow a task token belongs to, and how long people have."""

    async def is_continuation(self, caller: Caller, run_id: str | None) -> bool:
        """Return whether a workflow goes on in another run, as after a reset.

        Args:
            run_id: an earlier run of the same workflow; None if any run may go on.
        """

    async def is_creating(self, workflow_id: str) -> bool:
        """Return whether a workflow is at its first step just now."""


async def is_in_charge(workflows: Workflows | None, expense: Expense, caller: Caller) -> bool:
    """Return whether a call comes from the workflow in charge, although not from a known run.

    Its worker may not say who it is; it may have been reset in Temporal; or the bot has started it
    anew, as Temporal had lost it.
    """
    workflow_id, run_id = expense.caller.workflow_id, expense.caller.run_id
    if workflows is None or workflow_id is None:
        return False
    if caller == Caller():
        is_at_it = expense.is_of_slack and expense.decide_by is None and run_id is None
        return is_at_it and await workflows.is_creating(workflow_id)
    if caller.workflow_id != workflow_id or caller.run_id is None:
        return False
    return await workflows.is_continuation(caller, run_id)
