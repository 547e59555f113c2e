"""Records what happens to expenses, and tells whoever follows that something has."""

from collections.abc import Callable, Collection
from typing import Unpack

from bot.domain.errors import InvalidId, NotAllowed
from bot.domain.expense import TRANSITIONS, Caller, Decision, Expense, State
from bot.ports import Changes, Expenses

_NOBODY_HAS_IT = "There is no expense with this id."


class Ledger:
    """The expenses, with every change announced once it is durable.

    Args:
        expenses: where they are recorded.
        changed: called with the id of each expense that changed.
    """

    def __init__(self, expenses: Expenses, changed: Callable[[str], None]) -> None:
        self.expenses = expenses
        self.changed = changed

    async def get(self, expense_id: str) -> Expense:
        """Return an expense.

        Raises:
            InvalidId: no expense has this id.
        """
        expense = await self.expenses.get(expense_id)
        if expense is None:
            raise InvalidId(_NOBODY_HAS_IT)
        return expense

    async def get_with_caller(self, expense_id: str) -> tuple[Expense, Caller]:
        """Return an expense, and on whose behalf it was created.

        Raises:
            InvalidId: no expense has this id.
        """
        found = await self.expenses.get_with_caller(expense_id)
        if found is None:
            raise InvalidId(_NOBODY_HAS_IT)
        return found

    async def decide(
        self, expense_id: str, decision: Decision, person: str, reason: str | None
    ) -> Expense | None:
        """Record a decision of somebody who may decide; arguments as in `Store.decide`."""
        expense = await self.expenses.decide(expense_id, decision, person, reason)
        if expense:
            self.changed(expense_id)
        return expense

    async def note_refusal(self, expense: Expense, person: str, refusal: NotAllowed) -> None:
        """Write down that somebody tried what they may not do; it changes nothing."""
        await self.expenses.note(expense, event="refuse", actor=person, detail=str(refusal))

    async def change(
        self,
        expense: Expense,
        *,
        expected: Collection[State] | None = None,
        to: State | None = None,
        event: str,
        actor: str,
        detail: str | None = None,
        unless_payment_asked: bool = False,
        seen: int | None = None,
        **changes: Unpack[Changes],
    ) -> Expense | None:
        """Change an expense if it is in an expected state; arguments as in `Store.change`.

        Args:
            expense: as it was read at some time.
            expected: the states in which the change is right; by default those from which `to`
                can be reached.
            to: the state that follows; None to stay.
            event: the verb, for the audit trail.
            actor: Slack user id or part of the system, for the audit trail.
            detail: what else the audit trail should say.
            unless_payment_asked: do nothing once the payment system was asked.
            seen: do nothing if it has another version by now.
            **changes: what else is set.

        Returns:
            The expense as it now is, or None if it was in no expected state.
        """
        if expected is None:
            expected = {state for state, following in TRANSITIONS.items() if to in following}
        changed = await self.expenses.change(
            expense,
            expected=expected,
            to=to,
            event=event,
            actor=actor,
            detail=detail,
            unless_payment_asked=unless_payment_asked,
            seen=seen,
            **changes,
        )
        if changed:
            self.changed(expense.id)
        return changed
