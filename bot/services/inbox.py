"""What waits for whom, page by page."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from bot.database.queries.home_queries import HomeQueries
from bot.domain.errors import TryAgain
from bot.domain.expense import Expense
from bot.domain.inbox import MOST, PAGE_LENGTH, Asked, Page, Stuck, bounds
from bot.domain.people.role import Role
from bot.policy.approvers import Policy


class Inbox:
    """Looks up what people find on their Home.

    Args:
        stuck_after: how long what is undecided is left to its approvers.
    """

    def __init__(self, queries: HomeQueries, policy: Policy, stuck_after: timedelta) -> None:
        self._queries = queries
        self._policy = policy
        self._stuck_after = stuck_after

    async def for_admin(self, person: str) -> tuple[Stuck, ...] | None:
        """List what needs help: refused payments, what nobody can decide, what has waited for long.

        Args:
            person: Slack user id.

        Returns:
            One more than is shown if there are more; None for somebody who is no admin.

        Raises:
            TryAgain: Slack does not say whether the person is an admin.
        """
        if not await self._policy.has_role(person, Role.ADMIN):
            return None
        before = datetime.now(UTC) - self._stuck_after
        # Half of the page is for each.
        refused = await self._queries.refused(PAGE_LENGTH // 2)
        found = await self._queries.stuck(before, PAGE_LENGTH + 1 - len(refused))
        return (
            *(Stuck(one, ()) for one in refused),
            *(Stuck(one, self._policy.may_decide_now(one)) for one in found),
        )

    async def for_approver(self, person: str, number: int = 0) -> Page[Asked] | None:
        """List what a person may decide now, oldest first.

        Whether they may is checked anew when they decide; this only has to agree with it.

        Args:
            number: which page, from 0; the last one if there are fewer.

        Returns:
            None for somebody who is no approver and has nothing to decide.
        """
        places, is_complete = await self._policy.ids_by_approver(person)
        if not places:
            return None
        known = frozenset[str]().union(*places.values())
        approvers = [one for one in places if not places[one].isdisjoint(self._policy.approvers)]
        ids = await self._queries.waiting_ids(person, places, approvers)
        if not ids and known.isdisjoint(self._policy.named):
            if not is_complete:
                raise TryAgain("Slack does not say whether this person is an approver.")
            return None
        total, number = bounds(len(ids), number)
        shown = ids[number * PAGE_LENGTH : (number + 1) * PAGE_LENGTH]
        found = await self._queries.by_ids(shown)
        items = tuple(
            Asked(found[id], self._on_behalf_of(found[id], places) or person)
            for id in shown
            if id in found
        )
        return Page(
            items=items,
            number=number,
            total=total,
            is_more=len(ids) > MOST,
            is_complete=is_complete,
        )

    def _on_behalf_of(self, expense: Expense, places: Mapping[str, frozenset[str]]) -> str | None:
        asked = set(self._policy.may_decide_now(expense))
        progress = expense.progress
        taken = progress.released()
        free = (one for one in places if one not in taken and not progress.has_approved(one))
        return next((whose for whose in free if places[whose] & asked), None)
