"""What is outstanding: expenses that delivery must look at, and what Slack shows of them."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Insert, case, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.cipher import Cipher
from bot.database import Database
from bot.expense import Callback, Expense
from bot.rows import expense_of, utcnow
from bot.rush import Unhurried
from bot.schema import expenses, messages

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message in Slack about an expense.

    Attributes:
        audience: approvers, requester or approver; an expense has one message for each.
        shown_version: the version of the expense that it shows.
        told: number of the last audit entry told in its thread.
    """

    expense_id: str
    audience: str
    channel: str
    ts: str
    shown_version: int
    told: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What delivery needs to know of an expense that it has taken on.

    Attributes:
        attempts: how often it was looked at since it last changed.
        started: whether its workflow is known to have started.
    """

    expense: Expense
    callback: Callback
    attempts: int
    window: timedelta | None
    started: bool


class Outbox:
    """Hands out what is outstanding, to one process at a time.

    Args:
        database: where it is.
        cipher: decrypts task tokens.
    """

    def __init__(self, database: Database | Unhurried, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def due(self, limit: int) -> Sequence[str]:
        """List the expenses that nobody sees to and somebody should, the longest waiting first."""
        now = utcnow()
        query = (
            select(expenses.c.id)
            .where(expenses.c.due_at <= now, _is_free(now))
            .order_by(expenses.c.due_at)
            .limit(limit)
        )
        async with self._database.reading() as connection:
            return (await connection.execute(query)).scalars().all()

    async def claim(self, expense_id: str, lease: timedelta, *, due: bool = False) -> Due | None:
        """Take an expense on, so that no other process sees to it meanwhile.

        Args:
            expense_id: which one.
            lease: for how long; whoever dies leaves it to the others after that.
            due: only if something is due; otherwise in any case.

        Returns:
            What there is to see to, or None if somebody else has it.
        """
        now = utcnow()
        conditions = [expenses.c.id == expense_id, _is_free(now)]
        if due:
            conditions.append(expenses.c.due_at <= now)
        take = (
            update(expenses)
            .where(*conditions)
            .values(leased_until=now + lease)
            .returning(*expenses.c)
        )
        async with self._database.writing_once() as connection:
            row = (await connection.execute(take)).first()
        if row is None:
            return None
        token = self._cipher.decrypt(row.task_token) if row.task_token else None
        if row.task_token and token is None:
            logger.warning("expense %s: EXPENSE_ENCRYPTION_KEY does not fit its task token", row.id)
        return Due(
            expense=expense_of(row),
            callback=Callback(task_token=token, workflow_id=row.workflow_id),
            attempts=row.attempts,
            window=timedelta(seconds=row.window_seconds) if row.window_seconds else None,
            started=row.started_at is not None,
        )

    async def renew(self, due: Due, lease: timedelta) -> None:
        """Keep an expense a while longer, unless it was given back meanwhile.

        A database that was slow may get to this only after `release`; nobody would end that lease.
        """
        keep = (
            update(expenses)
            .where(expenses.c.id == due.expense.id, expenses.c.leased_until.is_not(None))
            .values(leased_until=utcnow() + lease)
        )
        async with self._database.writing_once() as connection:
            await connection.execute(keep)

    async def release(self, due: Due, next_look: datetime | None) -> None:
        """Give an expense back, due again at `next_look`, or sooner if it changed meanwhile."""
        is_same = expenses.c.version == due.expense.version
        give = (
            update(expenses)
            .where(expenses.c.id == due.expense.id)
            .values(
                leased_until=None,
                due_at=case((is_same, next_look), else_=expenses.c.due_at),
                attempts=case((is_same, due.attempts + 1), else_=0),
            )
        )
        async with self._database.writing_once() as connection:
            await connection.execute(give)

    async def mark_started(self, expense_id: str) -> None:
        """Remember that an expense's workflow was started."""
        mark = update(expenses).where(expenses.c.id == expense_id).values(started_at=utcnow())
        async with self._database.writing_once() as connection:
            await connection.execute(mark)

    async def mark_delivered(self, expense: Expense) -> None:
        """Remember that Temporal has this decision, unless there is another one by now."""
        mark = (
            update(expenses)
            .where(expenses.c.id == expense.id, expenses.c.version == expense.version)
            .values(delivered_at=utcnow())
        )
        async with self._database.writing_once() as connection:
            await connection.execute(mark)

    async def message(self, expense_id: str, audience: str) -> Message | None:
        """Read which message tells an audience about an expense."""
        query = select(messages).where(
            messages.c.expense_id == expense_id, messages.c.audience == audience
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).first()
        return Message(**row._mapping) if row else None

    async def add_message(self, message: Message) -> bool:
        """Remember a posted message; False if the audience has one already."""
        try:
            async with self._database.writing_once() as connection:
                await connection.execute(_remember(message))
        except IntegrityError:
            return False
        return True

    async def adopt(self, message: Message) -> None:
        """Remember a message that was found, unless there is one, and have it drawn anew."""
        due = update(expenses).where(expenses.c.id == message.expense_id).values(due_at=utcnow())
        if await self.message(message.expense_id, message.audience):
            return
        with suppress(IntegrityError):
            async with self._database.writing() as connection:
                await connection.execute(_remember(message))
                await connection.execute(due)

    async def mark_shown(self, message: Message, *, version: int, told: int) -> None:
        """Remember what a message shows, and what its thread has told."""
        mark = (
            update(messages)
            .where(
                messages.c.expense_id == message.expense_id,
                messages.c.audience == message.audience,
            )
            .values(shown_version=version, told=told)
        )
        async with self._database.writing_once() as connection:
            await connection.execute(mark)


def _remember(message: Message) -> Insert:
    return insert(messages).values(
        expense_id=message.expense_id,
        audience=message.audience,
        channel=message.channel,
        ts=message.ts,
        shown_version=message.shown_version,
        told=message.told,
    )


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(expenses.c.leased_until.is_(None), expenses.c.leased_until <= now)
