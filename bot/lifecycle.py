"""How an expense begins and how it ends without a decision.

Each verb checks, makes one conditional change, and says what came of it. Every verb can be called
again with the same words by somebody whose answer was lost, and then says the same.
"""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

from bot.errors import IdAlreadyExists, InvalidState
from bot.expense import Caller, Claim, Expense, State
from bot.ledger import Ledger
from bot.ports import Changes

# What the contract gives people when nobody asked for longer.
DEFAULT_WINDOW = timedelta(minutes=10)

_WORKFLOW_PREFIX = "expense_"
_DECIDED = frozenset({State.APPROVED, State.REJECTED})


class Lifecycle:
    """What requesters, workers and Temporal do to an expense.

    Args:
        ledger: where it is recorded.
        window: how long people have to decide what is submitted in Slack.
    """

    def __init__(self, ledger: Ledger, window: timedelta) -> None:
        self._ledger = ledger
        self._window = window

    async def submit(self, requester: str, claim: Claim, submission_key: str) -> Expense:
        """Record what somebody asks for; its workflow is started from that record.

        Args:
            requester: Slack user id.
            claim: what is asked for.
            submission_key: the same for a repeated delivery of the same submission, and only then.
        """
        expense = Expense(
            id=_expense_id(requester, submission_key),
            state=State.SUBMITTED,
            version=1,
            created_at=datetime.now(UTC),
            requester=requester,
            claim=claim,
        )
        is_new = await self._ledger.expenses.add(
            expense,
            event="submit",
            actor=requester,
            submission_key=submission_key,
            window=self._window,
            caller=Caller(workflow_id=workflow_id_of(expense.id)),
        )
        if not is_new:
            if await self._ledger.expenses.submission_key(expense.id) != submission_key:
                raise IdAlreadyExists("Please submit this expense once more.")
            return await self._ledger.get(expense.id)
        self._ledger.changed(expense.id)
        return expense

    async def create(self, expense_id: str, caller: Caller) -> None:
        """Let a workflow take charge of an expense, which is made if nobody submitted it.

        Raises:
            IdAlreadyExists: another workflow run is in charge of it.
        """
        if await self._speaks_for_another(caller, expense_id):
            raise IdAlreadyExists("This workflow is in charge of another expense.")
        expense = await self._ledger.expenses.get(expense_id)
        if expense is None:
            made = Expense(
                id=expense_id, state=State.CREATED, version=1, created_at=datetime.now(UTC)
            )
            if await self._ledger.expenses.add(made, event="create", actor="worker", caller=caller):
                self._ledger.changed(expense_id)
                return
        elif expense.state is State.SUBMITTED and caller.workflow_id in (
            None,
            workflow_id_of(expense_id),
        ):
            created = await self._ledger.change(
                expense_id,
                to=State.CREATED,
                event="create",
                actor="worker",
                run_id=caller.run_id,
            )
            if created:
                return
        recorded = await self._ledger.expenses.caller(expense_id)
        if caller.run_id is None or caller.run_id != recorded.run_id:
            raise IdAlreadyExists("Another workflow run is in charge of this expense.")

    async def register_callback(
        self,
        expense_id: str,
        task_token: bytes,
        caller: Caller,
        decide_by: datetime | None = None,
    ) -> None:
        """Remember which activity waits for the decision.

        Args:
            expense_id: which expense.
            task_token: names the waiting attempt of the activity.
            caller: the workflow run it belongs to.
            decide_by: when Temporal will end the attempt; None if the worker does not say.

        Raises:
            InvalidId: no expense has this id.
            InvalidState: nothing waits, or the expense belongs to another workflow.
        """
        expense = await self._ledger.get(expense_id)
        recorded = await self._ledger.expenses.caller(expense_id)
        is_stranger = bool(
            recorded.workflow_id
            and caller.workflow_id
            and recorded.workflow_id != caller.workflow_id
        )
        if is_stranger or await self._speaks_for_another(caller, expense_id):
            raise InvalidState("This expense belongs to another workflow.")
        changes: Changes = {"task_token": task_token}
        if caller.workflow_id:
            changes["workflow_id"] = caller.workflow_id
        if expense.state is State.CREATED:
            changes["decide_by"] = decide_by or datetime.now(UTC) + DEFAULT_WINDOW
            event = "register_callback" if expense.decide_by is None else "register_again"
            if await self._ledger.change(
                expense_id, expected={State.CREATED}, event=event, actor="worker", **changes
            ):
                return
            expense = await self._ledger.get(expense_id)
        changes["delivered_at"] = None
        # A decision that Temporal does not have yet goes to whichever attempt registers; one that
        # it has may be asked for again by the same workflow only, as after a reset in Temporal.
        may_ask_again = expense.is_undelivered or caller.workflow_id is not None
        if not (expense.state in _DECIDED and may_ask_again):
            raise InvalidState(f"The expense is {expense.state}, so nothing waits for a decision.")
        if not await self._ledger.change(
            expense_id,
            expected=_DECIDED,
            event="register_again",
            actor="worker",
            **changes,
        ):
            raise InvalidState("The expense has just been closed.")

    async def _speaks_for_another(self, caller: Caller, expense_id: str) -> bool:
        """Say whether a caller takes the name of the workflow of another expense.

        Otherwise the decision on an expense that somebody made up could be sent, by that name, to
        the workflow of another one.
        """
        other = (caller.workflow_id or "").removeprefix(_WORKFLOW_PREFIX)
        if caller.workflow_id in (None, other, workflow_id_of(expense_id)):
            return False
        return await self._ledger.expenses.get(other) is not None

    async def ask_unregistered(self, expense: Expense, decide_by: datetime) -> None:
        """Open an expense for decision whose waiting activity never said that it waits.

        Args:
            expense: which one.
            decide_by: when Temporal will end the attempt.
        """
        await self._ledger.change(
            expense.id,
            expected={State.CREATED},
            event="register_callback" if expense.decide_by is None else "register_again",
            actor="delivery",
            detail="The worker did not register; Temporal says that the activity waits.",
            decide_by=decide_by,
        )

    async def expire(self, expense: Expense) -> None:
        """Close an expense whose decision window has ended in Temporal."""
        await self._ledger.change(
            expense.id,
            to=State.EXPIRED,
            event="expire",
            actor="temporal",
            unless_payment_asked=True,
        )

    async def cancel(self, expense: Expense, why: str) -> None:
        """Close an expense whose workflow was stopped in Temporal."""
        await self._ledger.change(
            expense.id,
            to=State.CANCELLED,
            event="cancel",
            actor="temporal",
            detail=why,
            unless_payment_asked=True,
        )


def workflow_id_of(expense_id: str) -> str:
    """Name the workflow of an expense that was submitted in Slack."""
    return f"{_WORKFLOW_PREFIX}{expense_id}"


def _expense_id(requester: str, submission_key: str) -> str:
    """Derive an id from the submission, so that a repeated one finds the same expense.

    Twelve characters of base32 carry 60 bits: among a million expenses two meet with a chance of
    one in two million, and then the second submission is refused, not mixed up.
    """
    digest = hashlib.sha256(f"{requester} {submission_key}".encode()).digest()
    return base64.b32encode(digest)[:12].decode()
