"""The statements of payment runs, which are about many expenses at once."""

from dataclasses import dataclass

from sqlalchemy import Executable, Integer, String, bindparam, func, null, select, text, update

from bot.database.expense_rows import EXPENSE
from bot.database.payments.schema import payments
from bot.database.queries.home_queries import parts
from bot.database.schema import Instant, expenses

# JSON, because lists in IN would be compiled for every number of expenses.
_LINES = {
    True: "json_to_recordset(CAST(:lines AS json)) AS line(id text, day date, reference text,"
    " detail text)",
    False: "(SELECT json_extract(value, '$.id') AS id, json_extract(value, '$.day') AS day,"
    " json_extract(value, '$.reference') AS reference, json_extract(value, '$.detail') AS detail"
    " FROM json_each(:lines)) AS line",
}
_NOW = bindparam("now", type_=Instant)
_RUN = bindparam("run", type_=String)
_ACTOR = bindparam("actor", type_=String)
_IS_LEFT = payments.c.left_at.is_not(None)
_IS_UNCONFIRMED = payments.c.confirmed_by.is_(None)
_OF_RUN = _IS_LEFT, payments.c.run == _RUN, _IS_UNCONFIRMED
_STATE = (
    *(payments.c.expense_id, payments.c.run, payments.c.marked_by, payments.c.paid_on),
    *(payments.c.reference, payments.c.confirmed_by, expenses.c.requester),
)
_OF_EXPENSE = payments.c.expense_id == expenses.c.id
_LOCKED = (
    select(*_STATE)
    .join(expenses, _OF_EXPENSE)
    .order_by(payments.c.expense_id)
    .with_for_update(of=[payments, expenses])
)
TO_CONFIRM = (
    _LOCKED.where(*_OF_RUN)
    .where(payments.c.marked_by != _ACTOR, expenses.c.requester.is_distinct_from(_ACTOR))
    .limit(bindparam("most", type_=Integer))
)
CONFIRMED_BY = select(func.count().label("number")).where(
    payments.c.run == _RUN, payments.c.confirmed_by == _ACTOR
)
LOCKED_OF_RUN = _LOCKED.where(_IS_LEFT, payments.c.run == _RUN)


@dataclass(frozen=True, slots=True)
class Bulk:
    """The statements about many expenses at once; each takes them as `lines`."""

    lock: Executable
    mark: Executable
    take_back: Executable
    confirm: Executable
    show: Executable  # the expenses, once more, to people
    note: Executable  # in the audit trail
    read: Executable

    @classmethod
    def of(cls, lines: str) -> "Bulk":
        """Build them; `lines` is what a database calls the rows of JSON."""
        ids = f"(SELECT id FROM {lines})"  # noqa: S608 - both are constants
        is_theirs, is_one = text(f"payments.expense_id IN {ids}"), text(f"expenses.id IN {ids}")
        unmarked = dict.fromkeys(("run", "marked_by", "marked_at", "paid_on", "reference"), null())
        due = bindparam("due", type_=Instant)
        shown = {"version": expenses.c.version + 1, "attempts": 0, "due_at": due}
        mark = (
            "UPDATE payments SET run = :run, marked_by = :actor, marked_at = :now,"  # noqa: S608
            f" paid_on = line.day, reference = line.reference FROM {lines}"
            " WHERE payments.expense_id = line.id"
        )
        note = (
            "INSERT INTO audit (expense_id, at, event, actor, state, detail)"  # noqa: S608
            " SELECT expenses.id, :now, :event, :actor, expenses.state, line.detail"
            f" FROM {lines} JOIN expenses ON expenses.id = line.id"
        )
        return cls(
            lock=_LOCKED.where(is_theirs),
            mark=text(mark).bindparams(_NOW, _ACTOR, _RUN),
            take_back=update(payments).where(is_theirs).values(unmarked),
            confirm=update(payments)
            .where(is_theirs)
            .values(confirmed_by=_ACTOR, confirmed_at=_NOW),
            show=update(expenses).where(is_one).values(shown),
            note=text(note).bindparams(_NOW, _ACTOR, bindparam("event", type_=String)),
            read=select(*EXPENSE).where(is_one),
        )


BULK = {is_postgres: Bulk.of(lines) for is_postgres, lines in _LINES.items()}
TO_PAY = (
    select(*EXPENSE)
    .join(payments, _OF_EXPENSE)
    .where(*(_IS_LEFT, payments.c.run.is_(None), _IS_UNCONFIRMED))
    .where(expenses.c.requester.is_distinct_from(bindparam("person", type_=String)))
    .order_by(payments.c.left_at, expenses.c.id)
    .limit(bindparam("most", type_=Integer))
)
OF_RUN = (
    select(*EXPENSE)
    .join(payments, _OF_EXPENSE)
    .where(*_OF_RUN)
    .order_by(expenses.c.number_year, expenses.c.number, expenses.c.id)
    .limit(bindparam("most", type_=Integer))
)
_KEY = payments.c.run, payments.c.marked_by
UNCONFIRMED = (
    select(
        *(*_KEY, expenses.c.currency),
        func.min(payments.c.marked_at).label("marked_at"),
        func.min(payments.c.paid_on).label("first_day"),
        func.max(payments.c.paid_on).label("last_day"),
        func.min(payments.c.reference).label("reference"),
        func.max(payments.c.reference).label("last_reference"),
        func.count(payments.c.reference).label("referenced"),
        func.count().label("number"),
        func.sum(parts(expenses.c.amount)).label("parts"),
    )
    .join(expenses, _OF_EXPENSE)
    .where(_IS_LEFT, payments.c.run.is_not(None), _IS_UNCONFIRMED)
    .group_by(*_KEY, expenses.c.currency)
)
