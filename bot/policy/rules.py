"""The rules of a policy: which expense asks whom."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

from bot.catalogue import listed, say
from bot.domain.approval_plan import Allowance, Plan, Stage
from bot.domain.errors import GroupGone, InvalidInput
from bot.domain.expense import Claim, Money
from bot.domain.flags.judging import NO_FLAGS, FlagRules, Limits
from bot.domain.people.role import Role
from bot.domain.words import Words
from bot.domain.worth import Worth
from bot.policy.directory import Directory
from bot.policy.enough import can_be_approved
from bot.policy.members import asked_ahead, is_among

# In a policy's stages: the manager whom the requester chooses in the form.
MANAGER = "manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: which expenses it matches, and what it asks of them.

    Amounts are in the policy's base currency.
    """

    name: str  # as people read it, such as "over 500 EUR in travel"
    over: Decimal | None = None  # matches only larger amounts
    up_to: Decimal | None = None  # matches only this and smaller amounts
    categories: frozenset[str] = frozenset()  # matches only these; empty for all
    # Slack ids of users and user groups; matches only these and their members; empty for all.
    requesters: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()  # the stages of the plan; none to approve automatically
    # What is approved automatically for one person in a month; None for no limit.
    monthly_ceiling: Decimal | None = None
    receipt_over: Decimal | None = None  # larger amounts need a receipt
    window: timedelta | None = None  # the decision window; None for EXPENSE_DECISION_WINDOW

    def needs_receipt(self, amount: Decimal) -> bool:
        """Return whether an expense of this amount needs a receipt."""
        return self.receipt_over is not None and amount > self.receipt_over

    def covers(self, later: "Rule") -> bool:
        """Return whether this rule matches every expense that a later rule matches."""

        def is_within(narrow: Collection[object], wide: Collection[object]) -> bool:
            return not wide or (bool(narrow) and set(narrow) <= set(wide))

        is_up_to = self.up_to is None or (later.up_to is not None and later.up_to <= self.up_to)
        return (
            (self.over or 0) <= (later.over or 0)
            and is_up_to
            and is_within(later.categories, self.categories)
            and is_within(later.requesters, self.requesters)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """The rules of a company's policy, in order: the first one that matches counts."""

    base_currency: str = "EUR"  # the currency of amounts in rules (ISO 4217)
    # The value of one unit of another currency, in the base currency.
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    # Slack ids of the users and user groups that the form offers as "your manager".
    managers: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    # Slack ids of the users and user groups that have a role.
    roles: Mapping[Role, tuple[str, ...]] = field(default_factory=dict)
    # Whether people can delegate only to somebody who could be asked themselves.
    delegates_approve: bool = False
    flags: FlagRules = NO_FLAGS
    words: Words = field(default_factory=Words)
    # The file and those that it names, as they were read, each with its name.
    sources: tuple[tuple[str, bytes], ...] = field(default=(), compare=False, repr=False)
    # What EXPENSE_POLICY says: the name of the file, or the lines themselves.
    written: str = field(default="", compare=False, repr=False)

    def __bool__(self) -> bool:
        return bool(self.rules)

    @property
    def text(self) -> bytes:
        """What the policy's own file says."""
        return self.sources[0][1] if self.sources else b""

    @property
    def sha256(self) -> str | None:
        """The hash of that, in hexadecimal digits; None if nobody wrote a policy."""
        return hashlib.sha256(self.text).hexdigest() if self.sources else None

    @property
    def currencies(self) -> frozenset[str]:
        """The only currencies (ISO 4217) that it takes; none are named if it takes every one."""
        return frozenset((*self.rates, self.base_currency)) if self.rules else frozenset()

    @property
    def asks_managers(self) -> bool:
        """Whether some rule asks the requester's manager."""
        return any(MANAGER in stage.asked for rule in self.rules for stage in rule.stages)

    @property
    def asked(self) -> frozenset[str]:
        """The Slack ids of the users and user groups that some rule asks."""
        stages = (stage for rule in self.rules for stage in rule.stages)
        named = {id for stage in stages for id in (*stage.asked, *stage.escalate_to)}
        return frozenset(named - {MANAGER} | {*self.managers})

    def in_base(self, money: Money) -> Decimal:
        """Convert an amount into the base currency.

        Raises:
            InvalidInput: the policy names no rate for its currency.
        """
        if (worth := self.worth(money.amount, money.currency)) is not None:
            return worth
        known = listed(sorted({*self.rates, self.base_currency}), "or")
        said = say("expense-form-currency.not-taken", currency=money.currency, currencies=known)
        raise InvalidInput("currency", said)

    def worth(self, amount: Decimal, currency: str) -> Decimal | None:
        """Convert an amount into the base currency; None if there is no rate for its currency."""
        found = self.worth_of(Money(amount, currency))
        return found.amount if found else None

    def worth_of(self, money: Money) -> Worth | None:
        """Convert an amount into the base currency, with the rate; None if there is none for it."""
        rate = {**self.rates, self.base_currency: Decimal(1)}.get(money.currency)
        return None if rate is None else Worth(money.amount * rate, self.base_currency, rate)

    def limits(self, category: str) -> Limits:
        """Return the amounts above which some rule for a category asks for more."""
        amounts = {
            amount
            for rule in self.rules
            if not rule.categories or category in rule.categories
            for amount in (rule.over, rule.up_to, rule.receipt_over)
            if amount
        }
        own = self.words.categories.get(category)
        amounts |= {own.receipt_over} if own and own.receipt_over else set()
        largest_first = sorted(amounts, reverse=True)
        return Limits(amounts=largest_first, currency=self.base_currency, in_base=self.worth)

    async def plans(
        self, requester: str, claim: Claim, directory: Directory, *, asks: bool = False
    ) -> list[Plan]:
        """Return the plans that an expense can get.

        Args:
            requester: who asks for it.
            claim: what they ask for.
            directory: knows who is in which user group.
            asks: whether rules that approve automatically are passed over.

        Returns:
            The plans to try in order, as all but the last have a monthly ceiling. Empty if no rule
            matches, so that EXPENSE_APPROVERS decide.

        Raises:
            InvalidInput: the currency has no rate, a receipt or the manager is missing, the manager
                is not among those offered, or the stages have too few people.
        """
        found: list[Plan] = []
        own = self.words.categories.get(claim.category)
        over = own.receipt_over if own else None
        if over is not None and not claim.receipts and self.in_base(claim.money) > over:
            raise InvalidInput("receipts", say("expense-form-receipts.missing"))
        if not self.rules:
            return found
        amount = self.in_base(claim.money)
        async with asked_ahead((id for one in self.rules for id in one.requesters), directory):
            for rule in self.rules:
                if not await self.why_not(rule, requester, claim, directory):
                    if rule.needs_receipt(amount) and not claim.receipts:
                        words = say("expense-form-receipts.missing")
                        raise InvalidInput("receipts", words)
                    if asks and not rule.stages:
                        continue
                    found.append(await self._plan(rule, amount, requester, claim, directory))
                    if rule.stages or rule.monthly_ceiling is None:
                        break
        return found

    async def why_not(
        self, rule: Rule, requester: str, claim: Claim, directory: Directory
    ) -> str | None:
        """Return a phrase that says why a rule does not match an expense; None if it matches.

        Raises:
            InvalidInput: the policy names no rate for the currency, or a user group that Slack
                does not have any more.
        """
        amount, currency = self.in_base(claim.money), self.base_currency
        asked_for = f"{amount.normalize():f} {currency}"
        if rule.over is not None and amount <= rule.over:
            return f"{asked_for} is not over {rule.over:f} {currency}"
        if rule.up_to is not None and amount > rule.up_to:
            return f"{asked_for} is over {rule.up_to:f} {currency}"
        if rule.categories and claim.category not in rule.categories:
            return f"{claim.category} is not {' or '.join(sorted(rule.categories))}"
        if rule.requesters and not await _is_one_of(requester, rule.requesters, directory):
            return f"{requester} is none of {', '.join(rule.requesters)}"
        return None

    async def _plan(
        self, rule: Rule, amount: Decimal, requester: str, claim: Claim, directory: Directory
    ) -> Plan:
        if not rule.stages:
            allowance = Allowance(
                amount=amount, ceiling=rule.monthly_ceiling, currency=self.base_currency
            )
            return Plan(rule=rule.name, window=rule.window, allowance=allowance)
        if any(MANAGER in stage.asked for stage in rule.stages):
            manager = claim.manager
            if manager is None:
                words = say("expense-form-manager.missing")
                raise InvalidInput("manager", words)
            is_offered = manager != requester and await is_among(manager, self.managers, directory)
            # The form leaves out who has left, but may have been opened before that.
            is_theirs = manager == claim.coding.manager  # which was looked up just now
            if not is_theirs and not (is_offered and await directory.is_full_member(manager)):
                raise InvalidInput("manager", say("expense-form-manager.not-offered"))
        stages = tuple(_with_manager(stage, claim.manager) for stage in rule.stages)
        if not can_be_approved(stages, requester):
            if claim.manager:
                raise InvalidInput("manager", say("too-few-approvers-by-manager"))
            raise InvalidInput("amount", say("too-few-approvers"))
        return Plan(rule=rule.name, stages=stages, window=rule.window)


async def _is_one_of(requester: str, ids: Collection[str], directory: Directory) -> bool:
    try:
        return await is_among(requester, ids, directory, is_safeguard=True)
    except GroupGone as gone:
        raise InvalidInput("amount", say("group-is-gone", group=gone.group)) from gone


def _with_manager(stage: Stage, manager: str | None) -> Stage:
    asked = (manager if id == MANAGER else id for id in stage.asked)
    # The policy may name the manager as well, who is asked once.
    return replace(stage, asked=tuple(dict.fromkeys(id for id in asked if id)))
