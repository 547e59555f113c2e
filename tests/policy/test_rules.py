"""Which expense asks whom."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.approval_plan import Allowance, Plan, Stage
from bot.domain.errors import InvalidInput, TryAgain
from bot.domain.expense import Category, Claim, Money, Receipt
from bot.policy.enough import can_be_approved
from bot.policy.rules import MANAGER, Rule, Rulebook, is_among
from tests.support.stopwatch import PATIENCE

GROUPS = {"S0LEADS": frozenset({"U0LEE"}), "S0INTERNS": frozenset({"U0IAN"})}
MINA = Stage(asked=("U0MINA",))
ANYBODY = Rule(name="any expense", stages=(MINA,))


class FakeDirectory:
    """Slack's user groups, and whether Slack answers."""

    def __init__(self) -> None:
        self.answers = True

    async def group_members(self, group: str) -> frozenset[str]:
        if not self.answers:
            raise TryAgain("Slack does not answer.")
        return GROUPS[group]

    async def is_full_member(self, person: str) -> bool:
        return True


def claim(
    amount: str = "42.50",
    currency: str = "EUR",
    category: Category = Category.MEALS,
    manager: str | None = None,
    receipts: tuple[Receipt, ...] = (),
) -> Claim:
    return Claim(
        money=Money(Decimal(amount), currency),
        description="Team lunch",
        category=category,
        spent_on=date(2026, 1, 31),
        manager=manager,
        receipts=receipts,
    )


async def plans(book: Rulebook, asked: Claim, requester: str = "U0ADA") -> list[Plan]:
    return await book.plans(requester, asked, FakeDirectory())


async def matched(rule: Rule, asked: Claim, requester: str = "U0ADA") -> bool:
    """Whether a rule matches; where it does not, there is a reason."""
    book = Rulebook(rates={"USD": Decimal("0.92")}, rules=(rule,))
    reason = await book.why_not(rule, requester, asked, FakeDirectory())
    does = bool(await plans(book, asked, requester))
    assert does == (reason is None)
    return does


@pytest.mark.parametrize(
    ("over", "up_to", "amount", "does"),
    [
        (None, None, "0.01", True),
        ("500", None, "500.00", False),
        ("500", None, "500.01", True),
        (None, "50", "50.00", True),
        (None, "50", "50.01", False),
        ("50", "500", "50", False),
        ("50", "500", "500", True),
    ],
)
async def test_over_is_above_and_up_to_includes(
    over: str | None, up_to: str | None, amount: str, does: bool
) -> None:
    rule = Rule(
        name="x",
        over=None if over is None else Decimal(over),
        up_to=None if up_to is None else Decimal(up_to),
        stages=(MINA,),
    )
    assert await matched(rule, claim(amount)) == does


async def test_categories_and_requesters_narrow_a_rule() -> None:
    travel = Rule(name="x", categories=frozenset({Category.TRAVEL}), stages=(MINA,))
    assert await matched(travel, claim(category=Category.TRAVEL))
    assert not await matched(travel, claim(category=Category.MEALS))
    interns = Rule(name="x", requesters=("U0ZOE", "S0INTERNS"), stages=(MINA,))
    assert await matched(interns, claim(), "U0IAN")
    assert await matched(interns, claim(), "U0ZOE")
    assert not await matched(interns, claim(), "U0ADA")


async def test_the_reason_is_told_in_the_base_currency() -> None:
    rule = Rule(name="x", over=Decimal(500), stages=(MINA,))
    book = Rulebook(rates={"USD": Decimal("0.92")}, rules=(rule,))
    asked = claim("100.00", "USD")
    why = await book.why_not(rule, "U0ADA", asked, FakeDirectory())
    assert why == "92 EUR is not over 500 EUR"


async def test_amounts_in_other_currencies_count_by_their_rate() -> None:
    rule = Rule(name="x", over=Decimal("92"), stages=(MINA,))
    assert not await matched(rule, claim("100.00", "USD"))
    assert await matched(rule, claim("100.01", "USD"))


async def test_a_currency_without_a_rate_is_refused_once_there_are_rules() -> None:
    assert await plans(Rulebook(), claim(currency="JPY")) == []
    book = Rulebook(rates={"USD": Decimal(1)}, rules=(ANYBODY,))
    with pytest.raises(InvalidInput, match="JPY; please use EUR or USD") as refusal:
        await plans(book, claim(currency="JPY"))
    assert refusal.value.field == "currency"


async def test_the_first_rule_that_matches_counts() -> None:
    second = Rule(name="second", stages=(MINA,))
    window = timedelta(hours=1)
    first = Rule(name="first", over=Decimal(100), stages=(MINA,), window=window)
    book = Rulebook(rules=(first, second))
    [plan] = await plans(book, claim("200"))
    assert plan == Plan(rule="first", stages=(MINA,), window=window)
    assert [plan.rule for plan in await plans(book, claim("20"))] == ["second"]


async def test_no_rule_that_matches_is_no_plan() -> None:
    book = Rulebook(rules=(Rule(name="x", over=Decimal(100), stages=(MINA,)),))
    assert await plans(book, claim("20")) == []
    assert not Rulebook()
    assert book


async def test_an_automatic_rule_with_a_ceiling_is_followed_by_the_next_that_matches() -> None:
    automatic = Rule(name="lunch", up_to=Decimal(50), monthly_ceiling=Decimal(200))
    book = Rulebook(rules=(automatic, Rule(name="never", over=Decimal(900)), ANYBODY, ANYBODY))
    first, second = await plans(book, claim("20"))
    assert first.is_automatic
    assert first.allowance == Allowance(amount=Decimal(20), ceiling=Decimal(200), currency="EUR")
    assert second == Plan(rule="any expense", stages=(MINA,))


async def test_an_automatic_rule_without_a_ceiling_is_the_last_word() -> None:
    [plan] = await plans(Rulebook(rules=(Rule(name="x"), ANYBODY)), claim("20"))
    assert plan.allowance == Allowance(amount=Decimal(20), ceiling=None, currency="EUR")


async def test_a_receipt_is_asked_for_above_an_amount() -> None:
    book = Rulebook(rules=(Rule(name="x", receipt_over=Decimal(25), stages=(MINA,)),))
    assert await plans(book, claim("25"))
    with pytest.raises(InvalidInput, match="add a receipt") as refusal:
        await plans(book, claim("25.01"))
    assert refusal.value.field == "receipts"
    receipt = Receipt(id="F1", name="a.png", permalink="https://x")
    assert await plans(book, claim("25.01", receipts=(receipt,)))


MANAGED = Rulebook(
    managers=("U0MIA", "S0LEADS"),
    rules=(Rule(name="x", stages=(Stage(asked=(MANAGER, "U0MIA", "S0FIN")),)),),
)


@pytest.mark.parametrize(
    ("manager", "asked"),
    [("U0LEE", ("U0LEE", "U0MIA", "S0FIN")), ("U0MIA", ("U0MIA", "S0FIN"))],
)
async def test_the_manager_is_asked_in_their_place_and_once(
    manager: str, asked: tuple[str, ...]
) -> None:
    [plan] = await plans(MANAGED, claim(manager=manager))
    assert plan.stages == (Stage(asked=asked),)


@pytest.mark.parametrize(
    ("requester", "manager"),
    [("U0ADA", None), ("U0ADA", "U0STR"), ("U0MIA", "U0MIA"), ("U0ADA", "U0IAN")],
)
async def test_only_somebody_else_of_the_list_is_a_manager(
    requester: str, manager: str | None
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await plans(MANAGED, claim(manager=manager), requester)
    assert refusal.value.field == "manager"


async def test_several_groups_are_asked_for_at_the_same_time() -> None:
    class Slow(FakeDirectory):
        def __init__(self) -> None:
            super().__init__()
            self.all_asked = asyncio.Barrier(3)

        async def group_members(self, group: str) -> frozenset[str]:
            await self.all_asked.wait()
            if group == "S0SILENT":
                raise TryAgain("Slack does not answer.")
            return frozenset({f"U0{group}"})

    groups, slow = ("S0A", "S0B", "S0SILENT"), Slow()
    async with asyncio.timeout(PATIENCE):
        # One that Slack is silent about keeps nobody out who is in another.
        assert await is_among("U0S0B", groups, slow)
        with pytest.raises(TryAgain):
            await is_among("U0NOBODY", groups, slow)
        assert not await is_among("U0NOBODY", ("S0A", "S0B", "S0C"), slow)


async def test_the_groups_of_several_rules_are_asked_for_at_the_same_time() -> None:
    class Slow(FakeDirectory):
        def __init__(self) -> None:
            super().__init__()
            self.answers_of: dict[str, asyncio.Task[bool]] = {}
            self.all_asked = asyncio.Event()

        async def group_members(self, group: str) -> frozenset[str]:
            self.answers_of[group] = self.answers_of.get(
                group, asyncio.ensure_future(self.all_asked.wait())
            )
            if len(self.answers_of) == 3:
                self.all_asked.set()
            await asyncio.shield(self.answers_of[group])
            return frozenset({"U0ADA"} if group == "S0C" else ())

    groups = ("S0A", "S0B", "S0C")
    rules = tuple(Rule(name=one, requesters=(one,), stages=(MINA,)) for one in groups)
    async with asyncio.timeout(PATIENCE):
        [plan] = await Rulebook(rules=rules).plans("U0ADA", claim(), Slow())
    assert plan.rule == "S0C"


async def test_a_manager_who_has_left_is_chosen_no_more() -> None:
    class Left(FakeDirectory):
        async def is_full_member(self, person: str) -> bool:
            return person != "U0MIA"

    with pytest.raises(InvalidInput) as refusal:
        await MANAGED.plans("U0ADA", claim(manager="U0MIA"), Left())
    assert refusal.value.field == "manager"


async def test_where_no_manager_is_asked_none_is_needed() -> None:
    book = Rulebook(managers=("U0MIA",), rules=(ANYBODY,))
    assert await plans(book, claim()) == await plans(book, claim(manager="U0STR"))


async def test_nobody_is_guessed_to_be_in_a_group() -> None:
    directory = FakeDirectory()
    assert await is_among("U0LEE", ["S0INTERNS", "S0LEADS"], directory)
    assert not await is_among("U0LEE", ["S0INTERNS"], directory)
    directory.answers = False
    assert await is_among("U0LEE", ["U0LEE", "S0LEADS"], directory)
    with pytest.raises(TryAgain):
        await is_among("U0LEE", ["S0LEADS"], directory)


_amounts = st.decimals("0.01", "2000", places=2)
_rules = st.builds(
    Rule,
    name=st.text(max_size=5),
    over=st.none() | _amounts,
    up_to=st.none() | _amounts,
    categories=st.frozensets(st.sampled_from(Category)),
    requesters=st.sampled_from([(), ("U0ADA",), ("S0INTERNS",)]),
    stages=st.sampled_from([(), (MINA,), (MINA, Stage(asked=("U0LEE",)))]),
    monthly_ceiling=st.none() | _amounts,
)


@settings(deadline=None)
@given(
    rules=st.lists(_rules, max_size=6),
    amount=_amounts,
    category=st.sampled_from(Category),
    requester=st.sampled_from(["U0ADA", "U0IAN"]),
)
async def test_plans_are_those_of_the_matching_rules_in_order(
    rules: list[Rule], amount: Decimal, category: Category, requester: str
) -> None:
    book = Rulebook(rules=tuple(rules))
    asked = claim(str(amount), category=category)
    found = await plans(book, asked, requester)
    matching = [
        rule
        for rule in rules
        if await book.why_not(rule, requester, asked, FakeDirectory()) is None
    ]
    assert [plan.rule for plan in found] == [rule.name for rule in matching][: len(found)]
    assert bool(found) == bool(matching)
    for plan in found[:-1]:
        assert plan.allowance
        assert plan.allowance.ceiling is not None
    for plan in found:
        assert plan.is_automatic == (plan.allowance is not None)


@pytest.mark.parametrize(
    ("stages", "is_enough"),
    [
        ([("U0MINA", 1)], True),
        ([("U0ADA", 1)], False),  # nobody but the requester
        ([("U0ADA U0MINA", 2)], False),
        ([("U0MINA U0SAM", 2)], True),
        ([("U0MINA", 1), ("U0MINA", 1)], False),  # nobody counts twice
        ([("U0MINA", 1), ("U0MINA U0SAM", 1)], True),
        ([("U0MINA", 1), ("U0MINA U0SAM", 2)], False),
        ([("U0MINA", 1), ("U0MINA S0LEADS", 5)], True),  # groups are as large as they need be
    ],
)
def test_there_have_to_be_enough_people_for_all_stages(
    stages: list[tuple[str, int]], is_enough: bool
) -> None:
    made = [Stage(asked=tuple(people.split()), needed=needed) for people, needed in stages]
    assert can_be_approved(made, "U0ADA") == is_enough


async def test_an_expense_that_nobody_could_approve_is_not_taken() -> None:
    own = Rule(name="any", stages=(Stage(asked=("U0ADA",)),))
    with pytest.raises(InvalidInput, match="Too few people"):
        await plans(Rulebook(rules=(own,)), claim())
