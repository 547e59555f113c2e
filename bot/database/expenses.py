"""The expenses: each change is one conditional UPDATE with its audit line in one transaction.

Before the commit nothing has happened, after it everything has.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Unpack

from sqlalchemy import Integer, Select, String, bindparam, select

from bot.database import allowances, approvals, assignments, audit
from bot.database.audit import IS_IT
from bot.database.connection import Database, Duplicate
from bot.database.delegations import DELEGATORS
from bot.database.encryption import Cipher
from bot.database.expense_changes import Changes, adding, changing, new
from bot.database.expense_rows import EXPENSE, HEAD_START, expense_of, new_row, progress_column
from bot.database.schema import expenses
from bot.domain.approval_plan import Progress
from bot.domain.audit_events import AuditEntry, Event
from bot.domain.errors import InvalidId
from bot.domain.expense import Expense, State, leading_to

# Built once: building a statement costs as much as running it.
_BY_ID = select(*EXPENSE).where(IS_IT)
_WITH_DELEGATORS = select(*EXPENSE, DELEGATORS).where(IS_IT)
_SUBMISSION_KEY = select(expenses.c.submission_key).where(IS_IT)
_OF_REQUESTER = (
    select(*EXPENSE)
    .where(expenses.c.requester == bindparam("whose", type_=String))
    .order_by(expenses.c.created_at.desc(), expenses.c.id)
    .limit(bindparam("most", type_=Integer))
)
_NOTHING: Mapping[str, Any] = {}
_NOBODY_HAS_IT = "There is no expense with this id."


class ExpenseStore:
    """Reads and changes expenses, keeps their audit trail, and tells of each change.

    Args:
        database: where they are.
        cipher: encrypts task tokens.
        on_change: called with the id of an expense once a change of it is durable.
    """

    def __init__(
        self, database: Database, cipher: Cipher, on_change: Callable[[str], None]
    ) -> None:
        self._database = database
        self._cipher = cipher
        self.on_change = on_change

    async def find(self, expense_id: str) -> Expense | None:
        """Read one expense; None if there is none."""
        row = await self._row(expense_id)
        return expense_of(row) if row else None

    async def get(self, expense_id: str) -> Expense:
        """Read one expense.

        Raises:
            InvalidId: no expense has this id.
        """
        if expense := await self.find(expense_id):
            return expense
        raise InvalidId(_NOBODY_HAS_IT)

    async def get_with_delegators(
        self, expense_id: str, person: str
    ) -> tuple[Expense, frozenset[str]]:
        """Read one expense, and for whom a person stands in: what a decision is judged by.

        Raises:
            InvalidId: no expense has this id.
        """
        given = {"who": person, "now": datetime.now(UTC)}
        row = await self._row(expense_id, _WITH_DELEGATORS, given)
        if row is None:
            raise InvalidId(_NOBODY_HAS_IT)
        return expense_of(row), frozenset((row.delegators or "").splitlines())

    async def _row(
        self, expense_id: str, query: Select[Any] = _BY_ID, given: Mapping[str, Any] = _NOTHING
    ) -> Any:
        if not expense_id.isprintable():
            return None  # no id has such characters, and PostgreSQL fails on some of them
        return (await self._database.execute(query, {"which": expense_id, **given})).first()

    async def submission_key(self, expense_id: str) -> str | None:
        """Read which submission an expense came from."""
        found = await self._database.execute(_SUBMISSION_KEY, {"which": expense_id})
        key: str | None = found.scalar()
        return key

    async def of_requester(self, requester: str, limit: int) -> list[Expense]:
        """Read a requester's expenses, newest first."""
        given = {"whose": requester, "most": limit}
        return [expense_of(row) for row in await self._database.execute(_OF_REQUESTER, given)]

    async def history(self, expense_id: str, after: int = 0) -> list[AuditEntry]:
        """Read an expense's audit trail, oldest line first, from behind a line's number."""
        return await audit.history(self._database, expense_id, after)

    async def add(
        self,
        expense: Expense,
        *,
        event: Event,
        actor: str,
        submission_key: str | None = None,
        window: timedelta | None = None,
        quietly: bool = False,
    ) -> bool:
        """Record a new expense; return False, and change nothing, if its id is taken.

        Args:
            expense: as it begins.
            event: for the audit trail.
            actor: Slack user id or part of the system, for the audit trail.
            submission_key: which submission it came from.
            window: how long people have to decide.
            quietly: do not call `on_change`; delivery finds it in the database soon enough.

        Raises:
            CeilingReached: its plan approves it automatically, and not as much is left this month.
        """
        now = datetime.now(UTC)
        row = new_row(expense, submission_key, window, now)
        line = audit.line_values(event, actor)
        given = {**new(row), **line, "which": expense.id, "now": now}
        addition = adding(tuple(row))
        try:
            if expense.plan is None:
                await addition.make(self._database, given)
            else:
                async with self._database.writing() as connection:
                    await addition.make_in(connection, given)
                    await assignments.assign(connection, expense)
                    await allowances.use(connection, expense)
        except Duplicate:
            return False
        if not quietly:
            self.on_change(expense.id)
        return True

    async def change(
        self,
        expense: Expense,
        *,
        event: Event,
        actor: str,
        to: State | None = None,
        expected: Collection[State] | None = None,
        seen: int | None = None,
        unless_payment_asked: bool = False,
        quietly: bool = False,
        **changes: Unpack[Changes],
    ) -> Expense | None:
        """Change an expense if it is in an expected state, and write that into its audit trail.

        Args:
            expense: as it was read at some time.
            event: for the audit trail.
            actor: Slack user id or part of the system, for the audit trail.
            to: the state that follows; None to stay.
            expected: the states in which the change is right; by default any, or those that `to`
                may follow.
            seen: the version that was looked at; the change is not made to another one.
            unless_payment_asked: do nothing once the payment system was asked.
            quietly: do not call `on_change`; delivery finds it in the database soon enough.
            **changes: what else is set.

        Returns:
            The expense as it now is, or None if nothing was changed.
        """
        if expected is None:
            expected = leading_to(to) if to else frozenset(State)
        now = datetime.now(UTC)
        values: dict[str, Any] = {**changes, "due_at": now + HEAD_START}
        if to:
            values["state"] = to
        if token := changes.get("task_token"):
            values["task_token"] = self._cipher.encrypt(token)
        if progress := changes.get("progress"):
            values["progress"] = progress_column(progress)
        change = changing(
            tuple(values), frozenset(expected), unless_payment_asked, seen is not None
        )
        line = audit.line_values(event, actor)
        given = {**new(values), **line, "which": expense.id, "seen": seen, "now": now}
        if expense.plan and (to or progress):
            changed = await self._change_with_plan(change, given, progress, to)
        else:
            row = (await change.make(self._database, given)).first()
            changed = expense_of(row) if row else None
        if changed and not quietly:
            self.on_change(expense.id)
        return changed

    async def _change_with_plan(
        self,
        change: audit.NotedChange,
        given: dict[str, Any],
        progress: Progress | None,
        to: State | None,
    ) -> Expense | None:
        async with self._database.writing() as connection:
            row = (await change.make_in(connection, given)).first()
            if row is None:
                return None
            changed = expense_of(row, progress)
            if progress:
                await approvals.remember(connection, changed.id, progress.approvals)
            await assignments.assign(connection, changed)
            if to:
                await allowances.give_back(connection, changed)
        return changed

    async def note(self, expense: Expense, *, event: Event, actor: str) -> None:
        """Write something that changed nothing into an expense's audit trail.

        The line says in which state the expense is when it is written: what was read before may
        have changed since.
        """
        await audit.note(self._database, expense.id, event, actor)
