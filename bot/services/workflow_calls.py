"""What workers and Temporal do to an expense: how it begins, and how it ends undecided.

Each verb checks, makes one conditional change, and says what came of it. Every verb can be called
again with the same words by somebody whose answer was lost, and then says the same.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.database.expense_changes import Changes
from bot.database.expenses import ExpenseStore
from bot.domain import audit_events
from bot.domain.errors import IdAlreadyExists, InvalidState, TryAgain
from bot.domain.expense import (
    ANSWERED,
    DECIDED,
    WORKFLOW_PREFIX,
    Caller,
    Decision,
    Expense,
    State,
    workflow_id_of,
)
from bot.services.workflows import Origin, Workflows, is_in_charge

# What the contract gives people when nobody asked for longer.
DEFAULT_WINDOW = timedelta(minutes=10)

_UNREGISTERED = "The worker did not register; Temporal says that the activity waits."


class WorkflowCalls:
    """What workers and Temporal do to an expense.

    Args:
        workflows: tells more of callers than they say; None to take them at their word.
    """

    def __init__(self, expenses: ExpenseStore, workflows: Workflows | None = None) -> None:
        self._expenses = expenses
        self._workflows = workflows

    async def create(self, expense_id: str, caller: Caller) -> None:
        """Let a workflow take charge of an expense, which is made if nobody submitted it.

        Raises:
            IdAlreadyExists: another workflow run is in charge of it.
        """
        if await self._speaks_for_another(caller, expense_id):
            raise IdAlreadyExists("This workflow is in charge of another expense.")
        expense = await self._expenses.find(expense_id)
        if expense is None:
            made = Expense(
                id=expense_id,
                state=State.CREATED,
                version=1,
                created_at=await self._expenses.now(),
                caller=caller,
            )
            # Nothing has to be delivered before the worker registers.
            if await self._expenses.add(made, audit_events.Created(), "worker", quietly=True):
                return
        elif await self._take_charge(expense, caller):
            return
        expense = await self._expenses.get(expense_id)
        is_known = caller.run_id is not None and caller.run_id == expense.caller.run_id
        if not (is_known or await self._goes_on(expense, caller)):
            raise IdAlreadyExists("Another workflow run is in charge of this expense.")

    async def _goes_on(self, expense: Expense, caller: Caller) -> bool:
        """Let a workflow go on in another run, and return whether the expense is its own."""
        if not await is_in_charge(self._workflows, expense, caller):
            return False
        if caller.run_id is None or await self._expenses.change(
            expense, audit_events.Created(), "worker", seen=expense.version, run_id=caller.run_id
        ):
            return True
        raise TryAgain("The expense has just changed.")

    async def _take_charge(self, expense: Expense, caller: Caller) -> bool:
        if caller.workflow_id not in (None, workflow_id_of(expense.id)):
            return False
        while expense.state is State.SUBMITTED or (
            # Withdrawn before its workflow came: the workflow learns of it when it registers.
            expense.state is State.WITHDRAWN and expense.caller.run_id is None
        ):
            if await self._expenses.change(
                expense,
                audit_events.Created(),
                "worker",
                to=State.CREATED if expense.state is State.SUBMITTED else None,
                expected={expense.state},
                seen=expense.version,
                run_id=caller.run_id,
            ):
                return True
            expense = await self._expenses.get(expense.id)
        return False

    async def note_delay(self, expense: Expense) -> None:
        """Note, once before the decision and once after it, that an expense waits for too long."""
        history = await self._expenses.history(expense.id)
        delays = (entry for entry in history if isinstance(entry.event, audit_events.Delayed))
        if all((entry.state in DECIDED) != (expense.state in DECIDED) for entry in delays):
            await self._expenses.note(expense, audit_events.Delayed(), "delivery")

    async def register_callback(
        self, expense_id: str, task_token: bytes, caller: Caller, decide_by: datetime | None = None
    ) -> None:
        """Remember which activity waits for the decision.

        Raises:
            InvalidState: nothing waits, or the expense belongs to another workflow.
        """
        expense = await self._expenses.get(expense_id)
        origin = Origin(caller=caller, decide_by=decide_by)
        if self._workflows:
            origin = await self._workflows.origin(expense_id, task_token, caller, decide_by)
            caller = origin.caller
        in_charge = expense.caller.workflow_id
        is_stranger = in_charge and caller.workflow_id and in_charge != caller.workflow_id
        if is_stranger or await self._speaks_for_another(caller, expense_id):
            raise InvalidState("This expense belongs to another workflow.")
        changes: Changes = {"task_token": task_token}
        if caller.workflow_id:
            changes["workflow_id"] = caller.workflow_id
        if origin.place:
            changes["namespace"] = origin.place.namespace
            changes["namespace_id"] = origin.place.namespace_id
        until = origin.decide_by or datetime.now(UTC) + DEFAULT_WINDOW
        if expense.state is State.SUBMITTED and in_charge == caller.workflow_id:
            # It was created before a backup that this database comes from was restored.
            await self._take_charge(expense, caller)
            expense = await self._expenses.get(expense_id)
        while expense.state is State.CREATED:
            if await self._open(expense, "worker", changes | Changes(decide_by=until)):
                return
            expense = await self._expenses.get(expense_id)
        changes["delivered_at"] = None
        # A decision that Temporal does not have yet goes to whichever attempt registers; one that
        # it has may be asked for again by the same workflow only, as after a reset in Temporal.
        may_ask_again = expense.is_undelivered or caller.workflow_id is not None
        if not (expense.state in ANSWERED and may_ask_again):
            raise InvalidState(f"The expense is {expense.state}, so nothing waits for a decision.")
        if not await self._expenses.change(
            expense, audit_events.RegisteredAgain(), "worker", expected=ANSWERED, **changes
        ):
            raise InvalidState("The expense has just been closed.")

    async def _speaks_for_another(self, caller: Caller, expense_id: str) -> bool:
        """Return whether a caller takes the name of the workflow of another expense.

        Otherwise the decision on an expense that somebody made up could be sent, by that name, to
        the workflow of another one.
        """
        other = (caller.workflow_id or "").removeprefix(WORKFLOW_PREFIX)
        if caller.workflow_id in (None, other, workflow_id_of(expense_id)):
            return False
        return await self._expenses.find(other) is not None

    async def ask_unregistered(self, expense: Expense, decide_by: datetime) -> None:
        """Open an expense for decision whose waiting activity never said that it waits."""
        changes = Changes(decide_by=decide_by)
        # If the expense has changed meanwhile, delivery looks at it again.
        await self._open(expense, "delivery", changes, _UNREGISTERED)

    async def _open(
        self, expense: Expense, actor: str, changes: Changes, note: str | None = None
    ) -> bool:
        """Open an expense for decision, or again, unless it has changed since it was read."""
        is_first = expense.decide_by is None
        kind = audit_events.CallbackRegistered if is_first else audit_events.RegisteredAgain
        if not expense.progress.since:
            # People are asked from now on, and reminded after a time from now.
            changes["progress"] = replace(expense.progress, since=datetime.now(UTC))
        return bool(
            await self._expenses.change(
                expense,
                expected={State.CREATED},
                seen=expense.version,
                event=kind(note),
                actor=actor,
                quietly=actor == "worker",  # whose call has the approvers asked at once
                **changes,
            )
        )

    async def approve_automatically(self, expense: Expense) -> None:
        """Approve an expense about which its plan asks nobody, unless it has changed meanwhile."""
        await self._expenses.change(
            expense,
            audit_events.Decided(),
            "policy",
            to=State.APPROVED,
            seen=expense.version,
            decision=Decision.APPROVED,
            decided_at=datetime.now(UTC),
        )

    async def expire(self, expense: Expense) -> None:
        """Close an expense whose decision window has ended in Temporal.

        If it has changed meanwhile, delivery looks at it again.
        """
        await self._close(expense, State.EXPIRED, audit_events.Expired())

    async def cancel(self, expense: Expense, why: str) -> None:
        """Close an expense whose workflow was stopped in Temporal; like `expire`."""
        await self._close(expense, State.CANCELLED, audit_events.Cancelled(why))

    async def _close(self, expense: Expense, to: State, event: audit_events.Event) -> None:
        await self._expenses.change(
            expense, event, "temporal", to=to, seen=expense.version, unless_payment_asked=True
        )
