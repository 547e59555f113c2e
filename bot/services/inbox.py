"""What waits for whom, and what somebody asked for, page by page."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    literal_column,
    not_,
    or_,
    select,
)

from bot.database.connection import Database
from bot.database.expense_rows import expense_of, utcnow
from bot.database.foreground import Unhurried
from bot.database.schema import expenses, seats
from bot.domain.expense import Expense
from bot.policy.approvers import Policy

# A list of checkboxes takes 10.
PAGE_LENGTH = 10
# Nobody pages further: whatever is behind it comes up as the oldest are decided.
MOST = 1_000

# PostgreSQL and SQLite look into the index of what waits only if they read these very words.
_IS_OPEN = expenses.c.state == literal_column("'CREATED'")

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item]):
    """Some lines of a list.

    Attributes:
        number: which page it is, from 0.
        total: how many lines the list has; `MOST` if it has more.
        is_more: whether it has more than `MOST`.
    """

    items: tuple[Item, ...]
    number: int
    total: int
    is_more: bool = False

    @property
    def is_last(self) -> bool:
        """Whether no page follows."""
        return (self.number + 1) * PAGE_LENGTH >= self.total


@dataclass(frozen=True, slots=True)
class Asked:
    """An expense that waits for somebody, and in whose place they may decide it."""

    expense: Expense
    seat: str


class Inbox:
    """Looks up what people find on their Home.

    Args:
        database: where the expenses are.
        policy: says who may decide what.
    """

    def __init__(self, database: Database | Unhurried, policy: Policy) -> None:
        self._database = database
        self._policy = policy

    async def for_approver(self, person: str, number: int = 0) -> Page[Asked] | None:
        """List what a person may decide now, oldest first.

        Whether they may is checked anew when they decide; this only has to agree with it.

        Args:
            person: Slack user id.
            number: which page; the last one if there are fewer.

        Returns:
            None for who is no approver and has nothing to decide.

        Raises:
            TryAgain: Slack does not say who is in a group, or who the person is.
        """
        places = await self._policy.seats_of(person)
        keys = await self._keys(person, places) if places else []
        named = self._policy.named
        if not keys and not any(ids & named for ids in places.values()):
            return None
        total, number = _bounds(len(keys), number)
        ids = [id for _, id in keys[number * PAGE_LENGTH : (number + 1) * PAGE_LENGTH]]
        found = {row.id: expense_of(row) for row in await self._rows(_with_ids(ids))}
        items = tuple(
            Asked(found[id], self._seat(found[id], places) or person) for id in ids if id in found
        )
        return Page(items=items, number=number, total=total, is_more=len(keys) > MOST)

    async def of_requester(self, requester: str, number: int = 0) -> Page[Expense]:
        """List what a person asked for, newest first.

        Args:
            requester: Slack user id.
            number: which page; the last one if there are fewer.
        """
        is_mine = expenses.c.requester == requester
        some = select(expenses.c.id).where(is_mine).limit(MOST + 1).subquery()
        [[count]] = await self._rows(select(func.count()).select_from(some))
        total, number = _bounds(count, number)
        newest = expenses.c.created_at.desc(), expenses.c.id
        query = select(expenses).where(is_mine).order_by(*newest)
        rows = await self._rows(query.offset(number * PAGE_LENGTH).limit(PAGE_LENGTH))
        items = tuple(expense_of(row) for row in rows)
        return Page(items=items, number=number, total=total, is_more=count > MOST)

    async def _keys(
        self, person: str, places: Mapping[str, frozenset[str]]
    ) -> list[tuple[datetime, str]]:
        """List when what waits was made, and its id: the oldest, and one more than `MOST`."""
        queries = [_asked_by_plan(person, places)]
        for seat in places:
            if await self._policy.is_approver(seat):
                queries.append(_asked_by_settings(places))
                break
        # The two have nothing in common: an expense has a plan or none.
        rows = [row for query in queries for row in await self._rows(query)]
        return sorted(tuple(row) for row in rows if row.created_at)[: MOST + 1]

    def _seat(self, expense: Expense, places: Mapping[str, frozenset[str]]) -> str | None:
        asked = set(self._policy.may_decide_now(expense))
        free = (seat for seat in places if not expense.progress.has_approved(seat))
        return next((seat for seat in free if places[seat] & asked), None)

    async def _rows(self, query: Select[Any]) -> Sequence[Any]:
        async with self._database.reading() as connection:
            return (await connection.execute(query)).all()


def _open_to(people: Collection[str]) -> list[ColumnElement[bool]]:
    """Say what somebody can decide: others' expenses about which people were asked in time."""
    requester = expenses.c.requester
    is_others = or_(requester.is_(None), requester.not_in(people))
    return [_IS_OPEN, is_others, expenses.c.decide_by > utcnow()]


def _asked_by_settings(places: Collection[str]) -> Select[Any]:
    key = expenses.c.created_at, expenses.c.id
    is_asked = expenses.c.plan.is_(None), *_open_to(places)
    return select(*key).where(*is_asked).order_by(*key).limit(MOST + 1)


def _asked_by_plan(person: str, places: Mapping[str, frozenset[str]]) -> Select[Any]:
    """Select what asks a person, or somebody in whose place nobody has agreed to it yet.

    Each seat looks up its own expense: PostgreSQL would rather read a table of 100,000 expenses as
    a whole than join 1,000 of them.
    """
    asked = seats.c.asked
    free = or_(*(and_(asked.in_(ids), not_(_agreed(seat))) for seat, ids in places.items()))
    is_open = expenses.c.id == seats.c.expense_id, free, not_(_agreed(person)), *_open_to(places)
    created_at = select(expenses.c.created_at).where(*is_open).correlate(seats).scalar_subquery()
    found = (
        select(created_at.label("created_at"), seats.c.expense_id)
        .where(asked.in_(frozenset().union(*places.values())))
        .distinct()
        .subquery()
    )
    # Those that found nothing come last: leaving them out here would look everything up twice.
    by_age = found.c.created_at.nulls_last(), found.c.expense_id
    return select(found).order_by(*by_age).limit(MOST + 1)


def _agreed(person: str) -> ColumnElement[bool]:
    """Say whether somebody is in `Progress.approvals`, by how `expense_rows` writes it.

    `Progress.reminded` names people, too, but no seats.
    """
    progress = func.coalesce(expenses.c.progress, "")
    as_person = progress.contains(f'"person":"{person}","seat":', autoescape=True)
    return or_(as_person, progress.contains(f'"seat":"{person}"', autoescape=True))


def _with_ids(ids: Collection[str]) -> Select[Any]:
    return select(expenses).where(expenses.c.id.in_(ids))


def _bounds(count: int, number: int) -> tuple[int, int]:
    """Say how many lines can be paged through, and the page that is nearest to a number."""
    total = min(count, MOST)
    return total, max(0, min(number, (total - 1) // PAGE_LENGTH))
