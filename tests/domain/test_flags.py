"""What is unusual about an expense, and which are picked for a spot check."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from bot.domain.flags.flag import Flag, Kind
from bot.domain.flags.judging import MOST_NAMED, FlagRules, Limits, Spending, is_picked, judge

ALL = FlagRules(
    duplicate=True,
    split_within=timedelta(days=7),
    older_than=timedelta(days=60),
    days_off=(5, 6),
)
FRIDAY = date(2026, 1, 30)
SPLIT = Flag(kind=Kind.SPLIT, limit="50 EUR", others=("A",))
OLD, WEEKEND = Flag(kind=Kind.OLD), Flag(kind=Kind.WEEKEND)


def other(amount: str, spent_on: date = FRIDAY, id: str = "A", **changes: object) -> Spending:
    given = Spending(
        id=id, amount=Decimal(amount), currency="EUR", category="meals", spent_on=spent_on
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def worth(amount: Decimal, currency: str) -> Decimal | None:
    rate = {"EUR": "1", "USD": "0.5"}.get(currency)
    return amount * Decimal(rate) if rate else None


LIMITS = Limits(amounts=[Decimal(50)], currency="EUR", in_base=worth)


def flags(
    own: Spending, *others: Spending, rules: FlagRules = ALL, after: int = 1
) -> tuple[Flag, ...]:
    return judge(own, own.spent_on + timedelta(days=after), others, rules, LIMITS)


def of_friday(amount: str, currency: str = "EUR") -> Spending:
    return other(amount, id="", currency=currency)


def test_what_is_usual_has_no_flag() -> None:
    assert flags(of_friday("12.50"), other("12.00")) == ()


@pytest.mark.parametrize(
    ("others", "found"),
    [
        ([other("12.5")], ("A",)),
        ([other("12.50", id="B"), other("12.50")], ("B", "A")),
        ([other("12.50", FRIDAY - timedelta(days=1))], ()),
        ([other("12.51")], ()),
        ([other("12.50", currency="USD")], ()),
        # Of what was rejected, withdrawn or never paid nobody is paid twice.
        ([other("12.50", counts=False)], ()),
    ],
)
def test_the_same_amount_currency_and_day_is_a_duplicate(
    others: list[Spending], found: tuple[str, ...]
) -> None:
    expected = (Flag(kind=Kind.DUPLICATE, others=found),) if found else ()
    assert flags(of_friday("12.50"), *others) == expected


def test_a_flag_names_a_few_others_only() -> None:
    [flag] = flags(of_friday("12.50"), *(other("12.50", id=f"E{n}") for n in range(50)))
    assert len(flag.others) == MOST_NAMED


@pytest.mark.parametrize(
    ("own", "others", "found"),
    [
        (of_friday("48.00"), [other("45.00")], (SPLIT,)),
        (of_friday("50.00"), [other("49.00", FRIDAY - timedelta(days=7))], (SPLIT,)),
        (of_friday("48.00"), [other("49.00", FRIDAY + timedelta(days=7))], (SPLIT,)),
        (of_friday("48.00"), [other("49.00", FRIDAY - timedelta(days=8))], ()),
        # What is over the limit has met its rule; what is well below it is no attempt.
        (of_friday("50.01"), [other("49.00")], ()),
        (of_friday("44.99"), [other("49.00")], ()),
        (of_friday("48.00"), [other("44.99")], ()),
        (of_friday("48.00"), [other("50.01")], ()),
        (of_friday("48.00"), [other("49.00", category="travel")], ()),
        (of_friday("48.00"), [other("49.00", counts=False)], ()),
        (of_friday("48.00"), [], ()),
        # They are compared in the policy's currency; what has no rate any more is left out.
        (of_friday("96.00", "USD"), [other("49.00")], (SPLIT,)),
        (of_friday("48.00"), [other("49.00", currency="XOF")], ()),
    ],
)
def test_several_just_under_a_limit_that_pass_it_together_are_a_split(
    own: Spending, others: list[Spending], found: tuple[Flag, ...]
) -> None:
    assert flags(own, *others) == found


@pytest.mark.parametrize(
    ("spent_on", "after", "found"),
    [
        (FRIDAY, 60, ()),
        (FRIDAY, 61, (OLD,)),
        (date(2026, 1, 31), 0, (WEEKEND,)),
        (date(2026, 2, 1), 90, (OLD, WEEKEND)),
        (date(2026, 2, 2), 0, ()),
    ],
)
def test_what_is_old_or_of_a_weekend_is_flagged(
    spent_on: date, after: int, found: tuple[Flag, ...]
) -> None:
    assert flags(other("12.50", spent_on, id=""), after=after) == found


def test_a_policy_can_take_back_each_flag() -> None:
    own = other("48.00", date(2026, 1, 31), id="")
    beside = other("48.00", own.spent_on)
    kinds = [flag.kind for flag in flags(own, beside, after=61)]
    assert kinds == [Kind.DUPLICATE, Kind.SPLIT, Kind.OLD, Kind.WEEKEND]
    for kind, less in {
        Kind.DUPLICATE: replace(ALL, duplicate=False),
        Kind.SPLIT: replace(ALL, split_within=None),
        Kind.OLD: replace(ALL, older_than=None),
        Kind.WEEKEND: replace(ALL, days_off=()),
    }.items():
        left = [flag.kind for flag in flags(own, beside, rules=less, after=61)]
        assert left == [one for one in kinds if one is not kind]
    assert flags(own, beside, rules=FlagRules(), after=61) == ()


def test_a_flag_reads_as_it_was_written() -> None:
    for flag in (SPLIT, OLD, Flag(kind=Kind.DUPLICATE, others=("A", "B"))):
        assert Flag.read(str(flag)) == flag
    assert str(SPLIT) == "split 50/EUR A"
    assert Flag.read("of a newer version").kind is Flag.read(None).kind is Kind.UNKNOWN


def test_a_spot_check_is_drawn_and_not_dodged_by_submitting_again() -> None:
    rules = FlagRules(spot_check=Decimal("0.05"))
    lots = [Decimal(n) / 1000 for n in range(1000)]
    assert sum(is_picked(lot, [], rules) for lot in lots) == 50
    assert not any(is_picked(lot, [], FlagRules()) for lot in lots)
    taken_back = other("40.00", counts=False, was_picked=True)
    assert is_picked(Decimal("0.99"), [taken_back], rules)
    # Once it was decided, it is done.
    assert not is_picked(Decimal("0.99"), [replace(taken_back, counts=True)], rules)
