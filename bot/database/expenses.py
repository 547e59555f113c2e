"""The database, and nothing else that knows SQL.

Every change of an expense is one conditional UPDATE with its audit row in the same transaction:
before the commit nothing has happened, after it everything has.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any, Unpack

from sqlalchemy import (
    Integer,
    String,
    bindparam,
    select,
)

from bot.database import assignments, audit
from bot.database.audit import IS_IT
from bot.database.connection import Database, Duplicate
from bot.database.decision_store import DecisionStore
from bot.database.encryption import Cipher
from bot.database.expense_changes import adding, changing, new
from bot.database.expense_rows import (
    HEAD_START,
    claim_columns,
    expense_of,
    plan_column,
    progress_column,
    utcnow,
)
from bot.database.schema import expenses
from bot.domain.expense import AuditEntry, Caller, Decision, Expense, State
from bot.ports import Changes

# Built once: building a statement costs as much as running it.
_BY_ID = select(expenses).where(IS_IT)
_SUBMISSION_KEY = select(expenses.c.submission_key).where(IS_IT)
_OF_REQUESTER = (
    select(expenses)
    .where(expenses.c.requester == bindparam("whose", type_=String))
    .order_by(expenses.c.created_at.desc(), expenses.c.id)
    .limit(bindparam("most", type_=Integer))
)


class Store:
    """Reads and changes expenses, and keeps their audit trail.

    Args:
        database: where they are.
        cipher: encrypts task tokens.
    """

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher
        self._decisions = DecisionStore(database)

    async def add(
        self,
        expense: Expense,
        *,
        event: str,
        actor: str,
        caller: Caller | None = None,
        submission_key: str | None = None,
        window: timedelta | None = None,
    ) -> bool:
        """Record a new expense; say False, and change nothing, if its id is taken.

        Raises:
            CeilingReached: its plan approves it automatically, and not as much is left this month.
        """
        caller, plan, now = caller or Caller(), expense.plan, utcnow()
        row = {
            **(claim_columns(expense.claim) if expense.claim else {}),
            "id": expense.id,
            "state": expense.state,
            "version": expense.version,
            "created_at": expense.created_at,
            "requester": expense.requester,
            "plan": plan_column(plan),
            "previous_id": expense.previous_id,
            "submission_key": submission_key,
            "window_seconds": window.total_seconds() if window else None,
            "workflow_id": caller.workflow_id,
            "run_id": caller.run_id,
            "due_at": now + HEAD_START,
        }
        line = {"event": event, "actor": actor, "detail": plan.rule if plan else None}
        given = {**new(row), **line, "which": expense.id, "now": now}
        addition = adding(tuple(row))
        try:
            if plan is None:
                await addition.make(self._database, given)
                return True
            async with self._database.writing() as connection:
                await addition.make_in(connection, given)
                await assignments.ask(connection, expense)
                await assignments.use_allowance(connection, expense)
        except Duplicate:
            return False
        return True

    async def get(self, expense_id: str) -> Expense | None:
        """Read one expense; None if there is none."""
        row = await self._row(expense_id)
        return expense_of(row) if row else None

    async def get_with_caller(self, expense_id: str) -> tuple[Expense, Caller] | None:
        """Read one expense, and on whose behalf it was created."""
        row = await self._row(expense_id)
        if row is None:
            return None
        return expense_of(row), Caller(workflow_id=row.workflow_id, run_id=row.run_id)

    async def _row(self, expense_id: str) -> Any:
        if not expense_id.isprintable():
            return None  # no id has such characters, and PostgreSQL fails on some of them
        async with self._database.reading() as connection:
            return (await connection.execute(_BY_ID, {"which": expense_id})).first()

    async def submission_key(self, expense_id: str) -> str | None:
        """Read which submission an expense came from."""
        async with self._database.reading() as connection:
            found = await connection.execute(_SUBMISSION_KEY, {"which": expense_id})
            key: str | None = found.scalar()
        return key

    async def change(
        self,
        expense: Expense,
        *,
        expected: Collection[State],
        to: State | None = None,
        event: str,
        actor: str,
        detail: str | None = None,
        unless_payment_asked: bool = False,
        seen: int | None = None,
        **changes: Unpack[Changes],
    ) -> Expense | None:
        """Change an expense if it is in an expected state, and write that into its history.

        Args:
            expense: as it was read at some time.
            expected: the states in which the change is right.
            to: the state that follows; None to stay.
            event: the verb, for the audit trail.
            actor: Slack user id or part of the system, for the audit trail.
            detail: what else the audit trail should say.
            unless_payment_asked: do nothing once the payment system was asked.
            seen: do nothing if it has another version by now.
            **changes: what else is set.

        Returns:
            The expense as it now is, or None if it was in no expected state.
        """
        now = utcnow()
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
        line = {"event": event, "actor": actor, "detail": detail}
        given = {**new(values), **line, "which": expense.id, "seen": seen, "now": now}
        if not (expense.plan and (to or progress)):
            row = (await change.make(self._database, given)).first()
            return expense_of(row) if row else None
        async with self._database.writing() as connection:
            row = (await change.make_in(connection, given)).first()
            if row is None:
                return None
            changed = expense_of(row)
            await assignments.ask(connection, changed)
            if to:
                await assignments.give_back_allowance(connection, changed)
        return changed

    async def decide(
        self, expense_id: str, decision: Decision, person: str, reason: str | None
    ) -> Expense | None:
        """Record a decision, together with others that arrive at the same time.

        Args:
            expense_id: which expense.
            decision: approve or reject.
            person: Slack user id of somebody who may approve.
            reason: why, in their words.

        Returns:
            The expense as it now is, or None if it is not open to this person's decision.

        Raises:
            TryAgain: the database does not answer.
        """
        return await self._decisions.decide(expense_id, decision, person, reason)

    async def note(self, expense: Expense, *, event: str, actor: str, detail: str) -> None:
        """Write something that changed nothing into an expense's history.

        The line says in which state the expense is when it is written: what was read before may
        have changed since.
        """
        async with self._database.writing_once() as connection:
            await audit.note(connection, expense.id, event, actor, detail)

    async def history(self, expense_id: str, after: int = 0) -> list[AuditEntry]:
        """Read an expense's audit trail, oldest first, from behind an entry's number."""
        async with self._database.reading() as connection:
            return await audit.history(connection, expense_id, after)

    async def of_requester(self, requester: str, limit: int) -> list[Expense]:
        """Read a requester's expenses, newest first."""
        given = {"whose": requester, "most": limit}
        async with self._database.reading() as connection:
            return [expense_of(row) for row in await connection.execute(_OF_REQUESTER, given)]
