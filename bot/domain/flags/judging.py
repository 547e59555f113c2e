"""How flags are raised: an expense is judged by itself, and beside others of the same person."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from bot.domain.flags.flag import Flag, Kind

# How much of a limit an amount is that is "just under" it.
NEAR = Decimal("0.9")
# How many other expenses a flag names.
MOST_NAMED = 3
# For how many days around its day it counts that an expense was picked and taken back.
_REMEMBERED = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What somebody spent, as far as flags look at it."""

    id: str  # of its expense; empty of what is being submitted
    amount: Decimal
    currency: str  # ISO 4217
    category: str
    spent_on: date
    counts: bool = True  # whether it is open, approved or paid
    was_picked: bool = False  # whether it was picked for a spot check


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRules:
    """Which flags a policy raises."""

    duplicate: bool = False
    receipt: bool = False
    # How many days lie at most between the days of several that are just under a limit.
    split_within: timedelta | None = None
    older_than: timedelta | None = None
    days_off: tuple[int, ...] = ()  # 0 for Monday
    spot_check: Decimal = Decimal(0)  # which part of automatic approvals, such as 0.05

    @property
    def looks_around(self) -> bool:
        """Whether other expenses of the same person have to be known."""
        return self.duplicate or self.split_within is not None or self.spot_check > 0

    @property
    def reach(self) -> timedelta:
        """How long before and after an expense's day others of the person matter."""
        return max(
            self.split_within or timedelta(), _REMEMBERED if self.spot_check else timedelta()
        )


NO_FLAGS = FlagRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The amounts above which a policy asks for more, in its base currency."""

    amounts: Sequence[Decimal]
    currency: str
    # Converts an amount of another currency; None without a rate.
    in_base: Callable[[Decimal, str], Decimal | None]


def judge(
    own: Spending,
    submitted_on: date,
    others: Sequence[Spending],
    rules: FlagRules,
    limits: Limits,
) -> tuple[Flag, ...]:
    """Return the flags of an expense that is being submitted.

    Args:
        own: what it asks for.
        submitted_on: the day, in UTC.
        others: what the same person spent within `reach` of its day.
        rules: what the policy flags.
        limits: above which amounts the policy asks for more.
    """
    found: list[Flag] = []
    counted = [other for other in others if other.counts]
    if rules.duplicate:
        same = [other.id for other in counted if _what(other) == _what(own)]
        found += [Flag(kind=Kind.DUPLICATE, others=tuple(same[:MOST_NAMED]))] if same else []
    if rules.split_within is not None:
        near = [
            other
            for other in counted
            if other.category == own.category
            and abs(other.spent_on - own.spent_on) <= rules.split_within
        ]
        found += _splits(own, near, limits)[:1]
    if rules.older_than is not None and submitted_on - own.spent_on > rules.older_than:
        found.append(Flag(kind=Kind.OLD))
    if own.spent_on.weekday() in rules.days_off:
        found.append(Flag(kind=Kind.WEEKEND))
    return tuple(found)


def _what(spending: Spending) -> tuple[Decimal, str, date]:
    return spending.amount, spending.currency, spending.spent_on


def _splits(own: Spending, others: Sequence[Spending], limits: Limits) -> list[Flag]:
    amounts = [(one.id, limits.in_base(one.amount, one.currency)) for one in (own, *others)]
    found = []
    for limit in limits.amounts:
        near = [
            (id, amount)
            for id, amount in amounts
            if amount is not None and _is_just_under(amount, limit)
        ]
        is_own = near and near[0][0] == own.id
        if is_own and len(near) > 1 and sum(amount for _, amount in near) > limit:
            named = tuple(id for id, _ in near[1 : MOST_NAMED + 1])
            text = f"{limit:f} {limits.currency}"
            found.append(Flag(kind=Kind.SPLIT, limit=text, others=named))
    return found


def _is_just_under(amount: Decimal, limit: Decimal) -> bool:
    return limit * NEAR <= amount <= limit


def is_picked(lot: Decimal, others: Sequence[Spending], rules: FlagRules) -> bool:
    """Return whether an automatic approval is asked about all the same.

    What somebody took back after it was picked has its successor picked, too: otherwise they could
    submit it again until it is not.

    Args:
        lot: at least 0 and less than 1, and known to nobody before.
        others: what the same person spent about the same day.
        rules: what the policy wants.
    """
    if not rules.spot_check:
        return False
    return lot < rules.spot_check or any(one.was_picked and not one.counts for one in others)
