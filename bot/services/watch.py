"""Notices open expenses that are stuck, and those that are not any more."""

import logging

from bot.database.expenses import ExpenseStore
from bot.domain import audit_events
from bot.domain.errors import TryAgain
from bot.domain.expense import Expense, State
from bot.domain.health.stuck import repair
from bot.domain.obstacle import Obstacle
from bot.policy.prospects import Prospects

logger = logging.getLogger(__name__)


class Watch:
    """Records when nobody can decide an expense, and when somebody can again."""

    def __init__(self, expenses: ExpenseStore, prospects: Prospects) -> None:
        self._expenses = expenses
        self._prospects = prospects

    async def look(self, expense: Expense, not_asked: Obstacle | None) -> Expense:
        """Find out whether an expense is stuck, record a change, and return it as it is then.

        From that record people are told; the operator finds a line in the log.
        """
        if not expense.is_asking:
            return expense
        try:
            obstacle = await self._prospects.obstacle(expense) or not_asked
        except TryAgain as away:
            # What was known stays, until Slack tells.
            logger.info("expense %s: whether it is stuck is not known: %s", expense.id, away)
            return expense
        if obstacle == expense.obstacle:
            return expense
        changed = await self._expenses.change(
            expense,
            audit_events.Stuck(str(obstacle)) if obstacle else audit_events.Freed(),
            "policy",
            expected={State.CREATED},
            seen=expense.version,
            obstacle=str(obstacle) if obstacle else None,
        )
        if changed is None:
            return expense  # something else happened to it, after which it is looked at again
        if obstacle:
            logger.error("expense %s is stuck: %s", expense.id, repair(expense, obstacle))
        else:
            logger.warning("expense %s is not stuck any more, and goes on", expense.id)
        return changed
