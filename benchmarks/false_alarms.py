"""Counts false alarms: what flags say of a company's year, honest but for what is planted.

python -m benchmarks.false_alarms prints the table of docs/policy.md; the same seed gives the same.
"""

import tempfile
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from bot.domain.flags.flag import Kind
from bot.domain.flags.judging import Spending, judge
from bot.policy.file.loader import load_policy
from bot.policy.rules import Rulebook

SEED, PEOPLE = 2026, 60
PLANTED = 40  # of each kind
EXAMPLE = Path(__file__).parents[1] / "policy.example.toml"
FIRST, DAYS = date(2025, 1, 1), 365
DAY = timedelta(days=1)
NAMES = {
    Kind.DUPLICATE: "duplicate",
    Kind.SPLIT: "split",
    Kind.OLD: "old",
    Kind.WEEKEND: "weekend",
}


@dataclass(frozen=True, order=True, kw_only=True)
class Submission:
    """One expense as somebody submits it.

    Attributes:
        on: the day of the submission.
        planted: what is wrong with it; None if nothing is.
    """

    on: date
    person: int
    amount: Decimal
    category: str
    spent_on: date
    planted: Kind | None = None


def money(dice: Random, median: float, spread: float) -> Decimal:
    """Draw an amount, mostly as prices are: to ten cents, or to the whole unit."""
    amount = dice.lognormvariate(0, spread) * median
    step = dice.choice((0.01, 0.1, 0.1, 0.5, 1))
    return Decimal(str(round(max(1, round(amount / step)) * step, 2)))


def honest(dice: Random, person: int) -> Iterator[Submission]:
    """Make a year of one person's expenses, with which nothing is wrong."""
    is_late = dice.random() < 0.06  # they keep what they spend for a quarter
    travels, tool = dice.random() < 0.5, dice.choice((0, 0, 9, 19, 29))

    def spent(day: date, amount: Decimal, category: str) -> Submission:
        after = dice.randrange(20, 95) if is_late else round(dice.expovariate(1 / 7))
        on = day + after * DAY
        return Submission(on=on, person=person, amount=amount, category=category, spent_on=day)

    for number in range(DAYS):
        day = FIRST + number * DAY
        if day.weekday() > 4 and dice.random() < 0.97:
            continue  # somebody is on duty, or stands at a fair
        if dice.random() < 0.10:
            yield spent(day, money(dice, 22, 0.5), "meals")
        if dice.random() < 0.03:
            yield spent(day, money(dice, 60, 0.6), "meals")  # with guests
        if dice.random() < 0.05:
            fare = Decimal("3.20") if dice.random() < 0.15 else money(dice, 24, 0.5)
            yield spent(day, fare, "travel")
            if dice.random() < 0.6:  # and back: a tram costs the same
                yield spent(day, fare if fare < 4 else money(dice, 24, 0.5), "travel")
        if dice.random() < 0.01:
            yield spent(day, money(dice, 90, 0.9), "equipment")
        if tool and day.day == 3:
            yield spent(day, Decimal(tool), "software")
        if travels and dice.random() < 0.02:
            yield from trip(dice, day, spent)


def trip(
    dice: Random, day: date, spent: Callable[[date, Decimal, str], Submission]
) -> Iterator[Submission]:
    """Make one journey: there and back, nights, and dinners."""
    nights = dice.choice((0, 1, 1, 2, 2, 3, 4))
    fare = money(dice, 95, 0.6)
    yield spent(day, fare, "travel")
    back = fare if dice.random() < 0.3 else money(dice, 95, 0.6)
    yield spent(day if dice.random() < 0.4 else day + nights * DAY, back, "travel")
    if nights:
        yield spent(day + nights * DAY, money(dice, 115 * nights, 0.3), "lodging")
    for night in range(nights):
        yield spent(day + night * DAY, money(dice, 28, 0.4), "meals")


def planted(dice: Random, year: list[Submission]) -> Iterator[Submission]:
    """Make what somebody should notice."""
    for _ in range(PLANTED):
        first = dice.choice(year)
        again = first.on + dice.randrange(2, 40) * DAY
        yield replace(first, on=again, planted=Kind.DUPLICATE)
    for _ in range(PLANTED):
        one = dice.choice(year)
        # One dinner in two parts: four in five know the limit of 50, the others halve it.
        total = Decimal(dice.randrange(920, 1000)) / 10
        if dice.random() < 0.2:
            total = Decimal(dice.randrange(600, 900)) / 10
        half = round(total / 2 + Decimal(dice.randrange(-8, 9)) / 10, 2)
        day = one.spent_on
        dinner = replace(one, amount=half, category="meals", planted=Kind.SPLIT)
        yield replace(dinner, planted=None)
        other = replace(dinner, amount=total - half, spent_on=day + dice.choice((0, 0, 1)) * DAY)
        yield replace(other, on=one.on + dice.randrange(0, 4) * DAY)
    for _ in range(PLANTED):
        one = dice.choice(year)
        late = one.spent_on + dice.randrange(61, 300) * DAY
        yield replace(one, amount=money(dice, 40, 0.6), on=late, planted=Kind.OLD)
    for _ in range(PLANTED):
        one = dice.choice(year)
        sunday = one.spent_on + (6 - one.spent_on.weekday()) * DAY
        dinner = replace(one, amount=money(dice, 55, 0.5), category="meals", spent_on=sunday)
        yield replace(dinner, on=sunday + dice.randrange(1, 9) * DAY, planted=Kind.WEEKEND)


def company(seed: int = SEED) -> list[Submission]:
    """Make everything that was submitted, in order."""
    dice = Random(seed)
    year = [one for person in range(PEOPLE) for one in honest(dice, person)]
    return sorted((*year, *planted(dice, year)), key=lambda one: (one.on, one.person))


def policy() -> Rulebook:
    """Read the example policy, with every flag."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "policy.toml")
        file.write_text(f"{EXAMPLE.read_text()}\n[flags]\n")
        return load_policy(file)


def table(seed: int = SEED) -> str:
    """Judge everything as it comes, and say how often each flag was right."""
    book, submissions = policy(), company(seed)
    known: dict[int, list[tuple[date, int, Spending]]] = defaultdict(list)
    found, false = Counter[Kind](), Counter[Kind]()
    noticed = 0
    for number, one in enumerate(submissions):
        own = Spending(
            id="",
            amount=one.amount,
            currency="EUR",
            category=one.category,
            spent_on=one.spent_on,
        )
        reach = book.flags.reach
        others = [
            other
            for day, _, other in reversed(known[one.person])
            if abs(day - one.spent_on) <= reach
        ]
        kinds = {
            flag.kind for flag in judge(own, one.on, others, book.flags, book.limits(one.category))
        }
        found.update(kinds & {one.planted})
        false.update(() if one.planted else kinds)
        noticed += bool(kinds) and one.planted is None
        insort(known[one.person], (one.spent_on, number, replace(own, id=str(number))))
    planted = Counter(one.planted for one in submissions)
    usual = planted.pop(None)
    lines = [
        "| flag | planted | found | false alarms | of 1,000 honest ones |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| `{name}` | {planted[kind]} | {found[kind]} | {false[kind]}"
            f" | {1000 * false[kind] / usual:.1f} |"
            for kind, name in NAMES.items()
        ),
        f"| any | {planted.total()} | {found.total()} | {noticed} | {1000 * noticed / usual:.1f} |",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())  # noqa: T201
