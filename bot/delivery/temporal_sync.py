"""Brings Temporal in line with what the database says of one expense, and the other way round."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.database.outbox import Due, Outbox
from bot.delivery.activity_outcome import Closed, Decided, Expired, Waiting
from bot.delivery.temporal import Temporal
from bot.delivery.timing import Pace
from bot.domain.expense import Decision, State
from bot.services.reimbursement import Reimbursement
from bot.services.workflow_calls import Lifecycle


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What was done in Temporal, and what follows.

    Attributes:
        next_look: when to look again; None for not before something happens.
        is_changed: whether the expense may have changed by it.
        delivered_at: when Temporal took an approval; it is recorded when the expense is given back.
    """

    next_look: datetime | None = None
    is_changed: bool = False
    delivered_at: datetime | None = None


class Settlement:
    """Starts workflows, delivers decisions, and closes what Temporal has closed.

    Args:
        outbox: remembers what was delivered.
        lifecycle: closes what Temporal has closed.
        reimbursement: finishes payments that were begun.
        temporal: gets decisions.
        pace: how long to wait for what.
    """

    def __init__(
        self,
        outbox: Outbox,
        lifecycle: Lifecycle,
        reimbursement: Reimbursement,
        temporal: Temporal,
        pace: Pace,
    ) -> None:
        self._outbox = outbox
        self._lifecycle = lifecycle
        self._reimbursement = reimbursement
        self._temporal = temporal
        self._pace = pace

    async def settle(self, due: Due) -> Settled:
        """Do what is outstanding in Temporal.

        Raises:
            TryAgain: Temporal, the payment system or the database does not answer.
        """
        match due.expense.state:
            case State.SUBMITTED:
                return await self._settle_submitted(due)
            case State.CREATED:
                return await self._settle_created(due)
            case State.APPROVED | State.REJECTED | State.WITHDRAWN if due.expense.is_undelivered:
                return await self._deliver_decision(due)
            case State.APPROVED:
                return await self._settle_approved(due)
        return Settled()

    async def _settle_submitted(self, due: Due) -> Settled:
        if not due.started:
            await self._temporal.start(due.expense, due.window)
            await self._outbox.mark_started(due.expense.id)
            return Settled(next_look=_in(self._pace.registration))
        if why := await self._temporal.closed(due.callback):
            await self._lifecycle.cancel(due.expense, why)
        return self._changed(self._pace.registration, due)

    async def _settle_created(self, due: Due) -> Settled:
        """Open it if its worker died before it registered; close it when its window has ended."""
        expense, now = due.expense, datetime.now(UTC)
        if expense.asks_nobody and expense.decide_by:
            await self._lifecycle.approve_automatically(expense)
            return Settled(next_look=now, is_changed=True)
        look = expense.created_at + self._pace.registration
        if expense.decide_by:
            look = expense.decide_by + self._pace.expiry
        elif due.callback.workflow_id is None:
            return Settled()  # made by hand, and no workflow to ask about
        if now < look:
            return Settled(next_look=look)
        match await self._temporal.outcome(due.callback):
            case Waiting(decide_by=datetime() as decide_by) if decide_by > now:
                await self._lifecycle.ask_unregistered(expense, decide_by)
            case Expired():
                await self._lifecycle.expire(expense)
            case Decided(decision=decision):
                # Completed past us, as from Temporal's own web page: nobody here decided it.
                await self._lifecycle.cancel(expense, f"completed in Temporal with {decision!r}")
            case Closed(why=why):
                await self._lifecycle.cancel(expense, why)
        return self._changed(
            timedelta(seconds=1) if expense.decide_by else self._pace.registration, due
        )

    async def _deliver_decision(self, due: Due) -> Settled:
        expense = due.expense
        decision = expense.decision or Decision(expense.state)
        if await self._temporal.complete(due.callback, decision):
            return await self._delivered(due)
        # Not found: it has the decision already, or the window ended, or nobody waits yet.
        match await self._temporal.outcome(due.callback):
            case Decided(decision=taken) if taken == decision:
                return await self._delivered(due)
            case Decided() | Expired() | Closed() if expense.state is State.WITHDRAWN:
                # Nothing waits for it, which is all that its requester wants.
                return await self._delivered(due)
            case Decided(decision=taken):
                await self._lifecycle.cancel(expense, f"completed in Temporal with {taken!r}")
            case Expired():
                await self._lifecycle.expire(expense)
            case Closed(why=why):
                await self._lifecycle.cancel(expense, why)
        return self._changed(timedelta(seconds=1), due)

    async def _settle_approved(self, due: Due) -> Settled:
        """Wait for the worker to ask for the payment, and notice if it never will."""
        delivered_at = due.expense.delivered_at
        if delivered_at and (look := delivered_at + self._pace.registration) > datetime.now(UTC):
            return Settled(next_look=look)  # only people need to be told something so soon
        if why := await self._temporal.closed(due.callback):
            await self._reimbursement.close_unpaid(due.expense, why)
        return self._changed(self._pace.registration, due)

    async def _delivered(self, due: Due) -> Settled:
        if due.expense.state is State.APPROVED:
            # Nothing comes between this and giving it back, which records it.
            return Settled(delivered_at=datetime.now(UTC))
        # Slack may take its time, and whoever delivers it once more only learns that it is late.
        await self._outbox.mark_delivered(due.expense)
        return Settled()

    def _changed(self, pause: timedelta, due: Due) -> Settled:
        """Have it looked at again, ever more seldom while nothing happens."""
        pause = min(pause * 2 ** min(due.attempts, 12), self._pace.longest_pause)
        return Settled(next_look=_in(pause), is_changed=True)


def _in(pause: timedelta) -> datetime:
    return datetime.now(UTC) + pause
