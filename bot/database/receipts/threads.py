"""The table of what threads show of receipts: a file that the bot uploaded, or a sentence."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, and_, bindparam, exists, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.database.engine.connection import Database
from bot.database.messages import Message, message_of
from bot.database.receipts.copies import IS_IT, IS_OF_EXPENSE
from bot.database.schema import Instant, messages, receipt_posts, receipts
from bot.domain.people.audience import REQUESTER, Role
from bot.domain.receipts import HEIC, CopyState, ReceiptCopy

_POSTED = (
    exists()
    .where(
        receipt_posts.c.expense_id == receipts.c.expense_id,
        receipt_posts.c.file_id == receipts.c.file_id,
        receipt_posts.c.audience == messages.c.audience,
        receipt_posts.c.posted_at.is_not(None),
    )
    # By itself, SQLAlchemy does not reach over a subquery, and any receipt's post would count.
    .correlate(receipts, messages)
)
_NEEDS_A_WORD = or_(receipts.c.flaw.is_not(None), receipts.c.type == HEIC)
_LACKS = and_(
    messages.c.expense_id == receipts.c.expense_id,
    or_(
        messages.c.audience == str(Role.APPROVERS),
        messages.c.audience.startswith(f"{Role.APPROVERS} "),
        and_(messages.c.audience == str(REQUESTER), _NEEDS_A_WORD),
    ),
    ~_POSTED,
)
_LOOK = (
    update(receipts)
    .where(IS_OF_EXPENSE, receipts.c.state != CopyState.AWAITED)
    # Also while a process is at it, which may have read the threads before this one began.
    .where(or_(receipts.c.due_at.is_(None), receipts.c.leased_until.is_not(None)))
    .where(exists().where(_LACKS))
    .values(due_at=bindparam("now", type_=Instant))
)
_LACKING = select(*messages.c).where(_LACKS, *IS_IT)
_POST = select(receipt_posts.c.upload_id, receipt_posts.c.begun_at).where(
    receipt_posts.c.expense_id == bindparam("which", type_=String),
    receipt_posts.c.file_id == bindparam("file", type_=String),
    receipt_posts.c.audience == bindparam("whom", type_=String),
)


def _writing(insert: Any, *changed: str) -> Any:
    new = insert(receipt_posts)
    return new.on_conflict_do_update(
        index_elements=["expense_id", "file_id", "audience"],
        set_={name: new.excluded[name] for name in changed},
    )


# By whether the database is PostgreSQL.
_INSERTS = {True: postgresql.insert, False: sqlite.insert}
_BEGIN = {kind: _writing(insert, "upload_id", "begun_at") for kind, insert in _INSERTS.items()}
_END = {kind: _writing(insert, "posted_at") for kind, insert in _INSERTS.items()}


@dataclass(frozen=True, slots=True)
class Begun:
    """An upload that was begun, and perhaps completed."""

    upload_id: str  # Slack's id of the uploaded file
    at: datetime


class ReceiptThreads:
    """Reads and changes what threads show of receipts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def now(self) -> datetime:
        """Return the instant by the clock that all processes share, in UTC."""
        return await self._database.now()

    async def look(self, expense_id: str) -> None:
        """Have the receipts looked at that a thread lacks."""
        given = {"which": expense_id, "now": await self._database.now()}
        await self._database.execute(_LOOK, given)

    async def lacking(self, copy: ReceiptCopy) -> list[Message]:
        """Return the messages whose threads lack a receipt, or the word on it."""
        given = {"which": copy.expense_id, "file": copy.file_id}
        return [message_of(row) for row in await self._database.execute(_LACKING, given)]

    async def begun(self, copy: ReceiptCopy, thread: Message) -> Begun | None:
        """Return the upload that was begun for a thread; None if there was none."""
        given = {"which": copy.expense_id, "file": copy.file_id, "whom": str(thread.audience)}
        rows = await self._database.execute(_POST, given)
        return Begun(*rows[0]) if rows and rows[0].upload_id else None

    async def begin(self, copy: ReceiptCopy, thread: Message, upload_id: str | None) -> None:
        """Note an uploaded file before anybody sees it, or that nobody will: None."""
        now = await self._database.now()
        await self._write(_BEGIN, copy, thread, upload_id=upload_id, begun_at=now)

    async def end(self, copy: ReceiptCopy, thread: Message) -> None:
        """Record that a thread shows a receipt, or the word on it."""
        now = await self._database.now()
        await self._write(_END, copy, thread, begun_at=now, posted_at=now)

    async def _write(
        self, statements: Any, copy: ReceiptCopy, thread: Message, **given: Any
    ) -> None:
        key = {
            "expense_id": copy.expense_id,
            "file_id": copy.file_id,
            "audience": str(thread.audience),
        }
        await self._database.execute(statements[self._database.is_postgres], key | given)
