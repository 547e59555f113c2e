"""The table of receipts: what is recorded of their copies, and which of them are due."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, String, Text, bindparam, case, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.database import audit
from bot.database.engine.connection import Connection, Database
from bot.database.schema import Instant, expenses, receipts
from bot.domain.audit_events import ReceiptFlawed, ReceiptKept
from bot.domain.errors import WrittenByNewer
from bot.domain.expense import Receipt
from bot.domain.receipts import CopyState, Flaw, ReceiptCopy

_COPY = tuple(receipts.c[field.name] for field in fields(ReceiptCopy))
_NOW = bindparam("now", type_=Instant)
_IS_FILE = receipts.c.file_id == bindparam("file", type_=String)
IS_OF_EXPENSE = receipts.c.expense_id == bindparam("which", type_=String)
IS_IT = IS_OF_EXPENSE, _IS_FILE
_IS_AWAITED = receipts.c.state == CopyState.AWAITED
_OF_EXPENSE = (
    select(*_COPY).where(IS_OF_EXPENSE).order_by(receipts.c.created_at, receipts.c.file_id)
)
_KEPT_BEFORE = select(*_COPY).where(_IS_FILE, receipts.c.state == CopyState.KEPT).limit(1)
_EXPECT = {
    is_postgres: insert(receipts).on_conflict_do_nothing(index_elements=["expense_id", "file_id"])
    for is_postgres, insert in ((True, postgresql.insert), (False, sqlite.insert))
}
_IS_DUE = (
    receipts.c.due_at <= _NOW,
    or_(receipts.c.leased_until.is_(None), receipts.c.leased_until <= _NOW),
)
_DUE = (
    select(receipts.c.expense_id, receipts.c.file_id)
    .where(*_IS_DUE)
    .order_by(receipts.c.due_at)
    .limit(bindparam("most", type_=Integer))
)
_CLAIM = (
    update(receipts)
    .where(*IS_IT, *_IS_DUE)
    .values(leased_until=bindparam("until", type_=Instant), attempts=receipts.c.attempts + 1)
    .returning(*_COPY, receipts.c.due_at, receipts.c.attempts)
)
_RENEW = (
    update(receipts)
    .where(*IS_IT, receipts.c.leased_until.is_not(None))
    .values(leased_until=bindparam("until", type_=Instant))
)
_IS_AS_DUE = receipts.c.due_at == bindparam("was_due", type_=Instant)
_RELEASE = (
    update(receipts)
    .where(*IS_IT)
    .values(
        leased_until=None,
        # A thread that lacks it may have begun since.
        due_at=case((_IS_AS_DUE, bindparam("next_look", type_=Instant)), else_=receipts.c.due_at),
        attempts=bindparam("tried", type_=Integer),
        trouble=bindparam("new_trouble", type_=Text),
    )
)
_SETTLED = ("state", "flaw", "sha256", "type", "size", "place")
_SETTLE = (
    update(receipts)
    .where(*IS_IT, _IS_AWAITED)
    .values(
        {name: bindparam(f"new_{name}", type_=receipts.c[name].type) for name in _SETTLED}
        | {"settled_at": _NOW}
    )
    .returning(receipts.c.file_id)
)
_LOCK = (
    select(expenses.c.id).where(expenses.c.id == bindparam("which", type_=String)).with_for_update()
)
_LATE = select(
    func.count().label("number"),
    func.min(receipts.c.created_at).label("since"),
    func.max(receipts.c.trouble).label("trouble"),
).where(_IS_AWAITED, receipts.c.created_at <= bindparam("long_ago", type_=Instant))


@dataclass(frozen=True, slots=True)
class DueCopy:
    """A leased copy."""

    copy: ReceiptCopy
    due_at: datetime  # if this changes during the lease, it stays due
    attempts: int  # how often it was looked at since that last succeeded, this time included


@dataclass(frozen=True, slots=True)
class Late:
    """The receipts that have not been copied for long."""

    number: int
    since: datetime | None
    trouble: str | None  # why one of them was not


class ReceiptStore:
    """Reads and changes what is recorded of the copies of receipts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def now(self) -> datetime:
        """Return the instant by the clock that all processes share, in UTC."""
        return await self._database.now()

    async def of_expense(self, expense_id: str) -> list[ReceiptCopy]:
        """Read what is recorded of an expense's receipts; nothing if they are not copied."""
        rows = await self._database.execute(_OF_EXPENSE, {"which": expense_id})
        return [_copy(row) for row in rows]

    async def kept_before(self, file_id: str) -> ReceiptCopy | None:
        """Return a copy of this file that was kept for another expense; None if there is none."""
        rows = await self._database.execute(_KEPT_BEFORE, {"file": file_id})
        return _copy(rows[0]) if rows else None

    async def expect(self, expense_id: str, files: Sequence[Receipt], *, is_required: bool) -> None:
        """Have receipts copied, each once."""
        now = await self.now()
        for file in files:
            row = {
                "expense_id": expense_id,
                "file_id": file.id,
                "name": file.name,
                "is_required": is_required,
                "state": CopyState.AWAITED,
                "created_at": now,
                "due_at": now,
            }
            await self._database.execute(_EXPECT[self._database.is_postgres], row)

    async def due(self, limit: int) -> list[tuple[str, str]]:
        """Return expense id and file id of what is due and not leased, the longest due first."""
        given = {"now": await self._database.set_clock(), "most": limit}
        return [(row.expense_id, row.file_id) for row in await self._database.execute(_DUE, given)]

    async def claim(self, expense_id: str, file_id: str, lease: timedelta) -> DueCopy | None:
        """Lease a copy to this process; None if another one has it, or it is not due any more."""
        now = await self.now()
        given = {"which": expense_id, "file": file_id, "now": now, "until": now + lease}
        rows = await self._database.execute(_CLAIM, given)
        return DueCopy(_copy(rows[0]), rows[0].due_at, rows[0].attempts) if rows else None

    async def renew(self, due: DueCopy, lease: timedelta) -> None:
        """Extend a lease, unless `release` has ended it."""
        given = {"which": due.copy.expense_id, "file": due.copy.file_id}
        await self._database.execute(_RENEW, given | {"until": await self.now() + lease})

    async def release(
        self, due: DueCopy, next_look: datetime | None, trouble: str | None = None
    ) -> None:
        """End a lease.

        Args:
            next_look: when it is due again, in UTC; None for not before a thread lacks it.
            trouble: why it could not be done, without secrets; None if it was.
        """
        given = {
            "which": due.copy.expense_id,
            "file": due.copy.file_id,
            "was_due": due.due_at,
            "next_look": next_look,
            "tried": due.attempts if trouble else 0,
            "new_trouble": trouble,
        }
        await self._database.execute(_RELEASE, given)

    async def settle(self, copy: ReceiptCopy) -> ReceiptKept | ReceiptFlawed | None:
        """Record that a receipt is kept or flawed, with its audit entry; None if it was before."""
        what = f"{copy.flaw or copy.sha256} {copy.name}"
        event = ReceiptFlawed(what) if copy.flaw else ReceiptKept(what)
        given = {
            "which": copy.expense_id,
            "file": copy.file_id,
            "now": await self.now(),
            **{f"new_{name}": getattr(copy, name) for name in _SETTLED},
        }
        noted = {"which": copy.expense_id, "now": given["now"]}
        noted |= audit.event_values(event, "delivery")

        async def make(connection: Connection) -> bool:
            await connection.execute(_LOCK, {"which": copy.expense_id})
            changed = await connection.execute(_SETTLE, given)
            if changed:
                await connection.execute(audit.NOTE, noted)
            return bool(changed)

        return event if await self._database.transaction(make) else None

    async def late(self, age: timedelta) -> Late:
        """Count the receipts that have not been copied for so long."""
        given = {"long_ago": await self.now() - age}
        return Late(*(await self._database.execute(_LATE, given))[0])


def _copy(row: Any) -> ReceiptCopy:
    values = {field.name: getattr(row, field.name) for field in fields(ReceiptCopy)}
    try:
        values["state"] = CopyState(row.state)
        values["flaw"] = Flaw(row.flaw) if row.flaw else None
    except ValueError as error:
        raise WrittenByNewer(row.expense_id, "a receipt") from error
    return ReceiptCopy(**values)
