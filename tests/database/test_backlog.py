"""How many expenses wait for what, and which of them wait for too long."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from bot.database.outbox import count_backlog
from bot.database.schema import expenses
from bot.domain.expense import Decision
from bot.domain.health.findings import Level
from tests.support.rooms import LUNCH, MANAGER, REQUESTER, Rooms, rooms


async def make_older(here: Rooms, **values: datetime) -> None:
    await here.database.execute(update(expenses).values(**values))


async def wrong(here: Rooms) -> dict[str, Level]:
    findings = (await count_backlog(here.database)).findings()
    return {finding.key: finding.level for finding in findings if finding.key}


async def test_what_is_as_it_should_be_is_only_counted(database_url: str) -> None:
    async with rooms(database_url) as here:
        await here.waiting()
        await here.created()
        await here.submissions.submit(REQUESTER, LUNCH, submission_key="form")
        backlog = await count_backlog(here.database)
        [finding] = backlog.findings()
    assert finding.level is Level.OK
    assert {name: count for name, count in asdict(backlog).items() if count} == {
        "submitted": 1,
        "waiting": 2,
    }


async def test_what_waits_for_too_long_is_told(database_url: str) -> None:
    long_ago = datetime.now(UTC) - timedelta(minutes=10)
    async with rooms(database_url) as here:
        await here.submissions.submit(REQUESTER, LUNCH, submission_key="form")
        await make_older(here, created_at=long_ago)
        assert await wrong(here) == {"not asked": Level.ERROR}
        approved = await here.waiting()
        await here.decisions.decide(approved.id, Decision.APPROVED, MANAGER)
        assert await wrong(here) == {"not asked": Level.ERROR}
        await make_older(here, decided_at=long_ago, due_at=long_ago)
        assert await wrong(here) == {
            "not asked": Level.ERROR,
            "undelivered": Level.ERROR,
            "unpaid": Level.WARNING,
            "overdue": Level.WARNING,
        }


async def test_what_is_stuck_is_counted(database_url: str) -> None:
    async with rooms(database_url) as here:
        await here.waiting()
        assert (await count_backlog(here.database)).stuck == 0
        await here.database.execute(update(expenses).values(obstacle="nobody 0 0 1"))
        assert (await count_backlog(here.database)).stuck == 1


async def test_what_is_over_is_not_counted(sqlite_url: str) -> None:
    async with rooms(sqlite_url) as here:
        await here.waiting()
        await make_older(here, due_at=None)  # type: ignore[arg-type]
        assert set(asdict(await count_backlog(here.database)).values()) == {0}
