"""The rules of a policy: which expense asks whom."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from itertools import combinations

from bot.domain.approval_plan import Allowance, Plan, Stage
from bot.domain.errors import InvalidInput
from bot.domain.expense import Category, Claim, Money
from bot.domain.slack_ids import is_group
from bot.policy.directory import Directory

# Stands in `Stage.asked` for whom the requester chose in the form.
MANAGER = "manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is asked of the expenses that it matches; amounts are in the base currency.

    Attributes:
        name: for people, such as "over 500 EUR in travel".
        over: only amounts above this.
        up_to: only amounts up to this.
        categories: only these; none for all.
        requesters: only these users and members of these user groups; none for all.
        stages: who is asked; none to approve automatically.
        monthly_ceiling: how much is approved automatically for one person in a month.
        receipt_over: amounts above this need a receipt.
        window: how long people have.
    """

    name: str
    over: Decimal | None = None
    up_to: Decimal | None = None
    categories: frozenset[Category] = frozenset()
    requesters: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    monthly_ceiling: Decimal | None = None
    receipt_over: Decimal | None = None
    window: timedelta | None = None

    def covers(self, later: "Rule") -> bool:
        """Return whether it matches everything that a later rule matches."""

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
    """All rules of a company, the first that matches counts.

    Attributes:
        base_currency: in which rules name amounts.
        rates: what one unit of another currency is worth in the base currency.
        managers: whom the form offers as "your manager": users and user groups.
        rules: in order.
    """

    base_currency: str = "EUR"
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    managers: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rules)

    def in_base(self, money: Money) -> Decimal:
        """Convert an amount into the base currency.

        Raises:
            InvalidInput: the policy names no rate for its currency.
        """
        rate = (
            Decimal(1) if money.currency == self.base_currency else self.rates.get(money.currency)
        )
        if rate is None:
            known = ", ".join(sorted({self.base_currency, *self.rates}))
            raise InvalidInput(
                "currency", f"Your company's policy takes no {money.currency}; please use {known}."
            )
        return money.amount * rate

    async def plans(self, requester: str, claim: Claim, directory: Directory) -> list[Plan]:
        """Say what the policy asks of an expense.

        Args:
            requester: Slack user id.
            claim: what is asked for.
            directory: knows who is in which user group.

        Returns:
            The plans to try in order: each but the last may find its monthly ceiling reached.
            None at all if no rule matches, so that the approvers of the settings are asked.

        Raises:
            InvalidInput: its currency has no rate, a receipt or the manager is missing, or the
                manager is not one of those offered.
            TryAgain: Slack does not say who is in a group.
        """
        found: list[Plan] = []
        if not self.rules:
            return found
        amount = self.in_base(claim.money)
        for rule in self.rules:
            if not await self.why_not(rule, requester, claim, directory):
                check_receipt(rule, amount, claim)
                found.append(await self._plan(rule, amount, requester, claim, directory))
                if rule.stages or rule.monthly_ceiling is None:
                    break
        return found

    async def why_not(
        self, rule: Rule, requester: str, claim: Claim, directory: Directory
    ) -> str | None:
        """Say in a phrase why a rule does not match an expense, or None if it does.

        Raises:
            InvalidInput: the policy names no rate for its currency.
            TryAgain: Slack does not say who is in a group.
        """
        amount, currency = self.in_base(claim.money), self.base_currency
        asked_for = f"{amount.normalize():f} {currency}"
        if rule.over is not None and amount <= rule.over:
            return f"{asked_for} is not over {rule.over:f} {currency}"
        if rule.up_to is not None and amount > rule.up_to:
            return f"{asked_for} is over {rule.up_to:f} {currency}"
        if rule.categories and claim.category not in rule.categories:
            return f"{claim.category} is not {' or '.join(sorted(rule.categories))}"
        if rule.requesters and not await is_among(requester, rule.requesters, directory):
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
            await self._check_manager(requester, claim.manager, directory)
        stages = tuple(_with_manager(stage, claim.manager) for stage in rule.stages)
        if not can_be_approved(stages, requester):
            raise InvalidInput(
                "manager" if claim.manager else "amount",
                "Too few people may approve this who are neither you nor counted twice; "
                "please choose another manager, or ask whoever writes the expense policy.",
            )
        return Plan(rule=rule.name, stages=stages, window=rule.window)

    async def _check_manager(
        self, requester: str, manager: str | None, directory: Directory
    ) -> None:
        if manager is None:
            raise InvalidInput("manager", "Please choose your manager; this expense needs them.")
        if manager == requester or not await is_among(manager, self.managers, directory):
            raise InvalidInput("manager", "Please choose one of the managers of the list.")


async def members_of(ids: Iterable[str], directory: Directory) -> frozenset[str]:
    """List these users and the members of these user groups, now.

    Raises:
        TryAgain: Slack does not say who is in a group.
    """
    found: set[str] = set()
    for id in ids:
        found |= await directory.group_members(id) if is_group(id) else {id}
    return frozenset(found)


async def is_among(person: str, ids: Iterable[str], directory: Directory) -> bool:
    """Say whether a person is one of these users, or a member of one of these user groups, now.

    Raises:
        TryAgain: Slack does not say who is in a group.
    """
    ids = tuple(ids)
    if person in ids:
        return True
    for group in sorted(filter(is_group, ids)):
        if person in await directory.group_members(group):
            return True
    return False


def can_be_approved(stages: Sequence[Stage], requester: str) -> bool:
    """Say whether there are enough people for all stages, each of whom counts once.

    There are, if any stages together name as many as they need (Hall's theorem). Of user groups
    nobody knows who will be in them; they are taken to be large enough.
    """
    known = [
        ({*stage.asked, *stage.escalate_to} - {requester}, stage.needed)
        for stage in stages
        if not any(map(is_group, (*stage.asked, *stage.escalate_to)))
    ]
    return all(
        len(set[str]().union(*(people for people, _ in some))) >= sum(needed for _, needed in some)
        for count in range(1, len(known) + 1)
        for some in combinations(known, count)
    )


def check_receipt(rule: Rule, amount: Decimal, claim: Claim) -> None:
    """Refuse an expense that needs a receipt and has none.

    Raises:
        InvalidInput: its field is `receipts`.
    """
    if rule.receipt_over is not None and amount > rule.receipt_over and not claim.receipts:
        raise InvalidInput("receipts", "Please add a receipt; this expense needs one.")


def _with_manager(stage: Stage, manager: str | None) -> Stage:
    asked = (manager if id == MANAGER else id for id in stage.asked)
    # The manager can be among the others, too, and is asked once.
    return replace(stage, asked=tuple(dict.fromkeys(id for id in asked if id)))
