"""Numbers of expenses: without a gap each year, whatever happens, and found by people."""

import asyncio
import sys
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert, select, text

from bot.database.numbers import id_of, number_left_over
from bot.database.schema import expenses
from bot.domain import audit_events
from bot.domain.approval_plan import Allowance, Plan
from bot.domain.errors import CeilingReached, ExpenseError, IdAlreadyExists, TryAgain
from bot.domain.expense import Caller, Claim, Expense, Money, State
from tests.support.rooms import LUNCH, REQUESTER, Rooms, caller, rooms
from tests.support.stopwatch import PATIENCE

pytestmark = pytest.mark.usefixtures("same_day")


def number(in_year: int) -> str:
    return f"{datetime.now(UTC).year}-{in_year:04}"


async def numbered(here: Rooms) -> dict[int, list[int]]:
    """The numbers of each year, sorted; every expense has one, and the counter knows the last."""
    found: dict[int, list[int]] = {}
    columns = expenses.c.number_year, expenses.c.number
    for year, number in await here.database.execute(select(*columns).order_by(*columns)):
        found.setdefault(year, []).append(number)
    counted = await here.database.execute(text("SELECT year, last FROM numbers ORDER BY year"))
    assert {year: numbers[-1] for year, numbers in found.items()} == dict(map(tuple, counted))
    return found


async def assert_gapless(here: Rooms, count: int) -> None:
    [numbers] = (await numbered(here)).values()
    assert numbers == [*range(1, count + 1)]


async def submitted(here: Rooms, key: str) -> Expense | None:
    with suppress(TryAgain):  # people then send it again, with the same key
        return await here.submissions.submit(REQUESTER, LUNCH, key)
    return None


async def test_fifty_at_once_and_the_same_again_leave_no_gap(database_url: str) -> None:
    async with AsyncExitStack() as stack:
        here, there = [await stack.enter_async_context(rooms(database_url)) for _ in range(2)]
        keys = [f"view V{n}" for n in range(50)]
        found = await asyncio.gather(
            *(submitted(bot, key) for bot in (here, there) for key in keys),
            *(here.workflow_calls.create(f"other-{n}", caller(f"other-{n}")) for n in range(10)),
            *(there.workflow_calls.create(f"other-{n}", caller(f"other-{n}")) for n in range(10)),
        )
        for key in keys:  # a second submission that came too late to be the first burns none
            await submitted(here, key)
        with pytest.raises(IdAlreadyExists):
            await here.workflow_calls.create("other-1", caller("other-1", "run-2"))
        await assert_gapless(here, 60)
        one = next(expense for expense in found if expense)
        again = await here.expenses.get(one.id)
        assert again.number == again.name
        assert again.number in map(number, range(1, 61))


async def test_one_submission_by_two_bots_is_one_number(postgres_url: str) -> None:
    async with rooms(postgres_url) as here, rooms(postgres_url) as there:
        for count in range(1, 11):
            pair = (submitted(bot, f"view V{count}") for bot in (here, there))
            first, second = await asyncio.gather(*pair)
            assert first
            assert second
            assert first.id == second.id
            await assert_gapless(here, count)


def automatic(id: str, amount: str) -> Expense:
    """What a policy approves by itself, up to 100 EUR a month."""
    money = Money(Decimal(amount), "EUR")
    allowance = Allowance(amount=Decimal(amount), currency="EUR", ceiling=Decimal(100))
    return Expense(
        id=id,
        state=State.SUBMITTED,
        version=1,
        created_at=datetime.now(UTC),
        requester=REQUESTER,
        claim=replace(LUNCH, money=money),
        plan=Plan(rule="small", stages=(), allowance=allowance),
        submission_key=id,
        caller=Caller(workflow_id=f"expense_{id}"),
    )


async def test_what_is_rolled_back_gives_its_number_back(database_url: str) -> None:
    async with rooms(database_url) as here:
        event = audit_events.Submitted("small")
        assert await here.expenses.add(automatic("A", "60"), event, REQUESTER)
        with pytest.raises(CeilingReached):
            await here.expenses.add(automatic("B", "60"), event, REQUESTER)
        last = await here.expenses.add(automatic("C", "40"), event, REQUESTER)
        assert last
        assert last.number == number(2)
        await assert_gapless(here, 2)


async def test_killed_connections_leave_no_gap(postgres_url: str) -> None:
    kill = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    async with rooms(postgres_url) as here, rooms(postgres_url) as operator:
        plain = [lambda key=f"view V{n}": submitted(here, key) for n in range(50)]
        planned = [lambda id=f"P{n}": _added(here, id) for n in range(50)]
        left = [*plain, *planned]
        for _ in range(3):
            work = asyncio.gather(*(one() for one in left))
            while not work.done():
                await operator.database.execute(kill)
                await asyncio.sleep(0.02)
            left = [one for one, made in zip(left, await work, strict=True) if made is None]
        for one in left:
            await one()
        await assert_gapless(here, 100)


async def _added(here: Rooms, id: str) -> Expense | None:
    event = audit_events.Submitted("small")
    with suppress(TryAgain):
        await here.expenses.add(automatic(id, "0.01"), event, REQUESTER)
        return await here.expenses.get(id)
    return None


# Runs until it is killed.
_BOT = """
import asyncio, sys
from tests.support.rooms import *

async def main():
    async with rooms(sys.argv[1]) as here:
        async def person(name):
            for number in range(1_000_000):
                await here.submissions.submit(REQUESTER, LUNCH, f"{name} {number}")
        await asyncio.gather(*map(person, "abcdefgh"))

asyncio.run(main())
"""


async def test_a_killed_bot_leaves_no_gap(database_url: str) -> None:
    async with rooms(database_url) as here:
        bot = await asyncio.create_subprocess_exec(sys.executable, "-c", _BOT, database_url)
        count = text("SELECT count(*) FROM expenses")
        async with asyncio.timeout(PATIENCE):
            while (await here.database.execute(count))[0][0] < 20:
                await asyncio.sleep(0.01)
        bot.kill()
        await bot.wait()
        await submitted(here, "the next one")
        [[made]] = await here.database.execute(count)
        await assert_gapless(here, made)


async def test_each_year_by_utc_begins_anew(database_url: str) -> None:
    midnight = datetime(2026, 1, 1, tzinfo=UTC)
    async with rooms(database_url) as here:
        for id, at in (("A", -1), ("B", 0), ("C", 1), ("D", -2)):
            moment = midnight + timedelta(seconds=at)
            zone = datetime.fromisoformat("2026-01-01T13:00:00+13:00").tzinfo
            made = replace(automatic(id, "1"), plan=None, created_at=moment.astimezone(zone))
            await here.expenses.add(made, audit_events.Submitted(None), REQUESTER)
        numbers = {id: (await here.expenses.get(id)).number for id in "ABCD"}
        assert numbers == {
            "A": "2025-0001",
            "B": "2026-0001",
            "C": "2026-0002",
            "D": "2025-0002",
        }
        assert await numbered(here) == {2025: [1, 2], 2026: [1, 2]}


async def test_what_a_bot_of_the_version_before_records_is_numbered_once(
    database_url: str,
) -> None:
    async with rooms(database_url) as here, rooms(database_url) as there:
        await submitted(here, "numbered")
        now = datetime.now(UTC)
        row = {"state": "CREATED", "version": 1, "created_at": now}
        for old in range(5):
            await here.database.execute(insert(expenses), {"id": f"old-{old}", **row})
        last = {
            "id": "old-year",
            **row,
            "created_at": now.replace(year=now.year - 1, month=6, day=1),
        }
        await here.database.execute(insert(expenses), last)
        assert (await here.expenses.get("old-3")).name == "old-3"
        counts = await asyncio.gather(
            *(number_left_over(bot.database) for bot in (here, there)),
            *(submitted(there, f"new {new}") for new in range(4)),
        )
        assert sum(counts[:2]) == 6
        assert await number_left_over(here.database) == 0
        assert await numbered(here) == {now.year - 1: [1], now.year: [*range(1, 11)]}


async def test_people_name_an_expense_by_its_number_or_its_id(database_url: str) -> None:
    async with rooms(database_url) as here:
        made = await here.created("other-1")
        first, year = number(1), number(1)[:4]
        assert made.name == first
        for named in (first, f"{year}-1", f"{year}-01", "other-1"):
            assert await id_of(here.database, named) == "other-1"
        for named in (number(2), "2025-0001", f"{year}-0000", f"{year}-99999999999", "x"):
            assert await id_of(here.database, named) == named
        # Another service may well call its own like that.
        await here.created(first)
        assert await id_of(here.database, first) == first
        assert (await here.expenses.get(first)).number == number(2)


async def test_a_worker_means_ids_only(database_url: str) -> None:
    async with rooms(database_url) as here:
        await here.created("other-1")
        named = number(1)
        with pytest.raises(ExpenseError):
            await here.workflow_calls.register_callback(named, b"token", caller(named))
        await here.workflow_calls.create(named, caller(named))
        assert (await here.expenses.get(named)).number == number(2)


async def test_an_expense_tells_the_number_of_the_one_that_it_was_made_from(
    database_url: str,
) -> None:
    async with rooms(database_url) as here:
        first = await here.submissions.submit(REQUESTER, LUNCH, "view 1")
        await here.submissions.withdraw(first.id, REQUESTER)
        claim: Claim = replace(LUNCH, description="Team dinner")
        second = await here.submissions.submit(REQUESTER, claim, "view 2", first.id)
        found = await here.expenses.get(second.id)
        assert (found.previous_number, found.number) == (number(1), number(2))
        assert (await here.submissions.withdraw(second.id, REQUESTER)).previous_number == number(1)
