"""A database that the version before filled goes on under this one."""

from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from sqlalchemy import Connection, inspect

from bot.database import schema
from bot.database.engine.url import parse_database_url
from bot.database.expense_rows import plan_column, progress_column
from bot.database.migrate import _config
from bot.database.migrations.engine import connected
from bot.domain.errors import AlreadyAgreed, AlreadyDecided, NotAllowed
from bot.domain.expense import Decision, State
from tests.support.rooms import Rooms
from tests.upgrade.before import (
    DEL,
    EXPECTED,
    FIN,
    FOX,
    ID,
    LEA,
    MAN,
    MAX,
    REQ,
    STR,
    SUB,
    upgraded,
)
from tests.upgrade.facts import read, rows

APPROVED = Decision.APPROVED


async def test_everything_reads_as_the_version_before_read_it(before: str) -> None:
    async with upgraded(before) as here:
        found = await read(here)
    for id, expense in EXPECTED["expenses"].items():
        about = {"name": expense["name"], "note": expense["note"]}
        assert about | found["expenses"][id] == expense
    for name in EXPECTED.keys() - {"expenses"}:
        assert found[name] == EXPECTED[name], name


async def test_what_is_stored_as_json_is_written_as_the_version_before_wrote_it(
    before: str,
) -> None:
    async with upgraded(before) as here:
        for row in await rows(here, schema.expenses):
            expense = await here.expenses.get(row.id)
            assert plan_column(expense.plan) == row.plan
            assert row.progress in (progress_column(expense.progress), None)


async def test_people_and_workflows_go_on(before: str) -> None:
    async with upgraded(before) as here:
        last = max(row.number for row in await rows(here, schema.audit))
        approved = await here.decisions.decide(ID["waiting"], APPROVED, MAN)
        assert approved.state is State.APPROVED
        assert (await here.expenses.history(approved.id))[-1].number > last
        for name in ("waiting-late", "planned-late"):
            with pytest.raises(AlreadyDecided):
                await here.decisions.decide(ID[name], APPROVED, MAX)
        # Of two who are asked one had agreed, the other has a delegate.
        with pytest.raises(AlreadyAgreed):
            await here.decisions.decide(ID["one-of-two"], APPROVED, MAN)
        second = await here.decisions.decide(ID["one-of-two"], APPROVED, DEL)
        assert (second.state, second.decided_by, second.decided_for) == (State.APPROVED, DEL, MAX)
        assert [line.person for line in second.progress.approvals] == [MAN, DEL]
        # Who approved in the first stage, or was represented in the second, counts once.
        for person, refusal in ((LEA, AlreadyAgreed), (SUB, AlreadyAgreed), (STR, NotAllowed)):
            with pytest.raises(refusal):
                await here.decisions.decide(ID["half-way-and-one"], APPROVED, person)
        third = await here.decisions.decide(ID["half-way-and-one"], APPROVED, FOX)
        assert (third.state, len(third.progress.approvals)) == (State.APPROVED, 3)
        # The same submission once more finds its expense, whatever the policy asks by now.
        claim = (await here.expenses.get(ID["approved"])).claim
        assert claim
        again = await here.submissions.submit(STR, claim, "view approved")
        assert again.id == ID["approved"]
        await here.workflow_calls.approve_automatically(await here.expenses.get(ID["auto-created"]))
        await here.reimbursement.pay(ID["payment-asked"])
        paid = await here.expenses.get(ID["payment-asked"])
        assert paid.state is State.COMPLETED
        # What is withdrawn gives its part of the month back.
        await here.workflow_calls.cancel(await here.expenses.get(ID["auto-approved"]), "it ended")
        used = {
            (row.person, row.month.month): row.used for row in await rows(here, schema.allowances)
        }
        assert used[STR, 3] == 596_500 - 184_000
        assert await here.delegations.end(MAX) == DEL
        await here.delegations.begin(MAX, REQ, datetime.now(UTC) + timedelta(days=1))


async def test_the_way_back_and_forth_loses_no_approval(before: str) -> None:
    async with upgraded(before) as here:
        untouched = await _stored(here)
    await _back(before)
    async with upgraded(before) as here:
        assert await _stored(here) == untouched
        await here.decisions.decide(ID["half-way"], APPROVED, FOX)
        await here.decisions.decide(ID["one-of-two-in-a-seat"], APPROVED, MAN)
        changed = await _stored(here)
    await _back(before)
    async with upgraded(before) as here:
        assert await _stored(here) == changed
        finished = await here.decisions.decide(ID["half-way"], APPROVED, FIN)
        people = [(line.person, line.stage) for line in finished.progress.approvals]
        assert people == [(LEA, 0), (FOX, 1), (FIN, 1)]


async def _stored(here: Rooms) -> list[str]:
    found = [*await rows(here, schema.expenses), *await rows(here, schema.approvals)]
    return sorted(map(str, found))


async def _back(database_url: str) -> None:
    """Take the schema back to that of the version before."""

    def downgrade(connection: Connection) -> None:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
        assert "approvals" not in inspect(connection).get_table_names()

    async with connected(parse_database_url(database_url)) as connection:  # type: ignore[arg-type]
        await connection.run_sync(downgrade)
