"""What is outstanding: the expenses that delivery must look at, one process at a time."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Integer, String, and_, bindparam, case, func, or_, select, update

from bot.database.connection import Database
from bot.database.encryption import Cipher
from bot.database.expense_rows import EXPENSE, expense_of
from bot.database.schema import Instant, expenses
from bot.domain.expense import Callback, Expense

logger = logging.getLogger(__name__)

_ID, _NOW = bindparam("which", type_=String), bindparam("now", type_=Instant)
_IS_FREE = or_(expenses.c.leased_until.is_(None), expenses.c.leased_until <= _NOW)
_OUTSTANDING = (
    select(expenses.c.id)
    .where(expenses.c.due_at <= _NOW, _IS_FREE)
    .order_by(expenses.c.due_at)
    .limit(bindparam("most"))
)
_CHANGE = update(expenses).where(expenses.c.id == _ID)
_LEASE = _CHANGE.values(leased_until=bindparam("until"))
# A process that let a lease run out died, perhaps with a call to Slack on its way.
_WAS_LEFT = expenses.c.leased_until.is_not(None)
_DOUBTED = case((_WAS_LEFT, bindparam("doubt", type_=Instant)), else_=expenses.c.redraw_at)
_TAKE = _LEASE.where(_IS_FREE).values(redraw_at=_DOUBTED).returning(*EXPENSE)
_TAKE_DUE = _TAKE.where(expenses.c.due_at <= _NOW)
_KEEP = _LEASE.where(expenses.c.leased_until.is_not(None))
_IS_SAME = expenses.c.version == bindparam("seen")
_IS_AS_DUE = expenses.c.due_at.is_not_distinct_from(bindparam("was_due", type_=Instant))
_NEXT_LOOK = bindparam("next_look", type_=Instant)
_WAS_DELIVERED = expenses.c.delivered_at
_GIVE = _CHANGE.values(
    leased_until=None,
    redraw_at=bindparam("new_redraw_at", type_=Instant),
    delivered_at=case(
        (_IS_SAME, func.coalesce(bindparam("new_delivered_at", type_=Instant), _WAS_DELIVERED)),
        else_=_WAS_DELIVERED,
    ),
    # A process so late that another has taken the expense on meanwhile must not end what is due.
    due_at=case(
        (and_(_IS_SAME, _IS_AS_DUE), _NEXT_LOOK),
        else_=func.coalesce(expenses.c.due_at, _NEXT_LOOK),
    ),
    attempts=case((_IS_SAME, bindparam("tried", type_=Integer)), else_=0),
)
_DELIVERED = _CHANGE.where(_IS_SAME).values(delivered_at=_NOW)
_STARTED = _CHANGE.values(started_at=_NOW)


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

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def due(self, limit: int) -> Sequence[str]:
        """List the expenses that nobody sees to and somebody should, the longest waiting first."""
        found = await self._database.execute(
            _OUTSTANDING, {"now": datetime.now(UTC), "most": limit}
        )
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
        now = datetime.now(UTC)
        given = {"which": expense_id, "now": now, "until": now + lease, "doubt": now + doubt}
        row = (await self._database.execute(_TAKE_DUE if due else _TAKE, given)).first()
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
        given = {"which": due.expense.id, "until": datetime.now(UTC) + lease}
        await self._database.execute(_KEEP, given)

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
        await self._database.execute(_GIVE, given)

    async def mark_started(self, expense_id: str) -> None:
        """Remember that an expense's workflow was started."""
        await self._database.execute(_STARTED, {"which": expense_id, "now": datetime.now(UTC)})

    async def mark_delivered(self, expense: Expense) -> None:
        """Remember that Temporal has this decision, unless there is another one by now."""
        given = {"which": expense.id, "seen": expense.version, "now": datetime.now(UTC)}
        await self._database.execute(_DELIVERED, given)
