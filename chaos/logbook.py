"""The harness's logbook: what everybody did, what they were told, and what was paid.

Nothing in it comes from the bot's database; it is what the bot is held against.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

What = Literal["approve", "reject", "give_reason", "submit", "withdraw"]

# The rules of the policy under which everything runs; amounts are in EUR.
AUTOMATIC, TWO_PEOPLE = "pocket money", "large sums"
AUTOMATIC_UP_TO, CEILING = 30, 60

# A sentence that promises that nothing has happened.
NOTHING_CHANGED = "nothing was changed"


@dataclass(kw_only=True, eq=False)
class Act:
    """Something that a person did in Slack, and how it was answered.

    Attributes:
        expense_id: which expense; for a submission its description, for asking for a form nothing.
        is_acknowledged: whether Slack had HTTP 200 within 3 s.
        error: what Slack showed otherwise.
        told: what only this person was told because of it.
        opened: the form that opened because of it.
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


@dataclass(kw_only=True)
class Start:
    """A workflow that another service started."""

    expense_id: str
    workflow_id: str
    is_started: bool = False


@dataclass(kw_only=True)
class PaymentRequest:
    """What the payment system was asked, and what it did."""

    key: str
    body: dict[str, Any]
    answer: Literal["paid", "refused"]


@dataclass
class Logbook:
    """Everything that happened, in the order in which it happened."""

    acts: list[Act] = field(default_factory=list)
    starts: dict[str, Start] = field(default_factory=dict)
    payment_requests: list[PaymentRequest] = field(default_factory=list)
    # Secrets that travelled, such as task tokens, to be searched for in all output.
    secrets: set[str] = field(default_factory=set)
    kills: Counter[str] = field(default_factory=Counter)
    kills_at: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    # Answers of the bots by status, and ends of processes that nobody killed.
    answers: Counter[int] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)

    def act_of_url(self, response_url: str) -> Act | None:
        """Find what somebody did from the address at which it may be answered."""
        return next((d for d in reversed(self.acts) if d.response_url == response_url), None)

    def act_of_trigger(self, trigger_id: str) -> Act | None:
        """Find what somebody did from the trigger that it gave the bot."""
        return next((d for d in reversed(self.acts) if d.trigger_id == trigger_id), None)
