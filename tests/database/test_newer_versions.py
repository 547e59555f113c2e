"""What a newer version of the bot wrote is left alone, and never half understood."""

import json
from collections.abc import AsyncIterator, Callable
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text, update

from bot.database.schema import expenses
from bot.domain.approval_plan import Allowance, Plan, Stage
from bot.domain.errors import TryAgain, WrittenByNewer
from bot.domain.expense import Decision, Expense
from bot.domain.working_hours import WorkingHours
from tests.support.plans import asking, lunch, planned
from tests.support.rooms import MANAGER, REQUESTER, Rooms, caller, rooms

HOUR = timedelta(hours=1)
STAGE = Stage(
    asked=(MANAGER,),
    remind_after=HOUR,
    working_hours=WorkingHours(),
    escalate_after=2 * HOUR,
    escalate_to=("U0FIN",),
)
PROGRESS = {
    "stage": 0,
    "since": "2026-01-31T12:00:00Z",
    "approvals": [],
    "escalated": False,
    "reminded": [{"person": MANAGER, "count": 1, "at": "2026-01-31T13:00:00Z"}],
}
RECEIPT = {"id": "F1", "name": "a.png", "permalink": "https://x", "is_picture": True}
CODING = {"label": "Taxi", "dimensions": [{"key": "cost_center", "value": "4711"}]}
Spoil = Callable[[dict[str, Any]], object]


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url, rulebook=asking(STAGE)) as opened:
        yield opened


async def write(here: Rooms, expense: Expense, column: str, value: str) -> None:
    """Store what another version would."""
    change = update(expenses).where(expenses.c.id == expense.id).values({column: value})
    await here.database.execute(change)


async def stored(here: Rooms, expense: Expense) -> Any:
    [row] = await here.database.execute(select(expenses).where(expenses.c.id == expense.id))
    return row


def added(*path: str | int) -> Spoil:
    """Add a key that this version does not know, somewhere."""

    def spoil(document: dict[str, Any]) -> None:
        place: Any = document
        for step in path:
            place = place[step]
        place["veto"] = ["U0CFO"]

    return spoil


@pytest.mark.parametrize(
    ("column", "document", "path"),
    [
        ("plan", "plan", ()),
        ("plan", "plan", ("stages", 0)),
        ("plan", "plan", ("stages", 0, "working_hours")),
        ("progress", PROGRESS, ()),
        ("progress", PROGRESS, ("reminded", 0)),
        ("receipts", [RECEIPT], (0,)),
        ("coding", CODING, ()),
        ("coding", CODING, ("dimensions", 0)),
    ],
)
async def test_what_this_version_does_not_know_is_refused_and_not_dropped(
    here: Rooms, column: str, document: Any, path: tuple[str | int, ...]
) -> None:
    expense = await planned(here, STAGE)
    known = deepcopy(document)
    if document == "plan":
        known = json.loads((await stored(here, expense)).plan)
    await write(here, expense, column, json.dumps(known))
    assert await here.expenses.get(expense.id)

    added(*path)(known)
    await write(here, expense, column, json.dumps(known))
    before = await stored(here, expense)
    for attempt in (
        here.expenses.get(expense.id),
        here.decisions.decide(expense.id, Decision.APPROVED, MANAGER),
        here.submissions.withdraw(expense.id, REQUESTER),
        here.workflow_calls.create(expense.id, caller(expense.id)),
        here.workflow_calls.register_callback(expense.id, b"new", caller(expense.id)),
        here.reimbursement.pay(expense.id),
        here.outbox.claim(expense.id, HOUR),
    ):
        with pytest.raises(WrittenByNewer, match=f"of expense {expense.id}"):
            await attempt
    # Nothing has changed, and a newer bot finds it free.
    assert await stored(here, expense) == before


@pytest.mark.parametrize(
    ("column", "value"), [("state", "ON_HOLD"), ("decision", "DEFERRED"), ("category", "gifts")]
)
async def test_a_word_that_this_version_does_not_know_is_refused(
    here: Rooms, column: str, value: str
) -> None:
    expense = await planned(here, STAGE)
    await write(here, expense, column, value)
    with pytest.raises(WrittenByNewer):
        await here.expenses.get(expense.id)


async def test_an_approval_that_another_version_marked_is_refused(here: Rooms) -> None:
    expense = await planned(here, STAGE)
    line = {"person": "U0A", "seat": "U0A", "stage": 0, "at": "2026-01-31T12:00:00Z", "veto": 1}
    await write(here, expense, "progress", json.dumps(PROGRESS | {"approvals": [line]}))
    with pytest.raises(WrittenByNewer):
        await here.expenses.get(expense.id)


async def test_one_that_cannot_be_read_hides_no_other_one(here: Rooms) -> None:
    newer, known = [
        await here.submissions.submit(REQUESTER, lunch(), f"view {number}") for number in range(2)
    ]
    await write(here, newer, "category", "gifts")
    assert [one.id for one in await here.expenses.of_requester(REQUESTER, 10)] == [known.id]
    page = await here.home_queries.of_requester(REQUESTER, 0)
    assert [one.id for one in page.items] == [known.id]
    assert [*await here.home_queries.by_ids([newer.id, known.id])] == [known.id]


async def test_a_message_or_a_step_of_another_version_is_refused(here: Rooms) -> None:
    expense = await planned(here, STAGE)
    step = text(
        "INSERT INTO audit (expense_id, at, event, actor, state)"
        " SELECT expense_id, at, 'hold', 'U0CFO', 'ON_HOLD' FROM audit WHERE expense_id = :which"
        " LIMIT 1"
    )
    await here.database.execute(step, {"which": expense.id})
    with pytest.raises(WrittenByNewer):
        await here.expenses.history(expense.id)
    message = text(
        "INSERT INTO messages (expense_id, audience, channel, ts, shown_version)"
        " VALUES (:which, 'auditors', 'C1', '1.1', 1)"
    )
    await here.database.execute(message, {"which": expense.id})
    with pytest.raises(WrittenByNewer):
        await here.messages.of_expense(expense.id)


def test_people_and_workers_are_asked_to_come_back() -> None:
    newer = WrittenByNewer("e-1", "the key 'veto'")
    assert isinstance(newer, TryAgain)
    assert newer.after == 30


def test_plans_with_allowances_are_read_strictly_too() -> None:
    from bot.database.expense_rows import _PLAN

    plan = Plan(rule="small", allowance=Allowance(amount=Decimal(1), ceiling=None, currency="EUR"))
    known = json.loads(_PLAN.dump_json(plan))
    assert _PLAN.validate_python(known).allowance
    known["allowance"]["veto"] = 1
    with pytest.raises(ValueError, match="veto"):
        _PLAN.validate_python(known)
