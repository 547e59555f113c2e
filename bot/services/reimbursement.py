"""Reimbursement: an approved expense is paid once, however often that is asked."""

import asyncio
import logging
from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta
from typing import Protocol

from bot.database.expenses import ExpenseStore
from bot.domain import audit_events
from bot.domain.errors import InvalidState, PaymentRefused, TryAgain, Unanswered
from bot.domain.expense import CORRECTABLE, Expense, State
from bot.domain.payments.payment import Payment
from bot.services.refused_payments import record_refusal, times_asked, why_refused
from bot.services.required_receipts import RequiredReceipts
from bot.services.workflow_calls import WorkflowCalls

logger = logging.getLogger(__name__)

# Below the payment activity's start-to-close time-out of 10 s, so that it hears what happened.
PATIENCE_SECONDS = 8.0
LONG = timedelta(hours=1)  # after this, operator and requester are told that nobody answers
# A payment without an answer is asked for again after a tenth of the time that this has lasted.
_SHARE, _LONGEST_PAUSE = 10, timedelta(hours=1)


class Payments(Protocol):
    """The payment system; `bot.payment_system` describes the call."""

    place: str | None  # the host that is asked; None where finance pays

    async def pay(self, expense: Expense, times: int = 1) -> str | None: ...  # noqa: D102


class Reimbursement:
    """Pays approved expenses.

    Args:
        patience: seconds after which the caller is told to try again; the answer is still
            listened for.
        receipts: says whether the receipts are kept that the policy requires; None if none are.
    """

    def __init__(
        self,
        expenses: ExpenseStore,
        payments: Payments,
        workflow_calls: WorkflowCalls,
        patience: float = PATIENCE_SECONDS,
        receipts: RequiredReceipts | None = None,
    ) -> None:
        self._expenses = expenses
        self._payments = payments
        self._workflow_calls = workflow_calls
        self._patience = patience
        self._receipts = receipts
        self._attempts: set[asyncio.Task[Expense]] = set()
        self._elsewhere: set[str] = set()  # of which the operator knows

    async def pay(self, expense_id: str) -> None:
        """Pay an approved expense, once, however often this is asked.

        Raises:
            InvalidState: it is not approved.
            PaymentRefused: the payment system said no.
            TryAgain: the payment system does not answer, or another one was asked and did not.
        """
        expense = await self._expenses.get(expense_id)
        if expense.state is State.APPROVED:
            expense = await self._pay_approved(expense)
        if expense.state is State.PAYMENT_FAILED:
            raise PaymentRefused(expense.payment_refusal or "REFUSED")
        if expense.state is State.APPROVED:
            raise TryAgain("Its payment was asked for again just now.", after=5)
        if expense.state is not State.COMPLETED:
            raise InvalidState(f"The expense is {expense.state}, so it cannot be paid.")

    async def _pay_approved(self, expense: Expense) -> Expense:
        if expense.payment_asked_at is not None:
            await self._check_place(expense)
        elif why := await why_refused(self._expenses, expense, self._receipts):
            return await record_refusal(self._expenses, expense, why, "delivery")
        if self._payments.place is None:
            return await self._leave_to_finance(expense)
        if expense.payment_asked_at is None:
            now = await self._expenses.now()
            # From here on the expense cannot be closed unpaid behind the payment system's back.
            # Being asked to pay also proves that Temporal has the decision.
            # Nobody has to learn of it before the answer, which follows at once or is due.
            asked = await self._expenses.change(
                expense,
                audit_events.PaymentAsked(self._payments.place),
                "worker",
                expected={State.APPROVED},
                unless_payment_asked=True,
                quietly=True,
                payment_asked_at=now,
                delivered_at=now,
            )
            if asked is None:  # another process was first, which may have another payment system
                found = await self._expenses.get(expense.id)
                if found.state is not State.APPROVED:
                    return found
                return await self._pay_approved(found)
            expense = asked
        attempt = asyncio.create_task(self._attempt(expense))
        self._attempts.add(attempt)
        attempt.add_done_callback(self._forget)
        done, _ = await asyncio.wait({attempt}, timeout=self._patience)
        if not done:
            raise Unanswered("The payment system has not answered yet.", after=5)
        return attempt.result()

    def _forget(self, attempt: asyncio.Task[Expense]) -> None:
        self._attempts.discard(attempt)
        if attempt.cancelled():
            return
        error = attempt.exception()  # which its caller had, if they still waited
        if error and not isinstance(error, TryAgain):
            logger.error("an attempt to pay failed", exc_info=error)

    async def close(self) -> None:
        """Stop listening for answers; who asks again learns what they were."""
        attempts = tuple(self._attempts)
        for attempt in attempts:
            attempt.cancel()
        await asyncio.gather(*attempts, return_exceptions=True)

    async def _check_place(self, expense: Expense) -> None:
        """Leave alone what another payment system was asked for: both might pay it.

        Raises:
            TryAgain: the operator has not said yet what became of it there.
        """
        events = [entry.event for entry in await self._expenses.history(expense.id)]
        places = [event.place for event in events if isinstance(event, audit_events.PaymentAsked)]
        if not places or places[-1] in (None, self._payments.place):
            return
        if expense.id not in self._elsewhere:
            self._elsewhere.add(expense.id)
            logger.error(
                "expense %s: %s was asked for its payment and has not answered, and "
                "EXPENSE_PAYMENT_URL names %s now. See there whether it was paid, and run python "
                "-m bot settle %s paid, or ask-again to have it asked for where the setting says",
                *(expense.id, places[-1], self._payments.place or "nobody", expense.id),
            )
        raise TryAgain("Another payment system was asked, and has not answered.", after=60)

    async def _leave_to_finance(self, expense: Expense) -> Expense:
        """Record that finance pays it, as there is no payment system."""
        changed = await self._expenses.change(
            expense,
            audit_events.LeftToFinance(),
            "delivery",
            to=State.COMPLETED,
            expected={State.APPROVED},
            delivered_at=await self._expenses.now(),
            payment=Payment(is_by_hand=True),
        )
        return changed or await self._expenses.get(expense.id)

    async def _attempt(self, expense: Expense) -> Expense:
        times = await times_asked(self._expenses, expense)
        try:
            reference = await self._payments.pay(expense, times)
        except PaymentRefused as refusal:
            actor = "payment system"
            return await record_refusal(self._expenses, expense, refusal.code, actor, times)
        told = False
        while True:
            try:
                return await self._complete(expense, reference)
            except TryAgain as away:
                # After a refusal nobody would ask again, and it would be forgotten.
                if not told:
                    logger.error("expense %s was paid, and that waits: %s", expense.id, away)
                told = True
                await asyncio.sleep(away.after)

    async def _complete(self, expense: Expense, reference: str | None) -> Expense:
        """Record that the payment system has paid, whatever was recorded before."""
        if changed := await self._close_paid(expense, {State.APPROVED}, reference):
            return changed
        before = await self._expenses.get(expense.id)
        if changed := await self._close_paid(expense, CORRECTABLE, reference):
            logger.error(
                "expense %s: the payment system has paid it, and it was %s before%s: nobody may "
                "pay it by hand, and everybody reads that it is paid; only its workflow in "
                "Temporal ends as if it were not",
                *(expense.id, before.state, f" ({why})" if (why := before.payment_refusal) else ""),
            )
            for one in await self._expenses.of_requester(expense.requester or "", 100):
                if one.previous_id == expense.id:
                    logger.error(
                        "expense %s, made from it, is %s: see that not both are paid",
                        *(one.id, one.state),
                    )
            return changed
        if (found := await self._expenses.get(expense.id)).state is not State.COMPLETED:
            logger.error("expense %s is %s, but the payment system paid it", found.id, found.state)
        return found

    async def _close_paid(
        self, expense: Expense, expected: Collection[State], reference: str | None
    ) -> Expense | None:
        today, actor = (await self._expenses.now()).date(), "payment system"
        payment = Payment(paid_on=today, reference=reference, confirmed_by=actor)
        return await self._expenses.change(
            expense,
            to=State.COMPLETED,
            expected=expected,
            event=audit_events.Paid(reference),
            actor=actor,
            payment=payment if reference else None,
        )

    async def close_unpaid(self, expense: Expense, why: str) -> None:
        """Close an approved expense whose workflow ended before it was paid.

        Once the payment system was asked it may have paid, so it is asked again: the expense id
        is its idempotency key, and the answer is the truth.
        """
        if expense.payment_asked_at is None:
            await self._workflow_calls.cancel(expense, why)
            return
        try:
            with suppress(PaymentRefused):
                await self.pay(expense.id)
        except TryAgain as later:
            pause = min(
                (await self._expenses.now() - expense.payment_asked_at) / _SHARE, _LONGEST_PAUSE
            )
            later.after = max(later.after, pause.total_seconds())
            raise

    async def note_unanswered(self, expense: Expense) -> None:
        """Tell operator and requester, once, of a payment that has had no answer for long."""
        asked_at = expense.payment_asked_at
        if asked_at is None or await self._expenses.now() < asked_at + LONG:
            return
        history = await self._expenses.history(expense.id)
        if any(isinstance(entry.event, audit_events.PaymentUnanswered) for entry in history):
            return
        await self._expenses.note(expense, audit_events.PaymentUnanswered(), "delivery")
        logger.error(
            "expense %s: EXPENSE_PAYMENT_URL has given no answer about its payment since %s; "
            "it may be paid or not, and the bot keeps asking; /expense history %s has the steps",
            *(expense.id, asked_at.isoformat(timespec="seconds"), expense.id),
        )
