"""Required receipts: without a copy of one that the policy wants, nothing is paid at once."""

import logging
from datetime import timedelta

from bot.database.expenses import ExpenseStore
from bot.database.receipts.copies import ReceiptStore
from bot.domain.audit_events import ReceiptsAwaited
from bot.domain.errors import TryAgain
from bot.domain.expense import Expense
from bot.domain.receipts import LONGEST_WAIT, CopyState
from bot.policy.rules import Rulebook

logger = logging.getLogger(__name__)

# Mostly they are copied long before the decision. After this, the requester is told that they wait.
_SOON = timedelta(minutes=1)


def requires_receipt(book: Rulebook, expense: Expense) -> bool:
    """Return whether an expense needs a receipt, by its category or the rule that it came under."""
    if (claim := expense.claim) is None:
        return False
    name, category = expense.plan and expense.plan.rule, book.words.categories.get(claim.category)
    limits = [rule.receipt_over for rule in book.rules if rule.name == name]
    limits += [category.receipt_over] if category else []
    amount = book.worth(claim.money.amount, claim.money.currency)
    # Without a rate for its currency any more, it may be above.
    return any(limit is not None and (amount is None or amount > limit) for limit in limits)


class RequiredReceipts:
    """Says whether the receipts are kept that the policy requires."""

    def __init__(self, expenses: ExpenseStore, store: ReceiptStore) -> None:
        self._expenses = expenses
        self._store = store

    async def are_kept(self, expense: Expense) -> bool:
        """Return whether an approved expense has the receipt that it needs, if it needs one.

        After a day it is paid without a copy: a storage that is away is no reason to owe people
        money, and the receipt is in Slack.

        Raises:
            TryAgain: it is not copied yet.
        """
        states = {
            copy.state for copy in await self._store.of_expense(expense.id) if copy.is_required
        }
        if not states or CopyState.KEPT in states:
            return True
        if CopyState.AWAITED not in states:
            return False
        now = await self._expenses.now()
        waited = now - (expense.decided_at or now)
        if waited >= LONGEST_WAIT:
            words = "expense %s is paid, although its receipts could not be copied for a day"
            logger.error(words, expense.id)
            return True
        if waited >= _SOON:
            await self._tell(expense)
        raise TryAgain("A receipt that is required is not copied yet.", after=10)

    async def _tell(self, expense: Expense) -> None:
        """Tell the requester, once, what the payment waits for."""
        history = await self._expenses.history(expense.id)
        if not any(isinstance(entry.event, ReceiptsAwaited) for entry in history):
            await self._expenses.note(expense, ReceiptsAwaited(), "delivery")
            self._expenses.on_change(expense.id)
