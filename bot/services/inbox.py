"""What waits for whom, page by page."""

from collections.abc import Mapping

from bot.database.home_queries import HomeQueries
from bot.domain.errors import TryAgain
from bot.domain.expense import Expense
from bot.domain.inbox import MOST, PAGE_LENGTH, Asked, Page, bounds
from bot.policy.approvers import Policy


class Inbox:
    """Looks up what people find on their Home."""

    def __init__(self, queries: HomeQueries, policy: Policy) -> None:
        self._queries = queries
        self._policy = policy

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
        is_approver = not known.isdisjoint(self._policy.approvers)
        ids = await self._queries.waiting_ids(person, places, is_approver=is_approver)
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
        free = (whose for whose in places if not expense.progress.has_approved(whose))
        return next((whose for whose in free if places[whose] & asked), None)
