"""Flags expenses whose receipt came with another one, once the bot has its copy."""

from dataclasses import replace
from datetime import timedelta

from bot.database.expenses import ExpenseStore
from bot.database.people.same_receipts import SameReceipts
from bot.database.receipts.copies import ReceiptStore
from bot.domain.approval_plan import Plan
from bot.domain.errors import InvalidInput, TryAgain
from bot.domain.expense import OPEN, Expense
from bot.domain.flags.flag import Flag, Kind
from bot.domain.flags.judging import MOST_NAMED
from bot.domain.receipts import CopyState, ReceiptCopy
from bot.policy.approvers import Policy

# How long an automatic approval waits for copies: they take a second or two.
LONGEST_WAIT = timedelta(minutes=1)
# How often a flag gives way to something else that happens to the same expense.
_TRIES = 20


class ReceiptFlags:
    """Compares kept receipts with those of all other expenses, by their SHA-256."""

    def __init__(
        self, expenses: ExpenseStore, copies: ReceiptStore, same: SameReceipts, policy: Policy
    ) -> None:
        self._expenses = expenses
        self._copies = copies
        self._same = same
        self._policy = policy

    async def look(self, copy: ReceiptCopy) -> bool:
        """Flag a copy's expense if it came with others; say if that changed anything.

        It can be called again. Of two expenses that are copied at the same instant both are
        flagged.
        """
        if not self._policy.rulebook.flags.receipt or copy.sha256 is None:
            return False
        has_changed = False
        for _ in range(_TRIES):
            expense = await self._expenses.get(copy.expense_id)
            others = await self._same.others(expense.id, copy.sha256)
            flag = _new_flag(expense, others)
            if flag is None:
                return has_changed
            if await self._same.flag(expense, flag, await self._plan(expense)):
                self._expenses.on_change(expense.id)
                has_changed = True
        raise TryAgain("Much happens to this expense at the same time.")

    async def _plan(self, expense: Expense) -> Plan | None:
        """Return what a flagged expense asks instead of nobody; None if it asks somebody."""
        if not (expense.asks_nobody and expense.state in OPEN and expense.claim):
            return None
        try:
            plans = await self._policy.plans(expense.requester or "", expense.claim, asks=True)
        except InvalidInput:
            plans = []  # the requester, who could be asked for what is missing, has submitted
        usual = replace(self._policy.usual_plan, rule=expense.plan.rule if expense.plan else "")
        return plans[0] if plans else usual

    async def may_approve(self, expense: Expense) -> bool:
        """Say if the receipts of an expense do not keep it from being approved automatically."""
        has_receipts = expense.claim and expense.claim.receipts
        if not (has_receipts and self._policy.rulebook.flags.receipt):
            return True
        copies = await self._copies.of_expense(expense.id)
        for copy in copies:
            if await self.look(copy):
                return False
        is_late = await self._expenses.now() - expense.created_at > LONGEST_WAIT
        return is_late or not any(copy.state is CopyState.AWAITED for copy in copies)


def _new_flag(expense: Expense, others: list[tuple[str, str]]) -> Flag | None:
    """Return the flag that an expense does not have yet, its own requester's expenses first."""
    of_requester = [id for id, who in others if who == expense.requester]
    of_others = [id for id, who in others if who != expense.requester]
    for kind, ids in ((Kind.RECEIPT, of_requester), (Kind.OTHERS_RECEIPT, of_others)):
        known = next((flag.others for flag in expense.flags if flag.kind is kind), ())
        named = tuple(dict.fromkeys((*known, *ids)))[:MOST_NAMED]
        if named != known:
            return Flag(kind=kind, others=named)
    return None
