"""What waits for whom, and what a month came to, on both databases."""

import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, update

from bot.database.schema import expenses
from bot.domain import audit_events
from bot.domain.approval_plan import ReminderCount, Stage
from bot.domain.errors import ExpenseError
from bot.domain.expense import Category, Decision, Expense, Money, State
from bot.domain.inbox import Tally
from bot.policy.approvers import Policy
from bot.policy.rules import MANAGER, Rule, Rulebook
from bot.services import inbox
from bot.services.inbox import PAGE_LENGTH, Inbox
from tests.support.rooms import LUNCH, OTHER_MANAGER, REQUESTER, STRANGER, Rooms, caller, rooms
from tests.support.rooms import MANAGER as MAN

LEA, LEO, FAY, FOX, GUS = "U0LEA", "U0LEO", "U0FAY", "U0FOX", "U0GUS"
LEADS, FINANCE = "S0LEADS", "S0FINANCE"
EVERYBODY = (REQUESTER, MAN, OTHER_MANAGER, STRANGER, LEA, LEO, FAY, FOX, GUS)
RULES = Rulebook(
    rates={"KWD": Decimal("2.9")},
    managers=(LEADS,),
    rules=(
        Rule(
            name="travel",
            categories=frozenset({Category.TRAVEL}),
            stages=(
                Stage(asked=(LEADS,), escalate_to=(GUS,)),
                Stage(asked=(FINANCE, LEA), needed=2),
            ),
        ),
        Rule(
            name="software",
            categories=frozenset({Category.SOFTWARE}),
            stages=(Stage(asked=(MANAGER,)), Stage(asked=(FAY, FINANCE))),
        ),
        Rule(
            name="small meals",
            categories=frozenset({Category.MEALS}),
            up_to=Decimal(5),
            monthly_ceiling=Decimal(100),
        ),
    ),
)
GROUPS = {LEADS: frozenset({LEA, LEO, REQUESTER}), FINANCE: frozenset({FAY, FOX})}


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url, rulebook=RULES, groups=GROUPS) as opened:
        yield opened


async def submit(here: Rooms, who: str = REQUESTER, /, *, asked: bool = True, **claim: Any) -> str:
    """Submit an expense, and let its workflow wait for the decision."""
    wanted = replace(LUNCH, **claim)
    key = f"view {random.getrandbits(80)}"
    expense = await here.submissions.submit(who, wanted, key)
    if asked:
        await ask(here, expense.id)
    return expense.id


async def ask(here: Rooms, expense_id: str, window: timedelta = timedelta(hours=72)) -> None:
    of = caller(expense_id)
    await here.workflow_calls.create(expense_id, of)
    until = datetime.now(UTC) + window
    await here.workflow_calls.register_callback(expense_id, b"token", of, until)


async def shown(here: Rooms, person: str) -> dict[str, str]:
    """What a person's Home lists on all pages, with the seats."""
    here_waits = here.inbox
    found: dict[str, str] = {}
    number = 0
    while page := await here_waits.for_approver(person, number):
        assert len(page.items) <= PAGE_LENGTH
        found |= {asked.expense.id: asked.on_behalf_of for asked in page.items}
        if page.is_last:
            assert page.total == len(found)
            break
        number += 1
    return found


async def test_whoever_is_asked_by_the_settings_sees_it(here: Rooms) -> None:
    lunch = await submit(here)
    foreign = (await here.waiting()).id
    assert await shown(here, MAN) == {lunch: MAN, foreign: MAN}
    assert await shown(here, REQUESTER) == {foreign: REQUESTER}  # an approver, but not of their own
    assert await shown(here, LEA) == {}


async def test_whoever_a_rule_asks_sees_it_while_they_are_asked(here: Rooms) -> None:
    trip = await submit(here, STRANGER, category=Category.TRAVEL)
    tool = await submit(here, STRANGER, category=Category.SOFTWARE, manager=LEO)
    assert await shown(here, LEA) == {trip: LEA}
    assert await shown(here, LEO) == {trip: LEO, tool: LEO}
    assert await shown(here, MAN) == {}
    assert await shown(here, FAY) == {}
    await here.decisions.decide(trip, Decision.APPROVED, LEA)
    assert await shown(here, LEA) == {}, "has agreed, and is asked again in the second stage"
    assert await shown(here, LEO) == {tool: LEO}
    assert await shown(here, FAY) == {trip: FAY}
    assert await shown(here, FOX) == {trip: FOX}
    await here.decisions.decide(trip, Decision.APPROVED, FAY)
    assert await shown(here, FAY) == {}
    assert await shown(here, FOX) == {trip: FOX}
    await here.decisions.decide(trip, Decision.APPROVED, FOX)
    assert await shown(here, FOX) == {}


async def test_whoever_was_reminded_has_not_agreed(here: Rooms) -> None:
    trip = await submit(here, STRANGER, category=Category.TRAVEL)
    expense = await here.expenses.get(trip)
    before = expense.progress
    reminded = (ReminderCount(person=LEA, count=1, at=datetime.now(UTC)),)
    await here.expenses.change(
        expense,
        expected={State.CREATED},
        event=audit_events.Reminded((LEA,)),
        actor="bot",
        progress=replace(before, reminded=reminded),
    )
    assert await shown(here, LEA) == {trip: LEA}
    assert await shown(here, GUS) == {}
    await here.expenses.change(
        expense,
        expected={State.CREATED},
        event=audit_events.Escalated((GUS,)),
        actor="bot",
        progress=replace(before, escalated=True),
    )
    assert await shown(here, GUS) == {trip: GUS}


async def test_who_stands_in_sees_it_in_the_other_s_place(here: Rooms) -> None:
    lunch = await submit(here, STRANGER)
    trip = await submit(here, STRANGER, category=Category.TRAVEL)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    await here.delegations.begin(MAN, GUS, tomorrow)
    await here.delegations.begin(LEA, GUS, tomorrow)
    own = await submit(here, MAN)
    assert await shown(here, GUS) == {lunch: MAN, trip: LEA}
    assert own not in await shown(here, GUS), "never what they would decide for its requester"
    assert await shown(here, OTHER_MANAGER) == {lunch: OTHER_MANAGER, own: OTHER_MANAGER}
    # She agrees herself: her place is taken.
    await here.decisions.decide(trip, Decision.APPROVED, LEA)
    assert await shown(here, GUS) == {lunch: MAN}
    await here.delegations.end(MAN)
    assert await shown(here, GUS) == {}


async def test_what_cannot_be_decided_now_is_left_out(here: Rooms) -> None:
    await submit(here, STRANGER, asked=False)
    late = await submit(here, STRANGER, asked=False)
    await ask(here, late, timedelta(seconds=-1))
    taken_back = await submit(here, STRANGER)
    await here.submissions.withdraw(taken_back, STRANGER)
    decided = await submit(here, STRANGER)
    await here.decisions.decide(decided, Decision.REJECTED, OTHER_MANAGER)
    unasked = (await here.created()).id
    automatic = await submit(here, STRANGER, money=Money(Decimal("4.00"), "EUR"))
    assert (await here.expenses.get(automatic)).plan
    assert unasked
    assert await shown(here, MAN) == {}


async def test_nobody_but_an_approver_has_the_list(here: Rooms) -> None:
    waits = here.inbox
    await submit(here, STRANGER)
    assert await waits.for_approver(STRANGER) is None
    for person in (LEA, FOX, GUS, MAN):
        assert await waits.for_approver(person), person


async def test_guests_have_no_list(here: Rooms) -> None:
    class Guests:
        async def is_full_member(self, person: str) -> bool:
            return False

        def remembers(self, person: str) -> bool:
            return False

        async def group_members(self, group: str) -> frozenset[str]:
            return GROUPS[group]

    await submit(here, STRANGER)
    policy = Policy((MAN,), Guests(), here.delegations, RULES)
    assert await Inbox(here.home_queries, policy, timedelta(days=7)).for_approver(MAN) is None


async def test_the_list_agrees_with_what_a_click_would_do(here: Rooms) -> None:
    """Whatever has happened before: the same people, and in the same places."""
    dice = random.Random(7)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    ids = []
    for _ in range(40):
        category = dice.choice([Category.TRAVEL, Category.SOFTWARE, Category.OTHER])
        who = dice.choice([REQUESTER, STRANGER, MAN, GUS, FAY])
        leads = [lead for lead in (LEA, LEO) if lead != who]
        ids.append(await submit(here, who, category=category, manager=dice.choice(leads)))
    for person, delegate in ((MAN, GUS), (LEA, GUS), (FAY, FOX)):
        await here.delegations.begin(person, delegate, tomorrow)
    for _ in range(120):
        decision = Decision.APPROVED if dice.random() < 0.9 else Decision.REJECTED
        try:
            await here.decisions.decide(dice.choice(ids), decision, dice.choice(EVERYBODY))
        except ExpenseError:
            continue
    lists = {person: await shown(here, person) for person in EVERYBODY}
    assert sum(map(len, lists.values())) > 15
    assert any(seat != person for person, found in lists.items() for seat in found.values())
    for person, found in lists.items():
        expected = {}
        for id in ids:
            expense = await here.expenses.get(id)
            if expense.is_open and (seat := await seat_of(here, person, expense)):
                expected[id] = seat
        assert found == expected, person


async def seat_of(here: Rooms, person: str, expense: Expense) -> str | None:
    try:
        return (await here.policy.may_represent(person, expense))[0]
    except ExpenseError:
        return None


async def test_the_oldest_come_first_and_ten_at_a_time(here: Rooms) -> None:
    ids = [await submit(here, STRANGER) for _ in range(12)]
    # By plan and by settings, in one list.
    await here.delegations.begin(LEA, OTHER_MANAGER, datetime.now(UTC) + timedelta(days=1))
    ids.insert(3, await submit(here, STRANGER, category=Category.TRAVEL))
    async with here.database.writing() as connection:
        for age, id in enumerate(reversed(ids)):
            then = datetime.now(UTC) - timedelta(days=age)
            await connection.execute(
                update(expenses).where(expenses.c.id == id).values(created_at=then)
            )
    waits = here.inbox
    pages = [await waits.for_approver(OTHER_MANAGER, number) for number in (0, 1, 99, -5)]
    found = [[asked.expense.id for asked in page.items] for page in pages if page]
    assert found == [ids[:10], ids[10:], ids[10:], ids[:10]]
    assert [(page.number, page.total, page.is_more) for page in pages if page] == [
        (0, 13, False),
        (1, 13, False),
        (1, 13, False),
        (0, 13, False),
    ]


async def test_mine_are_newest_first_and_ten_at_a_time(here: Rooms) -> None:
    empty = await here.home_queries.of_requester(STRANGER, 0)
    assert (empty.items, empty.number, empty.total, empty.is_last) == ((), 0, 0, True)
    ids = [await submit(here, STRANGER, asked=False) for _ in range(11)]
    await submit(here, REQUESTER, asked=False)
    first, second = [await here.home_queries.of_requester(STRANGER, number) for number in (0, 7)]
    assert [expense.id for expense in first.items] == ids[:0:-1]
    assert [expense.id for expense in second.items] == ids[:1]
    assert (first.is_last, second.is_last, second.number) == (False, True, 1)


async def test_more_than_a_thousand_are_not_counted(here: Rooms) -> None:
    now = datetime.now(UTC)
    row = {"version": 1, "created_at": now, "requester": STRANGER, "state": "CREATED"}
    row |= {"decide_by": now + timedelta(days=1)}
    async with here.database.writing() as connection:
        for number in range(inbox.MOST + 1):
            await connection.execute(insert(expenses), row | {"id": f"e-{number}"})
    waits = here.inbox
    page, mine = (
        await waits.for_approver(MAN, 99),
        await here.home_queries.of_requester(STRANGER, 99),
    )
    assert page
    for some in (page, mine):
        assert (some.number, some.total, some.is_more, some.is_last) == (99, 1000, True, True)
        assert len(some.items) == 10


@pytest.mark.usefixtures("same_day")
async def test_a_month_is_added_up_exactly(here: Rooms) -> None:
    months = here.home_queries
    nothing = await months.asked_this_month(STRANGER)
    assert (nothing.all, nothing.approved, nothing.rejected) == (Tally(), Tally(), Tally())
    prices = ("0.10", "0.20", "99999999998.99", "99999999998.99")
    euros = [
        await submit(here, STRANGER, money=Money(Decimal(price), "EUR"), category=Category.OTHER)
        for price in prices
    ]
    dinar = await submit(
        here, STRANGER, money=Money(Decimal("1.234"), "KWD"), category=Category.OTHER
    )
    before = await submit(here, STRANGER)
    for id in (*euros[:3], dinar, before):
        await here.decisions.decide(id, Decision.APPROVED, MAN)
    await here.decisions.decide(euros[3], Decision.REJECTED, MAN)
    foreign = await here.waiting()
    await here.decisions.decide(foreign.id, Decision.REJECTED, MAN)
    last_month = datetime.now(UTC).replace(day=1) - timedelta(days=1)
    async with here.database.writing() as connection:
        values = {"created_at": last_month, "decided_at": last_month}
        await connection.execute(update(expenses).where(expenses.c.id == before).values(values))
    sums = Money(Decimal("99999999999.29"), "EUR"), Money(Decimal("1.234"), "KWD")
    asked, decided = await months.asked_this_month(STRANGER), await months.decided_this_month(MAN)
    assert asked.all == Tally(5, (Money(Decimal("199999999998.28"), "EUR"), sums[1]))
    assert asked.approved == decided.approved == Tally(4, sums)
    assert asked.rejected == Tally(1, (Money(Decimal("99999999998.99"), "EUR"),))
    assert decided.rejected == Tally(2, asked.rejected.sums)
    assert (await months.decided_this_month(OTHER_MANAGER)).all == Tally()
