"""The outbox: the expenses that are due for delivery, each leased to one process at a time."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    Text,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)

from bot.database.encryption import Cipher
from bot.database.engine.connection import Database
from bot.database.expense_rows import EXPENSE, callback_of, expense_of, is_in
from bot.database.schema import Instant, expenses
from bot.domain.callback import Due, Place
from bot.domain.errors import WrittenByNewer
from bot.domain.expense import DECIDED, OPEN, Expense, State
from bot.domain.health.backlog import LATE, OVERDUE, Backlog

logger = logging.getLogger(__name__)

_ID, _NOW = bindparam("which", type_=String), bindparam("now", type_=Instant)
_IS_NOT_LEASED = or_(expenses.c.leased_until.is_(None), expenses.c.leased_until <= _NOW)
_DUE = (
    select(expenses.c.id)
    .where(expenses.c.due_at <= _NOW, _IS_NOT_LEASED)
    .order_by(expenses.c.due_at)
    .limit(bindparam("most"))
)
_READ = select(*EXPENSE).where(expenses.c.id == _ID)
_CHANGE = update(expenses).where(expenses.c.id == _ID)
_LEASE = _CHANGE.values(leased_until=bindparam("until"))
# A process whose lease ran out has probably died, perhaps during a call to Slack.
_HAS_LEASE = expenses.c.leased_until.is_not(None)
_REDRAW_AT = case((_HAS_LEASE, bindparam("doubt", type_=Instant)), else_=expenses.c.redraw_at)
_CLAIM = _LEASE.where(_IS_NOT_LEASED).values(redraw_at=_REDRAW_AT).returning(*EXPENSE)
_CLAIM_DUE = _CLAIM.where(expenses.c.due_at <= _NOW)
_RENEW = _LEASE.where(_HAS_LEASE)
_IS_SAME = expenses.c.version == bindparam("seen")
_IS_AS_DUE = expenses.c.due_at.is_not_distinct_from(bindparam("was_due", type_=Instant))
_TROUBLE = bindparam("new_trouble", type_=Text)
_NEXT_LOOK = bindparam("next_look", type_=Instant)
_WAS_DELIVERED = expenses.c.delivered_at
_RELEASE = _CHANGE.values(
    leased_until=None,
    redraw_at=bindparam("new_redraw_at", type_=Instant),
    delivered_at=case(
        (_IS_SAME, func.coalesce(bindparam("new_delivered_at", type_=Instant), _WAS_DELIVERED)),
        else_=_WAS_DELIVERED,
    ),
    # A process whose lease has run out must not clear what another one has found due since.
    due_at=case(
        (and_(_IS_SAME, _IS_AS_DUE), _NEXT_LOOK), else_=func.coalesce(expenses.c.due_at, _NEXT_LOOK)
    ),
    attempts=case((_IS_SAME, bindparam("tried", type_=Integer)), else_=0),
    trouble=_TROUBLE,
    trouble_since=case(
        (_TROUBLE.is_not(None), func.coalesce(expenses.c.trouble_since, _NOW)), else_=None
    ),
)
_DELIVERED = _CHANGE.where(_IS_SAME).values(delivered_at=_NOW)
# What others change just now is looked at anyway; rows are locked in one order.
_LATE = (
    select(expenses.c.id)
    .where(is_in({State.CREATED}), expenses.c.decide_by.is_not(None))
    .where(expenses.c.due_at > bindparam("latest", type_=Instant))
    .order_by(expenses.c.id)
    .with_for_update(skip_locked=True)
)
_HASTEN = (
    update(expenses)
    .where(expenses.c.id.in_(_LATE))
    .values(due_at=bindparam("latest", type_=Instant))
)
_GIVE_BACK = _CHANGE.values(leased_until=None)
_STARTED = _CHANGE.values(
    started_at=_NOW,
    namespace=bindparam("new_namespace", type_=String),
    namespace_id=bindparam("new_namespace_id", type_=String),
)

# Open expenses are due at some time, and closed ones never. By its index, which SQLite does not use
# to look for what is not null.
_IS_OPEN = expenses.c.due_at > bindparam("ever", type_=Instant)
_LONG_AGO, _OVERDUE = bindparam("long_ago", type_=Instant), bindparam("overdue", type_=Instant)


def _count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(*conditions)


_BACKLOG = select(
    _count(expenses.c.state == State.SUBMITTED).label("submitted"),
    _count(expenses.c.state == State.CREATED).label("waiting"),
    _count(expenses.c.state == State.APPROVED).label("approved"),
    _count(
        or_(
            expenses.c.state == State.SUBMITTED,
            and_(expenses.c.state == State.CREATED, expenses.c.decide_by.is_(None)),
        ),
        expenses.c.created_at <= _LONG_AGO,
    ).label("not_asked"),
    _count(
        is_in(DECIDED), expenses.c.delivered_at.is_(None), expenses.c.decided_at <= _LONG_AGO
    ).label("undelivered"),
    _count(expenses.c.state == State.APPROVED, expenses.c.decided_at <= _LONG_AGO).label("unpaid"),
    _count(is_in(OPEN), expenses.c.obstacle.is_not(None)).label("stuck"),
    _count(expenses.c.due_at <= _OVERDUE).label("overdue"),
).where(_IS_OPEN)


class Outbox:
    """Leases expenses that are due."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def now(self) -> datetime:
        """Return the instant by the clock that leases and due dates follow, in UTC."""
        return await self._database.now()

    async def due(self, limit: int) -> Sequence[str]:
        """Return the ids of expenses that are due and not leased, the longest due first."""
        now = await self._database.set_clock()
        found = await self._database.execute(_DUE, {"now": now, "most": limit})
        return [row.id for row in found]

    async def look_within(self, pause: timedelta) -> None:
        """Have every expense that asks people looked at soon, as settings or people may differ."""
        await self._database.execute(_HASTEN, {"latest": await self.now() + pause})

    async def claim(
        self,
        expense_id: str,
        lease: timedelta,
        doubt: timedelta = timedelta(0),
        *,
        due: bool = False,
    ) -> Due | None:
        """Lease an expense to this process; return None if another one has a lease.

        Args:
            lease: after this, other processes may lease it.
            doubt: how long a call of a process that has died may take to arrive in Slack.

        Raises:
            WrittenByNewer: this version cannot read it all; it is not leased, for a newer one.
        """
        now = await self.now()
        given = {"which": expense_id, "now": now, "until": now + lease, "doubt": now + doubt}
        row = await self._database.execute_for((_CLAIM_DUE if due else _CLAIM,), given)
        if row is None:
            return None
        try:
            return self._due_of(row)
        except WrittenByNewer:
            await self._database.execute(_GIVE_BACK, {"which": expense_id})
            raise

    async def read(self, expense_id: str) -> Due | None:
        """Read an expense as `claim` does, without a lease; None if no expense has this id."""
        row = await self._database.execute_for((_READ,), {"which": expense_id})
        return self._due_of(row) if row else None

    def _due_of(self, row: Any) -> Due:
        expense = expense_of(row)
        if (token := row.task_token) and (token := self._cipher.decrypt(token)) is None:
            logger.warning("expense %s: EXPENSE_ENCRYPTION_KEY does not fit its task token", row.id)
        return Due(
            expense=expense,
            callback=callback_of(row, token),
            attempts=row.attempts,
            started=row.started_at is not None,
            redraw_at=row.redraw_at,
            due_at=row.due_at,
            trouble=row.trouble,
        )

    async def renew(self, due: Due, lease: timedelta) -> None:
        """Extend a lease, unless `release` has ended it: a slow database may execute both late."""
        given = {"which": due.expense.id, "until": await self.now() + lease}
        await self._database.execute(_RENEW, given)

    async def release(
        self,
        due: Due,
        next_look: datetime | None,
        redraw_at: datetime | None = None,
        delivered_at: datetime | None = None,
    ) -> None:
        """End a lease. An expense that has changed during the lease stays due.

        Args:
            next_look: when it is due again, in UTC; None for not before it changes.
            redraw_at: when its messages have to be drawn again, in UTC.
            delivered_at: when Temporal took its decision, in UTC; None if that is not new.
        """
        given = {
            "which": due.expense.id,
            "seen": due.expense.version,
            "was_due": due.due_at,
            "next_look": next_look,
            "new_redraw_at": redraw_at,
            "new_delivered_at": delivered_at,
            "tried": due.attempts + 1,
            "new_trouble": due.trouble,
            "now": await self.now(),
        }
        await self._database.execute_for((_RELEASE,), given)

    async def mark_started(self, expense_id: str, place: Place) -> None:
        """Record that an expense's workflow was started, and where in Temporal."""
        given = {
            "which": expense_id,
            "now": await self.now(),
            "new_namespace": place.namespace,
            "new_namespace_id": place.namespace_id,
        }
        await self._database.execute(_STARTED, given)

    async def mark_delivered(self, expense: Expense) -> None:
        """Record that Temporal has this version's decision, unless the expense has changed."""
        given = {"which": expense.id, "seen": expense.version, "now": await self.now()}
        await self._database.execute(_DELIVERED, given)


async def count_backlog(database: Database) -> Backlog:
    """Count the open expenses, and those that wait for too long."""
    now = await database.now()
    given = {"ever": datetime.min.replace(tzinfo=UTC), "long_ago": now - LATE}
    [counts] = await database.execute(_BACKLOG, given | {"overdue": now - OVERDUE})
    return Backlog(**counts._asdict())
