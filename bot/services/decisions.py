"""Decisions: who may make them, and which of several at the same instant counts."""

import asyncio
from datetime import UTC, datetime
from weakref import WeakValueDictionary

from bot.catalogue import say
from bot.database.expense_changes import Changes
from bot.database.expenses import ExpenseStore
from bot.domain import audit_events
from bot.domain.approval_plan import Approval, Progress
from bot.domain.audit_events import AuditEntry
from bot.domain.errors import (
    AlreadyAgreed,
    AlreadyDecided,
    InvalidId,
    NeededLater,
    NotAllowed,
    TryAgain,
)
from bot.domain.expense import Decision, Expense, State
from bot.policy.approvers import Policy

# How often one decision gives way to another of the same expense before it is asked again.
_TRIES = 20


class Decisions:
    """What people see and decide."""

    def __init__(self, expenses: ExpenseStore, policy: Policy) -> None:
        self._expenses = expenses
        self._policy = policy
        # People who agree at the same time do so one after another; each changes what the next
        # finds, and only other processes can come between.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def check_may_decide(self, expense_id: str, person: str) -> Expense:
        """Return an expense that this person may decide now.

        Raises:
            NotAllowed, AlreadyAgreed, AlreadyDecided: as in `check`.
        """
        return (await self.check(expense_id, person))[0]

    async def check(self, expense_id: str, person: str) -> tuple[Expense, list[str]]:
        """Return an expense that this person may decide now, and on whose behalf they may.

        Raises:
            NotAllowed: this person may not decide it; the attempt is written into its history.
            AlreadyAgreed: this person has approved it, and others have to.
            AlreadyDecided: there is nothing left to decide.
        """
        expense, delegators = await self._expenses.get_with_delegators(expense_id, person)
        return expense, await self.check_read(expense, delegators, person)

    async def check_read(
        self, expense: Expense, delegators: frozenset[str], person: str
    ) -> list[str]:
        """Return on whose behalf a person may decide an expense now, as it was read.

        Args:
            delegators: Slack user ids of the colleagues who delegated to this person.

        Raises:
            NotAllowed, AlreadyAgreed, AlreadyDecided: as in `check`.
        """
        if expense.asks_nobody and expense.is_open:
            raise AlreadyDecided("This expense is approved automatically.", expense)
        agreed, represented = None, [person]
        try:
            represented = await self._policy.may_represent(person, expense, delegators)
        except NotAllowed as refusal:
            await note_refusal(self._expenses, expense, person, refusal)
            raise
        except AlreadyAgreed as already:
            agreed = already  # unless there is nothing left to agree to
        if not expense.is_open:
            raise AlreadyDecided("This expense is already decided.", expense)
        if expense.decide_by and datetime.now(UTC) >= expense.decide_by:
            raise AlreadyDecided("The time to decide this expense has run out.", expense)
        if agreed:
            raise agreed
        return represented

    async def decide(
        self, expense_id: str, decision: Decision, person: str, reason: str | None = None
    ) -> Expense:
        """Record a decision; of several at the same instant exactly one is recorded.

        Returns:
            The expense as it now is; still open if others have to agree, too.

        Raises:
            AlreadyDecided: somebody else, or something else, was first.
            NeededLater: with this approval, too few people would be left for a later stage.
        """
        turn = self._turns.setdefault(expense_id, asyncio.Lock())
        async with turn:
            for _ in range(_TRIES):
                try:
                    expense, represented = await self.check(expense_id, person)
                except AlreadyDecided as late:
                    return await self._decide_again(late, decision, person, reason)
                if changed := await self._record(expense, decision, person, represented, reason):
                    return changed
        raise TryAgain("Many people decide this expense at the same time.")

    async def _record(
        self,
        expense: Expense,
        decision: Decision,
        person: str,
        represented: list[str],
        reason: str | None,
    ) -> Expense | None:
        now, on_behalf_of = datetime.now(UTC), represented[0]
        progress, is_complete = expense.progress, False
        if decision is Decision.APPROVED:
            progress, is_complete = await self._agreed(expense, person, represented, now)
            on_behalf_of = progress.approvals[-1].on_behalf_of
        delegator = on_behalf_of if on_behalf_of != person else None
        changes = Changes(
            decision=decision,
            decided_by=person,
            decided_for=delegator,
            decided_at=now,
            reason=reason,
        )
        if decision is Decision.APPROVED:
            if not is_complete:
                return await self._expenses.change(
                    expense,
                    audit_events.Agreed(delegator),
                    person,
                    expected={State.CREATED},
                    seen=expense.version,
                    progress=progress,
                )
            if expense.plan:
                changes["progress"] = progress
        return await self._expenses.change(
            expense,
            audit_events.Decided(reason),
            person,
            to=State(decision),
            seen=expense.version,
            **changes,
        )

    async def _agreed(
        self, expense: Expense, person: str, represented: list[str], now: datetime
    ) -> tuple[Progress, bool]:
        """Return the progress with an approval, and whether the plan is then complete.

        Raises:
            NeededLater: with it, too few would be left for a later stage. Others of this stage can
                approve then, so nothing is lost by waiting for them.
        """
        plan = self._policy.plan_of(expense)
        for on_behalf_of in represented:
            stage = expense.progress.stage
            approval = Approval(person=person, on_behalf_of=on_behalf_of, stage=stage, at=now)
            progress, is_complete = expense.progress.with_approval(plan, approval)
            if is_complete or not await self._policy.prospects.uses_up(expense, progress):
                return progress, is_complete
        raise NeededLater(say("needed-later"))

    async def _decide_again(
        self, late: AlreadyDecided, decision: Decision, person: str, reason: str | None
    ) -> Expense:
        """Accept the same decision of the same person again; a reason may come after it."""
        expense = late.expense
        if (expense.decided_by, expense.decision) != (person, decision):
            raise late
        if reason and expense.reason not in (None, reason):
            raise late  # a form that came again, corrected: the first reason is what people read
        if reason and not expense.reason and expense.state is State.REJECTED:
            explained = await self._expenses.change(
                expense,
                audit_events.Explained(reason),
                person,
                expected={State.REJECTED},
                reason=reason,
            )
            return explained or expense
        # They may have clicked on a message that nobody remembers, and that has to be drawn.
        self._expenses.on_change(expense.id)
        return expense

    async def id_of(self, named: str) -> str:
        """Return the id of the expense that somebody names by its id or its number."""
        return await self._expenses.id_of(named)

    async def get_for(self, person: str, expense_id: str) -> Expense:
        """Return an expense to somebody who may see it.

        Raises:
            InvalidId: no expense that this person may see has this id.
        """
        expense = await self._expenses.find(expense_id)
        may_see = await self._policy.may_see(person, expense)
        if expense is None or not may_see:
            # Whether an id exists is nobody else's business.
            raise InvalidId(say("no-expense-to-see"))
        return expense

    async def history_for(self, person: str, expense_id: str) -> tuple[Expense, list[AuditEntry]]:
        """Return an expense and its history, oldest first, to somebody who may see it."""
        expense = await self.get_for(person, expense_id)
        return expense, await self._expenses.history(expense_id)

    async def list_for(self, person: str, limit: int) -> list[Expense]:
        """List what this person asked for, newest first."""
        return await self._expenses.of_requester(person, limit)


async def note_refusal(
    expenses: ExpenseStore, expense: Expense, person: str, refusal: NotAllowed
) -> None:
    """Write into the audit trail that somebody tried what they may not do; it changes nothing."""
    await expenses.note(expense, audit_events.Refused(str(refusal)), person)
