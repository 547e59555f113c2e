"""The table of delegations: who decides on behalf of a colleague who is away."""

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    String,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    union_all,
    update,
)

from bot.catalogue import say
from bot.database.engine.connection import Connection, Database
from bot.database.expense_rows import is_in
from bot.database.functions import Joined
from bot.database.schema import Instant, delegations, expenses, seats
from bot.domain.errors import InvalidInput
from bot.domain.expense import State

MAX_DAYS = 90

_UNTIL = func.coalesce(delegations.c.ends, delegations.c.until)
_begins = delegations.c.begins
_NOW = bindparam("now", type_=Instant)
_IS_LEFT = _UNTIL > _NOW
_IS_ON = and_(_IS_LEFT, or_(_begins.is_(None), _begins <= _NOW))
_OVERLAPS = and_(
    bindparam("new_since", type_=Instant) < _UNTIL,
    or_(_begins.is_(None), _begins < bindparam("new_until", type_=Instant)),
)
_WHO = bindparam("who", type_=String)
_LEFT_OF = select(delegations).where(delegations.c.person == _WHO, _IS_LEFT)
_OF_MEANWHILE = select(delegations).where(delegations.c.person == _WHO, _OVERLAPS)
_TO_MEANWHILE = select(delegations).where(delegations.c.delegate == _WHO, _OVERLAPS)
_OF = select(delegations).where(delegations.c.person == _WHO, _IS_ON)
# A person's delegators as one column, a line each, so that one statement reads them and an expense.
DELEGATORS = (
    select(Joined(delegations.c.person))
    .where(delegations.c.delegate == _WHO, _IS_ON)
    .scalar_subquery()
    .label("delegators")
)
# As JSON, because a list in IN would be compiled for every number of people.
_PEOPLE = {
    True: "SELECT json_array_elements_text(CAST(:people AS json))",
    False: "SELECT value FROM json_each(:people)",
}
_OF_ANY = {
    is_postgres: select(delegations).where(text(f"person IN ({people})"), _IS_ON)
    for is_postgres, people in _PEOPLE.items()
}
# Who can decide has changed for what these people ask for, and for what they are asked. Rows are
# locked in one order, and what somebody changes just now is looked at anyway.
_own = expenses.alias("own")
_AFFECTED = (
    select(expenses.c.id)
    .where(
        is_in({State.CREATED}),
        expenses.c.id.in_(
            union_all(
                select(_own.c.id).where(_own.c.requester == _WHO),
                select(seats.c.expense_id).where(seats.c.asked == _WHO),
            )
        ),
    )
    .order_by(expenses.c.id)
    .with_for_update(skip_locked=True)
)
_LOOK = (
    update(expenses)
    .where(expenses.c.id.in_(_AFFECTED))
    .values(due_at=bindparam("now", type_=Instant))
)
_TO = select(delegations).where(delegations.c.delegate == _WHO, _IS_ON)


class Delegations:
    """Reads and changes delegations; each person has at most one. People are Slack user ids."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self, person: str, delegate: str, until: datetime, since: datetime | None = None
    ) -> str | None:
        """Delegate a person's decisions to a colleague; return whose delegation that ends, if any.

        Args:
            person: who is away.
            delegate: who decides in their place.
            until: when that ends.
            since: when it begins; None for now.

        Raises:
            InvalidInput: `until` is past or too late, or one of the two has delegations of the
                other kind, so that a chain would arise.
        """
        if person == delegate:
            raise InvalidInput("delegate", say("colleague-is-yourself"))
        if until <= datetime.now(UTC):
            raise InvalidInput("until", say("delegate-form.past"))
        # A delegation lasts to the end of its last day.
        if until > datetime.now(UTC) + timedelta(days=MAX_DAYS + 1):
            raise InvalidInput("until", say("delegate-form.too-late", days=MAX_DAYS))
        if since and since >= until:
            raise InvalidInput("until", say("delegate-form.over-before"))
        now = datetime.now(UTC)
        meanwhile = {"new_since": since or now, "new_until": until}
        row = {"person": person, "delegate": delegate, "until": until}
        if since and since > now:
            row |= {"until": now, "begins": since, "ends": until}

        async def change(connection: Connection) -> Sequence[Any]:
            if connection.is_postgres:
                # One at a time, as in SQLite: two together could make a circle.
                await connection.execute(text("LOCK TABLE delegations IN EXCLUSIVE MODE"))
            if await connection.execute(_OF_MEANWHILE, _given(delegate) | meanwhile):
                raise InvalidInput("delegate", say("delegate-is-away"))
            if await connection.execute(_TO_MEANWHILE, _given(person) | meanwhile):
                raise InvalidInput("delegate", say("delegator-stands-in"))
            former = await connection.execute(_LEFT_OF, _given(person))
            await connection.execute(delete(delegations).where(delegations.c.person == person))
            await connection.execute(insert(delegations).values(row))
            await connection.execute(_LOOK, _given(person))
            return former

        former = await self._database.transaction(change)
        return former[0].delegate if former else None

    async def end(self, person: str) -> str | None:
        """End a person's delegation, and return who the delegate was; None if there was none."""
        mine = delete(delegations).where(delegations.c.person == person, _IS_LEFT)
        async with self._database.writing() as connection:
            ended = await connection.execute(
                mine.returning(delegations.c.delegate), {"now": datetime.now(UTC)}
            )
            await connection.execute(_LOOK, _given(person))
        return ended[0].delegate if ended else None

    async def delegators_of(self, person: str) -> frozenset[str]:
        """Return the people who have delegated to this person now."""
        return frozenset(await self.to(person))

    async def to(self, person: str) -> dict[str, datetime]:
        """Return the people who have delegated to this person now, and until when."""
        rows = await self._database.execute(_TO, _given(person))
        return {row.person: row.ends or row.until for row in rows}

    async def of(self, person: str) -> tuple[str, datetime] | None:
        """Return the delegate that a person has now, and until when; None if there is none."""
        rows = await self._database.execute(_OF, _given(person))
        return (rows[0].delegate, rows[0].ends or rows[0].until) if rows else None

    async def coming(self, person: str) -> tuple[str, datetime, datetime] | None:
        """Return who stands in for a person later, from when and until when; None if nobody."""
        rows = await self._database.execute(_LEFT_OF, _given(person))
        if not rows or rows[0].begins is None or rows[0].begins <= datetime.now(UTC):
            return None
        return rows[0].delegate, rows[0].begins, rows[0].ends

    async def delegates_of(self, people: Collection[str]) -> dict[str, str]:
        """Return the delegates of those of these people who have delegated now."""
        given = {"people": json.dumps(sorted(people)), "now": datetime.now(UTC)}
        rows = await self._database.execute(_OF_ANY[self._database.is_postgres], given)
        return {row.person: row.delegate for row in rows}


def _given(person: str) -> dict[str, object]:
    return {"who": person, "now": datetime.now(UTC)}
