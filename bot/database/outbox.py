"""What is outstanding: expenses that delivery must look at, and what Slack shows of them."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from bot.database.connection import Database, Duplicate
from bot.database.encryption import Cipher
from bot.database.expense_rows import expense_of, utcnow
from bot.database.foreground import Unhurried
from bot.database.outbox_statements import (
    DELIVERED,
    GIVE,
    KEEP,
    LOOK,
    MESSAGE,
    MESSAGES,
    OUTDATE,
    OUTSTANDING,
    REMEMBER,
    SHOWN,
    STARTED,
    TAKE,
    TAKE_DUE,
)
from bot.domain.expense import Callback, Expense

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message in Slack about an expense.

    Attributes:
        audience: requester, approver or some approvers; an expense has one message for each.
        shown_version: the version of the expense that it shows.
        told: number of the last audit entry told in its thread.
    """

    expense_id: str
    audience: str
    channel: str
    ts: str
    shown_version: int
    told: int = 0

    def outdated(self) -> "Message":
        """Return it as if it showed nothing that is true any more."""
        return replace(self, shown_version=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What delivery needs to know of an expense that it has taken on.

    Attributes:
        attempts: how often it was looked at since it last changed.
        started: whether its workflow is known to have started.
        redraw_at: when its messages are to be drawn once more; None if they are as remembered.
        due_at: when it was to be looked at; another value by now asks for another look.
    """

    expense: Expense
    callback: Callback
    attempts: int
    window: timedelta | None
    started: bool
    redraw_at: datetime | None
    due_at: datetime | None


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
        async with self._database.reading() as connection:
            found = await connection.execute(OUTSTANDING, {"now": utcnow(), "most": limit})
            return found.scalars()

    async def claim(
        self,
        expense_id: str,
        lease: timedelta,
        doubt: timedelta = timedelta(0),
        *,
        due: bool = False,
    ) -> Due | None:
        """Take an expense on, so that no other process sees to it meanwhile.

        Args:
            expense_id: which one.
            lease: for how long; whoever dies leaves it to the others after that.
            doubt: for how long calls of whoever died may still arrive in Slack.
            due: only if something is due; otherwise in any case.

        Returns:
            What there is to see to, or None if somebody else has it.
        """
        now = utcnow()
        given = {"which": expense_id, "now": now, "until": now + lease, "doubt": now + doubt}
        async with self._database.writing_once() as connection:
            row = (await connection.execute(TAKE_DUE if due else TAKE, given)).first()
        if row is None:
            return None
        if (token := row.task_token) and (token := self._cipher.decrypt(token)) is None:
            logger.warning("expense %s: EXPENSE_ENCRYPTION_KEY does not fit its task token", row.id)
        return Due(
            expense=expense_of(row),
            callback=Callback(task_token=token, workflow_id=row.workflow_id),
            attempts=row.attempts,
            window=timedelta(seconds=row.window_seconds) if row.window_seconds else None,
            started=row.started_at is not None,
            redraw_at=row.redraw_at,
            due_at=row.due_at,
        )

    async def renew(self, due: Due, lease: timedelta) -> None:
        """Keep an expense a while longer, unless it was given back meanwhile.

        A slow database may get to this only after `release`; nobody would end that lease.
        """
        given = {"which": due.expense.id, "until": utcnow() + lease}
        async with self._database.writing_once() as connection:
            await connection.execute(KEEP, given)

    async def release(
        self,
        due: Due,
        next_look: datetime | None,
        redraw_at: datetime | None = None,
        delivered_at: datetime | None = None,
    ) -> None:
        """Give an expense back, due again at `next_look`, or sooner if it changed meanwhile.

        Args:
            due: what was taken on.
            next_look: when it is due again; None for not before something happens.
            redraw_at: when its messages are to be drawn once more.
            delivered_at: when Temporal took this decision; another one by now stays undelivered.
        """
        given = {
            "which": due.expense.id,
            "seen": due.expense.version,
            "was_due": due.due_at,
            "next_look": next_look,
            "new_redraw_at": redraw_at,
            "new_delivered_at": delivered_at,
            "tried": due.attempts + 1,
        }
        async with self._database.writing_once() as connection:
            await connection.execute(GIVE, given)

    async def mark_started(self, expense_id: str) -> None:
        """Remember that an expense's workflow was started."""
        async with self._database.writing_once() as connection:
            await connection.execute(STARTED, {"which": expense_id, "now": utcnow()})

    async def mark_delivered(self, expense: Expense) -> None:
        """Remember that Temporal has this decision, unless there is another one by now."""
        given = {"which": expense.id, "seen": expense.version, "now": utcnow()}
        async with self._database.writing_once() as connection:
            await connection.execute(DELIVERED, given)

    async def message(self, expense_id: str, audience: str) -> Message | None:
        """Read which message tells an audience about an expense."""
        given = {"which": expense_id, "whom": audience}
        async with self._database.reading() as connection:
            row = (await connection.execute(MESSAGE, given)).first()
        return Message(**row._asdict()) if row else None

    async def messages(self, expense_id: str) -> dict[str, Message]:
        """Read which messages tell about an expense, by their audiences."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(MESSAGES, {"which": expense_id})).all()
        return {row.audience: Message(**row._asdict()) for row in rows}

    async def add_message(self, message: Message) -> bool:
        """Remember a posted message; False if the audience has one already."""
        try:
            async with self._database.writing_once() as connection:
                await connection.execute(REMEMBER, asdict(message))
        except Duplicate:
            return False
        return True

    async def outdate(self, message: Message) -> bool:
        """Have a message drawn anew; False if it is not remembered."""
        given = {"which": message.expense_id, "stamp": message.ts, "now": utcnow()}
        async with self._database.writing() as connection:
            outdated = await connection.execute(OUTDATE, given)
            if outdated.rowcount:
                await connection.execute(LOOK, given)
        return bool(outdated.rowcount)

    async def adopt(self, message: Message) -> bool:
        """Remember a message that was found and have it drawn anew; False if there is another."""
        if await self.message(message.expense_id, message.audience):
            return False
        try:
            async with self._database.writing() as connection:
                await connection.execute(REMEMBER, asdict(message))
                await connection.execute(LOOK, {"which": message.expense_id, "now": utcnow()})
        except Duplicate:
            return False
        return True

    async def mark_shown(self, message: Message, *, version: int, told: int) -> None:
        """Remember what a message shows, and what its thread has told."""
        given = {"which": message.expense_id, "whom": message.audience, "seen": version}
        async with self._database.writing_once() as connection:
            await connection.execute(SHOWN, given | {"number": told})
