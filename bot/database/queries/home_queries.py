"""The queries of the App Home."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Numeric,
    Select,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    not_,
    or_,
    select,
)

from bot.database.approvals import has_agreed
from bot.database.assignments import has_handed_over
from bot.database.engine.connection import Database
from bot.database.expense_rows import EXPENSE, is_in, readable
from bot.database.schema import Instant, expenses, seats
from bot.domain.expense import OPEN, PAID_BEFORE, Decision, Expense, Money, State
from bot.domain.inbox import MOST, PAGE_LENGTH, Month, Page, Tally, bounds
from bot.domain.money.formatting import PARTS


class HomeQueries:
    """Finds the expenses that wait for an approver, and sums up a person's month (UTC)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def asked_this_month(self, requester: str) -> Month:
        """Sum up the expenses that a person has submitted this month."""
        lines = await self._rows(_ASKED, whose=requester, since=_month())
        approved = {State.APPROVED, State.COMPLETED}
        return Month(tally(lines), tally(lines, approved), tally(lines, {State.REJECTED}))

    async def decided_this_month(self, person: str) -> Month:
        """Sum up the expenses that a person has decided this month."""
        lines = await self._rows(_DECIDED, whose=person, since=_month())
        return Month(
            tally(lines), tally(lines, {Decision.APPROVED}), tally(lines, {Decision.REJECTED})
        )

    async def waiting_ids(
        self, person: str, ids: Mapping[str, frozenset[str]], approvers: Collection[str]
    ) -> list[str]:
        """Return the ids of the expenses that a person may decide, oldest first.

        Args:
            ids: as `Policy.ids_by_approver` returns them.
            approvers: those of these approvers whom EXPENSE_APPROVERS names.

        Returns:
            At most one id more than `MOST`.
        """
        queries = [_asked_by_plan(person, ids)]
        if approvers:
            queries.append(_asked_by_settings(ids, approvers))
        rows = [row for query in queries for row in await self._rows(query)]
        # An approver of EXPENSE_APPROVERS may also have been handed an expense that asks these.
        keys = sorted({tuple(row) for row in rows if row.created_at})[: MOST + 1]
        return [expense_id for _, expense_id in keys]

    async def by_ids(self, ids: Collection[str]) -> dict[str, Expense]:
        """Read those of these expenses that exist, and that this version can read."""
        query = select(*EXPENSE).where(expenses.c.id.in_(ids))
        return {expense.id: expense for expense in readable(await self._rows(query))}

    async def stuck(self, before: datetime, most: int) -> list[Expense]:
        """Return open expenses that are stuck or old, first those that nobody can decide.

        Args:
            before: what was made before this instant is old (UTC).
            most: how many at most.
        """
        is_stuck = expenses.c.obstacle.is_not(None)
        is_open = is_in(OPEN), expenses.c.due_at > datetime.min.replace(tzinfo=UTC)
        query = select(*EXPENSE).where(*is_open, or_(is_stuck, expenses.c.created_at < before))
        order = expenses.c.obstacle.is_(None), expenses.c.created_at, expenses.c.id
        return readable(await self._rows(query.order_by(*order).limit(most)))

    async def refused(self, most: int) -> list[Expense]:
        """Return expenses whose payment the payment system refused, the oldest decision first.

        Those from which their requester has made another one are left out.
        """
        later = expenses.alias("later")
        is_made = later.c.requester == expenses.c.requester, later.c.previous_id == expenses.c.id
        query = select(*EXPENSE).where(
            is_in({State.PAYMENT_FAILED}),
            expenses.c.payment_refusal != PAID_BEFORE,
            not_(select(later.c.id).where(*is_made).correlate(expenses).exists()),
        )
        return readable(await self._rows(query.order_by(expenses.c.decided_at).limit(most)))

    async def of_requester(self, requester: str, number: int) -> Page[Expense]:
        """Return a page of a person's own expenses, newest first.

        Args:
            number: the page's number, from 0; beyond the last page, the last one is returned.
        """
        [[count]] = await self._rows(_COUNT, whose=requester)
        total, number = bounds(count, number)
        rows = await self._rows(_NEWEST, whose=requester, before=number * PAGE_LENGTH)
        items = tuple(readable(rows))
        return Page(items=items, number=number, total=total, is_more=count > MOST)

    async def _rows(self, query: Select[Any], **given: Any) -> Sequence[Any]:
        return await self._database.execute(query, given)


def _open_to(people: Collection[str]) -> list[ColumnElement[bool]]:
    """Return the conditions that an expense can be decided and is nobody's own among these."""
    requester = expenses.c.requester
    is_others = or_(requester.is_(None), requester.not_in(people))
    return [is_in({State.CREATED}), is_others, expenses.c.decide_by > datetime.now(UTC)]


def _asked_by_settings(people: Collection[str], approvers: Collection[str]) -> Select[Any]:
    key = expenses.c.created_at, expenses.c.id
    is_left = or_(*(not_(has_handed_over(one)) for one in approvers))
    is_asked = expenses.c.plan.is_(None), is_left, *_open_to(people)
    return select(*key).where(*is_asked).order_by(*key).limit(MOST + 1)


def _asked_by_plan(person: str, ids: Mapping[str, frozenset[str]]) -> Select[Any]:
    """Select the expenses with a plan that ask one of these approvers who has not approved yet.

    Each assignment looks up its expense in a subquery: for a join with 1,000 of 100,000 expenses,
    PostgreSQL reads the whole table.
    """
    asked = seats.c.asked
    left = or_(
        *(
            and_(asked.in_(those), not_(has_agreed(one)), not_(has_handed_over(one)))
            for one, those in ids.items()
        )
    )
    is_open = expenses.c.id == seats.c.expense_id, left, not_(has_agreed(person)), *_open_to(ids)
    created_at = select(expenses.c.created_at).where(*is_open).correlate(seats).scalar_subquery()
    found = (
        select(created_at.label("created_at"), seats.c.expense_id)
        .where(asked.in_(frozenset().union(*ids.values())))
        .distinct()
        .subquery()
    )
    # The caller drops those without an open expense: a condition here would look all up twice.
    by_age = found.c.created_at.nulls_last(), found.c.expense_id
    return select(found).order_by(*by_age).limit(MOST + 1)


def _month() -> datetime:
    return datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def sums(
    by: ColumnElement[Any], *conditions: ColumnElement[bool], of: FromClause = expenses
) -> Select[Any]:
    """Select numbers and sums of expenses in each currency, for `tally`.

    Args:
        by: the column that says what became of them.
        conditions: which of them.
        of: their table, or a subquery with its columns.
    """
    keys = by.label("outcome"), of.c.currency
    sum_of_parts = func.sum(parts(of.c.amount)).label("parts")
    sums = select(*keys, func.count().label("number"), sum_of_parts)
    return sums.where(*conditions).group_by(*keys)


def parts(amount: ColumnElement[Any]) -> ColumnElement[int]:
    """Return an amount in whole ten-thousandths, which both databases add exactly."""
    return cast(func.round(cast(amount, Numeric) * literal_column(str(PARTS))), BigInteger)


# Built once: to build and compile them takes longer than to execute them.
_WHOSE, _SINCE = bindparam("whose", type_=String), bindparam("since", type_=Instant)
_IS_MINE = expenses.c.requester == _WHOSE
_ASKED = sums(expenses.c.state, _IS_MINE, expenses.c.created_at >= _SINCE)
_DECIDED = sums(
    expenses.c.decision, expenses.c.decided_by == _WHOSE, expenses.c.decided_at >= _SINCE
)
_COUNT = select(func.count()).select_from(
    select(expenses.c.id).where(_IS_MINE).limit(MOST + 1).subquery()
)
_NEWEST = (
    select(*EXPENSE)
    .where(_IS_MINE)
    .order_by(expenses.c.created_at.desc(), expenses.c.id)
    .offset(bindparam("before", type_=Integer))
    .limit(PAGE_LENGTH)
)


def tally(lines: Sequence[Any], outcomes: Collection[str] | None = None) -> Tally:
    """Sum up the rows of some outcomes, or of all."""
    counted = [line for line in lines if outcomes is None or line.outcome in outcomes]
    sums: dict[str, Decimal] = {}
    for line in counted:
        if line.currency is not None:
            before = sums.get(line.currency, Decimal(0))
            sums[line.currency] = before + Decimal(int(line.parts)) / PARTS
    money = tuple(Money(amount, currency) for currency, amount in sorted(sums.items()))
    return Tally(sum(line.number for line in counted), money)
