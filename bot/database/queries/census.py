"""Counts the expenses that are not done with, in one statement."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select

from bot.database.engine.connection import Database
from bot.database.queries.stuck import IS_OPEN, REASON, times
from bot.database.schema import Instant, expenses

_EACH = (
    select(
        *(expenses.c.state, expenses.c.created_at, expenses.c.due_at), REASON.label("stuck_reason")
    )
    .where(IS_OPEN)
    .subquery()
    .c
)
_IS_DUE = _EACH.due_at <= bindparam("now", type_=Instant)
_CENSUS = select(
    _EACH.state,
    _EACH.stuck_reason,
    func.count().label("number"),
    func.min(_EACH.created_at).label("oldest"),
    func.count().filter(_IS_DUE).label("due"),
    func.min(_EACH.due_at).filter(_IS_DUE).label("due_since"),
).group_by(_EACH.stuck_reason, _EACH.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """How all expenses stand that are not done with, at an instant; instants are in UTC."""

    at: datetime
    open: Counter[str]  # by state
    oldest: dict[str, datetime]  # by state, when the oldest one was made
    stuck: Counter[str]  # by reason
    due: int  # how many a bot should look at now
    due_since: datetime | None  # since when the most overdue one has been due


async def take_census(database: Database) -> Census:
    """Count the expenses.

    Raises:
        TryAgain: the database does not answer.
    """
    now = await database.now()
    rows = await database.execute(_CENSUS, times(now, timedelta(0)) | {"now": now})
    by_state, stuck = Counter[str](), Counter[str]()
    oldest: dict[str, datetime] = {}
    for row in rows:
        by_state[row.state] += row.number
        if row.stuck_reason:
            stuck[row.stuck_reason] += row.number
        oldest[row.state] = min(oldest.get(row.state, now), row.oldest)
    return Census(
        at=now,
        open=by_state,
        oldest=oldest,
        stuck=stuck,
        due=sum(row.due for row in rows),
        due_since=min((row.due_since for row in rows if row.due_since), default=None),
    )
