"""Exports add up to the record, page by page, in memory that does not grow."""

import tracemalloc
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert, select, update

from bot.database.migrations.engine import connected
from bot.database.queries.exports import read_pages
from bot.database.schema import expenses, numbers, receipts
from bot.domain.errors import WrittenByNewer
from bot.domain.expense import Decision, Money, State
from bot.domain.export.columns import By, Line, Period, cells
from bot.policy.rules import Rule, Rulebook
from tests.support.rooms import LUNCH, MANAGER, REQUESTER, Rooms, rooms

ALL = Period(by=By.SUBMITTED)
SEEN = ("CREATED", "APPROVED", "REJECTED", "WITHDRAWN")
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


async def fill(here: Rooms, count: int) -> None:
    """Record so many expenses, each an hour after the other, as if long ago."""
    rows = [
        {
            "id": f"E{number:05}",
            "state": SEEN[number % 4],
            "version": 1,
            "created_at": BEGIN + timedelta(hours=number),
            "requester": REQUESTER,
            "amount": f"{number}.{number % 100:02}",
            "currency": ("EUR", "CHF", "JPY")[number % 3],
            "description": f"Lunch {number}",
            "category": "meals",
            "spent_on": date(2026, 10, 1) + timedelta(days=number % 60),
            "number_year": 2026,
            "number": number + 1,
        }
        for number in range(count)
    ]
    async with connected(here.database.url) as raw:
        await raw.execute(insert(expenses), rows)
        await raw.execute(insert(numbers), {"year": 2026, "last": count})


async def read(here: Rooms, period: Period = ALL, length: int = 500) -> list[Line]:
    return [line async for page in read_pages(here.database, period, length) for line in page]


async def ledger(here: Rooms) -> Counter[tuple[str, str | None]]:
    """The sum of each state and currency, exactly, as the table has it."""
    found: Counter[tuple[str, str | None]] = Counter()
    query = select(expenses.c.state, expenses.c.currency, expenses.c.amount)
    for state, currency, amount in await here.database.execute(query):
        found[state, currency] += Decimal(amount or 0)  # type: ignore[assignment]
    return found


def sums(lines: list[Line]) -> Counter[tuple[str, str | None]]:
    found: Counter[tuple[str, str | None]] = Counter()
    for row in map(cells, lines):
        found[row["state"], row["currency"]] += row["amount"] or Decimal(0)
    return found


async def test_the_sums_of_an_export_are_those_of_the_record(database_url: str) -> None:
    async with rooms(database_url) as here:
        await fill(here, 130)
        lines = await read(here, length=50)
        assert [line.expense.number for line in lines] == [f"2026-{n:04}" for n in range(1, 131)]
        assert sums(lines) == await ledger(here)


async def test_periods_next_to_each_other_have_everything_once(database_url: str) -> None:
    async with rooms(database_url) as here:
        await fill(here, 130)
        every = Counter(line.expense.id for line in await read(here))
        for by in (By.SUBMITTED, By.SPENT):
            parts: Counter[str] = Counter()
            for first, last in (
                (None, date(2026, 11, 2)),
                (date(2026, 11, 3), date(2026, 11, 4)),
                (date(2026, 11, 5), None),
            ):
                period = Period(by=by, first=first, last=last)
                parts += Counter(line.expense.id for line in await read(here, period, 7))
            assert parts == every
        assert await read(here, Period(by=By.DECIDED)) == []
        assert await read(here, Period(by=By.PAID)) == []


async def test_what_was_decided_and_paid_is_told_with_the_rate_that_judged_it(
    database_url: str,
) -> None:
    rules = (Rule(name="small", monthly_ceiling=None),)
    book = Rulebook(base_currency="EUR", rates={"CHF": Decimal("1.055")}, rules=rules)
    async with rooms(database_url, rulebook=book) as here:
        claim = replace(LUNCH, money=Money(Decimal("100.10"), "CHF"))
        made = await here.submissions.submit(REQUESTER, claim, "view 1")
        assert (await here.expenses.get(made.id)).claim == made.claim
        await here.created("order-1")
        copy = {"expense_id": made.id, "name": "a", "is_required": False, "created_at": BEGIN}
        for file, state in (("F1", "KEPT"), ("F2", "AWAITED")):
            row = {**copy, "file_id": file, "state": state, "sha256": f"hash of {file}"}
            await here.database.execute(insert(receipts), row)
        waiting = await here.waiting()
        await here.decisions.decide(waiting.id, Decision.APPROVED, MANAGER)
        await here.reimbursement.pay(waiting.id)
        first, second, third = map(cells, await read(here))
        assert (first["base_amount"], first["rate"]) == (Decimal("105.60550"), Decimal("1.055"))
        assert first["base_currency"] == "EUR"
        assert first["receipt_hashes"] == ["hash of F1"]
        assert second["id"] == "order-1"
        today = datetime.now(UTC).date()
        assert (third["decided_by"], third["state"]) == (MANAGER, State.COMPLETED)
        assert third["payment"] in ("paid", "to_pay")
        decided = Period(by=By.DECIDED, first=today - timedelta(days=1), last=today)
        assert [line.expense.id for line in await read(here, decided)] == [waiting.id]


async def test_what_has_no_number_yet_is_numbered_first(database_url: str) -> None:
    async with rooms(database_url) as here:
        await fill(here, 10)
        gone = update(expenses).values(number=None, number_year=None)
        await here.database.execute(gone.where(expenses.c.id == "E00009"))
        assert len(await read(here, length=3)) == 10


async def test_an_expense_of_a_newer_version_is_not_left_out_in_silence(database_url: str) -> None:
    async with rooms(database_url) as here:
        await fill(here, 2)
        await here.database.execute(
            update(expenses).values(state="GIFTED").where(expenses.c.id == "E00001")
        )
        with pytest.raises(WrittenByNewer):
            await read(here)


async def test_many_take_no_more_memory_than_few(sqlite_url: str) -> None:
    async with rooms(sqlite_url) as here:
        await fill(here, 800)

        async def peak(last: date | None) -> tuple[int, int]:
            tracemalloc.start()
            count = 0
            async for page in read_pages(here.database, Period(by=By.SUBMITTED, last=last), 50):
                count += len(page)
                del page
            found = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return count, found

        await peak(None)  # what is compiled and cached
        few, of_few = await peak(date(2026, 11, 7))
        many, of_many = await peak(None)
        assert (few, many) == (168, 800)
        assert of_many < 1.3 * of_few
