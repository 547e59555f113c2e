"""The verbs of an expense's life.

Each verb checks, makes one conditional change, and says what came of it. Every verb can be called
again with the same words by somebody whose answer was lost, and then says the same.
"""

import base64
import hashlib
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Unpack

from bot.expense import (
    TRANSITIONS,
    AlreadyDecided,
    Caller,
    Claim,
    Decision,
    Expense,
    IdAlreadyExists,
    InvalidId,
    InvalidState,
    NotAllowed,
    PaymentRefused,
    State,
)
from bot.policy import Policy
from bot.ports import Changes, Expenses, Payments

# What the contract gives people when nobody asked for longer.
DEFAULT_WINDOW = timedelta(minutes=10)

_DECIDED = frozenset({State.APPROVED, State.REJECTED})


class Lifecycle:
    """Everything that can happen to an expense.

    Args:
        expenses: where they are recorded.
        policy: says who may decide.
        payments: pays.
        window: how long people have for what is submitted in Slack.
        changed: called with the id of each expense that changed, once that is durable.
    """

    def __init__(
        self,
        expenses: Expenses,
        policy: Policy,
        payments: Payments,
        window: timedelta,
        changed: Callable[[str], None],
    ) -> None:
        self._expenses = expenses
        self._policy = policy
        self._payments = payments
        self._window = window
        self._changed = changed

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
        is_new = await self._expenses.add(
            expense,
            event="submit",
            actor=requester,
            submission_key=submission_key,
            window=self._window,
            caller=Caller(workflow_id=workflow_id_of(expense.id)),
        )
        if not is_new:
            if await self._expenses.submission_key(expense.id) != submission_key:
                raise IdAlreadyExists("Please submit this expense once more.")
            return await self.get(expense.id)
        self._changed(expense.id)
        return expense

    async def create(self, expense_id: str, caller: Caller) -> None:
        """Let a workflow take charge of an expense, which is made if nobody submitted it.

        Raises:
            IdAlreadyExists: another workflow run is in charge of it.
        """
        expense = await self._expenses.get(expense_id)
        if expense is None:
            made = Expense(
                id=expense_id, state=State.CREATED, version=1, created_at=datetime.now(UTC)
            )
            if await self._expenses.add(made, event="create", actor="worker", caller=caller):
                self._changed(expense_id)
                return
        elif expense.state is State.SUBMITTED and caller.workflow_id in (
            None,
            workflow_id_of(expense_id),
        ):
            created = await self._change(
                expense_id,
                to=State.CREATED,
                event="create",
                actor="worker",
                run_id=caller.run_id,
            )
            if created:
                return
        recorded = await self._expenses.caller(expense_id)
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
        expense = await self.get(expense_id)
        recorded = await self._expenses.caller(expense_id)
        is_stranger = bool(
            recorded.workflow_id
            and caller.workflow_id
            and recorded.workflow_id != caller.workflow_id
        )
        if is_stranger:
            raise InvalidState("This expense belongs to another workflow.")
        changes: Changes = {"task_token": task_token}
        if caller.workflow_id:
            changes["workflow_id"] = caller.workflow_id
        if expense.state is State.CREATED:
            changes["decide_by"] = decide_by or datetime.now(UTC) + DEFAULT_WINDOW
            event = "register_callback" if expense.decide_by is None else "register_again"
            if await self._change(
                expense_id, expected={State.CREATED}, event=event, actor="worker", **changes
            ):
                return
            expense = await self.get(expense_id)
        changes["delivered_at"] = None
        # A decision that Temporal does not have yet goes to whichever attempt registers; one that
        # it has may be asked for again by the same workflow only, as after a reset in Temporal.
        may_ask_again = expense.is_undelivered or caller.workflow_id is not None
        if not (expense.state in _DECIDED and may_ask_again):
            raise InvalidState(f"The expense is {expense.state}, so nothing waits for a decision.")
        if not await self._change(
            expense_id,
            expected=_DECIDED,
            event="register_again",
            actor="worker",
            **changes,
        ):
            raise InvalidState("The expense has just been closed.")

    async def ask_unregistered(self, expense: Expense, decide_by: datetime) -> None:
        """Open an expense for decision whose waiting activity never said that it waits.

        Args:
            expense: which one.
            decide_by: when Temporal will end the attempt.
        """
        await self._change(
            expense.id,
            expected={State.CREATED},
            event="register_callback" if expense.decide_by is None else "register_again",
            actor="delivery",
            detail="The worker did not register; Temporal says that the activity waits.",
            decide_by=decide_by,
        )

    async def check_may_decide(self, expense_id: str, person: str) -> Expense:
        """Return an expense that this person may decide now.

        Raises:
            InvalidId: no expense has this id.
            NotAllowed: this person may not decide it; the attempt is written into its history.
            AlreadyDecided: there is nothing left to decide.
            TryAgain: it cannot be found out just now who may.
        """
        expense = await self.get(expense_id)
        try:
            await self._policy.check_may_decide(person, expense)
        except NotAllowed as refusal:
            await self._expenses.note(expense, event="refuse", actor=person, detail=str(refusal))
            raise
        if not expense.is_open:
            raise AlreadyDecided("This expense is already decided.", expense)
        if expense.decide_by and datetime.now(UTC) >= expense.decide_by:
            raise AlreadyDecided("The time to decide this expense has run out.", expense)
        return expense

    async def decide(
        self, expense_id: str, decision: Decision, person: str, reason: str | None = None
    ) -> Expense:
        """Record a decision; of several at the same instant exactly one is recorded.

        Args:
            expense_id: which expense.
            decision: approve or reject.
            person: Slack user id of who decides.
            reason: why, in their words.

        Raises:
            AlreadyDecided: somebody else, or something else, was first.
            InvalidId, NotAllowed, TryAgain: as in `check_may_decide`.
        """
        try:
            await self.check_may_decide(expense_id, person)
        except AlreadyDecided as late:
            return await self._decide_again(late, decision, person, reason)
        decided = await self._change(
            expense_id,
            expected={State.CREATED},
            to=State(decision),
            event="decide",
            actor=person,
            detail=reason,
            decision=decision,
            decided_by=person,
            decided_at=datetime.now(UTC),
            reason=reason,
        )
        if decided:
            return decided
        lost = AlreadyDecided("This expense is already decided.", await self.get(expense_id))
        return await self._decide_again(lost, decision, person, reason)

    async def _decide_again(
        self, late: AlreadyDecided, decision: Decision, person: str, reason: str | None
    ) -> Expense:
        """Accept the same decision of the same person again; a reason may come after it."""
        expense = late.expense
        if (expense.decided_by, expense.decision) != (person, decision):
            raise late
        if reason and not expense.reason and expense.state is State.REJECTED:
            explained = await self._change(
                expense.id,
                expected={State.REJECTED},
                event="explain",
                actor=person,
                detail=reason,
                reason=reason,
            )
            return explained or expense
        return expense

    async def pay(self, expense_id: str) -> None:
        """Pay an approved expense, once, however often this is asked.

        Raises:
            InvalidId: no expense has this id.
            InvalidState: it is not approved.
            PaymentRefused: the payment system said no.
            TryAgain: the payment system does not answer.
        """
        expense = await self.get(expense_id)
        if expense.state is State.APPROVED:
            expense = await self._pay_approved(expense)
        if expense.state is State.PAYMENT_FAILED:
            raise PaymentRefused(expense.payment_refusal or "REFUSED")
        if expense.state is not State.COMPLETED:
            raise InvalidState(f"The expense is {expense.state}, so it cannot be paid.")

    async def _pay_approved(self, expense: Expense) -> Expense:
        now = datetime.now(UTC)
        if expense.payment_asked_at is None:
            # From here on the expense cannot be closed unpaid behind the payment system's back.
            # Being asked to pay also proves that Temporal has the decision.
            asked = await self._change(
                expense.id,
                expected={State.APPROVED},
                event="ask_payment",
                actor="worker",
                payment_asked_at=now,
                delivered_at=now,
            )
            if asked is None:
                return await self.get(expense.id)
        try:
            await self._payments.pay(expense)
        except PaymentRefused as refusal:
            await self._change(
                expense.id,
                to=State.PAYMENT_FAILED,
                event="refuse_payment",
                actor="payment system",
                detail=refusal.code,
                payment_refusal=refusal.code,
            )
        else:
            await self._change(expense.id, to=State.COMPLETED, event="pay", actor="payment system")
        return await self.get(expense.id)

    async def expire(self, expense: Expense) -> None:
        """Close an expense whose decision window has ended in Temporal."""
        await self._change(
            expense.id,
            to=State.EXPIRED,
            event="expire",
            actor="temporal",
            unless_payment_asked=True,
        )

    async def cancel(self, expense: Expense, why: str) -> None:
        """Close an expense whose workflow was stopped in Temporal."""
        await self._change(
            expense.id,
            to=State.CANCELLED,
            event="cancel",
            actor="temporal",
            detail=why,
            unless_payment_asked=True,
        )

    async def close_unpaid(self, expense: Expense, why: str) -> None:
        """Close an approved expense whose workflow ended before it was paid.

        Once the payment system was asked it may have paid, so it is asked again: the expense id
        is its idempotency key, and the answer is the truth.

        Raises:
            TryAgain: the payment system does not answer.
        """
        if expense.payment_asked_at is None:
            await self.cancel(expense, why)
            return
        with suppress(PaymentRefused):
            await self.pay(expense.id)

    async def get(self, expense_id: str) -> Expense:
        """Return an expense.

        Raises:
            InvalidId: no expense has this id.
        """
        expense = await self._expenses.get(expense_id)
        if expense is None:
            raise InvalidId("There is no expense with this id.")
        return expense

    async def get_for(self, person: str, expense_id: str) -> Expense:
        """Return an expense to somebody who may see it.

        Raises:
            InvalidId: no expense that this person may see has this id.
            TryAgain: it cannot be found out just now who may.
        """
        expense = await self._expenses.get(expense_id)
        if expense is None or not await self._policy.may_see(person, expense):
            # Whether an id exists is nobody else's business.
            raise InvalidId("There is no expense with this id that you may see.")
        return expense

    async def list_for(self, person: str, limit: int) -> list[Expense]:
        """List what this person asked for, newest first."""
        return await self._expenses.of_requester(person, limit)

    async def _change(
        self,
        expense_id: str,
        *,
        expected: Collection[State] | None = None,
        to: State | None = None,
        event: str,
        actor: str,
        detail: str | None = None,
        unless_payment_asked: bool = False,
        **changes: Unpack[Changes],
    ) -> Expense | None:
        if expected is None:
            expected = {state for state, following in TRANSITIONS.items() if to in following}
        expense = await self._expenses.change(
            expense_id,
            expected=expected,
            to=to,
            event=event,
            actor=actor,
            detail=detail,
            unless_payment_asked=unless_payment_asked,
            **changes,
        )
        if expense:
            self._changed(expense_id)
        return expense


def workflow_id_of(expense_id: str) -> str:
    """Name the workflow of an expense that was submitted in Slack."""
    return f"expense_{expense_id}"


def _expense_id(requester: str, submission_key: str) -> str:
    """Derive an id from the submission, so that a repeated one finds the same expense.

    Twelve characters of base32 carry 60 bits: among a million expenses two meet with a chance of
    one in two million, and then the second submission is refused, not mixed up.
    """
    digest = hashlib.sha256(f"{requester} {submission_key}".encode()).digest()
    return base64.b32encode(digest)[:12].decode()
