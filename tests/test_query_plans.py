"""With many rows, no query of the bot looks at all of them: the plans are read."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from bot.expense import Caller, Decision
from bot.outbox import Message
from bot.schema import audit, expenses, messages
from tests.rooms import LUNCH, MANAGER, Rooms, rooms

ROWS = 5_000


@pytest.fixture
async def full(database_url: str) -> AsyncIterator[Rooms]:
    """A database in which very many expenses wait."""
    now = datetime.now(UTC)
    waiting: dict[str, Any] = {"state": "CREATED", "version": 1, "created_at": now}
    waiting |= {"due_at": now + timedelta(hours=72), "decide_by": now + timedelta(hours=72)}
    line = {"at": now, "event": "create", "actor": "worker", "state": "CREATED"}
    shown = {"audience": "approvers", "channel": "C1", "ts": "1.2", "shown_version": 1, "told": 0}
    ids = [f"full-{number}" for number in range(ROWS)]
    async with rooms(database_url) as opened:
        async with opened.database.writing() as connection:
            rows = [waiting | {"id": i, "requester": f"U{n % 100}"} for n, i in enumerate(ids)]
            await connection.execute(insert(expenses), rows)
            await connection.execute(insert(audit), [line | {"expense_id": i} for i in ids])
            await connection.execute(insert(messages), [shown | {"expense_id": i} for i in ids])
        async with opened.database.writing() as connection:
            await connection.execute(text("ANALYZE"))
        yield opened


async def everything(here: Rooms) -> None:
    """Call whatever asks the database something."""
    submitted = await here.submissions.submit("U1", LUNCH, "view V1")
    caller = Caller(workflow_id=f"expense_{submitted.id}", run_id="run")
    await here.lifecycle.create(submitted.id, caller)
    await here.lifecycle.register_callback(submitted.id, b"token", caller)
    decided = await here.decisions.decide(submitted.id, Decision.APPROVED, MANAGER)
    await here.decisions.list_for("U1", 20)
    await here.store.note(decided, event="refuse", actor="U1", detail="")
    await here.store.history(decided.id)
    await here.outbox.due(200)
    await here.outbox.mark_started(decided.id)
    due = await here.outbox.claim(decided.id, timedelta(seconds=5))
    assert due
    await here.outbox.renew(due, timedelta(seconds=5))
    await here.outbox.mark_delivered(decided)
    message = Message(
        expense_id=decided.id, audience="approvers", channel="C1", ts="1.3", shown_version=1
    )
    await here.outbox.add_message(message)
    await here.outbox.message(decided.id, "approvers")
    await here.outbox.mark_shown(message, version=2, told=0)
    await here.outbox.release(due, None)
    await here.outbox.claim(decided.id, timedelta(seconds=5), due=True)
    await here.reimbursement.pay(decided.id)


async def test_no_query_looks_at_every_row(full: Rooms) -> None:
    seen: dict[str, Any] = {}
    engines = {full.database.engine, full.database._readers}

    def remember(
        _c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, many: bool
    ) -> None:
        if not statement.startswith(("BEGIN", "EXPLAIN", "INSERT")):
            seen[statement] = parameters[0] if many else parameters

    for engine in engines:
        event.listen(engine.sync_engine, "before_cursor_execute", remember)
    await everything(full)
    for engine in engines:
        event.remove(engine.sync_engine, "before_cursor_execute", remember)
    assert len(seen) > 12
    for statement, parameters in seen.items():
        plan = await plan_of(full, statement, parameters)
        scans = re.findall(
            r"Seq Scan on (?:expenses|messages|audit)|SCAN (?:expenses|messages|audit)", plan
        )
        assert not scans, f"{statement}\n{plan}"


async def plan_of(here: Rooms, statement: str, parameters: Any) -> str:
    is_sqlite = here.database.engine.dialect.name == "sqlite"
    explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
    async with here.database.writing() as connection:
        rows = (await connection.exec_driver_sql(explain + statement, parameters)).all()
    return "\n".join(str(row[-1]) for row in rows)
