"""Finance marks what it has paid, somebody else confirms it, and that happens once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from typing import Any

import pytest

from bot.database.payment_runs import PaymentRuns
from bot.domain.errors import InvalidState, NotAllowed, NotMarked, TryAgain
from bot.domain.payments.payment import PaidOn, Payment, Problem
from bot.domain.people.role import Role
from bot.services.hand_payments import HandPayments
from tests.services.test_reimbursement import approved
from tests.support.rooms import REQUESTER, STRANGER, Rooms, rooms

NOOR, EVE = "U0NOOR", "U0EVE"
THIRD = PaidOn(date(2026, 12, 3), "SEPA 4711")


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url) as here:
        here.policy.roles = {Role.FINANCE: (NOOR, EVE, REQUESTER)}
        yield here


@pytest.fixture
def finance(here: Rooms) -> HandPayments:
    return HandPayments(here.expenses, PaymentRuns(here.database, here.expenses), here.policy)


async def left(here: Rooms, count: int = 1) -> list[str]:
    """Make expenses that are approved and left to finance."""
    made = [await approved(here, f"{number}.50") for number in range(1, count + 1)]
    for expense in made:
        await here.reimbursement.pay(expense.id)
    return [expense.id for expense in made]


async def payment_of(here: Rooms, expense_id: str) -> Payment | None:
    return (await here.expenses.get(expense_id)).payment


async def test_what_one_marks_another_confirms_and_only_then_it_is_paid(
    here: Rooms, finance: HandPayments
) -> None:
    ids = await left(here, 2)
    assert [one.id for one in await finance.to_pay(NOOR)] == ids
    assert await finance.mark(NOOR, ids, THIRD, "V1") == (2, {})
    assert await finance.to_pay(NOOR) == []
    [run] = await finance.unconfirmed()
    assert (run.marked_by, run.first_day, run.last_day) == (NOOR, THIRD.day, THIRD.day)
    assert (run.reference, run.tally.count, str(run.tally.sums[0].amount)) == ("SEPA 4711", 2, "4")
    marked = [await here.expenses.get(id) for id in ids]
    assert not any(expense.is_paid for expense in marked)

    here.changed.clear()
    with pytest.raises(NotAllowed, match="marked"):
        await finance.confirm(NOOR, run.id)
    assert await finance.confirm(EVE, run.id) == 2
    assert sorted(here.changed) == sorted(ids)
    for before in marked:
        paid = await here.expenses.get(before.id)
        assert (paid.is_paid, paid.version) == (True, before.version + 1)
        assert paid.payment == Payment(
            is_by_hand=True,
            marked_by=NOOR,
            paid_on=THIRD.day,
            reference="SEPA 4711",
            confirmed_by=EVE,
        )
        assert (await here.events(paid.id))[-4:] == [
            *("leave_to_finance", "mark_paid", "refuse", "confirm_payment")
        ]
        assert str((await here.expenses.history(paid.id))[-1].event.how) == str(THIRD)  # type: ignore[union-attr]
    assert await finance.unconfirmed() == []
    assert await finance.confirm(EVE, run.id) == 2  # whose form came twice
    with pytest.raises(InvalidState, match="already"):
        await finance.confirm(REQUESTER, run.id)


async def test_nobody_marks_or_confirms_their_own_expense(
    here: Rooms, finance: HandPayments
) -> None:
    ids = await left(here, 2)
    assert await finance.to_pay(REQUESTER) == []
    assert await finance.mark(REQUESTER, ids, THIRD, "V1") == (0, dict.fromkeys(ids, Problem.OWN))
    await finance.mark(NOOR, ids, THIRD, "V2")
    with pytest.raises(InvalidState, match="your own"):
        await finance.confirm(REQUESTER, "V2")
    assert await finance.confirm(EVE, "V2") == 2


async def test_who_is_not_finance_changes_nothing_and_the_attempt_is_written_down(
    here: Rooms, finance: HandPayments
) -> None:
    [id] = await left(here)
    for attempt in (finance.mark(STRANGER, [id], THIRD, "V1"), finance.to_pay(STRANGER)):
        with pytest.raises(NotAllowed):
            await attempt
    await finance.mark(NOOR, [id], THIRD, "V1")
    here.policy.roles = {Role.FINANCE: (NOOR,), Role.AUDITOR: (EVE,)}  # Eve's right has ended
    for attempt in (finance.confirm(EVE, "V1"), finance.take_back(EVE, "V1")):
        with pytest.raises(NotAllowed):
            await attempt
    assert (await here.events(id)).count("refuse") == 3
    assert not (await here.expenses.get(id)).is_paid


async def test_what_is_not_right_is_to_be_paid_again(here: Rooms, finance: HandPayments) -> None:
    [id] = await left(here)
    await finance.mark(NOOR, [id], THIRD, "V1")
    assert await finance.take_back(EVE, "V1") == 1
    assert await payment_of(here, id) == Payment(is_by_hand=True)
    assert [one.id for one in await finance.to_pay(EVE)] == [id]
    with pytest.raises(InvalidState):
        await finance.confirm(EVE, "V1")
    with pytest.raises(InvalidState):
        await finance.take_back(EVE, "V1")
    assert await finance.mark(EVE, [id], PaidOn(THIRD.day), "V2") == (1, {})
    assert await finance.confirm(NOOR, "V2") == 1
    assert (await here.events(id))[-4:] == [
        *("mark_paid", "remove_mark", "mark_paid", "confirm_payment")
    ]


async def test_a_file_is_marked_as_a_whole_or_not_at_all(here: Rooms) -> None:
    runs, (paid, marked, free) = PaymentRuns(here.database, here.expenses), await left(here, 3)
    await runs.mark("V1", {paid: THIRD}, NOOR)
    await runs.confirm("V1", EVE)
    await runs.mark("V2", {marked: THIRD}, NOOR)
    waiting = await here.waiting()
    lines = dict.fromkeys((free, paid, marked, waiting.id, "unknown"), THIRD)
    with pytest.raises(NotMarked) as refused:
        await runs.mark("file", lines, "operator", all_or_nothing=True)
    assert refused.value.problems == {
        paid: Problem.PAID,
        marked: Problem.MARKED,
        waiting.id: Problem.NOT_LEFT,
        "unknown": Problem.NOT_LEFT,
    }
    assert await payment_of(here, free) == Payment(is_by_hand=True)
    for _ in range(2):  # the same file once more
        assert await runs.mark("file", {free: THIRD}, "operator", all_or_nothing=True) == (1, {})
    assert (await here.events(free)).count("mark_paid") == 1


async def test_people_who_mark_and_confirm_at_once_do_it_once(
    here: Rooms, finance: HandPayments
) -> None:
    ids = await left(here, 5)
    several = [
        finance.mark(person, order, THIRD, f"{person} {number}")
        for person in (NOOR, EVE)
        for number, order in enumerate((ids, ids[::-1]))
    ]
    counts = [count for count, _ in await asyncio.gather(*several)]
    assert sorted(counts) == [0, 0, 0, 5]
    [run] = await finance.unconfirmed()
    other = EVE if run.marked_by == NOOR else NOOR
    tries = [finance.confirm(other, run.id) for _ in range(4)]
    done = await asyncio.gather(*tries, finance.take_back(NOOR, run.id), return_exceptions=True)
    assert {one if isinstance(one, int) else type(one) for one in done} == {5, InvalidState}
    for id in ids:
        events = await here.events(id)
        assert events.count("mark_paid") == 1
        assert events.count("confirm_payment") + events.count("remove_mark") == 1


class Dying:
    """A source of connections that breaks off before one of its next statements or its commit."""

    def __init__(self, source: Any, alive: int) -> None:
        self._source = source
        self.alive = alive

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    async def execute_on(self, connection: Any, statement: Any, given: Any) -> Any:
        self._live(connection)
        return await self._source.execute_on(connection, statement, given)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        async with self._source.transaction() as connection:
            yield connection
            self._live(connection)
        self._live(None)  # it is committed, and nobody learns of it

    def _live(self, connection: Any) -> None:
        self.alive -= 1
        if self.alive < 0:
            if hasattr(connection, "terminate"):
                connection.terminate()  # for PostgreSQL, the process is gone
            raise OSError("killed")


async def test_killed_at_every_statement_it_marks_and_confirms_once(
    here: Rooms, finance: HandPayments
) -> None:
    async def until_done(do: Callable[[], Awaitable[object]], event: str) -> object:
        for alive in range(20):
            here.database.measure(partial(Dying, alive=alive))
            try:
                return await do()
            except TryAgain:
                here.database.measure(lambda dying: dying._source)
                # All of them or none, and the audit trail says the same.
                [payment] = {await payment_of(here, id) for id in ids}
                [count] = {(await here.events(id)).count(event) for id in ids}
                assert payment
                is_done = payment.is_made if event == "confirm_payment" else payment.marked_by
                assert count == bool(is_done)
            finally:
                here.database.measure(lambda dying: getattr(dying, "_source", dying))
        raise AssertionError("it never ended")

    ids = await left(here, 3)
    marked = await until_done(lambda: finance.mark(NOOR, ids, THIRD, "V1"), "mark_paid")
    assert marked == (3, {})
    assert await until_done(lambda: finance.confirm(EVE, "V1"), "confirm_payment") == 3
    for id in ids:
        events = await here.events(id)
        assert (events.count("mark_paid"), events.count("confirm_payment")) == (1, 1)
        assert (await here.expenses.get(id)).is_paid
