"""Expenses that nobody can decide, on both databases."""

import asyncio
import io
import logging
from collections.abc import AsyncIterator
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.database.engine.connection import Database
from bot.database.queries.stuck import find_expenses
from bot.domain.approval_plan import Stage
from bot.domain.errors import InvalidInput, NeededLater
from bot.domain.expense import Decision, Expense, State
from bot.domain.obstacle import Kind, Obstacle
from tests.support.databases import make_sqlite
from tests.support.house import environment
from tests.support.plans import asking, lunch, planned
from tests.support.rooms import MANAGER, OTHER_MANAGER, REQUESTER, STRANGER, Rooms, rooms

LEADS = Stage(asked=("S0LEADS",))
GROUPS = {"S0LEADS": frozenset({"U0LEA", "U0LEO", REQUESTER}), "S0EMPTY": frozenset[str]()}


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url, groups=GROUPS) as opened:
        yield opened


async def stuck_expenses(database: Database) -> list[Expense]:
    return [found.expense for found in await find_expenses(database, only_stuck=True)]


async def look(here: Rooms, expense: Expense, not_asked: Obstacle | None = None) -> Expense:
    return await here.watch.look(await here.expenses.get(expense.id), not_asked)


async def test_what_nobody_can_decide_is_recorded_logged_and_listed(
    here: Rooms, caplog: pytest.LogCaptureFixture
) -> None:
    expense = await planned(here, LEADS)
    assert (await look(here, expense)).obstacle is None
    assert await stuck_expenses(here.database) == []

    here.company.former = {"U0LEA", "U0LEO"}
    stuck = await look(here, expense)
    assert stuck.obstacle == Obstacle(kind=Kind.NOBODY)
    assert stuck.version == expense.version + 1
    [line] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert f"expense {expense.id} is stuck" in line.getMessage()
    assert "S0LEADS" in line.getMessage()
    assert await stuck_expenses(here.database) == [stuck]
    # Who looks again says nothing new.
    assert await look(here, expense) == stuck
    assert (await here.events(expense.id)).count("stuck") == 1


async def test_what_is_mended_goes_on_and_both_are_told(
    here: Rooms, caplog: pytest.LogCaptureFixture
) -> None:
    here.company.gone = {"S0LEADS"}
    expense = await planned(here, LEADS)
    assert (await look(here, expense)).obstacle == Obstacle(kind=Kind.NOBODY, about=("S0LEADS",))
    here.company.gone = set()
    freed = await look(here, expense)
    assert freed.obstacle is None
    assert (await here.events(expense.id))[-2:] == ["stuck", "free"]
    assert f"expense {expense.id} is not stuck any more" in caplog.text
    assert await stuck_expenses(here.database) == []
    approved = await here.decisions.decide(expense.id, Decision.APPROVED, "U0LEA")
    assert approved.state is State.APPROVED


async def test_what_slack_does_not_tell_changes_nothing(here: Rooms) -> None:
    here.company.gone = {"S0LEADS"}
    expense = await planned(here, LEADS)
    stuck = await look(here, expense)
    here.company.gone, here.company.silent = set(), {"S0LEADS"}
    assert await look(here, expense) == stuck


async def test_what_nobody_could_be_asked_about_is_stuck_until_somebody_is(here: Rooms) -> None:
    expense = await planned(here, LEADS)
    removed = Obstacle(kind=Kind.NOT_ASKED, about=("C0APPROVALS", "not_in_channel"))
    assert (await look(here, expense, removed)).obstacle == removed
    assert (await look(here, expense)).obstacle is None


async def test_what_is_decided_is_not_stuck(here: Rooms) -> None:
    here.company.former = {"U0LEO"}
    expense = await planned(here, LEADS)
    await here.decisions.decide(expense.id, Decision.REJECTED, "U0LEA")
    here.company.former = {"U0LEA", "U0LEO"}
    assert (await look(here, expense)).obstacle is None
    stuck = await look(here, await planned(here, LEADS))
    await here.submissions.withdraw(stuck.id, REQUESTER)
    assert await stuck_expenses(here.database) == []


@pytest.mark.parametrize(
    ("stages", "manager"),
    [
        ((Stage(asked=(REQUESTER,)),), None),
        ((Stage(asked=("S0EMPTY",)),), None),
        ((Stage(asked=("S0LEADS",), needed=3),), None),
        ((Stage(asked=("U0KIM",)),), None),
        ((Stage(asked=("S0GONE",)),), None),
        ((LEADS, Stage(asked=("S0LEADS",), needed=2)), None),
        ((Stage(asked=("manager",)),), "U0KIM"),
    ],
)
async def test_what_nobody_could_approve_is_not_submitted(
    here: Rooms, stages: tuple[Stage, ...], manager: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    here.company.former, here.company.gone = {"U0KIM"}, {"S0GONE"}
    here.policy.rulebook = replace(asking(*stages), managers=("U0KIM",))
    with pytest.raises(InvalidInput, match=r"Too few people|one of the managers") as refusal:
        await here.submissions.submit(REQUESTER, lunch(manager=manager), "view 1")
    assert refusal.value.field == ("manager" if manager else "amount")
    assert await here.expenses.of_requester(REQUESTER, 10) == []


async def test_the_approvers_of_the_settings_are_counted_at_submission_too(here: Rooms) -> None:
    here.company.former = {MANAGER, OTHER_MANAGER}
    with pytest.raises(InvalidInput, match="Too few people"):
        await here.submissions.submit(REQUESTER, lunch(), "view 1")
    assert await here.submissions.submit(STRANGER, lunch(), "view 1")


async def test_while_slack_does_not_answer_expenses_are_submitted_all_the_same(
    here: Rooms,
) -> None:
    here.policy.rulebook = asking(LEADS)
    here.company.silent = {"S0LEADS"}
    assert (await here.submissions.submit(REQUESTER, lunch(), "view 1")).plan


async def test_nobody_uses_themselves_up_for_a_later_stage(here: Rooms) -> None:
    expense = await planned(here, LEADS, Stage(asked=("U0LEA",)))
    with pytest.raises(NeededLater, match="leave this one to others"):
        await here.decisions.decide(expense.id, Decision.APPROVED, "U0LEA")
    assert (await here.expenses.get(expense.id)).version == expense.version
    await here.decisions.decide(expense.id, Decision.APPROVED, "U0LEO")
    approved = await here.decisions.decide(expense.id, Decision.APPROVED, "U0LEA")
    assert approved.state is State.APPROVED
    # To reject it ends it, and needs nobody later.
    other = await planned(here, LEADS, Stage(asked=("U0LEA",)))
    rejected = await here.decisions.decide(other.id, Decision.REJECTED, "U0LEA")
    assert rejected.state is State.REJECTED


async def test_a_delegate_decides_for_the_colleague_who_is_not_needed_later(here: Rooms) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    await here.delegations.begin("U0LEA", "U0DEL", tomorrow)
    await here.delegations.begin("U0LEO", "U0DEL", tomorrow)
    expense = await planned(here, LEADS, Stage(asked=("U0LEA",)))
    agreed = await here.decisions.decide(expense.id, Decision.APPROVED, "U0DEL")
    assert [line.on_behalf_of for line in agreed.progress.approvals] == ["U0LEO"]


async def test_a_delegation_has_what_it_concerns_looked_at(here: Rooms) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    mine, asked, other = [
        await planned(here, Stage(asked=(whom,)), requester=who)
        for whom, who in (("U0FIN", "U0REX"), ("U0REX", STRANGER), ("U0FIN", STRANGER))
    ]
    for change in (
        here.delegations.begin("U0REX", "U0DEL", tomorrow),
        here.delegations.end("U0REX"),
    ):
        for expense in (mine, asked, other):
            due = await here.outbox.claim(expense.id, timedelta(seconds=1))
            assert due
            await here.outbox.release(due, tomorrow)
        assert await here.outbox.due(10) == []
        await change
        assert set(await here.outbox.due(10)) == {mine.id, asked.id}


async def test_what_waits_is_looked_at_soon_after_a_start(here: Rooms) -> None:
    expense = await planned(here, LEADS)
    due = await here.outbox.claim(expense.id, timedelta(seconds=1))
    assert due
    await here.outbox.release(due, datetime.now(UTC) + timedelta(days=3))
    await here.outbox.look_within(timedelta(seconds=-1))
    assert await here.outbox.due(10) == [expense.id]


def test_operators_list_what_is_stuck(tmp_path: Path) -> None:
    async def prepare(url: str) -> tuple[str, str]:
        async with rooms(url) as here:
            here.company.gone = {"S0GONE"}
            stuck = await planned(here, Stage(asked=("S0GONE",)))
            fine = await planned(here, Stage(asked=("U0FIN",)))
            for expense in (stuck, fine):
                await look(here, expense)
            return stuck.id, fine.id

    file = tmp_path / "expenses.db"
    url = f"sqlite:///{file}"
    asyncio.run(make_sqlite(str(file)))
    stuck, fine = asyncio.run(prepare(url))
    out = io.StringIO()
    with environment({"DATABASE_URL": url}), redirect_stdout(out):
        assert main(["expenses", "list", "--stuck"]) == 0
    [line] = out.getvalue().splitlines()
    assert line.startswith(f"{stuck}  {datetime.now(UTC).year}-0001  CREATED ")
    assert "none of S0GONE" in line
    assert "restore it" in line
    assert fine not in line
