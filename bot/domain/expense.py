"""An expense, its states, and which state may follow which."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.domain.approval_plan import NOT_BEGUN, Plan, Progress
from bot.domain.coding import UNCODED, Coding
from bot.domain.flags.flag import Flag
from bot.domain.obstacle import Obstacle
from bot.domain.payments.payment import Payment


class State(StrEnum):
    """The state of an expense; the contract with workers names four of them."""

    SUBMITTED = "SUBMITTED"  # in Slack; its workflow has not called /create yet
    CREATED = "CREATED"  # a workflow is in charge, and nobody has decided
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    COMPLETED = "COMPLETED"  # paid, or left to finance, as its payment says
    EXPIRED = "EXPIRED"  # the decision window ended first
    WITHDRAWN = "WITHDRAWN"  # by the requester
    CANCELLED = "CANCELLED"  # its workflow was stopped in Temporal
    PAYMENT_FAILED = "PAYMENT_FAILED"  # approved, but the payment system refused


# Nothing follows those that are not named.
TRANSITIONS: dict[State, frozenset[State]] = dict.fromkeys(State, frozenset[State]()) | {
    State.SUBMITTED: frozenset({State.CREATED, State.WITHDRAWN, State.CANCELLED}),
    State.CREATED: frozenset(
        {State.APPROVED, State.REJECTED, State.WITHDRAWN, State.EXPIRED, State.CANCELLED}
    ),
    # Temporal may have closed the decision window while the bot was delivering a decision.
    State.APPROVED: frozenset(
        {State.COMPLETED, State.PAYMENT_FAILED, State.EXPIRED, State.CANCELLED}
    ),
    State.REJECTED: frozenset({State.EXPIRED, State.CANCELLED}),
    # What the payment system says it has paid is paid, whatever it said before.
    State.PAYMENT_FAILED: frozenset({State.COMPLETED, State.APPROVED}),
}


def leading_to(state: State) -> frozenset[State]:
    """Return the states that a state may follow."""
    return frozenset(before for before, following in TRANSITIONS.items() if state in following)


# Not decided yet.
OPEN = frozenset({State.SUBMITTED, State.CREATED})
# The bot completes the waiting activity with the decision.
DECIDED = frozenset({State.APPROVED, State.REJECTED, State.WITHDRAWN})
# They have a decision that the workflow gets, also a workflow that asks for it once more.
ANSWERED = DECIDED | {State.COMPLETED, State.PAYMENT_FAILED}
WITHDRAWABLE = leading_to(State.WITHDRAWN)
# Closed without a decision that counts, and not by the requester.
UNDECIDED = frozenset({State.EXPIRED, State.CANCELLED})
RESUBMITTABLE = UNDECIDED | {State.REJECTED, State.WITHDRAWN, State.PAYMENT_FAILED}
# The code of a refusal by the bot itself: what the expense was made from is paid after all.
PAID_BEFORE = "EARLIER_EXPENSE_WAS_PAID"
# Ended and never paid. PAYMENT_FAILED is not among them: finance may still pay by hand.
UNPAID = frozenset({State.WITHDRAWN, State.EXPIRED, State.CANCELLED})
# They say that nothing was paid. If Temporal's record or the operator proves them wrong, as after a
# backup was restored, they are corrected to COMPLETED.
CORRECTABLE = UNPAID | {State.REJECTED, State.PAYMENT_FAILED}
# If there was a decision, it had no effect.
MISCARRIED = frozenset({State.PAYMENT_FAILED, State.EXPIRED, State.CANCELLED})


class Decision(StrEnum):
    """A decision; its value is the result of the waiting activity, as the contract has it."""

    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"  # the requester withdrew the expense


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one currency (ISO 4217, such as EUR)."""

    amount: Decimal
    currency: str


class Category(StrEnum):
    """The kinds of expense that the form offers unless the policy names others."""

    MEALS = "meals"
    TRAVEL = "travel"
    LODGING = "lodging"
    EQUIPMENT = "equipment"
    SOFTWARE = "software"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A file in Slack."""

    id: str  # Slack's file id, F…
    name: str
    permalink: str  # the URL of its page in Slack
    is_picture: bool = False  # whether an image block can show it


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a requester asks to have reimbursed; it never changes once it is submitted."""

    money: Money
    description: str
    category: str  # its key: one of `Category`, or of the policy's own
    spent_on: date  # the day in the requester's time zone
    # Slack user id of their manager: whom the company's list names, or they chose in the form.
    manager: str | None = None
    receipts: tuple[Receipt, ...] = ()
    coding: Coding = UNCODED

    @property
    def dimensions(self) -> dict[str, str]:
        """The values of the policy's dimensions by their keys, such as 4711 of cost_center."""
        return {one.key: one.value for one in self.coding.dimensions if one.value}

    @property
    def answers(self) -> dict[str, str]:
        """What the requester answered to what the category asks, by its key."""
        return {one.key: one.value for one in self.coding.answers}

    def is_same_as(self, other: "Claim") -> bool:
        """Return whether both ask for the same.

        What Slack says of a file, and the company of its words and of managers, may change
        meanwhile.
        """
        is_listed = bool(self.coding.manager or other.coding.manager)
        ours, theirs = (one._as_asked(has_manager=not is_listed) for one in (self, other))
        return ours == theirs

    def _as_asked(self, *, has_manager: bool) -> tuple[object, ...]:
        files = {receipt.id for receipt in self.receipts}
        manager = self.manager if has_manager else None
        bare = replace(self, receipts=(), coding=UNCODED, manager=manager)
        return bare, files, self.dimensions, self.answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The workflow run for which a worker calls; each id is None if the worker did not send it."""

    workflow_id: str | None = None
    run_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expense:
    """One expense as the database has it. Instants are in UTC, people are Slack user ids."""

    id: str  # unique for ever; the workflow's argument and the payment's idempotency key
    state: State
    version: int  # rises by one with every change that people should see
    created_at: datetime
    requester: str | None = None  # None if another service started the workflow
    claim: Claim | None = None  # None if another service started the workflow
    decide_by: datetime | None = None  # the end of the decision window; None before it waits
    decision: Decision | None = None
    # The approver who clicked; None after an automatic approval or a withdrawal.
    decided_by: str | None = None
    decided_at: datetime | None = None  # without a decision, when the operator closed it
    # The approver's words for a rejection, or the operator's for closing it.
    reason: str | None = None
    delivered_at: datetime | None = None  # when Temporal had the decision
    payment_asked_at: datetime | None = None  # when the bot first asked the payment system
    # The payment system's code, such as INSUFFICIENT_FUNDS; kept if it then turns out to have paid.
    payment_refusal: str | None = None
    decided_for: str | None = None  # the colleague on whose behalf they decided, if any
    plan: Plan | None = None  # what the policy asks; None for the approvers of EXPENSE_APPROVERS
    policy_sha256: str | None = None  # of the text of the policy that judged it
    progress: Progress = NOT_BEGUN  # how far the plan has come
    previous_id: str | None = None  # the expense that this one replaces after an edit
    number: str | None = None  # as people say it, such as 2026-0042; None until a sweep numbers it
    previous_number: str | None = None
    # The same for a repeated delivery of one submission, and only then.
    submission_key: str | None = None
    # The decision window that the bot asks of the workflow; None for the workflow's own.
    window: timedelta | None = None
    caller: Caller = Caller()  # the workflow run in charge
    # Why it was stuck when somebody last looked; None if it was not.
    obstacle: Obstacle | None = None
    flags: tuple[Flag, ...] = ()  # what is unusual about it
    flag_answer: str | None = None  # what its requester says to that
    # Where in a trace the last step is that a person took, as W3C writes it; None if it has none.
    traceparent: str | None = None
    payment: Payment | None = None  # by hand, or with a reference

    @property
    def awaits_finance(self) -> bool:
        """Whether finance has to pay it, or to confirm that it was paid."""
        return self.payment is not None and not self.payment.is_made

    @property
    def is_paid(self) -> bool:
        """Whether it is recorded as paid."""
        return self.state is State.COMPLETED and not self.awaits_finance

    @property
    def name(self) -> str:
        """What people call it: its number, or its id until it has one."""
        return self.number or self.id

    @property
    def is_open(self) -> bool:
        """Whether approvers can decide it."""
        return self.state is State.CREATED

    @property
    def is_asking(self) -> bool:
        """Whether people have to be asked about it, and a decision would be delivered."""
        return self.is_open and self.decide_by is not None and not self.asks_nobody

    @property
    def asks_nobody(self) -> bool:
        """Whether the plan approves it automatically."""
        return self.plan is not None and self.plan.is_automatic

    @property
    def is_undelivered(self) -> bool:
        """Whether there is a decision that Temporal does not have yet."""
        return self.state in ANSWERED and self.delivered_at is None

    @property
    def is_of_slack(self) -> bool:
        """Whether it was submitted in Slack, so that the bot itself starts its workflow."""
        return self.submission_key is not None

    @property
    def workflow_id(self) -> str | None:
        """The id of the workflow in charge, or that the bot starts; None if nobody told it."""
        return self.caller.workflow_id or (workflow_id_of(self.id) if self.is_of_slack else None)


WORKFLOW_PREFIX = "expense_"


def workflow_id_of(expense_id: str) -> str:
    """Return the id of the workflow that the bot starts for an expense."""
    return f"{WORKFLOW_PREFIX}{expense_id}"
