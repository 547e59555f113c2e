"""While a deployment replaces one bot after the other, both versions work on one database.

The version before keeps approvals in a list within an expense's progress.
"""

import json
from dataclasses import replace

import pytest
from sqlalchemy import text

from bot.database import schema
from bot.domain import audit_events
from bot.domain.errors import AlreadyAgreed
from bot.domain.expense import Decision, State
from tests.support.rooms import Rooms
from tests.upgrade.before import FAY, FIN, FOX, ID, LEA, SUB, upgraded
from tests.upgrade.facts import rows

APPROVED = Decision.APPROVED
# The manager has agreed, and two of finance have to.
HALF_WAY = ID["half-way"]
_UPDATE = text("UPDATE expenses SET progress = :progress, version = version + 1 WHERE id = :which")


async def test_an_approval_that_the_version_before_records_counts(before: str) -> None:
    async with upgraded(before) as here:
        await _agree_as_before(here, SUB, FAY)
        expense = await here.expenses.get(HALF_WAY)
        assert expense.plan
        assert expense.progress.missing(expense.plan) == 1
        for person in (SUB, FAY, LEA):
            with pytest.raises(AlreadyAgreed):
                await here.decisions.decide(HALF_WAY, APPROVED, person)
        assert await _in_table(here) == {LEA: (LEA, 0)}
        approved = await here.decisions.decide(HALF_WAY, APPROVED, FOX)
        assert approved.state is State.APPROVED
        assert await _in_table(here) == {LEA: (LEA, 0), SUB: (FAY, 1), FOX: (FOX, 1)}


async def test_the_version_before_finds_the_approvals_that_this_one_records(before: str) -> None:
    async with upgraded(before) as here:
        await here.decisions.decide(HALF_WAY, APPROVED, FOX)
        agreed = await here.expenses.get(HALF_WAY)
        await here.expenses.change(
            agreed,
            event=audit_events.Escalated((FIN,)),
            actor="policy",
            progress=replace(agreed.progress, escalated=True),
        )
        stored = await _progress(here)
        listed = [(line["person"], line["seat"]) for line in json.loads(stored)["approvals"]]
        assert listed == [(LEA, LEA), (FOX, FOX)]
        # It looks for these words, to leave out of people's lists what they have agreed to.
        assert f'"person":"{FOX}","seat":' in stored
        assert f'"seat":"{FOX}"' in stored
        # And when it adds one, nothing that was there is lost.
        await _agree_as_before(here, FIN, FIN)
        approvals = (await here.expenses.get(HALF_WAY)).progress.approvals
        assert {line.person for line in approvals} == {LEA, FOX, FIN}


async def _agree_as_before(here: Rooms, person: str, seat: str) -> None:
    """Record an approval as the version before does; the audit line does not matter here."""
    progress = json.loads(await _progress(here))
    at = "2020-06-01T12:00:00.123456Z"
    progress["approvals"].append({"person": person, "seat": seat, "stage": 1, "at": at})
    written = json.dumps(progress, separators=(",", ":"))
    await here.database.execute(_UPDATE, {"progress": written, "which": HALF_WAY})


async def _progress(here: Rooms) -> str:
    [found] = [row.progress for row in await rows(here, schema.expenses) if row.id == HALF_WAY]
    return str(found)


async def _in_table(here: Rooms) -> dict[str, tuple[str, int]]:
    return {
        row.approver: (row.on_behalf_of, row.stage)
        for row in await rows(here, schema.approvals)
        if row.expense_id == HALF_WAY
    }
