"""Brings Temporal in line with what the database says of one expense, and the other way round."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.delivery.activity_outcome import Closed, Decided, Expired, Lost, NotYet, Payment, Waiting
from bot.delivery.following import Following
from bot.delivery.timing import Timing
from bot.domain.callback import Due
from bot.domain.errors import PaymentRefused
from bot.domain.expense import Decision, Expense, State
from bot.services.receipt_flags import ReceiptFlags
from bot.services.reimbursement import Reimbursement

_SOON = timedelta(seconds=1)
# They lose nothing if no workflow waits for their decision.
_SATISFIED = {State.WITHDRAWN, State.COMPLETED, State.PAYMENT_FAILED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What was done in Temporal, and what follows."""

    next_look: datetime | None = None  # when to look again; None for not before something happens
    # When Temporal took an approval; it is recorded when the expense is given back.
    delivered_at: datetime | None = None


class TemporalSync:
    """Starts workflows, delivers decisions, and closes what Temporal has closed.

    Args:
        receipt_flags: says what keeps an expense from automatic approval; None for nothing.
    """

    def __init__(
        self,
        following: Following,
        reimbursement: Reimbursement,
        timing: Timing,
        receipt_flags: ReceiptFlags | None = None,
    ) -> None:
        self._following = following
        self._outbox = following.outbox
        self._workflow_calls = following.workflow_calls
        self._temporal = following.temporal
        self._reimbursement = reimbursement
        self._timing = timing
        self._receipt_flags = receipt_flags

    async def sync(self, due: Due) -> Synced:
        """Do what is outstanding in Temporal."""
        late_at = self._late_at(due.expense)
        if late_at and late_at <= await self._outbox.now():
            await self._workflow_calls.note_delay(due.expense)
        synced = await self._sync(due)
        now = await self._outbox.now()
        if late_at and synced.next_look and now < late_at < synced.next_look:
            return replace(synced, next_look=late_at)
        return synced

    def _late_at(self, expense: Expense) -> datetime | None:
        """Return when somebody ought to have done what comes next; None if people have to."""
        if expense.requester is None:
            return None
        if expense.state is State.APPROVED and expense.decided_at:
            asked_again_at = expense.payment_asked_at if expense.payment_refusal else None
            return (asked_again_at or expense.decided_at) + self._timing.delay
        is_asked = expense.state is State.CREATED and expense.decide_by
        if expense.state in (State.SUBMITTED, State.CREATED) and not is_asked:
            return expense.created_at + self._timing.delay
        return None

    async def _sync(self, due: Due) -> Synced:
        match due.expense.state:
            case State.SUBMITTED:
                return await self._sync_submitted(due)
            case State.CREATED:
                return await self._sync_created(due)
            case _ if due.expense.is_undelivered:
                return await self._deliver_decision(due)
            case State.APPROVED:
                return await self._sync_approved(due)
            case (
                State.REJECTED
                | State.COMPLETED
                | State.EXPIRED
                | State.WITHDRAWN
                | State.CANCELLED
                | State.PAYMENT_FAILED
            ):
                return Synced()

    async def _sync_submitted(self, due: Due) -> Synced:
        if not due.started:
            await self._following.start(due.expense)
            return Synced(next_look=await self._in(self._timing.registration))
        await self._following.follow(due)
        return await self._later(self._timing.registration, due)

    async def _sync_created(self, due: Due) -> Synced:
        """Open it if its worker died before it registered; close it when its window has ended."""
        expense, now = due.expense, await self._outbox.now()
        if expense.asks_nobody and expense.decide_by:
            if self._receipt_flags and not await self._receipt_flags.may_approve(expense):
                return Synced(next_look=now + _SOON)
            await self._workflow_calls.approve_automatically(expense)
            return Synced(next_look=now)
        look = expense.created_at + self._timing.registration
        if expense.decide_by:
            look = expense.decide_by + self._timing.expiry
        elif due.callback.workflow_id is None:
            return Synced()  # made by hand, and no workflow to ask about
        if now < look:
            return Synced(next_look=look)
        await self._following.follow(due)
        return await self._later(_SOON if expense.decide_by else self._timing.registration, due)

    async def _deliver_decision(self, due: Due) -> Synced:
        expense = due.expense
        decision = expense.decision or Decision(expense.state)
        if await self._temporal.complete(expense, due.callback, decision):
            return await self._delivered(due)
        if expense.state is State.WITHDRAWN and not due.started and not expense.caller.run_id:
            return await self._delivered(due)  # before it had a workflow
        # Not found: it has the decision already, or the window ended, or nobody waits yet.
        found = await self._following.look(due)
        match found:
            case Waiting(attempt=attempt) if attempt and await self._temporal.complete_attempt(
                attempt, expense, decision
            ):
                return await self._delivered(due)
            case Waiting() | NotYet():
                pass
            case Decided(payment=Payment.DONE) if expense.state is not State.COMPLETED:
                await self._following.take_over(expense, found)
            case Decided(decision=taken) if taken == decision:
                return await self._delivered(due)
            case Decided() if found.may_be_paid and expense.state is not State.APPROVED:
                self._following.doubt(expense)
                return await self._delivered(due)
            case _ if expense.state in _SATISFIED:
                # Nothing waits for it, which is all that its requester wants, or it has ended.
                return await self._delivered(due)
            case Decided():
                await self._following.take_over(expense, found)
            case Expired():
                await self._workflow_calls.expire(expense)
            case Closed(why=why) if expense.state is State.APPROVED:
                await self._reimbursement.close_unpaid(expense, why)
            case Closed(why=why):
                await self._workflow_calls.cancel(expense, why)
            case Lost() if expense.state is State.APPROVED:
                await self._following.start_again(expense)
            case Lost():
                return await self._delivered(due)
        return await self._later(_SOON, due)

    async def _sync_approved(self, due: Due) -> Synced:
        """Wait for the worker to ask for the payment, and notice if it never will."""
        expense, delivered_at = due.expense, due.expense.delivered_at
        look = delivered_at and delivered_at + self._timing.registration
        if look and look > await self._outbox.now():
            return Synced(next_look=look)  # only people need to be told something so soon
        await self._reimbursement.note_unanswered(expense)
        if expense.payment_refusal:
            # An admin has it asked for again, and its workflow has ended with the refusal.
            await self._reimbursement.close_unpaid(expense, "its payment was refused")
            return await self._later(_SOON, due)
        found = await self._following.look(due)
        match found:
            case Waiting():
                # Temporal came back from a backup: what it took before, it waits for again.
                return await self._deliver_decision(due)
            case Decided(payment=Payment.DONE):
                await self._following.take_over(expense, found)
            case Decided(payment=Payment.FAILED, why=str()):
                # It was asked for, by this bot or by one whose record is lost: the payment system
                # knows what came of that.
                with suppress(PaymentRefused):
                    await self._reimbursement.pay(expense.id)
            case Decided(why=str() as why) | Closed(why=why):
                await self._reimbursement.close_unpaid(expense, why)
            case Expired() | Lost():
                # It had the decision once.
                await self._following.start_again(expense)
        return await self._later(self._timing.registration, due)

    async def _delivered(self, due: Due) -> Synced:
        if due.expense.state is State.APPROVED:
            # Nothing comes between this and giving it back, which records it.
            return Synced(delivered_at=await self._outbox.now())
        # Slack may take its time; a process that delivers it once more only learns that it is late.
        await self._outbox.mark_delivered(due.expense)
        return Synced()

    async def _later(self, pause: timedelta, due: Due) -> Synced:
        """Have it looked at again, ever more seldom while nothing happens."""
        pause = min(pause * 2 ** min(due.attempts, 12), self._timing.longest_pause)
        return Synced(next_look=await self._in(pause))

    async def _in(self, pause: timedelta) -> datetime:
        return await self._outbox.now() + pause
