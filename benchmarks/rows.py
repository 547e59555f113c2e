"""Puts pending expenses into a bot's database in bulk, and reads what became of them.

It uses SQLAlchemy's own engine and not the bot's code, so that it fits the bot of another checkout.
"""

import asyncio
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Executable, func, insert, inspect, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from benchmarks.checkout import ENCRYPTION_KEY
from benchmarks.requests import Posted, pending_expense
from bot.database.encryption import Cipher
from bot.database.engine.url import parse_database_url
from bot.database.schema import audit, expenses, messages
from sandbox.slack.config import ADA

CHUNK = 1000
_NUMBERED = (
    "DELETE FROM numbers",
    "UPDATE expenses SET number = NULL",
    "UPDATE expenses SET number_year = 2026, number = counted.number FROM (SELECT id, row_number()"
    " OVER (ORDER BY created_at, id) AS number FROM expenses) AS counted"
    " WHERE expenses.id = counted.id",
    "INSERT INTO numbers (year, last) SELECT 2026, count(*) FROM expenses",
)
TOKEN_BYTES = 250


def connect(url: str) -> AsyncEngine:
    """Connect to a bot's database; on SQLite, wait while the bot writes."""
    patience = {"timeout": 60} if url.startswith("sqlite") else {}
    return create_async_engine(parse_database_url(url), connect_args=patience)  # type: ignore[arg-type]


async def add_pending(database: AsyncEngine, count: int, posted: Posted) -> list[str]:
    """Add so many expenses that wait for a decision, and return their ids."""
    token = Cipher([ENCRYPTION_KEY]).encrypt(b"t" * TOKEN_BYTES)
    ids = [uuid.uuid4().hex[:12].upper() for _ in range(count)]
    for chunk in _chunks(ids):
        async with database.begin() as connection:
            await connection.execute(insert(expenses), [_row(name, token) for name in chunk])
            await connection.execute(insert(audit), _history(chunk))
            last = (await connection.execute(select(func.max(audit.c.number)))).scalar()
            await connection.execute(insert(messages), _messages(chunk, posted, last))
    async with database.begin() as connection:
        if await connection.run_sync(lambda known: inspect(known).has_table("numbers")):
            for statement in _NUMBERED:  # as a bot would otherwise do beside what is measured
                await connection.execute(text(statement))
    return ids


def _chunks(ids: list[str]) -> list[list[str]]:
    return [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]


def _row(name: str, token: bytes) -> dict[str, Any]:
    expense = pending_expense(name)
    assert expense.claim and expense.decide_by  # noqa: S101, PT018
    return {
        "id": name,
        "state": expense.state,
        "version": expense.version,
        "created_at": expense.created_at,
        "requester": expense.requester,
        "amount": str(expense.claim.money.amount),
        "currency": expense.claim.money.currency,
        "description": expense.claim.description,
        "category": expense.claim.category,
        "spent_on": expense.claim.spent_on,
        "submission_key": f"view V{name}",
        "window_seconds": 259_200.0,
        "started_at": expense.created_at,
        "workflow_id": f"expense_{name}",
        "run_id": str(uuid.uuid4()),
        "task_token": token,
        "decide_by": expense.decide_by,
        "due_at": expense.decide_by,
    }


def _history(ids: Any) -> list[dict[str, Any]]:
    steps = (("submit", ADA.id, "SUBMITTED"), ("create", "worker", "CREATED"))
    steps += (("register_callback", "worker", "CREATED"),)
    at = datetime.now(UTC)
    return [
        {"expense_id": name, "at": at, "event": event, "actor": actor, "state": state}
        for name in ids
        for event, actor, state in steps
    ]


def _messages(ids: Any, posted: Posted, told: int) -> list[dict[str, Any]]:
    places = (("approvers", posted.channel, posted.ts, 0),)
    places += (("requester", posted.dm, posted.dm_ts, told),)
    return [
        {
            "expense_id": name,
            "audience": audience,
            "channel": channel,
            "ts": ts,
            "shown_version": 3,
            "told": number,
        }
        for name in ids
        for audience, channel, ts, number in places
    ]


async def decided(database: AsyncEngine) -> tuple[int, int]:
    """Count the decisions in the audit trail, and the expenses they are about."""
    query = select(func.count(), func.count(audit.c.expense_id.distinct())).where(
        audit.c.event == "decide"
    )
    async with database.connect() as connection:
        row = (await connection.execute(query)).one()
    return int(row[0]), int(row[1])


async def until_delivered(database: AsyncEngine, patience: float = 120) -> float:
    """Wait until every decision is delivered and its messages updated; return the seconds."""
    began = time.monotonic()
    is_busy = text(
        "SELECT (SELECT count(*) FROM expenses WHERE state = 'APPROVED' AND "
        "delivered_at IS NULL) + (SELECT count(*) FROM messages m "
        "JOIN expenses e ON e.id = m.expense_id WHERE e.state = 'APPROVED' "
        "AND m.shown_version < e.version)"
    )
    async with asyncio.timeout(patience):
        while True:
            if not await look(database, is_busy):
                return time.monotonic() - began
            await asyncio.sleep(0.2)


async def record_as_paid(database: AsyncEngine) -> None:
    """Close what was approved: no worker asks for these payments, so the bot would keep looking."""
    closed = update(expenses).where(expenses.c.state == "APPROVED")
    async with database.begin() as connection:
        await connection.execute(closed.values(state="COMPLETED", due_at=None))


async def look(database: AsyncEngine, question: Executable) -> Any:
    """Return the one value that a query finds."""
    async with database.connect() as connection:
        return (await connection.execute(question)).scalar()
