"""An expense and the states of its life.

Only the standard library is used here: the domain knows neither SQL nor Slack nor Temporal.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from bot.domain.approval_plan import NOT_BEGUN, Plan, Progress


class State(StrEnum):
    """Where an expense stands."""

    SUBMITTED = "SUBMITTED"  # asked for in Slack; its workflow has not created it yet
    CREATED = "CREATED"  # waits for a decision
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    COMPLETED = "COMPLETED"  # paid
    EXPIRED = "EXPIRED"  # the decision window ended first
    WITHDRAWN = "WITHDRAWN"  # taken back by the requester
    CANCELLED = "CANCELLED"  # its workflow was stopped in Temporal
    PAYMENT_FAILED = "PAYMENT_FAILED"  # approved, and the payment was refused


TRANSITIONS: dict[State, frozenset[State]] = {
    State.SUBMITTED: frozenset({State.CREATED, State.WITHDRAWN, State.CANCELLED}),
    State.CREATED: frozenset(
        {State.APPROVED, State.REJECTED, State.WITHDRAWN, State.EXPIRED, State.CANCELLED}
    ),
    # A decision can turn out too late: Temporal closed the window while the click was on its way.
    State.APPROVED: frozenset(
        {State.COMPLETED, State.PAYMENT_FAILED, State.EXPIRED, State.CANCELLED}
    ),
    State.REJECTED: frozenset({State.EXPIRED, State.CANCELLED}),
    State.COMPLETED: frozenset(),
    State.WITHDRAWN: frozenset(),
    State.EXPIRED: frozenset(),
    State.CANCELLED: frozenset(),
    State.PAYMENT_FAILED: frozenset(),
}


def leading_to(state: State) -> frozenset[State]:
    """Return the states that a state may follow."""
    return frozenset(before for before, following in TRANSITIONS.items() if state in following)


# Nobody has decided, and somebody still can.
OPEN = frozenset({State.SUBMITTED, State.CREATED})
# The waiting activity is completed with the decision.
DECIDED = frozenset({State.APPROVED, State.REJECTED, State.WITHDRAWN})
WITHDRAWABLE = leading_to(State.WITHDRAWN)
RESUBMITTABLE = frozenset({State.REJECTED, State.WITHDRAWN, State.EXPIRED})
# Ended for good, and never going to be paid; a refused payment may still be paid by finance.
UNPAID = frozenset({State.WITHDRAWN, State.EXPIRED, State.CANCELLED})
# A decision did not lead where its approver meant it to, if there was one.
MISCARRIED = frozenset({State.PAYMENT_FAILED, State.EXPIRED, State.CANCELLED})


class Decision(StrEnum):
    """What a person can decide; the value is the string that completes the activity."""

    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"  # the requester withdraws it


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one currency (ISO 4217, such as EUR)."""

    amount: Decimal
    currency: str


class Category(StrEnum):
    """What kind of expense it is."""

    MEALS = "meals"
    TRAVEL = "travel"
    LODGING = "lodging"
    EQUIPMENT = "equipment"
    SOFTWARE = "software"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A file that Slack keeps.

    Attributes:
        id: Slack's, F….
        permalink: where people with access see it.
        is_picture: whether Slack can show it inside a message.
    """

    id: str
    name: str
    permalink: str
    is_picture: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a requester asks to have reimbursed; frozen once submitted.

    Attributes:
        manager: Slack user id of whom the requester chose in the form.
    """

    money: Money
    description: str
    category: Category
    spent_on: date
    manager: str | None = None
    receipts: tuple[Receipt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expense:
    """One expense as it is recorded. All instants are in UTC.

    Attributes:
        id: what everybody calls it; unique for ever.
        version: rises by one with every change that people should see.
        requester: Slack user id; None when another service started the workflow.
        claim: None when another service started the workflow.
        decide_by: when the decision window ends, once it has begun.
        decided_for: whose place `decided_by` took, if they had delegated.
        payment_refusal: the payment system's code, such as INSUFFICIENT_FUNDS.
        plan: what the policy asks; None for the approvers of the settings.
        progress: how far that has come.
        previous_id: the expense that this one was made from.
    """

    id: str
    state: State
    version: int
    created_at: datetime
    requester: str | None = None
    claim: Claim | None = None
    decide_by: datetime | None = None
    decision: Decision | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    delivered_at: datetime | None = None
    payment_asked_at: datetime | None = None
    payment_refusal: str | None = None
    decided_for: str | None = None
    plan: Plan | None = None
    progress: Progress = NOT_BEGUN
    previous_id: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether a decision is still awaited."""
        return self.state is State.CREATED

    @property
    def asks_nobody(self) -> bool:
        """Whether its plan approves it automatically."""
        return self.plan is not None and self.plan.is_automatic

    @property
    def is_undelivered(self) -> bool:
        """Whether there is a decision that Temporal has not been told yet."""
        return self.state in DECIDED and self.delivered_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """How to reach the activity that waits for a decision.

    Attributes:
        task_token: names one attempt of the activity; a secret.
        workflow_id: reaches whichever attempt is alive; None for callers that did not say it.
    """

    task_token: bytes | None = field(default=None, repr=False)
    workflow_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The workflow run on whose behalf a worker calls; both None for callers that do not say."""

    workflow_id: str | None = None
    run_id: str | None = None


WORKFLOW_PREFIX = "expense_"


def workflow_id_of(expense_id: str) -> str:
    """Name the workflow of an expense that was submitted in Slack."""
    return f"{WORKFLOW_PREFIX}{expense_id}"
