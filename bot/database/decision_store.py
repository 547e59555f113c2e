"""Records decisions: many clicks at the same time in one transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable, TextClause, bindparam, text

from bot.database.connection import Database
from bot.database.expense_rows import HEAD_START, expense_of, utcnow
from bot.database.group_commit import GroupCommit
from bot.database.schema import Instant, expenses
from bot.domain.expense import Decision, Expense


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRequest:
    """What somebody who may approve decides."""

    expense_id: str
    decision: Decision
    person: str
    reason: str | None


# One statement for any number of decisions, so that it is planned and compiled once. An expense is
# decided if it is open, its window has not ended, it asks the approvers of the settings, and it is
# neither the decider's own nor of somebody for whom they stand in. The state is part of the text:
# for each value given to it, SQLite would plan anew, to see whether its partial index fits.
_IS_DECIDED = """
expenses.id = request.expense_id{by_index}
  AND expenses.state = 'CREATED'
  AND (expenses.decide_by IS NULL OR expenses.decide_by > :now)
  AND expenses.plan IS NULL
  AND (expenses.requester IS NULL OR expenses.requester <> request.person)
  AND NOT EXISTS (
    SELECT 1 FROM delegations
    WHERE delegations.person = expenses.requester
      AND delegations.delegate = request.person
      AND delegations.until > :now
  )
"""
_DECIDE = """
UPDATE expenses SET
  state = request.decision,
  decision = request.decision,
  decided_by = request.person,
  decided_at = :now,
  reason = request.reason,
  version = version + 1,
  due_at = :due_at,
  attempts = 0
FROM {requests}
WHERE {is_decided}
RETURNING {columns}
"""
_REQUESTS = {
    "postgresql": """jsonb_to_recordset(CAST(:requests AS jsonb))
  AS request(expense_id text, decision text, person text, reason text)""",
    "sqlite": """(
    SELECT json_extract(value, '$.expense_id') AS expense_id,
           json_extract(value, '$.decision') AS decision,
           json_extract(value, '$.person') AS person,
           json_extract(value, '$.reason') AS reason
    FROM json_each(:requests)
  ) AS request""",
}
# PostgreSQL guesses that a list of requests is long, and would read a table of some thousand rows
# as a whole to find one; the ids alone lead it to the index.
_BY_INDEX = {"postgresql": " AND expenses.id = ANY(CAST(:ids AS varchar[]))", "sqlite": ""}
# PostgreSQL writes the audit lines in the same statement, SQLite just before it.
_NOTED = """
WITH decided AS ({decide}), noted AS (
  INSERT INTO audit (expense_id, at, event, actor, state, detail)
  SELECT id, :now, 'decide', decided_by, state, reason FROM decided
)
SELECT * FROM decided
"""
_NOTE = """
INSERT INTO audit (expense_id, at, event, actor, state, detail)
SELECT expenses.id, :now, 'decide', request.person, request.decision, request.reason
FROM {requests}, expenses
WHERE {is_decided}
"""


def _decide_statements(dialect: str) -> list[Executable]:
    columns = ", ".join(f"expenses.{column.name}" for column in expenses.c)
    parts = {"requests": _REQUESTS[dialect], "columns": columns}
    parts["is_decided"] = _IS_DECIDED.format(by_index=_BY_INDEX[dialect])
    decide = _DECIDE.format(**parts)
    if dialect == "postgresql":
        return [_typed(_NOTED.format(decide=decide)).columns(*expenses.c)]
    return [_typed(_NOTE.format(**parts)), _typed(decide).columns(*expenses.c)]


def _typed(statement: str) -> TextClause:
    instants = (name for name in ("now", "due_at") if f":{name}" in statement)
    return text(statement).bindparams(*(bindparam(name, type_=Instant) for name in instants))


class DecisionStore:
    """Records decisions, each in one conditional change with its audit line.

    Args:
        database: where the expenses are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statements = _decide_statements("postgresql" if database.is_postgres else "sqlite")
        self._group = GroupCommit(self._commit, lambda request: request.expense_id)

    async def decide(
        self, expense_id: str, decision: Decision, person: str, reason: str | None
    ) -> Expense | None:
        """Record a decision if the expense is open to this person's decision now.

        Raises:
            TryAgain: the database does not answer.
        """
        request = DecisionRequest(
            expense_id=expense_id, decision=decision, person=person, reason=reason
        )
        return await self._group.submit(request)

    async def _commit(self, requests: Sequence[DecisionRequest]) -> Sequence[Expense | None]:
        now = utcnow()
        parameters: dict[str, Any] = {
            "requests": json.dumps([_given(request) for request in requests]),
            "now": now,
            "due_at": now + HEAD_START,
        }
        if self._database.is_postgres:
            parameters["ids"] = [request.expense_id for request in requests]
        async with self._database.writing_once() as connection:
            rows = await connection.execute_together(self._statements, parameters)
        decided = {row.id: expense_of(row) for row in rows}
        return [decided.get(request.expense_id) for request in requests]


def _given(request: DecisionRequest) -> dict[str, str | None]:
    return {
        "expense_id": request.expense_id,
        "decision": request.decision,
        "person": request.person,
        "reason": request.reason,
    }
