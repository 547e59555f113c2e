"""What the lifecycle needs of others, in its own words."""
# ruff: noqa: D102 - each call is described where it is implemented

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Protocol, TypedDict, Unpack

from bot.domain.approval_plan import Progress
from bot.domain.expense import AuditEntry, Caller, Decision, Expense, State


class Changes(TypedDict, total=False):
    """What a change may set beside the state; names as in `Expense` and `Callback`."""

    decide_by: datetime
    decision: Decision
    decided_by: str
    decided_at: datetime
    reason: str | None
    delivered_at: datetime | None
    payment_asked_at: datetime
    payment_refusal: str
    task_token: bytes
    workflow_id: str | None
    run_id: str | None
    progress: Progress
    decided_for: str | None


class Expenses(Protocol):
    """Where expenses are recorded; `bot.database.expenses.Store` describes each call."""

    async def add(
        self,
        expense: Expense,
        *,
        event: str,
        actor: str,
        caller: Caller | None = None,
        submission_key: str | None = None,
        window: timedelta | None = None,
    ) -> bool: ...
    async def get(self, expense_id: str) -> Expense | None: ...
    async def get_with_caller(self, expense_id: str) -> tuple[Expense, Caller] | None: ...
    async def submission_key(self, expense_id: str) -> str | None: ...
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
    ) -> Expense | None: ...
    async def decide(
        self, expense_id: str, decision: Decision, person: str, reason: str | None
    ) -> Expense | None: ...
    async def note(self, expense: Expense, *, event: str, actor: str, detail: str) -> None: ...
    async def history(self, expense_id: str, after: int = 0) -> list[AuditEntry]: ...
    async def of_requester(self, requester: str, limit: int) -> list[Expense]: ...


class Payments(Protocol):
    """Who pays; `bot.payment_system` describes the call."""

    async def pay(self, expense: Expense) -> None: ...


class Directory(Protocol):
    """Who is who; `bot.slack.directory` describes each call."""

    async def group_members(self, group: str) -> frozenset[str]: ...
    async def is_full_member(self, person: str) -> bool: ...
    def remembers(self, person: str) -> bool: ...


class Delegations(Protocol):
    """Who stands in for whom; `bot.database.delegations` describes each call."""

    async def delegators_of(self, person: str) -> frozenset[str]: ...
    async def delegates_of(self, people: Collection[str]) -> dict[str, str]: ...
