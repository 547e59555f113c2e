"""Many callers of one statement: they share executions, and nobody pays for another."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from bot.database.engine.gathering import AT_ONCE, MOST_CALLERS, Gathering, Given
from bot.domain import audit_events
from bot.domain.errors import TryAgain
from bot.domain.expense import Decision, State
from tests.support.rooms import rooms


class Table:
    """Executes a statement that fails for "bad", and finds a row for everything but "unknown"."""

    def __init__(self) -> None:
        self.executions: list[list[str]] = []
        self.is_away = False
        self.running = 0
        self.most_running = 0

    async def execute_each(self, all_given: Sequence[Given]) -> Sequence[Any]:
        ids = [given["which"] for given in all_given]
        self.executions.append(ids)
        self.running += 1
        self.most_running = max(self.running, self.most_running)
        await asyncio.sleep(0)
        self.running -= 1
        if self.is_away:
            raise TryAgain("The database does not answer.")
        if "bad" in ids:
            raise LookupError("It is bad.")
        return [SimpleNamespace(id=which) for which in ids if which != "unknown"]


async def all_at_once(gathering: Gathering, ids: Sequence[str]) -> list[Any]:
    calls = (gathering.execute({"which": which}) for which in ids)
    return await asyncio.gather(*calls, return_exceptions=True)


async def test_a_lone_caller_does_not_wait() -> None:
    table = Table()
    gathering = Gathering(table.execute_each)
    assert (await gathering.execute({"which": "A"})).id == "A"
    assert await gathering.execute({"which": "unknown"}) is None
    assert table.executions == [["A"], ["unknown"]]


async def test_a_crowd_shares_executions_and_each_gets_their_own_row() -> None:
    table = Table()
    ids = [f"E{number:03}" for number in range(3 * MOST_CALLERS)]
    found = await all_at_once(Gathering(table.execute_each), [*ids, "unknown"])
    assert [row.id for row in found[:-1]] == ids
    assert found[-1] is None
    assert len(table.executions) <= 3 + 2
    assert max(map(len, table.executions)) == MOST_CALLERS
    assert table.most_running <= AT_ONCE + 1


async def test_two_callers_for_one_expense_never_share_an_execution() -> None:
    table = Table()
    found = await all_at_once(Gathering(table.execute_each), ["A", "B", "C", "B", "C", "B"])
    assert [row.id for row in found] == ["A", "B", "C", "B", "C", "B"]
    assert all(len(set(ids)) == len(ids) for ids in table.executions)


async def test_every_execution_has_the_same_order() -> None:
    table = Table()
    await all_at_once(Gathering(table.execute_each), ["first", "D", "B", "C", "A"])
    assert table.executions == [["first"], ["A", "B", "C", "D"]]


async def test_one_whose_statement_fails_does_not_fail_the_others() -> None:
    table = Table()
    found = await all_at_once(Gathering(table.execute_each), ["first", "A", "bad", "B"])
    assert isinstance(found.pop(2), LookupError)
    assert [row.id for row in found] == ["first", "A", "B"]


async def test_without_the_database_all_are_told_and_nobody_asks_again() -> None:
    table = Table()
    table.is_away = True
    found = await all_at_once(Gathering(table.execute_each), ["first", "A", "B"])
    assert all(isinstance(error, TryAgain) for error in found)
    assert table.executions == [["first"], ["A", "B"]]


@pytest.mark.parametrize("who", [0, 2])
async def test_a_caller_who_gives_up_takes_nobody_along(who: int) -> None:
    table = Table()
    gathering = Gathering(table.execute_each)
    calls = [asyncio.create_task(gathering.execute({"which": which})) for which in "ABCD"]
    await asyncio.sleep(0)
    calls[who].cancel()
    found = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(found.pop(who), asyncio.CancelledError)
    assert all(row.id in "ABCD" for row in found)
    assert (await gathering.execute({"which": "E"})).id == "E"


async def test_of_many_changes_at_once_each_is_made_and_audited(database_url: str) -> None:
    async with rooms(database_url) as here:
        expenses = [await here.created(f"E{number:03}") for number in range(100)]
        now = datetime.now(UTC)
        # Each twice: the version that both have seen is there for one of them only.
        changed = await asyncio.gather(
            *(
                here.expenses.change(
                    expense,
                    to=State.APPROVED,
                    seen=expense.version,
                    event=audit_events.Decided(f"as {expense.id} deserves"),
                    actor=f"U{expense.id}",
                    decision=Decision.APPROVED,
                    decided_by=f"U{expense.id}",
                    decided_at=now,
                )
                for expense in [*expenses, *expenses]
            )
        )
        for first, second in zip(changed[:100], changed[100:], strict=True):
            [made] = [one for one in (first, second) if one]
            assert (made.state, made.decided_by) == (State.APPROVED, f"U{made.id}")
            [entry] = [
                line
                for line in await here.expenses.history(made.id)
                if isinstance(line.event, audit_events.Decided)
            ]
            assert (entry.actor, entry.event.reason) == (f"U{made.id}", f"as {made.id} deserves")
