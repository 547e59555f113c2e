"""The store of expenses: each change is one conditional UPDATE together with its audit entry."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Unpack

from sqlalchemy import Integer, Select, String, bindparam, select

from bot.catalogue import say
from bot.database import approvals, assignments, audit, claim_rows
from bot.database.audit import IS_IT
from bot.database.delegations import DELEGATORS
from bot.database.encryption import Cipher
from bot.database.engine.connection import Connection, Database
from bot.database.expense_changes import Changes, are_unpaid, changing, insert, new
from bot.database.expense_rows import (
    EXPENSE,
    HEAD_START,
    expense_of,
    progress_column,
    readable,
)
from bot.database.numbers import id_of, number_left_over
from bot.database.payments.rows import payment_values
from bot.database.schema import expenses
from bot.domain.approval_plan import Progress
from bot.domain.audit_events import AuditEntry, Event
from bot.domain.errors import InvalidId
from bot.domain.expense import Expense, State, leading_to
from bot.domain.form import Chosen
from bot.domain.payments.payment import Payment
from bot.domain.people.slack_ids import is_user_id

_BY_ID = select(*EXPENSE).where(IS_IT)
_WITH_DELEGATORS = select(*EXPENSE, DELEGATORS).where(IS_IT)
_OF_REQUESTER = (
    select(*EXPENSE)
    .where(expenses.c.requester == bindparam("whose", type_=String))
    .order_by(expenses.c.created_at.desc(), expenses.c.id)
    .limit(bindparam("most", type_=Integer))
)
_NOTHING: Mapping[str, Any] = {}
OnStep = Callable[[Expense | None, Expense, Event, str, State | None], None]


class ExpenseStore:
    """Reads and changes expenses, and writes their audit trail.

    Args:
        on_change: called with an expense's id after each commit that changed it.
        on_step: each is called after each commit with the expense as it was read (None if it is
            new) and as it is now, the event and the actor of its audit entry, and its new state,
            if any.
        traceparent: returns the trace context of what is done just now, if it is traced.
    """

    def __init__(
        self,
        database: Database,
        cipher: Cipher,
        on_change: Callable[[str], None],
        on_step: Sequence[OnStep] = (),
        traceparent: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._database = database
        self._cipher = cipher
        self.on_change = on_change
        self.on_step = on_step
        self._traceparent = traceparent

    async def now(self) -> datetime:
        """Return the instant by the clock that all processes share, in UTC."""
        return await self._database.now()

    async def find(self, expense_id: str) -> Expense | None:
        """Read one expense; None if no expense has this id."""
        row = await self._row(expense_id)
        return expense_of(row) if row else None

    async def get(self, expense_id: str) -> Expense:
        """Read one expense.

        Raises:
            InvalidId: no expense has this id.
        """
        if expense := await self.find(expense_id):
            return expense
        raise InvalidId(say("no-such-expense"))

    async def get_with_delegators(
        self, expense_id: str, person: str
    ) -> tuple[Expense, frozenset[str]]:
        """Read one expense, and who has delegated to a person, in one statement."""
        given = {"who": person, "now": datetime.now(UTC)}
        row = await self._row(expense_id, _WITH_DELEGATORS, given)
        if row is None:
            raise InvalidId(say("no-such-expense"))
        return expense_of(row), frozenset((row.delegators or "").splitlines())

    async def number_left_over(self) -> None:
        """Number some expenses that a bot of the version before recorded, if there are any."""
        await number_left_over(self._database)

    async def id_of(self, named: str) -> str:
        """Return the id of the expense that a person names by its id or its number."""
        return await id_of(self._database, named)

    async def _row(
        self, expense_id: str, query: Select[Any] = _BY_ID, given: Mapping[str, Any] = _NOTHING
    ) -> Any:
        if not expense_id.isprintable():
            return None  # no id has such characters, and PostgreSQL refuses some of them
        return await self._database.execute_for((query,), {"which": expense_id, **given})

    async def of_requester(self, requester: str, limit: int) -> list[Expense]:
        """Read a requester's expenses, newest first."""
        given = {"whose": requester, "most": limit}
        return readable(await self._database.execute(_OF_REQUESTER, given))

    async def chosen_by(self, requester: str) -> Chosen:
        """Read what a requester chose in their latest expenses."""
        return await claim_rows.chosen_by(self._database, requester)

    async def history(self, expense_id: str, after: int = 0) -> list[AuditEntry]:
        """Read the entries of an expense's audit trail behind a number, oldest first."""
        given = {"which": expense_id, "after": after}
        return [audit.entry_of(row) for row in await self._database.execute(audit.HISTORY, given)]

    async def add(
        self, expense: Expense, event: Event, actor: str, *, quietly: bool = False
    ) -> Expense | None:
        """Record a new expense with an audit entry, and number it; None if another has its id.

        Args:
            actor: Slack user id, or the part of the system that acts, such as "worker".
            quietly: do not call `on_change`; delivery finds the expense when it is due.

        Raises:
            CeilingReached: the monthly ceiling does not allow the automatic approval.
        """
        step = self._traceparent()
        made = await insert(self._database, expense, event, actor, step)
        if made is None:
            return None
        self.tell(None, made, event, actor, made.state)
        if not quietly:
            self.on_change(made.id)
        return made

    async def change(
        self,
        expense: Expense,
        event: Event,
        actor: str,
        *,
        to: State | None = None,
        expected: Collection[State] | None = None,
        seen: int | None = None,
        unless_payment_asked: bool = False,
        quietly: bool = False,
        payment: Payment | None = None,
        unpaid: Collection[str] = (),
        **changes: Unpack[Changes],
    ) -> Expense | None:
        """Change an expense if it is in an expected state, with an audit entry; else return None.

        Args:
            to: the new state; None to keep the state.
            expected: the states in which the change is made; None for those that `to` may follow,
                or for any state without `to`.
            seen: the version on which the caller has decided; other versions are not changed.
            unless_payment_asked: do not change it once the payment system was asked.
            payment: what is recorded of its payment from now on.
            unpaid: ids of expenses; if one of them is or may be paid, it is not changed.
        """
        if expected is None:
            expected = leading_to(to) if to else frozenset(State)
        now = await self.now()
        values: dict[str, Any] = {**changes, "due_at": now + HEAD_START}
        if to:
            values["state"] = to
        if is_user_id(actor) and (step := self._traceparent()):
            values["traceparent"] = step
        if token := changes.get("task_token"):
            values["task_token"] = self._cipher.encrypt(token)
        if progress := changes.get("progress"):
            values["progress"] = progress_column(progress)
        how = unless_payment_asked, seen is not None, payment is not None
        change = changing(tuple(values), frozenset(expected), *how)
        given = {**new(values), **audit.event_values(event, actor)}
        given |= payment_values(payment, now) if payment else {}
        given |= {"which": expense.id, "seen": seen, "now": now}
        has_assignments = expense.plan or (progress or expense.progress).handovers
        if unpaid or (has_assignments and (to or progress)):
            changed = await self._change_with_plan(change, given, progress, to, unpaid)
        else:
            row = await change.make(self._database, given)
            changed = expense_of(row) if row else None
        if changed:
            changed = replace(changed, payment=payment or changed.payment)
            self.tell(expense, changed, event, actor, to)
            if not quietly:
                self.on_change(expense.id)
        return changed

    async def _change_with_plan(
        self,
        change: audit.AuditedChange,
        given: dict[str, Any],
        progress: Progress | None,
        to: State | None,
        unpaid: Collection[str],
    ) -> Expense | None:
        async def make(connection: Connection) -> Expense | None:
            if unpaid and not await are_unpaid(connection, unpaid):
                return None
            row = await change.make_in(connection, given)
            if row is None:
                return None
            changed = expense_of(row, progress)
            if progress:
                await approvals.add(connection, row, progress.approvals)
            await assignments.assign(connection, changed)
            if to:
                await approvals.give_back_allowance(connection, changed)
            return changed

        return await self._database.transaction(make)

    async def note(self, expense: Expense, event: Event, actor: str) -> None:
        """Write an audit entry with the state that the expense has then; change nothing else."""
        given = {"which": expense.id, "now": await self.now()}
        await self._database.execute(audit.NOTE, given | audit.event_values(event, actor))
        self.tell(expense, expense, event, actor, None)

    def tell(
        self, before: Expense | None, after: Expense, event: Event, actor: str, to: State | None
    ) -> None:
        """Tell the log, metrics and the like of a step that was committed, as `on_step` has it."""
        audit.tell(after, event, actor)
        for note in self.on_step:
            note(before, after, event, actor, to)
