"""Reads for an auditor: the expenses of a period, a sample of them, and their evidence."""

import hashlib
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Integer, String, bindparam, select

from bot.database.engine.connection import Database
from bot.database.payments.schema import payments
from bot.database.schema import Instant, approvals, audit, expenses, receipts
from bot.database.trail.chain import instant
from bot.database.trail.schema import audit_roots, audit_seals

_IT = bindparam("which", type_=String)
_IN_PERIOD = (
    select(expenses.c.id)
    .where(
        expenses.c.created_at >= bindparam("since", type_=Instant),
        expenses.c.created_at < bindparam("until", type_=Instant),
    )
    .order_by(expenses.c.id)
)
# Secrets, and what changes with time alone.
_LEFT_OUT = {"task_token", "due_at", "redraw_at", "leased_until", "attempts", "traceparent"}
_RECORD = select(*(column for column in expenses.c if column.name not in _LEFT_OUT)).where(
    expenses.c.id == _IT
)
_BESIDES = {
    name: select(*(column for column in table.c if column.name not in _LEFT_OUT)).where(
        table.c.expense_id == _IT
    )
    for name, table in (
        *(("approvals", approvals), ("payments", payments)),
        ("receipts_kept", receipts),  # the expense has a column `receipts`, of what was sent
    )
}
_LINES = (
    select(audit, *(audit_seals.c[name] for name in ("line", "root", "hash", "salts", "erased")))
    .outerjoin_from(audit, audit_seals, audit_seals.c.number == audit.c.number)
    .where(audit.c.expense_id == _IT)
    .order_by(audit_seals.c.line, audit.c.number)
)
_ROOT = select(audit_roots).where(audit_roots.c.number == bindparam("number", type_=Integer))
_CHAIN = (
    select(*(audit_roots.c[name] for name in ("number", "body", "signature")))
    .where(audit_roots.c.number >= bindparam("first", type_=Integer))
    .order_by(audit_roots.c.number)
    .limit(1000)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is recorded of one expense, as JSON has it."""

    record: Mapping[str, Any]
    lines: list[dict[str, Any]]

    @property
    def roots(self) -> set[int]:
        """The numbers of the roots that sign for its lines."""
        return {line["root"] for line in self.lines if line["root"]}


def sample(ids: Collection[str], seed: str, count: int) -> list[str]:
    """Choose some of a period's expenses, always the same for a seed.

    Those whose id, behind the seed and a blank, has the smallest SHA-256.
    """
    return sorted(ids, key=lambda id: hashlib.sha256(f"{seed} {id}".encode()).digest())[:count]


class Samples:
    """Reads what an auditor looks at."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_period(self, since: datetime, until: datetime) -> list[str]:
        """Return the ids of the expenses that were made in a period, in UTC."""
        rows = await self._database.execute(_IN_PERIOD, {"since": since, "until": until})
        return [row.id for row in rows]

    async def evidence(self, expense_id: str) -> Evidence | None:
        """Read one expense; None if there is none with this id."""
        found = await self._database.execute(_RECORD, {"which": expense_id})
        if not found:
            return None
        record = _plain(found[0])
        for name, query in _BESIDES.items():
            rows = await self._database.execute(query, {"which": expense_id})
            record[name] = [*map(_plain, rows)]
        lines = await self._database.execute(_LINES, {"which": expense_id})
        return Evidence(
            record=record, lines=[_plain(row) | {"at": instant(row.at)} for row in lines]
        )

    async def root(self, number: int) -> Any:
        """Read a root: its `body`, `lines` and `signature`; None if it was removed."""
        rows = await self._database.execute(_ROOT, {"number": number})
        return rows[0] if rows else None

    async def chain(self, first: int) -> AsyncIterator[dict[str, Any]]:
        """Yield all roots from a number on, without their lines."""
        while rows := await self._database.execute(_CHAIN, {"first": first}):
            for row in rows:
                yield row._asdict()
            first = rows[-1].number + 1


def _plain(row: Any) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in row._asdict().items()
    }
