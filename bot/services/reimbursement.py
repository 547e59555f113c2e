"""Reimbursement: an approved expense is paid once, however often that is asked."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Protocol

from bot.database.expenses import ExpenseStore
from bot.domain import audit_events
from bot.domain.errors import InvalidState, PaymentRefused
from bot.domain.expense import Expense, State
from bot.services.workflow_calls import WorkflowCalls


class Payments(Protocol):
    """The payment system; `bot.payment_system` describes the call."""

    async def pay(self, expense: Expense) -> None: ...  # noqa: D102


class Reimbursement:
    """Pays approved expenses.

    Args:
        expenses: where expenses are recorded.
        payments: pays.
        workflow_calls: closes what is never going to be paid.
    """

    def __init__(
        self, expenses: ExpenseStore, payments: Payments, workflow_calls: WorkflowCalls
    ) -> None:
        self._expenses = expenses
        self._payments = payments
        self._workflow_calls = workflow_calls

    async def pay(self, expense_id: str) -> None:
        """Pay an approved expense, once, however often this is asked.

        Raises:
            InvalidId: no expense has this id.
            InvalidState: it is not approved.
            PaymentRefused: the payment system said no.
            TryAgain: the payment system does not answer.
        """
        expense = await self._expenses.get(expense_id)
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
            # Nobody has to learn of it before the answer, which follows at once or is due.
            asked = await self._expenses.change(
                expense,
                expected={State.APPROVED},
                event=audit_events.PaymentAsked(),
                actor="worker",
                quietly=True,
                payment_asked_at=now,
                delivered_at=now,
            )
            if asked is None:
                return await self._expenses.get(expense.id)
        try:
            await self._payments.pay(expense)
        except PaymentRefused as refusal:
            changed = await self._expenses.change(
                expense,
                to=State.PAYMENT_FAILED,
                event=audit_events.PaymentRefused(refusal.code),
                actor="payment system",
                payment_refusal=refusal.code,
            )
        else:
            changed = await self._expenses.change(
                expense, to=State.COMPLETED, event=audit_events.Paid(), actor="payment system"
            )
        return changed or await self._expenses.get(expense.id)

    async def close_unpaid(self, expense: Expense, why: str) -> None:
        """Close an approved expense whose workflow ended before it was paid.

        Once the payment system was asked it may have paid, so it is asked again: the expense id
        is its idempotency key, and the answer is the truth.

        Raises:
            TryAgain: the payment system does not answer.
        """
        if expense.payment_asked_at is None:
            await self._workflow_calls.cancel(expense, why)
            return
        with suppress(PaymentRefused):
            await self.pay(expense.id)
