"""Records what Temporal's record or the operator proves, and the database lacks.

A database that comes back from a backup, or after a fail-over, lacks its last changes.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Unpack

from bot.database.expense_changes import Changes
from bot.database.expenses import ExpenseStore
from bot.domain import audit_events
from bot.domain.errors import Conflict, InvalidState
from bot.domain.expense import CORRECTABLE, OPEN, Decision, Expense, State
from bot.domain.payments.payment import Payment

_UNSETTLED = OPEN | {State.APPROVED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A decision that the bot once delivered, as Temporal has kept it."""

    decision: Decision
    # Slack user id of who decided; None after an automatic approval or a withdrawal.
    person: str | None = None
    on_behalf_of: str | None = None  # the colleague on whose behalf they decided, if any
    at: datetime | None = None  # when they decided, in UTC


class Recovery:
    """Brings the record up to what is proven.

    Args:
        finance_pays: whether there is no payment system, so that a workflow that completed proves
            that an expense was left to finance, and not that it was paid.
    """

    def __init__(self, expenses: ExpenseStore, *, finance_pays: bool = False) -> None:
        self._expenses = expenses
        self._finance_pays = finance_pays

    async def take_charge(self, expense: Expense) -> Expense:
        """Record that a workflow is in charge of an expense that it was only submitted for."""
        if expense.state is not State.SUBMITTED:
            return expense
        changed = await self._expenses.change(
            expense, audit_events.Created(), "temporal", to=State.CREATED, seen=expense.version
        )
        return changed or await self._expenses.get(expense.id)

    async def decide(self, expense: Expense, proof: Proof) -> None:
        """Record a decision that Temporal has and the database lost."""
        is_withdrawal = proof.decision is Decision.CANCELLED
        person = expense.requester if is_withdrawal else proof.person
        await self._expenses.change(
            expense,
            audit_events.Withdrawn() if is_withdrawal else audit_events.Decided(),
            person or "policy",
            to=State.WITHDRAWN if is_withdrawal else State(proof.decision),
            expected={State.CREATED},
            seen=expense.version,
            **_columns(proof),
        )

    async def pay(self, expense: Expense, proof: Proof | None) -> None:
        """Record a payment that Temporal knows to have been made and the database lost."""
        if self._finance_pays and expense.payment_asked_at is None:
            event, payment = audit_events.LeftToFinance(), Payment(is_by_hand=True)
            await self._close_paid(expense, "temporal", event, proof, payment)
            return
        settled = audit_events.Settled("Temporal has kept that it was paid.")
        await self._close_paid(expense, "temporal", settled, proof)

    async def settle(self, expense_id: str, *, is_paid: bool) -> Expense:
        """Record what the operator found out about an expense, and return it as it is then.

        Raises:
            InvalidState: it has ended otherwise, or finance pays it by hand.
        """
        expense = await self._expenses.get(expense_id)
        if is_paid and expense.awaits_finance:
            raise InvalidState(
                "Finance pays this expense by hand: mark it with python -m bot paid, or in Slack, "
                "and somebody in finance confirms it."
            )
        if is_paid:
            await self._close_paid(expense, "operator", audit_events.Settled())
        elif expense.state in _UNSETTLED:
            await self._expenses.change(
                expense,
                audit_events.Settled(),
                "operator",
                to=State.CANCELLED,
                expected=_UNSETTLED,
                seen=expense.version,
                decided_at=expense.decided_at or datetime.now(UTC),
            )
        settled = await self._expenses.get(expense_id)
        is_as_said = settled.state is State.COMPLETED
        if is_as_said != is_paid or settled.state in _UNSETTLED:
            raise InvalidState(f"The expense is {settled.state}, so that cannot be recorded.")
        return settled

    async def ask_again(self, expense_id: str, place: str | None) -> Expense:
        """Have a payment asked for anew, as the payment system asked before has not made it.

        Args:
            expense_id: which one.
            place: the host that is asked from now on; None if finance pays.

        Raises:
            InvalidId: no expense has this id.
            InvalidState: it does not wait for an answer about its payment.
        """
        expense = await self._expenses.get(expense_id)
        asked = expense.payment_asked_at and await self._expenses.change(
            expense,
            expected={State.APPROVED},
            event=audit_events.PaymentAsked(place),
            actor="operator",
        )
        if not asked:
            raise InvalidState(f"The expense is {expense.state}; no answer about it is missing.")
        return asked

    async def _close_paid(
        self,
        expense: Expense,
        actor: str,
        event: audit_events.Event,
        proof: Proof | None = None,
        payment: Payment | None = None,
    ) -> None:
        changes = _columns(proof) if proof else Changes(delivered_at=datetime.now(UTC))
        if expense.decision is None:
            changes["decision"] = Decision.APPROVED
        await self._expenses.change(
            expense,
            event,
            actor,
            to=State.COMPLETED,
            expected=_UNSETTLED | CORRECTABLE,
            seen=expense.version,
            payment=payment,
            **changes,
        )

    async def close(self, expense: Expense, reason: str) -> None:
        """End what nobody can decide, for the operator; nothing that may be paid.

        Raises:
            Conflict: it has changed since it was read.
        """
        now, event = datetime.now(UTC), audit_events.Closed(reason)
        await self._change(expense, event, to=State.CANCELLED, decided_at=now, reason=reason)

    async def restart(self, expense: Expense) -> None:
        """Let a new workflow take charge of an expense whose own one is gone, for the operator.

        Raises:
            Conflict: it has changed since it was read.
        """
        event = audit_events.StartedAgain()
        await self._change(expense, event, run_id=None, delivered_at=None)

    async def retry(self, expense: Expense) -> None:
        """Have a bot look at an expense now, for the operator.

        Raises:
            Conflict: it has changed since it was read.
        """
        await self._change(expense, audit_events.Retried())

    async def _change(
        self,
        expense: Expense,
        event: audit_events.Event,
        to: State | None = None,
        **changes: Unpack[Changes],
    ) -> None:
        expected, seen = {expense.state}, expense.version
        if not await self._expenses.change(
            expense, event, "operator", to=to, expected=expected, seen=seen, **changes
        ):
            raise Conflict("The expense has just changed; look at it, and do this again.")

    async def begin_again(self, expense: Expense) -> None:
        """Let a new workflow take charge of an expense whose own one Temporal has lost."""
        if expense.caller.run_id is None and expense.delivered_at is None:
            return
        await self._expenses.change(
            expense,
            audit_events.StartedAgain(),
            "delivery",
            expected=_UNSETTLED,
            seen=expense.version,
            run_id=None,
            delivered_at=None,
        )


def _columns(proof: Proof) -> Changes:
    now = datetime.now(UTC)
    return Changes(
        decision=proof.decision,
        decided_by=proof.person,
        decided_for=proof.on_behalf_of,
        decided_at=proof.at or now,
        delivered_at=now,
    )
