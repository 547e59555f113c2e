"""What is stuck is found with its reason, and nothing else is, on both databases."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from bot.database.migrations.engine import connected
from bot.database.queries.stuck import Found, claim_to_tell, find_expenses, give_back
from bot.database.schema import audit, expenses
from bot.domain.expense import Decision, State
from bot.domain.health.stuck import Reason, Stuck
from tests.support.rooms import LUNCH, MANAGER, REQUESTER, Rooms, rooms

LONG, RECENT = timedelta(minutes=3), timedelta(minutes=1)
FIVE, HOUR = timedelta(minutes=5), timedelta(hours=1)


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url) as opened:
        yield opened


async def set_columns(here: Rooms, **values: Any) -> None:
    await here.database.execute(update(expenses).values(**values))


async def stuck(here: Rooms) -> list[Reason | None]:
    found = await find_expenses(here.database, only_stuck=True)
    for one in found:
        assert one.stuck
        assert not one.stuck.words(one.expense).endswith(".")
    return [one.stuck and one.stuck.reason for one in found]


async def submitted(here: Rooms) -> None:
    await here.submissions.submit(REQUESTER, LUNCH, submission_key="form")


async def approved(here: Rooms) -> None:
    expense = await here.waiting()
    await here.decisions.decide(expense.id, Decision.APPROVED, MANAGER)


@pytest.mark.parametrize(
    ("make", "since", "others", "reason"),
    [
        (submitted, "created_at", {}, Reason.NOT_STARTED),
        (submitted, "started_at", {}, Reason.NOT_TAKEN),
        (submitted, "trouble_since", {"trouble": "Temporal does not answer."}, Reason.TROUBLE),
        (Rooms.waiting, "decide_by", {}, Reason.NOT_CLOSED),
        (Rooms.waiting, "due_at", {}, Reason.OVERDUE),
        (Rooms.waiting, "trouble_since", {"trouble": "Slack says x."}, Reason.TROUBLE),
        (approved, "decided_at", {}, Reason.UNDELIVERED),
        (approved, "delivered_at", {}, Reason.PAYMENT_NOT_ASKED),
        (approved, "payment_asked_at", {"delivered_at": ...}, Reason.PAYMENT_UNANSWERED),
    ],
)
async def test_what_does_not_go_on_is_found_with_its_reason(
    here: Rooms, make: Any, since: str, others: dict[str, Any], reason: Reason
) -> None:
    await make(here)
    now = datetime.now(UTC)
    others = {name: now if value is ... else value for name, value in others.items()}
    assert await stuck(here) == []
    await set_columns(here, **others, **{since: now - RECENT})
    assert await stuck(here) == []
    await set_columns(here, **{since: now - LONG})
    assert await stuck(here) == [reason]
    [found] = await find_expenses(here.database)
    assert found.stuck
    assert found.stuck.since == now - LONG


async def test_a_workflow_that_never_registers_is_found(here: Rooms) -> None:
    await here.created()
    long_ago = datetime.now(UTC) - LONG
    await set_columns(here, created_at=long_ago)
    assert await stuck(here) == []  # it was submitted long ago, and taken just now
    await here.database.execute(update(audit).values(at=long_ago))
    assert await stuck(here) == [Reason.NOT_REGISTERED]


async def test_what_nobody_can_decide_is_found_at_once(here: Rooms) -> None:
    await here.waiting()
    await set_columns(here, obstacle="nobody 0 0 1", trouble="x", trouble_since=datetime.now(UTC))
    assert await stuck(here) == [Reason.OBSTACLE]


async def test_what_is_closed_is_not_stuck(here: Rooms) -> None:
    expense = await here.waiting()
    decided = await here.decisions.decide(expense.id, Decision.REJECTED, MANAGER)
    await here.deliver(decided)
    await set_columns(
        here, trouble="x", trouble_since=datetime.now(UTC) - LONG, obstacle="nobody 0 0 1"
    )
    assert await stuck(here) == []
    [found] = await find_expenses(here.database, states={State.REJECTED})
    assert found.stuck is None


async def test_a_filter_takes_away_the_others(here: Rooms) -> None:
    await submitted(here)
    waiting = await here.waiting()
    for filters in ({"states": {State.CREATED}}, {"id": waiting.id}):
        [found] = await find_expenses(here.database, **filters)
        assert found.expense == waiting
    assert len(await find_expenses(here.database, limit=1)) == 1
    assert await find_expenses(here.database, older=LONG) == []
    await set_columns(here, created_at=datetime.now(UTC) - LONG)
    assert len(await find_expenses(here.database, older=LONG)) == 2


async def test_trouble_is_recorded_since_it_began_and_until_it_ends(here: Rooms) -> None:
    expense = await here.waiting()

    async def release(trouble: str | None) -> tuple[str | None, datetime | None]:
        due = await here.outbox.claim(expense.id, HOUR)
        assert due
        await here.outbox.release(replace(due, trouble=trouble), datetime.now(UTC) + HOUR)
        [row] = await here.database.execute(expenses.select())
        return row.trouble, row.trouble_since

    said, since = await release("Slack does not answer.")
    assert said == "Slack does not answer."
    assert since
    assert await release("Slack says x.") == ("Slack says x.", since)
    assert await release(None) == (None, None)


async def test_operators_are_told_of_one_by_one_bot_and_again_after_an_hour(here: Rooms) -> None:
    expense = await here.waiting()
    now = datetime.now(UTC)
    await set_columns(here, decide_by=now - LONG)

    async def claim() -> list[Found]:
        return (await claim_to_tell(here.database, FIVE, HOUR))[1]

    assert await claim() == []
    await set_columns(here, decide_by=now - FIVE)
    at, [told] = await claim_to_tell(here.database, FIVE, HOUR)
    assert told.expense.id == expense.id
    assert told.stuck == Stuck(reason=Reason.NOT_CLOSED, since=now - FIVE)
    assert await claim() == []
    await give_back(here.database, at)
    assert len(await claim()) == 1
    await set_columns(here, operators_told_at=now - HOUR)
    assert len(await claim()) == 1


async def test_operators_are_told_again_of_several_at_once(here: Rooms) -> None:
    ids = [(await here.waiting()).id for _ in range(3)]
    now = datetime.now(UTC)
    await set_columns(here, decide_by=now - FIVE)
    for id, ago in zip(ids, (HOUR, HOUR * 0.6, HOUR * 0.4), strict=True):
        told = update(expenses).where(expenses.c.id == id).values(operators_told_at=now - ago)
        await here.database.execute(told)
    found = (await claim_to_tell(here.database, FIVE, HOUR))[1]
    assert {one.expense.id for one in found} == {*ids[:2]}
    assert (await claim_to_tell(here.database, FIVE, HOUR))[1] == []


async def test_operators_are_told_of_more_than_a_query_has_room_for(here: Rooms) -> None:
    await submitted(here)
    await set_columns(here, created_at=datetime.now(UTC) - FIVE)
    [row] = await here.database.execute(expenses.select())
    async with connected(here.database.url) as raw:
        copies = [
            {**row._asdict(), "id": f"E{number}", "number": number + 2} for number in range(1_100)
        ]
        await raw.execute(insert(expenses), copies)
    at, found = await claim_to_tell(here.database, FIVE, HOUR)
    assert len(found) == 1_101
    await give_back(here.database, at)
    assert len((await claim_to_tell(here.database, FIVE, HOUR))[1]) == 1_101
