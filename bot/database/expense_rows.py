"""Turns rows of the table of expenses into expenses, and back."""

import json
import logging
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config
from sqlalchemy import ColumnElement, literal_column, or_

from bot.database.approvals import APPROVALS, read_approvals
from bot.database.claim_rows import claim_columns, claim_of
from bot.database.payments.rows import PAYMENT, read_payment
from bot.database.schema import expenses
from bot.domain.approval_plan import (
    NOT_BEGUN,
    Allowance,
    Approval,
    Plan,
    Progress,
    ReminderCount,
    Stage,
)
from bot.domain.callback import Callback, Place
from bot.domain.errors import WrittenByNewer
from bot.domain.expense import Caller, Decision, Expense, State
from bot.domain.expense_number import write_number
from bot.domain.flags.flag import Flag
from bot.domain.handover import Handover
from bot.domain.obstacle import Obstacle
from bot.domain.working_hours import WorkingHours

logger = logging.getLogger(__name__)

# The process that changes an expense delivers it at once; the others find it due only after this.
HEAD_START = timedelta(seconds=2)

# The columns of every statement that reads or changes an expense.
EXPENSE = (*expenses.c, APPROVALS, PAYMENT)

# A key that a newer version wrote is refused: without it, a plan could ask for less than it says.
for _kind in (
    *(Plan, Stage, Allowance, WorkingHours),
    *(Progress, ReminderCount, Handover),
):
    with_config(ConfigDict(extra="forbid"))(_kind)
_PLAN = TypeAdapter(Plan)
_PROGRESS = TypeAdapter(Progress)
_APPROVAL_KEYS = {"person", "seat", "stage", "at"}


def is_in(states: Collection[State]) -> ColumnElement[bool]:
    """Return the condition that an expense is in one of some states.

    The states are literals: with parameters, SQLite does not use its partial index.
    """
    return or_(*(expenses.c.state == literal_column(f"'{state}'") for state in sorted(states)))


def expense_of(row: Any, progress: Progress | None = None) -> Expense:
    """Read an expense from a row.

    Args:
        row: has the columns of `EXPENSE`.
        progress: the progress that a change is about to complete, with approvals that the row does
            not have yet; None for the row's own.

    Raises:
        WrittenByNewer: the row has what this version does not know.
    """
    try:
        return _expense_of(row, progress)
    except (LookupError, TypeError, ValueError) as error:
        raise WrittenByNewer(row.id, _unknown_part(error)) from error


def readable(rows: Iterable[Any]) -> list[Expense]:
    """Read those expenses that this version can read; the log names the others."""
    found: list[Expense] = []
    for row in rows:
        try:
            found.append(expense_of(row))
        except WrittenByNewer as newer:
            logger.warning("%s", newer)
    return found


def _unknown_part(error: Exception) -> str:
    if isinstance(error, ValidationError):
        place = error.errors(include_url=False, include_input=False)[0]["loc"]
        return f"the key {'.'.join(map(str, place))!r}"
    return f"a value ({error})"


def _expense_of(row: Any, progress: Progress | None) -> Expense:
    return Expense(
        id=row.id,
        state=State(row.state),
        version=row.version,
        created_at=row.created_at,
        requester=row.requester,
        claim=claim_of(row),
        decide_by=row.decide_by,
        decision=Decision(row.decision) if row.decision else None,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
        delivered_at=row.delivered_at,
        payment_asked_at=row.payment_asked_at,
        payment_refusal=row.payment_refusal,
        decided_for=row.decided_for,
        plan=_PLAN.validate_json(plan) if (plan := row.asks_instead or row.plan) else None,
        progress=progress or _progress(row),
        previous_id=row.previous_id,
        number=_number(row.number_year, row.number),
        previous_number=row.previous_number,
        submission_key=row.submission_key,
        window=timedelta(seconds=row.window_seconds) if row.window_seconds else None,
        caller=Caller(workflow_id=row.workflow_id, run_id=row.run_id),
        obstacle=Obstacle.read(row.obstacle) if row.obstacle else None,
        traceparent=row.traceparent,
        flags=flags_of(row.flags),
        policy_sha256=row.policy_sha256,
        flag_answer=row.flag_answer,
        payment=read_payment(row.payment),
    )


def flags_of(lines: str | None) -> tuple[Flag, ...]:
    """Read flags from their column."""
    return tuple(map(Flag.read, (lines or "").splitlines()))


def _number(year: int | None, number: int | None) -> str | None:
    return write_number(year, number) if year and number else None


def callback_of(row: Any, task_token: bytes | None) -> Callback:
    """Read from a row how the waiting activity is completed.

    Args:
        row: has the columns of `EXPENSE`.
        task_token: the row's, decrypted.
    """
    return Callback(
        task_token=task_token,
        workflow_id=row.workflow_id,
        run_id=row.run_id,
        place=Place(row.namespace, row.namespace_id) if row.namespace else None,
        # A bot may have been killed before it noted that it started the workflow.
        started_at=row.started_at or (row.created_at if row.submission_key else None),
    )


def new_row(expense: Expense, now: datetime) -> dict[str, Any]:
    """Return the columns of a new expense."""
    return {
        **(claim_columns(expense.claim) if expense.claim else {}),
        "id": expense.id,
        "state": expense.state,
        "version": expense.version,
        "created_at": expense.created_at,
        "requester": expense.requester,
        "plan": plan_column(expense.plan),
        "policy_sha256": expense.policy_sha256,
        "previous_id": expense.previous_id,
        "previous_number": expense.previous_number,
        "submission_key": expense.submission_key,
        "window_seconds": expense.window.total_seconds() if expense.window else None,
        "workflow_id": expense.caller.workflow_id,
        "run_id": expense.caller.run_id,
        "due_at": now + HEAD_START,
        "flags": flags_column(expense.flags),
    }


def flags_column(flags: Iterable[Flag]) -> str | None:
    """Write flags as they are stored, a line each."""
    return "\n".join(map(str, flags)) or None


def plan_column(plan: Plan | None) -> str | None:
    """Return a plan as JSON."""
    return _PLAN.dump_json(plan).decode() if plan else None


def progress_column(progress: Progress) -> str:
    """Write progress as it is stored."""
    stored = _PROGRESS.dump_python(progress, mode="json")
    # A bot of the version before reads approvals here and not in their table, and searches for
    # these keys in this order, until the deployment has replaced it.
    stored["approvals"] = [
        {
            "person": one["person"],
            "seat": one["on_behalf_of"],
            "stage": one["stage"],
            "at": one["at"],
        }
        for one in stored["approvals"]
    ]
    if not progress.handovers:
        del stored["handovers"]  # which a bot of the version before does not know
    return json.dumps(stored, separators=(",", ":"))


def _progress(row: Any) -> Progress:
    stored = json.loads(row.progress) if row.progress else {}
    # A bot of the version before writes approvals here, until the deployment has replaced it.
    listed = stored.pop("approvals", ())
    if any(line.keys() != _APPROVAL_KEYS for line in listed):
        raise ValueError("an approval")
    found = {
        line["person"]: Approval(
            person=line["person"],
            on_behalf_of=line["seat"],
            stage=line["stage"],
            at=datetime.fromisoformat(line["at"]),
        )
        for line in listed
    } | {approval.person: approval for approval in read_approvals(row.approvals)}
    if not (stored or found):
        return NOT_BEGUN
    progress = _PROGRESS.validate_python(stored)
    return replace(progress, approvals=tuple(sorted(found.values(), key=lambda one: one.at)))
