"""The statements with which delivery takes expenses on, and remembers what Slack shows of them.

Built once: building one costs more than executing it.
"""

from sqlalchemy import Integer, String, and_, bindparam, case, func, insert, or_, select, update

from bot.database.schema import Instant, expenses, messages

_ID, _NOW = bindparam("which", type_=String), bindparam("now", type_=Instant)
_IS_FREE = or_(expenses.c.leased_until.is_(None), expenses.c.leased_until <= _NOW)
OUTSTANDING = (
    select(expenses.c.id)
    .where(expenses.c.due_at <= _NOW, _IS_FREE)
    .order_by(expenses.c.due_at)
    .limit(bindparam("most"))
)
_CHANGE = update(expenses).where(expenses.c.id == _ID)
LOOK = _CHANGE.values(due_at=_NOW)
_LEASE = _CHANGE.values(leased_until=bindparam("until"))
# Whoever let a lease run out died, perhaps with a call to Slack on its way.
_WAS_LEFT = expenses.c.leased_until.is_not(None)
_DOUBTED = case((_WAS_LEFT, bindparam("doubt", type_=Instant)), else_=expenses.c.redraw_at)
TAKE = _LEASE.where(_IS_FREE).values(redraw_at=_DOUBTED).returning(*expenses.c)
TAKE_DUE = TAKE.where(expenses.c.due_at <= _NOW)
KEEP = _LEASE.where(expenses.c.leased_until.is_not(None))
_IS_SAME = expenses.c.version == bindparam("seen")
_IS_AS_DUE = expenses.c.due_at.is_not_distinct_from(bindparam("was_due", type_=Instant))
_NEXT_LOOK = bindparam("next_look", type_=Instant)
_WAS_DELIVERED = expenses.c.delivered_at
GIVE = _CHANGE.values(
    leased_until=None,
    redraw_at=bindparam("new_redraw_at", type_=Instant),
    delivered_at=case(
        (_IS_SAME, func.coalesce(bindparam("new_delivered_at", type_=Instant), _WAS_DELIVERED)),
        else_=_WAS_DELIVERED,
    ),
    # Whoever comes so late that another has taken it on meanwhile must not end what is due.
    due_at=case(
        (and_(_IS_SAME, _IS_AS_DUE), _NEXT_LOOK),
        else_=func.coalesce(expenses.c.due_at, _NEXT_LOOK),
    ),
    attempts=case((_IS_SAME, bindparam("tried", type_=Integer)), else_=0),
)
DELIVERED = _CHANGE.where(_IS_SAME).values(delivered_at=_NOW)
STARTED = _CHANGE.values(started_at=_NOW)
_IS_FOR = messages.c.expense_id == _ID, messages.c.audience == bindparam("whom")
MESSAGE = select(messages).where(*_IS_FOR)
REMEMBER = insert(messages)
MESSAGES = select(messages).where(messages.c.expense_id == _ID)
OUTDATE = (
    update(messages)
    .where(messages.c.expense_id == _ID, messages.c.ts == bindparam("stamp"))
    .values(shown_version=0)
)
SHOWN = (
    update(messages)
    .where(*_IS_FOR)
    .values(shown_version=bindparam("seen"), told=bindparam("number"))
)
