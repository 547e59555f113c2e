"""The harness's logbook: what everybody did, what they were told, and what was paid.

Nothing in it comes from the bot's database: the invariants compare the two.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

What = Literal[
    "approve", "reject", "give_reason", "forward", "name_colleague", "submit", "withdraw"
]

# The rules of the policy under which everything runs; amounts are in EUR.
AUTOMATIC, TWO_PEOPLE = "pocket money", "large sums"
AUTOMATIC_UP_TO, CEILING = 30, 60

# A misfortune of which the invariants know.
WORKFLOW_RESET = "a workflow is reset"

# Words with which the bot promises that nothing has happened.
NOTHING_CHANGED = "nothing was changed"


@dataclass(kw_only=True, eq=False)
class Act:
    """Something that a person did in Slack, and how it was answered.

    Attributes:
        expense_id: of the expense; for a submission its description, and empty if a person only
            asked for a form.
        is_acknowledged: whether Slack had HTTP 200 within 3 s.
        error: what Slack showed the person otherwise.
        told: what the bot told only this person in answer.
        opened: the id of the form that the bot opened in answer.
        amount: in EUR, of a submission.
        form: the id of the form that a submission was sent with, if it was.
        is_answer_lost: whether Slack gets the bot's answer too late.
    """

    who: str
    what: What
    expense_id: str
    is_acknowledged: bool = False
    error: str | None = None
    told: list[str] = field(default_factory=list)
    opened: str | None = None
    trigger_id: str = ""
    response_url: str = ""
    amount: str = ""
    form: str = ""
    is_answer_lost: bool = False


@dataclass(kw_only=True)
class Start:
    """A workflow that another service started."""

    expense_id: str
    workflow_id: str
    seconds: float = 0.0
    is_started: bool = False


@dataclass(kw_only=True)
class PaymentRequest:
    """A request to the payment system, and its answer."""

    key: str
    body: dict[str, Any]
    answer: Literal["paid", "refused"]


@dataclass
class Logbook:
    """Everything that happened, in the order in which it happened."""

    acts: list[Act] = field(default_factory=list)
    starts: dict[str, Start] = field(default_factory=dict)
    payment_requests: list[PaymentRequest] = field(default_factory=list)
    # Secrets that were sent, such as task tokens; no log may contain them.
    secrets: set[str] = field(default_factory=set)
    kills: Counter[str] = field(default_factory=Counter)
    kills_at: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    misfortunes: Counter[str] = field(default_factory=Counter)
    # The expenses whose workflows an operator has stopped.
    stopped: set[str] = field(default_factory=set)
    # What the database knew of expenses and lost, as it came back from a backup: their rows before
    # that, by id; and those that nobody has decided any more, until the crowd sees them.
    forgotten: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    reopened: set[str] = field(default_factory=set)
    # When Temporal had come back from a backup and been brought in line, in UTC; and the expenses
    # whose workflows it lost then.
    set_back_at: list[datetime] = field(default_factory=list)
    unworked: set[str] = field(default_factory=set)
    # What the operator was told: workflows without an expense, and expenses that may be wrong.
    named: set[str] = field(default_factory=set)
    doubted: set[str] = field(default_factory=set)
    # The bots' answers by status, and processes that ended without being killed.
    answers: Counter[int] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)

    def act_of_url(self, response_url: str) -> Act | None:
        """Find the act that a response_url answers."""
        return next((d for d in reversed(self.acts) if d.response_url == response_url), None)

    def act_of_trigger(self, trigger_id: str) -> Act | None:
        """Find the act that gave the bot a trigger id."""
        return next((d for d in reversed(self.acts) if d.trigger_id == trigger_id), None)
