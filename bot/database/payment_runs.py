"""Payment runs: what finance has paid is marked together, and confirmed together, once.

Every step is one transaction. It locks the payments that it is about, in one order, and looks at
them then: a second click at the same time, or later, finds them marked or confirmed already.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Executable

from bot.database.engine.connection import Connection, Database
from bot.database.expense_rows import HEAD_START, readable
from bot.database.expenses import ExpenseStore
from bot.database.payment_bulk import (
    BULK,
    CONFIRMED_BY,
    LOCKED_OF_RUN,
    OF_RUN,
    TO_CONFIRM,
    TO_PAY,
    UNCONFIRMED,
)
from bot.database.queries.home_queries import tally
from bot.domain.audit_events import (
    Event,
    MarkedPaid,
    MarkRemoved,
    PaymentConfirmed,
    write_detail,
)
from bot.domain.errors import NotMarked
from bot.domain.expense import Expense
from bot.domain.payment_runs import PaymentRun
from bot.domain.payments.payment import PaidOn, Problem

# So many of a long run are confirmed in one transaction, for which PostgreSQL has seconds.
PART = 2000
NOTHING: Mapping[str, PaidOn] = MappingProxyType({})


class PaymentRuns:
    """Marks and confirms what finance has paid."""

    def __init__(self, database: Database, expenses: ExpenseStore) -> None:
        self._database = database
        self._expenses = expenses

    async def to_pay(self, person: str, most: int) -> list[Expense]:
        """Return what finance has to pay and nobody has marked, the longest waiting first.

        Args:
            person: whose own expenses are left out.
            most: how many at most.
        """
        return readable(await self._database.execute(TO_PAY, {"person": person, "most": most}))

    async def mark(
        self,
        run: str,
        lines: Mapping[str, PaidOn],
        actor: str,
        *,
        all_or_nothing: bool = False,
        is_dry: bool = False,
    ) -> tuple[int, dict[str, Problem]]:
        """Mark expenses as paid, each once, however often and by how many people that is asked.

        Args:
            run: names what is marked together: the same for a repetition.
            lines: when each expense was paid, by its id.
            actor: Slack user id, or "operator".
            all_or_nothing: whether nothing is marked unless everything can be.
            is_dry: whether nothing is marked in any case.

        Returns:
            How many are marked by this run, and why the others are not.

        Raises:
            NotMarked: nothing was marked.
        """
        given = _given(run, actor, await self._expenses.now())

        async def work(connection: Connection) -> tuple[int, dict[str, Problem], list[str]]:
            bulk = BULK[connection.is_postgres]
            rows = await connection.execute(bulk.lock, {"lines": _written(lines)})
            found = {row.expense_id: row for row in rows}
            problems = {id: why for id in lines if (why := _problem(found.get(id), run, actor))}
            if is_dry or (problems and all_or_nothing):
                raise NotMarked(problems)
            new = {
                id: paid
                for id, paid in lines.items()
                if id not in problems and found[id].run is None
            }
            events = {id: MarkedPaid(str(paid)) for id, paid in new.items()}
            changed = await self._change(connection, (bulk.mark,), events, given, new)
            return len(lines) - len(problems), problems, changed

        count, problems, changed = await self._database.transaction(work)
        await self._tell(changed, MarkedPaid(), actor)
        return count, problems

    async def confirm(self, run: str, person: str) -> int:
        """Confirm what a run has marked, once, and have people told.

        What this person has marked or asked for themselves is left to somebody else. A long run is
        confirmed part by part, each at once: what a process leaves that dies is still to confirm.

        Returns:
            How many of the run this person has confirmed, now or before.
        """
        given = _given(run, person, await self._expenses.now())

        async def work(connection: Connection) -> list[str]:
            rows = await connection.execute(TO_CONFIRM, {"run": run, "actor": person, "most": PART})
            events = {
                row.expense_id: PaymentConfirmed(str(PaidOn(row.paid_on, row.reference)))
                for row in rows
            }
            bulk = BULK[connection.is_postgres]
            return await self._change(connection, (bulk.confirm, bulk.show), events, given)

        while changed := await self._database.transaction(work):
            await self._tell(changed, PaymentConfirmed(), person)
            for expense_id in changed:
                self._expenses.on_change(expense_id)
        [row] = await self._database.execute(CONFIRMED_BY, {"run": run, "actor": person})
        return int(row.number)

    async def take_back(self, run: str, person: str) -> int:
        """Say that what a run has marked is not paid; return how much that was.

        What this person asked for themselves is left to somebody else.
        """
        given = _given(run, person, await self._expenses.now())

        async def work(connection: Connection) -> list[str]:
            rows = await connection.execute(LOCKED_OF_RUN, {"run": run})
            events = {
                row.expense_id: MarkRemoved()
                for row in rows
                if row.confirmed_by is None and row.requester != person
            }
            bulk = BULK[connection.is_postgres]
            return await self._change(connection, (bulk.take_back,), events, given)

        changed = await self._database.transaction(work)
        await self._tell(changed, MarkRemoved(), person)
        return len(changed)

    async def of_run(self, run: str, most: int) -> list[Expense]:
        """Return the expenses of a run that nobody has confirmed, at most so many."""
        return readable(await self._database.execute(OF_RUN, {"run": run, "most": most}))

    async def unconfirmed(self) -> list[PaymentRun]:
        """Return the runs that wait for somebody to confirm them, the oldest first."""
        by_run: dict[str, list[Any]] = {}
        for row in await self._database.execute(UNCONFIRMED):
            by_run.setdefault(row.run, []).append(row)
        return sorted((_run(rows) for rows in by_run.values()), key=lambda run: run.marked_at)

    async def _change(
        self,
        connection: Connection,
        changes: Iterable[Executable],
        events: Mapping[str, Event],
        given: Mapping[str, Any],
        paid: Mapping[str, PaidOn] = NOTHING,
    ) -> list[str]:
        """Change payments whose rows are locked, with their audit entries; return their ids."""
        if not events:
            return []
        bulk = BULK[connection.is_postgres]
        named = next(iter(events.values())).stored_as
        lines = {**given, "event": named, "lines": _written(paid, events)}
        for change in (*changes, bulk.note):
            await connection.execute(change, lines)
        return list(events)

    async def _tell(self, changed: Sequence[str], event: Event, actor: str) -> None:
        """Tell the log and the metrics what was committed."""
        given = {"lines": json.dumps([{"id": id} for id in changed])}
        read = BULK[self._database.is_postgres].read
        for expense in readable(await self._database.execute(read, given)) if changed else ():
            self._expenses.tell(expense, expense, event, actor, None)


def _given(run: str, actor: str, now: datetime) -> dict[str, Any]:
    return {"run": run, "actor": actor, "now": now, "due": now + HEAD_START}


def _written(paid: Mapping[str, PaidOn], events: Mapping[str, Event] | None = None) -> str:
    """Write lines as JSON, in one order."""
    lines = [
        {
            "id": id,
            "day": paid[id].day.isoformat() if id in paid else None,
            "reference": paid[id].reference if id in paid else None,
            "detail": write_detail(events[id]) if events else None,
        }
        for id in sorted(events or paid)
    ]
    return json.dumps(lines)


def _problem(row: Any, run: str, actor: str) -> Problem | None:
    """Say why an expense cannot be marked; None if it can, or is marked by this run."""
    if row is None:
        return Problem.NOT_LEFT
    if row.confirmed_by is not None:
        return None if row.run == run else Problem.PAID
    if row.requester == actor:
        return Problem.OWN
    return Problem.MARKED if row.run not in (None, run) else None


def _run(rows: Sequence[Any]) -> PaymentRun:
    first = rows[0]
    references = {one for row in rows for one in (row.reference, row.last_reference)}
    is_one = len(references) == 1 and all(row.referenced == row.number for row in rows)
    return PaymentRun(
        id=first.run,
        marked_by=first.marked_by,
        marked_at=min(row.marked_at for row in rows),
        first_day=min(row.first_day for row in rows),
        last_day=max(row.last_day for row in rows),
        reference=references.pop() if is_one else None,
        tally=tally(rows),
    )
