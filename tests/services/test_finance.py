"""What finance and auditors read, and nobody else, on both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert

from bot.database.payment_runs import PaymentRuns
from bot.database.payments.schema import payments
from bot.database.queries.finance_queries import FinanceQueries
from bot.database.schema import expenses
from bot.domain.errors import InvalidId, NotAllowed, TryAgain
from bot.domain.expense import Decision, Money, State
from bot.domain.finance import Found, Search
from bot.domain.inbox import PAGE_LENGTH, Tally
from bot.domain.people.role import Role
from bot.services.finance import Finance
from tests.support.rooms import MANAGER, REQUESTER, STRANGER, Rooms, rooms

FIONA, FELIX, ARVID = "U0FIONA", "U0FELIX", "U0ARVID"
MONTH = datetime(2024, 11, 1, tzinfo=UTC)


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url, groups={"S0FINANCE": frozenset({FIONA, FELIX})}) as opened:
        opened.policy.roles = {Role.FINANCE: ("S0FINANCE", REQUESTER), Role.AUDITOR: (ARVID,)}
        yield opened


@pytest.fixture
def desk(here: Rooms) -> Finance:
    queries = FinanceQueries(here.database)
    runs = PaymentRuns(here.database, here.expenses)
    of = here.home_queries, here.expenses, here.policy
    return Finance(queries, *of, runs, timedelta(days=7))


async def recorded(here: Rooms, *rows: dict[str, Any]) -> None:
    """Record expenses as they would have become."""
    usual: dict[str, Any] = {"state": "APPROVED", "version": 3, "created_at": MONTH}
    usual |= {"requester": REQUESTER, "amount": "10", "currency": "EUR", "description": "Tea"}
    usual |= {"category": "meals", "spent_on": MONTH.date(), "decided_at": MONTH}
    usual |= {"due_at": None, "payment_refusal": None}
    async with here.database.writing() as connection:
        for row in rows:
            await connection.execute(insert(expenses).values(**usual | row))


BY_HAND = ("unmarked", "marked", "confirmed")


async def left_to_finance(here: Rooms) -> None:
    """Leave the payment of some expenses to finance, which has marked and confirmed some."""
    for number, expense_id in enumerate(BY_HAND):
        row = {"expense_id": expense_id, "left_at": MONTH, "run": "run" if number else None}
        row["confirmed_by"] = FELIX if number == 2 else None
        async with here.database.writing() as connection:
            await connection.execute(insert(payments).values(**row))


def days(number: float) -> datetime:
    return MONTH + timedelta(days=number)


def ids(found: Found) -> list[str]:
    return [expense.id for expense in found.expenses]


async def test_finance_finds_what_is_to_be_paid_with_its_sums_and_what_went_wrong(
    here: Rooms, desk: Finance
) -> None:
    await recorded(
        here,
        {"id": "third", "decided_at": days(3), "amount": "0.1"},
        {"id": "first", "decided_at": days(1), "amount": "0.2"},
        {"id": "second", "decided_at": days(2), "amount": "7", "currency": "USD"},
        {"id": "fourth", "decided_at": days(4)},
        {"id": "paid", "state": "COMPLETED"},
        *({"id": one, "state": "COMPLETED", "decided_at": days(1.5)} for one in BY_HAND),
        {"id": "refused", "state": "PAYMENT_FAILED", "payment_refusal": "NO_MONEY"},
        {"id": "old", "state": "CREATED", "decided_at": None, "due_at": days(1)},
    )
    await left_to_finance(here)
    for person in (FIONA, ARVID):
        found = await desk.desk_of(person)
        assert found
        assert found.is_finance == (person == FIONA)
        sums = (Money(Decimal("20.3"), "EUR"), Money(Decimal(7), "USD"))
        assert found.to_pay == Tally(5, sums)
        assert [one.id for one in found.waiting] == ["first", "unmarked", "second"]
        assert [one.id for one in found.refused] == ["refused"]
        assert [one.id for one in found.stuck] == ["old"]
    for person in (MANAGER, STRANGER):
        assert await desk.desk_of(person) is None


async def test_of_very_many_no_sums_are_made(here: Rooms) -> None:
    await recorded(here, *({"id": f"e-{number}"} for number in range(4)))
    assert await FinanceQueries(here.database, most_summed=2).to_pay() == Tally(3)


async def test_expenses_are_found_by_person_month_state_and_id(here: Rooms, desk: Finance) -> None:
    await recorded(
        here,
        {"id": "october", "created_at": MONTH - timedelta(microseconds=1)},
        {"id": "november", "created_at": MONTH},
        {"id": "theirs", "created_at": days(2), "requester": STRANGER},
        {"id": "paid", "created_at": days(29.9), "state": "COMPLETED"},
        {"id": "december", "created_at": days(30)},
        {"id": "ABC", "created_at": days(40), "state": "REJECTED", "requester": None},
    )
    november = MONTH.date()
    for search, expected in (
        (Search(month=november), ["paid", "theirs", "november"]),
        (Search(requester=REQUESTER), ["december", "paid", "november", "october"]),
        (Search(state=State.APPROVED), ["december", "theirs", "november", "october"]),
        (Search(state=State.APPROVED, month=november), ["theirs", "november"]),
        (Search(requester=REQUESTER, state=State.COMPLETED, month=november), ["paid"]),
        (Search(ids=("abc", "ABC")), ["ABC"]),
        (Search(ids=("ABC",), state=State.REJECTED), ["ABC"]),
        (Search(ids=("ABC",), state=State.APPROVED), []),
        (Search(ids=("ABC",), requester=STRANGER), []),
        (Search(ids=("ABC",), month=november), []),
        (Search(ids=("unknown",)), []),
        (Search(requester="U0NOBODY"), []),
    ):
        for person in (FIONA, ARVID):
            assert ids(await desk.find(person, search)) == expected, search


async def test_what_finance_has_yet_to_pay_is_approved_and_not_paid(
    here: Rooms, desk: Finance
) -> None:
    await recorded(here, *({"id": one, "state": "COMPLETED"} for one in (*BY_HAND, "paid")))
    await left_to_finance(here)
    for requester in (None, REQUESTER):
        for state, expected in (
            (State.APPROVED, ["marked", "unmarked"]),
            (State.COMPLETED, ["confirmed", "paid"]),
        ):
            search = Search(state=state, requester=requester)
            assert ids(await desk.find(FIONA, search)) == expected
            for one in (*BY_HAND, "paid"):
                search = Search(state=state, requester=requester, ids=(one,))
                assert ids(await desk.find(FIONA, search)) == [one] * (one in expected)


async def test_what_is_found_comes_page_by_page_also_of_one_instant(
    here: Rooms, desk: Finance
) -> None:
    rows = [{"id": f"e-{n:02}", "created_at": days(n // 15)} for n in range(2 * PAGE_LENGTH + 5)]
    await recorded(here, *rows)
    found, seen, last = Found((), is_more=True), list[str](), None
    while found.is_more:
        found = await desk.find(FIONA, Search(requester=REQUESTER), last)
        seen += ids(found)
        last = seen[-1]
    assert len(seen) == len(rows)
    assert seen == [*sorted(seen[:10]), *sorted(seen[10:])]
    assert set(seen) == {row["id"] for row in rows}


async def test_they_read_every_history_and_nobody_else_learns_that_it_exists(
    here: Rooms, desk: Finance
) -> None:
    expense = await here.waiting()
    for person in (FIONA, ARVID):
        assert (await desk.history_for(person, expense.id))[1]
        assert (await here.decisions.history_for(person, expense.id))[1]
        with pytest.raises(NotAllowed):  # nobody decides by reading
            await here.decisions.decide(expense.id, Decision.APPROVED, person)
    with pytest.raises(InvalidId):
        await desk.history_for(FIONA, "unknown")
    with pytest.raises(InvalidId):
        await here.decisions.history_for(STRANGER, expense.id)
    assert (await here.expenses.get(expense.id)).state is State.CREATED


async def test_the_role_is_asked_for_anew_each_time_and_refusals_are_audited(
    here: Rooms, desk: Finance
) -> None:
    expense = await here.waiting()
    before = await here.events(expense.id)
    said = set()
    here.company.former = {ARVID}
    here.company.groups = {"S0FINANCE": frozenset({FELIX})}
    for person in (FIONA, ARVID):
        assert await desk.desk_of(person) is None
        with pytest.raises(NotAllowed):
            await desk.find(person, Search(state=State.CREATED))
        for expense_id in (expense.id, "unknown"):
            with pytest.raises(NotAllowed) as error:
                await desk.history_for(person, expense_id)
            said.add(str(error.value))
    assert said == {"There is no expense with this id that you may see."}
    assert await here.events(expense.id) == [*before, "refuse", "refuse"]
    here.company.silent = {"S0FINANCE"}
    for ask in (desk.desk_of(FELIX), desk.find(FELIX, Search()), desk.history_for(FELIX, "x")):
        with pytest.raises(TryAgain):
            await ask
