"""The database, and nothing else that knows SQL.

Every change of an expense is one conditional UPDATE with its audit row in the same transaction:
before the commit nothing has happened, after it everything has.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any, Unpack

from sqlalchemy import ColumnElement, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot import audit, seats
from bot.cipher import Cipher
from bot.database import Database
from bot.decision_store import DecisionStore
from bot.expense import AuditEntry, Caller, Decision, Expense, State
from bot.ports import Changes
from bot.rows import (
    HEAD_START,
    claim_columns,
    expense_of,
    plan_column,
    progress_column,
    utcnow,
)
from bot.schema import expenses

# Built once: building a statement costs as much as running it.
_BY_ID = select(expenses).where(expenses.c.id == bindparam("which"))


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
        caller, plan = caller or Caller(), expense.plan
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
            "due_at": utcnow() + HEAD_START,
        }
        try:
            async with self._database.writing() as connection:
                await connection.execute(insert(expenses).values(row))
                if plan:
                    await seats.ask(connection, expense)
                    await seats.use_allowance(connection, expense)
                await audit.write(
                    connection, expense.id, event, actor, expense.state, plan.rule if plan else None
                )
        except IntegrityError:
            return False
        return True

    async def get(self, expense_id: str) -> Expense | None:
        """Read one expense; None if there is none."""
        if not expense_id.isprintable():
            return None  # no id has such characters, and PostgreSQL fails on some of them
        async with self._database.reading() as connection:
            row = (await connection.execute(_BY_ID, {"which": expense_id})).first()
        return expense_of(row) if row else None

    async def caller(self, expense_id: str) -> Caller:
        """Read on whose behalf an expense was created."""
        query = select(expenses.c.workflow_id, expenses.c.run_id).where(expenses.c.id == expense_id)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one()
        return Caller(workflow_id=row.workflow_id, run_id=row.run_id)

    async def submission_key(self, expense_id: str) -> str | None:
        """Read which submission an expense came from."""
        query = select(expenses.c.submission_key).where(expenses.c.id == expense_id)
        async with self._database.reading() as connection:
            key: str | None = (await connection.execute(query)).scalar_one()
        return key

    async def change(
        self,
        expense_id: str,
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
            expense_id: which one.
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
        values: dict[str, Any] = {**changes, "due_at": utcnow() + HEAD_START, "attempts": 0}
        values["version"] = expenses.c.version + 1
        if to:
            values["state"] = to
        if token := changes.get("task_token"):
            values["task_token"] = self._cipher.encrypt(token)
        if progress := changes.get("progress"):
            values["progress"] = progress_column(progress)
        conditions: list[ColumnElement[bool]] = [
            expenses.c.id == expense_id,
            expenses.c.state.in_(expected),
        ]
        if unless_payment_asked:
            conditions.append(expenses.c.payment_asked_at.is_(None))
        if seen is not None:
            conditions.append(expenses.c.version == seen)
        change = update(expenses).where(*conditions).values(values).returning(*expenses.c)
        async with self._database.writing() as connection:
            row = (await connection.execute(change)).first()
            if row is None:
                return None
            expense = expense_of(row)
            await audit.write(connection, expense_id, event, actor, expense.state, detail)
            if expense.plan and (to or progress):
                await seats.ask(connection, expense)
            if to:
                await seats.give_back_allowance(connection, expense)
        return expense

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
        query = (
            select(expenses)
            .where(expenses.c.requester == requester)
            .order_by(expenses.c.created_at.desc(), expenses.c.id)
            .limit(limit)
        )
        async with self._database.reading() as connection:
            return [expense_of(row) for row in await connection.execute(query)]
