"""Databases that an earlier version filled, brought up to date, of both kinds."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, inspect, text

from bot.block_kit.sentences import headline
from bot.database.engine.url import parse_database_url
from bot.database.migrate import _config, _revision, _revisions, migrate
from bot.database.migrations.engine import connected
from bot.database.payment_runs import PaymentRuns
from bot.database.queries.finance_queries import FinanceQueries
from bot.domain import audit_events
from bot.domain.expense import Decision, State
from bot.domain.people.audience import approvers
from tests.support.rooms import MANAGER, REQUESTER, rooms


def make_url(text: str) -> URL:
    url = parse_database_url(text)
    assert isinstance(url, URL)
    return url


async def is_current(url: URL) -> bool:
    async with connected(url) as connection:
        return await connection.run_sync(_revision) == _revisions()[0]


NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
async def first_version(empty_database_url: str) -> str:
    """A database as version 0001 left it, with an expense that waits and one that is paid."""
    async with connected(make_url(empty_database_url)) as connection:
        await connection.run_sync(_to, "0001")
        at = NOW if connection.dialect.name == "postgresql" else NOW.replace(tzinfo=None)
        for id, state in (("waiting", "CREATED"), ("paid", "COMPLETED")):
            await connection.execute(_EXPENSE, {"id": id, "state": state, "at": _said(at)})
            await connection.execute(_MESSAGE, {"id": id})
            await connection.execute(_AUDIT, {"id": id, "at": _said(at)})
    return empty_database_url


async def test_what_there_is_gets_numbers_in_the_order_in_which_it_was_made(
    empty_database_url: str,
) -> None:
    url = make_url(empty_database_url)
    async with connected(url) as connection:
        await connection.run_sync(_to, "0001")
        zone = UTC if connection.dialect.name == "postgresql" else None
        for id, month in (("c", 3), ("a", 1), ("old", -1), ("b", 2)):
            at = datetime(2025 if month < 0 else 2026, abs(month), 1, tzinfo=zone)
            await connection.execute(_EXPENSE, {"id": id, "state": "CREATED", "at": _said(at)})
    async with connected(url) as connection:
        await connection.run_sync(_upgrade_to, "0002")
        await connection.execute(text("UPDATE expenses SET previous_id = 'a' WHERE id = 'c'"))
    await migrate(url)
    async with rooms(empty_database_url) as here:
        assert (await here.expenses.get("c")).previous_number == "2026-0001"
        numbers = [(await here.expenses.get(id)).number for id in ("old", "a", "b", "c")]
        assert numbers == ["2025-0001", "2026-0001", "2026-0002", "2026-0003"]
        late = replace(await here.expenses.get("c"), id="d")
        made = await here.expenses.add(late, audit_events.Created(), "worker")
        assert made
        assert made.number == "2026-0004"


def _said(at: datetime) -> object:
    return at if at.tzinfo else str(at)


def _to(connection: Connection, revision: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    known = {"0001": command.upgrade, "back to 0001": command.downgrade}
    known[revision](config, "0001")


_EXPENSE = text(
    "INSERT INTO expenses (id, state, version, created_at, requester, amount, currency,"
    " description, category, spent_on, decide_by, workflow_id, attempts)"
    " VALUES (:id, :state, 3, :at, 'U0REQ', '42.50', 'EUR', 'Lunch', 'meals', '2026-01-30',"
    " NULL, 'expense_' || CAST(:id AS varchar(50)), 0)"
)
_MESSAGE = text(
    "INSERT INTO messages (expense_id, audience, channel, ts, shown_version, told)"
    " VALUES (:id, 'approvers', 'C0', '1.0', 3, 1)"
)
_AUDIT = text(
    "INSERT INTO audit (expense_id, at, event, actor, state)"
    " VALUES (:id, :at, 'submit', 'U0REQ', 'SUBMITTED')"
)


async def test_what_was_open_goes_on(first_version: str) -> None:
    url = make_url(first_version)
    assert not await is_current(url)
    for _ in range(2):
        await migrate(url)
    assert await is_current(url)
    async with rooms(first_version) as here:
        expense = await here.expenses.get("waiting")
        assert (expense.state, expense.requester, expense.created_at) == (
            State.CREATED,
            REQUESTER,
            NOW,
        )
        assert expense.plan is None
        assert expense.claim
        assert (expense.claim.manager, expense.claim.receipts) == (None, ())
        message = await here.messages.find("waiting", approvers(0))
        assert message
        assert (message.ts, message.told) == ("1.0", 1)
        longest = approvers(10, "U" * 32)
        assert await here.messages.add(
            type(message)(
                expense_id="waiting", audience=longest, channel="D0", ts="2.0", shown_version=1
            )
        )
        decided = await here.decisions.decide("waiting", Decision.APPROVED, MANAGER)
        assert decided.state is State.APPROVED
        assert await here.events("paid") == ["submit"]
        # Of years that were recorded as paid, nobody has to say so again.
        old = await here.expenses.get("paid")
        assert (old.payment, old.is_paid) == (None, True)
        assert headline(old).startswith(":moneybag: *Recorded as paid.*")
        assert await PaymentRuns(here.database, here.expenses).to_pay("U0NOOR", 10) == []
        assert (await FinanceQueries(here.database).to_pay()).count == 1  # the one decided above
        await here.delegations.begin(MANAGER, "U0DEL", datetime.now(UTC) + timedelta(days=1))


def test_the_names_of_the_files_are_what_alembic_finds() -> None:
    scripts = ScriptDirectory.from_config(_config())
    found = {script.revision for script in scripts.walk_revisions()}
    assert (scripts.get_current_head(), found) == _revisions()


async def test_a_start_without_a_migration_says_nothing(
    first_version: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = make_url(first_version)
    caplog.set_level("INFO")
    await migrate(url)
    assert "Running upgrade 0001" in caplog.text
    caplog.clear()
    await migrate(url)
    assert caplog.text == ""


async def test_the_way_back(first_version: str) -> None:
    url = make_url(first_version)
    await migrate(url)
    async with connected(url) as connection:
        await connection.run_sync(_to, "back to 0001")
        rows = await connection.execute(text("SELECT id, state FROM expenses ORDER BY id"))
        assert [tuple(row) for row in rows] == [("paid", "COMPLETED"), ("waiting", "CREATED")]
    await migrate(url)
    assert await is_current(url)


def _tables(connection: Connection) -> dict[str, dict[str, bool]]:
    """Whether each column of each table can be left out of an INSERT."""
    look = inspect(connection)
    return {
        table: {
            column["name"]: bool(column["nullable"] or column["default"])
            for column in look.get_columns(table)
        }
        for table in look.get_table_names()
    }


async def test_migrations_only_add_unless_their_first_digit_rises(empty_database_url: str) -> None:
    """A bot of the version before goes on with what it knows, and its rows are taken."""
    url = make_url(empty_database_url)
    every = sorted(_revisions()[1])
    assert all(re.fullmatch(r"\d{4}", revision) for revision in every)
    before: dict[str, dict[str, bool]] = {}
    for last, revision in pairwise([every[0], *every]):
        async with connected(url) as connection:
            await connection.run_sync(_upgrade_to, revision)
            after = await connection.run_sync(_tables)
        if last[0] == revision[0]:
            assert before.keys() <= after.keys()
            for table, columns in before.items():
                assert columns.keys() <= after[table].keys(), (revision, table)
                new = after[table].keys() - columns.keys()
                assert all(after[table][name] for name in new), (revision, table)
        before = after


def _upgrade_to(connection: Connection, revision: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
