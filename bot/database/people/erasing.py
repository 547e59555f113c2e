"""Forgets people in what is recorded of expenses that are over, one expense at a time."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import (
    String,
    Table,
    bindparam,
    delete,
    exists,
    or_,
    select,
    union,
    update,
)

from bot.database.audit import IS_IT
from bot.database.engine.connection import Connection, Database
from bot.database.expense_rows import is_in
from bot.database.payments.schema import payments
from bot.database.people.forgotten import Forgotten
from bot.database.schema import (
    Instant,
    allowances,
    approvals,
    audit,
    delegations,
    expenses,
    messages,
    receipt_posts,
    receipts,
)
from bot.database.trail.erasure import erase
from bot.domain.expense import UNPAID, State

BATCH = 20
# They end an expense, and finance has nothing to pay for it any more.
_OVER = UNPAID | {State.REJECTED, State.COMPLETED}
_WHICH = bindparam("which", type_=String)
_WAITS_FOR_FINANCE = exists().where(
    payments.c.expense_id == expenses.c.id,
    payments.c.left_at.is_not(None),
    payments.c.confirmed_at.is_(None),
)
# What is due has not been told to everybody.
_IS_OVER = is_in(_OVER), expenses.c.due_at.is_(None), ~_WAITS_FOR_FINANCE
_LOCK = select(expenses).where(IS_IT, *_IS_OVER).with_for_update(of=expenses)
_END = (
    update(expenses)
    .where(IS_IT)
    .values(erased_at=bindparam("now", type_=Instant), traceparent=None, trouble=None)
)
_LINES = select(audit).where(audit.c.expense_id == _WHICH).order_by(audit.c.number)
_NEWEST = _LINES.order_by(None).order_by(audit.c.number.desc()).limit(1)
_NEXT = (
    select(expenses.c.id, expenses.c.created_at)
    .where(
        expenses.c.erased_at.is_(None),
        expenses.c.created_at < bindparam("before", type_=Instant),
        or_(
            expenses.c.created_at > bindparam("after", type_=Instant),
            (expenses.c.created_at == bindparam("after", type_=Instant))
            & (expenses.c.id > bindparam("last", type_=String)),
        ),
        *_IS_OVER,
    )
    .order_by(expenses.c.created_at, expenses.c.id)
    .limit(BATCH)
)
_others = receipts.alias("others")
_of_others = expenses.alias("of_others")
_OWN_FILES = select(receipts.c.sha256, receipts.c.place).where(
    receipts.c.expense_id == _WHICH,
    receipts.c.sha256.is_not(None),
    ~exists().where(
        _others.c.sha256 == receipts.c.sha256,
        _others.c.expense_id != receipts.c.expense_id,
        _of_others.c.id == _others.c.expense_id,
        _of_others.c.erased_at.is_(None),
    ),
)


class Result(Enum):
    """What became of an expense."""

    DONE = "done"
    LEFT = "left"  # it is open, unpaid, not delivered yet, or has to be retained


class Eraser:
    """Finds and forgets; every expense in a transaction of its own, so that it can be killed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def over_before(self, before: datetime, after: datetime, last: str) -> Sequence[Any]:
        """Return id and `created_at` of the next expenses that may have been retained for long.

        Args:
            before: made before this instant.
            after: made after this instant, or at it with an id behind `last`.
            last: the id of the last one of the batch before.
        """
        given = {"before": before, "after": after, "last": last}
        return await self._database.execute(_NEXT, given)

    async def files(self, expense_id: str) -> Sequence[Any]:
        """Return `sha256` and `place` of the receipts that no other retained expense has."""
        return await self._database.execute(_OWN_FILES, {"which": expense_id})

    async def of_person(self, person: str) -> list[str]:
        """Return the ids of all expenses that name a person; this reads everything."""
        found = await self._database.execute(_naming(person))
        return [row.expense_id for row in found]

    async def is_over(self, expense_id: str) -> bool:
        """Return whether people can be forgotten in an expense now."""
        return bool(await self._database.execute(_LOCK, {"which": expense_id}))

    async def is_due(self, expense_id: str, before: datetime) -> bool:
        """Return whether an expense is over, and nothing has happened to it since an instant."""
        newest = await self._database.execute(_NEWEST, {"which": expense_id})
        return all(line.at < before for line in newest) and await self.is_over(expense_id)

    async def forget(
        self, expense_id: str, whom: Forgotten, actor: str, before: datetime | None = None
    ) -> Result:
        """Forget people in an expense.

        Args:
            expense_id: which expense.
            whom: to forget.
            actor: who does it, as in the audit trail.
            before: only if nothing has happened to it since this instant; what is then forgotten
                is not looked at again.

        Raises:
            TryAgain: a line of its trail is not sealed yet.
        """
        now = await self._database.now()

        async def make(connection: Connection) -> Result:
            rows = await connection.execute(_LOCK, {"which": expense_id})
            lines = await connection.execute(_LINES, {"which": expense_id})
            if not rows or (before and any(line.at >= before for line in lines)):
                return Result.LEFT
            await _erase_values(connection, rows[0], lines, whom, actor, now)
            for table, columns in (
                (approvals, ("approver", "on_behalf_of")),
                (payments, ("marked_by", "confirmed_by")),
            ):
                await _rename(connection, table, columns, expense_id, whom)
            await _forget_places(connection, expense_id, whom, rows[0].requester)
            if before:
                await connection.execute(_END, {"which": expense_id, "now": now})
            return Result.DONE

        return await self._database.transaction(make)

    async def forget_beside(self, person: str, pseudonym: str, this_month: datetime) -> None:
        """Forget a person in what belongs to no expense: delegations, and sums of past months."""
        either = or_(delegations.c.person == person, delegations.c.delegate == person)
        await self._database.execute(delete(delegations).where(either))
        past = allowances.c.person == person, allowances.c.month < this_month.date()
        await self._database.execute(update(allowances).where(*past).values(person=pseudonym))

    async def forget_sums(self, before: datetime) -> None:
        """Forget what was approved automatically in the months before an instant."""
        old = allowances.c.month < before.date().replace(day=1)
        await self._database.execute(delete(allowances).where(old))


async def _erase_values(
    connection: Connection,
    row: Any,
    lines: Sequence[Any],
    whom: Forgotten,
    actor: str,
    now: datetime,
) -> None:
    changed: dict[int, dict[str, str | None]] = {}
    for line in lines:
        new = whom.line(line.event, line.actor, line.detail)
        if (new["actor"], new["detail"]) != (line.actor, line.detail):
            changed[line.number] = new
    claim = {name: new for name, new in whom.claim(row).items() if new != getattr(row, name)}
    await erase(connection, row.id, changed, claim, actor, now)
    rest = {name: new for name, new in whom.rest(row).items() if new != getattr(row, name)}
    if rest:
        await connection.execute(update(expenses).where(IS_IT).values(rest), {"which": row.id})


async def _rename(
    connection: Connection, table: Table, columns: Sequence[str], id: str, whom: Forgotten
) -> None:
    is_of = table.c.expense_id == id
    for name in columns:
        column = table.c[name]
        for found in await connection.execute(select(column).where(is_of).distinct()):
            new = whom.name(found[0])
            if new != found[0]:
                change = update(table).where(is_of, column == found[0]).values({name: new})
                await connection.execute(change)


async def _forget_places(
    connection: Connection, id: str, whom: Forgotten, requester: str | None
) -> None:
    """Forget where in Slack people were written to, and in the end what their files are."""
    for table in (messages, receipt_posts):
        which = [table.c.expense_id == id]
        if whom.person:
            theirs = table.c.audience.endswith(f" {whom.person}", autoescape=True)
            is_own = requester == whom.person
            which.append(or_(theirs, table.c.audience == "requester") if is_own else theirs)
        await connection.execute(delete(table).where(*which))
    if whom.person is None:
        # The audit trail keeps their hashes.
        await connection.execute(delete(receipts).where(receipts.c.expense_id == id))


def _naming(person: str) -> Any:
    """Build the query of all expenses that name a person anywhere."""
    columns = (
        *("requester", "manager", "decided_by", "decided_for", "plan", "progress"),
        *("asks_instead", "coding", "obstacle"),
    )
    of_expenses = or_(*(expenses.c[name].contains(person) for name in columns))
    of_lines = or_(audit.c.actor == person, audit.c.detail.contains(person))
    of_approvals = or_(approvals.c.approver == person, approvals.c.on_behalf_of == person)
    of_payments = or_(payments.c.marked_by == person, payments.c.confirmed_by == person)
    found = union(
        select(expenses.c.id.label("expense_id")).where(of_expenses),
        select(audit.c.expense_id).where(of_lines),
        select(approvals.c.expense_id).where(of_approvals),
        select(payments.c.expense_id).where(of_payments),
        select(messages.c.expense_id).where(messages.c.audience.contains(person)),
    ).subquery()
    return select(found.c.expense_id).order_by(found.c.expense_id)
