"""With many rows, no query of the bot looks at all of them: the plans are read."""

import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import URL, Executable, insert, text, update

from bot.database.engine.connection import Connection, Database
from bot.database.engine.statements import Rows, compiled
from bot.database.expense_rows import plan_column, progress_column
from bot.database.messages import Message
from bot.database.migrations.engine import connected
from bot.database.outbox import count_backlog
from bot.database.payments.schema import payments
from bot.database.people.erasing import Eraser
from bot.database.people.same_receipts import SameReceipts
from bot.database.people.spending import Spendings
from bot.database.queries.census import take_census
from bot.database.queries.exports import PAGE_LENGTH, read_pages
from bot.database.queries.finance_queries import FinanceQueries
from bot.database.queries.stuck import claim_to_tell, find_expenses, give_back
from bot.database.schema import approvals, audit, expenses, messages, seats
from bot.domain import audit_events
from bot.domain.approval_plan import Plan, Progress, Stage
from bot.domain.callback import Place
from bot.domain.expense import Caller, Decision, State
from bot.domain.export.columns import By, Period
from bot.domain.finance import Search
from bot.domain.people.audience import approvers
from tests.support.rooms import LUNCH, MANAGER, Rooms, rooms

ROWS = 5_000


class Listening(Database):
    """A database that knows what it was asked."""

    def __init__(self, url: URL) -> None:
        super().__init__(url)
        self.seen: dict[str, Any] = {}

    async def execute(self, executable: Executable, given: Any = ()) -> Rows:
        self.remember(executable, given)
        return await super().execute(executable, dict(given))

    async def execute_for(self, executables: tuple[Executable, ...], given: Any) -> Any:
        for executable in executables:
            self.remember(executable, given)
        return await super().execute_for(executables, given)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        async with super().writing() as connection:
            yield Overheard(connection, self)

    def remember(self, executable: Executable, given: Any) -> None:
        statement = compiled(executable, self._dialect, tuple(given))
        if "SELECT" in statement.sql or "WHERE" in statement.sql:
            self.seen[statement.sql] = statement.values(dict(given))


class Overheard(Connection):
    """A connection to it."""

    def __init__(self, connection: Connection, database: Listening) -> None:
        super().__init__(connection._source, connection._connection, connection._dialect)
        self._database = database

    async def execute(self, executable: Executable, given: Any = ()) -> Rows:
        self._database.remember(executable, given)
        return await super().execute(executable, dict(given))


def agreed(expense_id: str, at: datetime) -> dict[str, Any]:
    people = {"approver": "U0AGREED", "on_behalf_of": "U0AGREED"}
    return people | {"expense_id": expense_id, "stage": 0, "at": at}


@pytest.fixture
async def full(database_url: str) -> AsyncIterator[Rooms]:
    """A database in which very many expenses wait."""
    now = datetime.now(UTC)
    waiting: dict[str, Any] = {"state": "CREATED", "version": 1, "created_at": now}
    waiting |= {"due_at": now + timedelta(hours=72), "decide_by": now + timedelta(hours=72)}
    line = {"at": now, "event": "create", "actor": "worker", "state": "CREATED"}
    shown = {"audience": "approvers", "channel": "C1", "ts": "1.2", "shown_version": 1, "told": 0}
    ids = [f"full-{number}" for number in range(ROWS)]
    async with rooms(database_url, kind=Listening) as opened:
        async with connected(opened.database.url) as connection:
            rows = [waiting | {"id": i, "requester": f"U{n % 100}"} for n, i in enumerate(ids)]
            await connection.execute(insert(expenses), rows)
            await connection.execute(insert(audit), [line | {"expense_id": i} for i in ids])
            await connection.execute(insert(messages), [shown | {"expense_id": i} for i in ids])
            await connection.execute(insert(approvals), [agreed(i, now) for i in ids])
        async with connected(opened.database.url) as connection:
            await connection.execute(text("ANALYZE"))
        yield opened


async def everything(here: Rooms) -> None:
    """Call whatever asks the database something."""
    submitted = await here.submissions.submit("U1", LUNCH, "view V1")
    caller = Caller(workflow_id=f"expense_{submitted.id}", run_id="run")
    await here.workflow_calls.create(submitted.id, caller)
    await here.workflow_calls.register_callback(submitted.id, b"token", caller)
    decided = await here.decisions.decide(submitted.id, Decision.APPROVED, MANAGER)
    await here.decisions.list_for("U1", 20)
    await here.expenses.chosen_by("U1")
    queries = Spendings(here.database)
    await queries.around("U1", LUNCH.spent_on, timedelta(days=7))
    eraser, now = Eraser(here.database), datetime.now(UTC)
    long_ago = now - timedelta(days=3650)
    await eraser.over_before(long_ago, long_ago - timedelta(days=1), "")
    await eraser.is_due(decided.id, now)
    await eraser.files(decided.id)
    await SameReceipts(here.database).others("another", "a" * 64)
    await here.messages.of_expenses({submitted.id, "another"})
    await here.expenses.note(decided, event=audit_events.Refused(""), actor="U1")
    await here.expenses.history(decided.id)
    await here.outbox.due(200)
    await here.outbox.mark_started(decided.id, Place("default", "id"))
    due = await here.outbox.claim(decided.id, timedelta(seconds=5))
    assert due
    await here.outbox.renew(due, timedelta(seconds=5))
    message = Message(
        expense_id=decided.id, audience=approvers(0), channel="C1", ts="1.3", shown_version=1
    )
    await here.messages.add(message)
    await here.messages.find(decided.id, approvers(0))
    await here.messages.mark_shown(message, version=2, told=0)
    await here.outbox.release(due, None)
    await here.outbox.claim(decided.id, timedelta(seconds=5), due=True)
    await here.reimbursement.pay(decided.id)


async def test_no_query_looks_at_every_row(full: Rooms) -> None:
    seen = await queries_of(full, everything)
    assert len(seen) > 12
    await check(full, seen)


@pytest.fixture
async def old(database_url: str) -> AsyncIterator[Rooms]:
    """A database of some years: nearly everything is paid, and enough waits for everybody."""
    now = datetime.now(UTC)
    plan = plan_column(Plan(rule="travel", stages=(Stage(asked=("U1",)),)))
    paid: dict[str, Any] = {"state": "COMPLETED", "version": 4, "plan": None, "progress": None}
    paid |= {"amount": "42.50", "currency": "EUR", "description": "Tea", "category": "meals"}
    paid |= {"spent_on": now.date(), "decide_by": now + timedelta(days=1), "decision": "APPROVED"}
    is_open: dict[str, Any] = {"state": "CREATED", "decision": None, "decided_by": None}
    is_open |= {"decided_at": None}
    planned = is_open | {"plan": plan, "progress": progress_column(Progress(since=now))}
    rows, asked = [], []
    for number in range(4 * ROWS):
        at = now - timedelta(minutes=4 * ROWS - number)
        row = paid | {"id": f"old-{number}", "created_at": at, "requester": f"U{number % 1000}"}
        row |= {"decided_by": f"U{number % 100}", "decided_at": at}
        row |= {"number_year": 2026, "number": number + 1}
        if number % 16 == 0:
            row |= is_open
        elif number % 16 == 8:
            row |= planned
            asked.append({"asked": f"U{number % 100}", "expense_id": row["id"]})
        rows.append(row)
    rows.append(rows[-1] | {"id": "new", "requester": "U1", "created_at": now})
    rows[-1] |= {"decided_by": "U1", "decided_at": now, "number": len(rows)}
    async with rooms(database_url, kind=Listening) as opened:
        async with connected(opened.database.url) as connection:
            await connection.execute(insert(expenses), rows)
            await connection.execute(insert(seats), asked)
            await connection.execute(insert(approvals), [agreed(row["id"], now) for row in rows])
        async with connected(opened.database.url) as connection:
            await connection.execute(text("ANALYZE"))
        yield opened


async def a_home(here: Rooms) -> None:
    """Ask all that a Home asks for somebody who stands in for two others, and the operator."""
    await count_backlog(here.database)
    waiting, months = here.inbox, here.home_queries
    until = datetime.now(UTC) + timedelta(days=1)
    for person in ("U8", "U16"):
        await here.delegations.begin(person, MANAGER, until)
    page = await waiting.for_approver(MANAGER, 3)
    assert page
    assert page.total == 1000
    assert {asked.on_behalf_of for asked in page.items} >= {MANAGER}
    assert (await here.home_queries.of_requester("U1", 1)).items
    assert (await months.asked_this_month("U1")).all.count
    assert (await months.decided_this_month("U1")).all.count


@pytest.mark.usefixtures("same_day")
async def test_no_home_looks_at_every_row(old: Rooms) -> None:
    seen = await queries_of(old, a_home)
    assert len(seen) > 8
    await check(old, seen)


async def what_finance_asks(here: Rooms) -> None:
    """Ask all that finance can ask, of expenses of which some wait to be paid."""
    queries = FinanceQueries(here.database)
    assert (await queries.to_pay()).count
    assert await queries.waiting_for_payment(3)
    month, page = datetime.now(UTC).date().replace(day=1), 11
    for search in (
        Search(state=State.APPROVED),
        Search(requester="U1"),
        Search(month=month),
        Search(state=State.COMPLETED),
        Search(state=State.REJECTED),
        Search(requester="U1", month=month),
        Search(state=State.COMPLETED, month=month),
        Search(requester="U1", state=State.APPROVED, month=month),
    ):
        first = await queries.find(search, page, None)
        assert len(await queries.find(search, page, first[-1] if first else None)) <= page
    async with aclosing(read_pages(here.database, Period(by=By.SUBMITTED))) as pages:
        assert len(await anext(pages)) == PAGE_LENGTH


@pytest.mark.usefixtures("same_day")
async def test_finance_looks_at_no_more_than_it_shows(old: Rooms) -> None:
    now = datetime.now(UTC)
    async with old.database.writing() as connection:
        few = expenses.c.id.in_([f"old-{number}" for number in range(1, 16)])
        await connection.execute(update(expenses).where(few).values(state="APPROVED"))
        left = [{"expense_id": f"old-{16 * n + 1}", "left_at": now} for n in range(1, 20)]
        await connection.execute(insert(payments).values(left))
    line = {"at": now, "event": "pay", "actor": "payments", "state": "COMPLETED"}
    async with connected(old.database.url) as connection:
        lines = [{"expense_id": f"old-{number}", **line} for number in range(ROWS)]
        await connection.execute(insert(audit), lines)
        await connection.execute(text("ANALYZE"))
    seen = await queries_of(old, what_finance_asks)
    assert len(seen) > 12
    await check(old, seen)


async def look_for_stuck(here: Rooms) -> None:
    """Do what bots do every half minute."""
    at, _ = await claim_to_tell(here.database, timedelta(0), timedelta(0))
    await give_back(here.database, at)
    await find_expenses(here.database, only_stuck=True)
    await take_census(here.database)


@pytest.mark.usefixtures("same_day")
async def test_to_find_what_is_stuck_nobody_reads_what_is_closed(old: Rooms) -> None:
    for statement, parameters in (await queries_of(old, look_for_stuck)).items():
        plan = await plan_of(old, statement, parameters)
        assert not re.findall("Seq Scan on expenses|SCAN expenses", plan), plan


async def queries_of(here: Rooms, do: Callable[[Rooms], Awaitable[None]]) -> dict[str, Any]:
    """Collect what is asked of the database meanwhile, with its parameters."""
    assert isinstance(here.database, Listening)
    here.database.seen.clear()
    await do(here)
    return dict(here.database.seen)


async def check(here: Rooms, seen: dict[str, Any]) -> None:
    """See that nothing is read as a whole; the index of what waits has nothing else in it."""
    tables = "(?:expenses|messages|audit|seats|approvals)"
    waits = "(?! USING (?:COVERING )?INDEX expenses_(?:waiting|unnumbered))"
    for statement, parameters in seen.items():
        plan = await plan_of(here, statement, parameters)
        scans = re.findall(rf"Seq Scan on {tables}|SCAN {tables}{waits}", plan)
        assert not scans, f"{statement}\n{plan}"


async def plan_of(here: Rooms, statement: str, parameters: Any) -> str:
    url = here.database.url
    if not here.database.is_postgres:
        with closing(sqlite3.connect(str(url.database))) as file:
            rows = file.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
    else:
        server = await asyncpg.connect(url.render_as_string(False).replace("+asyncpg", ""))
        rows = await server.fetch(f"EXPLAIN {statement}", *parameters)
        await server.close()
    return "\n".join(str(row[-1]) for row in rows)
