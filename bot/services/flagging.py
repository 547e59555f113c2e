"""Raises the flags of what is submitted, and keeps what is flagged from automatic approval."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

from bot.database.people.spending import Spendings
from bot.domain.approval_plan import Plan
from bot.domain.expense import Claim
from bot.domain.flags.flag import Flag, Kind
from bot.domain.flags.judging import Spending, is_picked, judge
from bot.policy.approvers import Policy


class Flagging:
    """Says what is unusual about an expense.

    Args:
        draw: returns a number from 0 to 1 for a text, always the same, that nobody can guess.
    """

    def __init__(
        self, spendings: Spendings, policy: Policy, draw: Callable[[str], Decimal]
    ) -> None:
        self._spendings = spendings
        self._policy = policy
        self._draw = draw

    async def judge(
        self, requester: str, claim: Claim
    ) -> tuple[Claim, list[Plan], tuple[Flag, ...], str | None]:
        """Return a claim in the company's words, its plans and flags, and the policy's hash.

        With a flag, none of the plans is automatic: the next rule that matches and asks somebody
        counts, and EXPENSE_APPROVERS are asked where none does.

        Raises:
            InvalidInput: as `Words.coded` and `Rulebook.plans`.
        """
        sha256 = self._policy.rulebook.sha256
        claim = await self._policy.coded(requester, claim)
        plans = await self._policy.plans(requester, claim)
        is_automatic = any(plan.is_automatic for plan in plans)
        flags = await self._flags(requester, claim, is_automatic=is_automatic)
        if flags and is_automatic:
            plans = await self._policy.plans(requester, claim, asks=True)
        return claim, plans, flags, sha256

    async def _flags(self, requester: str, claim: Claim, *, is_automatic: bool) -> tuple[Flag, ...]:
        book = self._policy.rulebook
        rules = book.flags
        others: list[Spending] = []
        if rules.looks_around:
            others = await self._spendings.around(requester, claim.spent_on, rules.reach)
        own = Spending(
            id="",
            amount=claim.money.amount,
            currency=claim.money.currency,
            category=claim.category,
            spent_on=claim.spent_on,
        )
        today, limits = datetime.now(UTC).date(), book.limits(claim.category)
        found = judge(own, today, others, rules, limits)
        if found or not (is_automatic and rules.spot_check):
            return found
        # The same claim draws the same lot, however often it is submitted.
        amount = f"{claim.money.amount.normalize():f}"
        lot = self._draw(" ".join((requester, amount, claim.money.currency, str(claim.spent_on))))
        return (Flag(kind=Kind.SPOT_CHECK),) if is_picked(lot, others, rules) else ()
