"""The audit events: what can happen to an expense, as its audit trail records it.

Each class names the value under which the database stores it; these values never change.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar, get_args

from bot.domain.expense import State


@dataclass(frozen=True, slots=True)
class Submitted:
    """The requester submitted the expense; `rule` is the policy's rule that matched."""

    stored_as: ClassVar = "submit"
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Created:
    """A workflow took charge of the expense."""

    stored_as: ClassVar = "create"


@dataclass(frozen=True, slots=True)
class CallbackRegistered:
    """A worker registered the waiting activity, so approvers can decide."""

    stored_as: ClassVar = "register_callback"
    note: str | None = None


@dataclass(frozen=True, slots=True)
class RegisteredAgain:
    """A worker registered another attempt of the waiting activity."""

    stored_as: ClassVar = "register_again"
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Agreed:
    """An approver approved, and others have to as well; on behalf of a colleague, if not None."""

    stored_as: ClassVar = "agree"
    on_behalf_of: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """The expense was approved or rejected, as the entry's state says."""

    stored_as: ClassVar = "decide"
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """An approver gave the reason for a rejection after it."""

    stored_as: ClassVar = "explain"
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The requester withdrew the expense."""

    stored_as: ClassVar = "withdraw"


@dataclass(frozen=True, slots=True)
class Asked:
    """An approver asked the requester a question."""

    stored_as: ClassVar = "ask"
    question: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The requester answered a question."""

    stored_as: ClassVar = "answer"
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Reminded:
    """These users, or large user groups, were reminded."""

    stored_as: ClassVar = "remind"
    whom: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Escalated:
    """These users and user groups may also decide from now on."""

    stored_as: ClassVar = "escalate"
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A person tried what the policy does not allow; `sentence` is the answer they read."""

    stored_as: ClassVar = "refuse"
    sentence: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentAsked:
    """The bot is about to ask the payment system."""

    stored_as: ClassVar = "ask_payment"


@dataclass(frozen=True, slots=True)
class PaymentRefused:
    """The payment system refused; `code` is its reason, such as INSUFFICIENT_FUNDS."""

    stored_as: ClassVar = "refuse_payment"
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Paid:
    """The payment system paid."""

    stored_as: ClassVar = "pay"


@dataclass(frozen=True, slots=True)
class Expired:
    """The decision window ended first."""

    stored_as: ClassVar = "expire"


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The workflow will not go on; `why` is a phrase for people."""

    stored_as: ClassVar = "cancel"
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """An event that another version of the bot wrote."""

    stored_as: str
    detail: str | None = None


Event = (
    Submitted
    | Created
    | CallbackRegistered
    | RegisteredAgain
    | Agreed
    | Decided
    | Explained
    | Withdrawn
    | Asked
    | Answered
    | Reminded
    | Escalated
    | Refused
    | PaymentAsked
    | PaymentRefused
    | Paid
    | Expired
    | Cancelled
    | Unknown
)
_KINDS: dict[str, Any] = {kind.stored_as: kind for kind in get_args(Event) if kind is not Unknown}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One entry of an expense's audit trail.

    Attributes:
        number: rises with time, over all expenses.
        at: in UTC.
        event: what happened.
        actor: Slack user id, or the part of the system that acted, such as "worker".
        state: the expense's state after the event.
    """

    number: int
    at: datetime
    event: Event
    actor: str
    state: State


def write_detail(event: Event) -> str | None:
    """Return an event's stored detail: a text, Slack ids separated by blanks, or None."""
    if isinstance(event, Unknown):
        return event.detail
    for field in fields(event):
        value: str | tuple[str, ...] | None = getattr(event, field.name)
        return " ".join(value) if isinstance(value, tuple) else value
    return None


def read_event(name: str, detail: str | None) -> Event:
    """Read an event from its stored name and detail."""
    kind = _KINDS.get(name)
    if kind is None:
        return Unknown(name, detail)
    for field in fields(kind):
        event: Event = kind(tuple((detail or "").split()) if field.default == () else detail)
        return event
    return kind()  # type: ignore[no-any-return]
