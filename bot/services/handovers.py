"""Handing an expense over: somebody who is asked forwards it, or an admin reassigns it."""

from dataclasses import replace
from datetime import UTC, datetime

from bot.catalogue import say
from bot.database.expenses import ExpenseStore
from bot.domain import audit_events
from bot.domain.approval_plan import Progress
from bot.domain.errors import (
    AlreadyDecided,
    Conflict,
    InvalidInput,
    InvalidState,
)
from bot.domain.expense import OPEN, Expense
from bot.domain.handover import HandedOver, Handover
from bot.domain.people.role import Role
from bot.policy.approvers import Policy
from bot.services.decisions import Decisions
from bot.services.roles import get_for_role

MOST_FORWARDED = 5
# How often a handover gives way to something else that happens to the same expense.
_TRIES = 20


class Handovers:
    """Changes who is asked about an expense.

    Args:
        expenses: where expenses are recorded.
        decisions: says who may decide, and so who may forward.
        policy: says who can be asked.
    """

    def __init__(self, expenses: ExpenseStore, decisions: Decisions, policy: Policy) -> None:
        self._expenses = expenses
        self._decisions = decisions
        self._policy = policy

    async def forward(
        self, expense_id: str, person: str, colleague: str, note: str | None = None
    ) -> Expense:
        """Have a colleague asked in the place of a person who is asked.

        Who asks once more in the same words has done so already.

        Args:
            expense_id: which expense.
            person: Slack user id of who forwards it; may be the delegate of who is asked.
            colleague: Slack user id of who is asked from then on.
            note: what the colleague is told.

        Raises:
            InvalidId, NotAllowed, AlreadyAgreed, AlreadyDecided, TryAgain: as in `Decisions.check`.
            InvalidState: it was forwarded too often.
            InvalidInput: the colleague cannot decide it.
        """
        for _ in range(_TRIES):
            # Read once: between two readings, the same form may have come again and been done.
            expense, delegators = await self._expenses.get_with_delegators(expense_id, person)
            newest = [(line.by, line.to) for line in expense.progress.handovers_in()][-1:]
            if newest == [(person, colleague)]:
                return expense
            represented = await self._decisions.check_read(expense, delegators, person)
            history = await self._expenses.history(expense_id)
            times = sum(isinstance(entry.event, audit_events.Forwarded) for entry in history)
            if times >= MOST_FORWARDED:
                raise InvalidState(say("forwarded-too-often", times=MOST_FORWARDED))
            if colleague in (person, represented[0]):
                raise InvalidInput("colleague", say("colleague-is-yourself"))
            handover = Handover(
                stage=expense.progress.stage,
                of=represented[0],
                to=colleague,
                by=person,
                at=datetime.now(UTC),
                is_forwarded=True,
            )
            if changed := await self._hand_over(expense, handover, note):
                return changed
        raise Conflict("Much happens to this expense at the same time.")

    async def check_may_reassign(self, expense_id: str, admin: str) -> Expense:
        """Return an expense that this admin may give to somebody.

        Raises:
            NotAllowed: they are no admin, or asked for it themselves; the attempt is written into
                its history.
            InvalidId: no expense has this id.
            AlreadyDecided: nobody can decide it, not yet or not any more.
            TryAgain: Slack does not say whether they are an admin.
        """
        expense = await get_for_role(
            self._expenses, self._policy, expense_id, admin, (Role.ADMIN,), say("admins-only")
        )
        is_late = expense.decide_by and expense.decide_by <= datetime.now(UTC)
        if not expense.is_asking or is_late:
            raise AlreadyDecided("This expense is not open to decisions.", expense)
        return expense

    async def reassign(
        self,
        expense_id: str,
        admin: str,
        colleague: str,
        instead_of: str | None = None,
        note: str | None = None,
    ) -> Expense:
        """Have a colleague asked in somebody's place, or as well; nothing is decided by that.

        Who asks once more in the same words has done so already.

        Args:
            expense_id: which expense.
            admin: Slack user id of who reassigns it.
            colleague: Slack user id of who is asked from then on.
            instead_of: Slack user id of who is not asked any more; None if everybody still is.
            note: what the colleague is told.

        Raises:
            NotAllowed, InvalidId, AlreadyDecided, TryAgain: as in `check_may_reassign`.
            InvalidInput: the colleague cannot decide it or is asked already, or the other is not.
        """
        for _ in range(_TRIES):
            expense = await self.check_may_reassign(expense_id, admin)
            asking = _where_stuck(expense)
            newest = [(one.by, one.of, one.to) for one in asking.progress.handovers_in()][-1:]
            if newest == [(admin, instead_of, colleague)]:
                return expense
            if instead_of and not await self._policy.is_asked(instead_of, asking):
                raise InvalidInput("instead_of", say("nobody-to-replace"))
            if colleague == admin:
                raise InvalidInput("colleague", say("colleague-is-admin"))
            if await self._policy.is_asked(colleague, asking):
                raise InvalidInput("colleague", say("colleague-is-asked"))
            handover = Handover(
                stage=asking.progress.stage,
                of=instead_of,
                to=colleague,
                by=admin,
                at=datetime.now(UTC),
            )
            if changed := await self._hand_over(expense, handover, note):
                return changed
        raise Conflict("Much happens to this expense at the same time.")

    async def replace(self, expense: Expense, person: str, colleague: str) -> bool:
        """Have a colleague asked wherever an open expense still names a person who has left.

        Args:
            expense: as it is now.
            person: Slack user id of who is not asked any more, in this stage and in later ones.
            colleague: Slack user id of who is asked instead.

        Returns:
            Whether it named them.

        Raises:
            InvalidInput: the colleague cannot decide it.
            Conflict, TryAgain: Slack does not answer, or much happens to it at the same time.
        """
        was_named = False
        for _ in range(_TRIES):
            stage = self._policy.next_to_ask(person, expense)
            if stage is None or expense.state not in OPEN:
                return was_named
            handover = Handover(
                stage=stage, of=person, to=colleague, by="operator", at=datetime.now(UTC)
            )
            was_named |= bool(await self._hand_over(expense, handover, None))
            expense = await self._expenses.get(expense.id)
        raise Conflict("Much happens to this expense at the same time.")

    async def _hand_over(
        self, expense: Expense, handover: Handover, note: str | None
    ) -> Expense | None:
        """Record a handover, unless the expense has changed since it was read.

        Raises:
            InvalidInput, TryAgain: as in `forward`.
        """
        if handover.to == handover.of:
            raise InvalidInput("colleague", say("colleague-is-the-same"))
        await self._policy.check_can_take(handover.to, expense)
        handovers = (*expense.progress.handovers, handover)
        progress = replace(expense.progress, handovers=handovers)
        await self._check_prospects(expense, progress)
        kind = audit_events.Forwarded if handover.is_forwarded else audit_events.Reassigned
        return await self._expenses.change(
            expense,
            expected=OPEN,
            seen=expense.version,
            event=kind(str(HandedOver(handover.of, handover.to, note))),
            actor=handover.by,
            progress=progress,
        )

    async def _check_prospects(self, expense: Expense, after: Progress) -> None:
        """Refuse a handover after which an expense could not be approved that could be before.

        Raises:
            InvalidInput: too few people would be left.
            TryAgain: Slack does not tell.
        """
        obstacle = self._policy.prospects.obstacle
        if not await obstacle(replace(expense, progress=after), if_escalated=True):
            return
        if await obstacle(expense, if_escalated=True) is None:
            raise InvalidInput("colleague", say("colleague-leaves-too-few"))


def _where_stuck(expense: Expense) -> Expense:
    """Return an expense as it will be in the later stage that is stuck; else as it is."""
    obstacle, progress = expense.obstacle, expense.progress
    if obstacle is None or obstacle.stage <= progress.stage:
        return expense
    return replace(expense, progress=replace(progress, stage=obstacle.stage, escalated=False))
