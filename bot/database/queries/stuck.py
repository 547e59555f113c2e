"""Finds expenses for the operator, with what keeps those that are stuck."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    String,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    update,
)

from bot.database.engine.connection import Database
from bot.database.expense_rows import EXPENSE, expense_of, is_in
from bot.database.schema import Instant, audit, expenses
from bot.domain import audit_events
from bot.domain.errors import WrittenByNewer
from bot.domain.expense import DECIDED, OPEN, Expense, State
from bot.domain.health.stuck import STUCK_AFTER, Reason, Stuck

logger = logging.getLogger(__name__)

# Closed ones are due to nobody. By the index, which SQLite does not use for what is not null.
IS_OPEN = expenses.c.due_at > bindparam("ever", type_=Instant)
_EVER = datetime.min.replace(tzinfo=UTC)
_LONG_AGO = bindparam("long_ago", type_=Instant)
# An obstacle was found by looking, so it needs no time to show.
_FOUND_BEFORE = bindparam("found_before", type_=Instant)
_TOLD_BEFORE = bindparam("told_before", type_=Instant)


def _latest(event: str) -> ScalarSelect[datetime]:
    """Return when an event of an expense happened last."""
    of_it = audit.c.expense_id == expenses.c.id, audit.c.event == literal_column(f"'{event}'")
    return select(func.max(audit.c.at)).where(*of_it).scalar_subquery()


def _is(state: State) -> ColumnElement[bool]:
    return is_in({state})


_of = expenses.c
_created_at = _latest(audit_events.Created.stored_as)
# Each reason with its condition, and with the instant since when it has been so.
_REASONS: tuple[tuple[Reason, ColumnElement[bool], Any], ...] = (
    (
        Reason.OBSTACLE,
        and_(is_in(OPEN), _of.obstacle.is_not(None)),
        func.coalesce(_latest(audit_events.Stuck.stored_as), _of.created_at),
    ),
    (
        Reason.TROUBLE,
        and_(
            or_(is_in(OPEN | {State.APPROVED}), and_(is_in(DECIDED), _of.delivered_at.is_(None))),
            _of.trouble.is_not(None),
        ),
        _of.trouble_since,
    ),
    (Reason.NOT_STARTED, and_(_is(State.SUBMITTED), _of.started_at.is_(None)), _of.created_at),
    (Reason.NOT_TAKEN, _is(State.SUBMITTED), _of.started_at),
    (Reason.NOT_REGISTERED, and_(_is(State.CREATED), _of.decide_by.is_(None)), _created_at),
    (Reason.NOT_CLOSED, and_(_is(State.CREATED), _of.decide_by.is_not(None)), _of.decide_by),
    (Reason.UNDELIVERED, and_(is_in(DECIDED), _of.delivered_at.is_(None)), _of.decided_at),
    (
        Reason.PAYMENT_NOT_ASKED,
        and_(_is(State.APPROVED), _of.payment_asked_at.is_(None)),
        _of.delivered_at,
    ),
    (Reason.PAYMENT_UNANSWERED, _is(State.APPROVED), _of.payment_asked_at),
    (Reason.OVERDUE, _of.due_at.is_not(None), _of.due_at),
)
_CASES = [
    (
        and_(condition, since <= (_FOUND_BEFORE if reason is Reason.OBSTACLE else _LONG_AGO)),
        reason,
        since,
    )
    for reason, condition, since in _REASONS
]
REASON = case(*((is_so, literal_column(f"'{reason}'", String)) for is_so, reason, _ in _CASES))
_SINCE = case(*((is_so, since) for is_so, _, since in _CASES))
_WITH_REASON = (
    select(*EXPENSE, REASON.label("stuck_reason"), _SINCE.label("stuck_since"))
    .order_by(_of.created_at, _of.id)
    .limit(bindparam("most", type_=Integer))
)
_STUCK = IS_OPEN, REASON.is_not(None)
_UNTOLD = (
    select(_of.id)
    .where(*_STUCK, or_(_of.operators_told_at.is_(None), _of.operators_told_at <= _TOLD_BEFORE))
    .with_for_update(skip_locked=True)
)
_TELL = (
    update(expenses)
    .where(_of.id.in_(_UNTOLD))
    .values(operators_told_at=bindparam("now", type_=Instant))
    .returning(_of.id)
)
_TOLD_AT = IS_OPEN, _of.operators_told_at == bindparam("told_at", type_=Instant)
_GIVE_BACK = update(expenses).where(*_TOLD_AT).values(operators_told_at=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An expense as an operator finds it.

    Attributes:
        due_at: when a bot looks at it next, in UTC.
        attempts: how often delivery has looked at it since it changed.
        stuck: why it does not go on; None if it does, or is closed.
    """

    expense: Expense
    due_at: datetime | None
    attempts: int
    stuck: Stuck | None


async def find_expenses(
    database: Database,
    *,
    only_stuck: bool = False,
    id: str | None = None,
    states: Collection[State] = (),
    older: timedelta = timedelta(0),
    stuck_for: timedelta = timedelta(0),
    told_at: datetime | None = None,
    limit: int = 1000,
) -> list[Found]:
    """Find expenses, oldest first, with what keeps those that are stuck.

    Args:
        database: where they are.
        only_stuck: only those that are stuck.
        id: only the one with this id.
        states: only those in one of these states; in any if it is empty.
        older: only those that were made so long ago.
        stuck_for: for how long they have been stuck at least.
        told_at: only those that `claim_to_tell` claimed at this instant.
        limit: how many at most.

    Raises:
        TryAgain: the database does not answer.
    """
    now = await database.now()
    given: dict[str, Any] = {**times(now, stuck_for), "most": limit}
    query: Select[Any] = _WITH_REASON
    if only_stuck:
        query = query.where(*_STUCK)
    if id is not None:
        query = query.where(_of.id == bindparam("which", type_=String))
        given["which"] = id
    if told_at:
        query = query.where(*_TOLD_AT)
        given["told_at"] = told_at
    if states:
        query = query.where(is_in(states))
    if older:
        query = query.where(_of.created_at <= bindparam("before", type_=Instant))
        given["before"] = now - older
    return _readable(await database.execute(query, given))


def times(now: datetime, stuck_for: timedelta) -> dict[str, datetime]:
    """Return the parameters of `REASON` and `IS_OPEN` for what has been stuck for so long."""
    long_ago = now - max(stuck_for, STUCK_AFTER)
    return {"long_ago": long_ago, "found_before": now - stuck_for, "ever": _EVER}


def _readable(rows: Sequence[Any]) -> list[Found]:
    found = []
    for row in rows:
        try:
            expense = expense_of(row)
        except WrittenByNewer as newer:
            logger.warning("%s", newer)
            continue
        reason, since = row.stuck_reason, row.stuck_since
        # Closed ones are due to nobody: nothing keeps them.
        is_stuck = reason and row.due_at
        stuck = Stuck(reason=Reason(reason), since=since, trouble=row.trouble) if is_stuck else None
        found.append(Found(expense=expense, due_at=row.due_at, attempts=row.attempts, stuck=stuck))
    return found


async def claim_to_tell(
    database: Database, stuck_for: timedelta, again: timedelta
) -> tuple[datetime, list[Found]]:
    """Claim the stuck expenses of which operators have not been told for a while.

    Args:
        database: where they are.
        stuck_for: for how long they have been stuck.
        again: after how long operators are told again; after half of that together with others.

    Returns:
        The instant of the claim, and those of which no other bot tells operators now.

    Raises:
        TryAgain: the database does not answer.
    """
    now = await database.now()
    given = {"told_before": now - again, "now": now, **times(now, stuck_for)}
    claimed = len(await database.execute(_TELL, given))
    if not claimed:
        return now, []
    # What would come next joins it, or each would be repeated by itself.
    limit = claimed + len(await database.execute(_TELL, given | {"told_before": now - again / 2}))
    return now, await find_expenses(database, stuck_for=stuck_for, told_at=now, limit=limit)


async def give_back(database: Database, told_at: datetime) -> None:
    """Have operators told after all of what was claimed at an instant, as nobody was."""
    await database.execute(_GIVE_BACK, {"told_at": told_at, "ever": _EVER})
