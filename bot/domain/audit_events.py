"""What can happen to an expense, as its audit trail records it."""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, get_args

from bot.domain.expense import State


class AuditEvent(StrEnum):
    """The names under which events are stored; they never change."""

    SUBMIT = "submit"
    CREATE = "create"
    REGISTER_CALLBACK = "register_callback"
    REGISTER_AGAIN = "register_again"
    AGREE = "agree"
    DECIDE = "decide"
    EXPLAIN = "explain"
    WITHDRAW = "withdraw"
    ASK = "ask"
    ANSWER = "answer"
    REMIND = "remind"
    ESCALATE = "escalate"
    REFUSE = "refuse"
    ASK_PAYMENT = "ask_payment"
    REFUSE_PAYMENT = "refuse_payment"
    PAY = "pay"
    EXPIRE = "expire"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Submitted:
    """The requester submitted it; the policy's rule that matched, if one did."""

    stored_as: ClassVar = AuditEvent.SUBMIT
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Created:
    """A workflow took charge of it."""

    stored_as: ClassVar = AuditEvent.CREATE


@dataclass(frozen=True, slots=True)
class CallbackRegistered:
    """The waiting activity became known, so approvers can decide."""

    stored_as: ClassVar = AuditEvent.REGISTER_CALLBACK
    note: str | None = None


@dataclass(frozen=True, slots=True)
class RegisteredAgain:
    """Another attempt of the waiting activity became known."""

    stored_as: ClassVar = AuditEvent.REGISTER_AGAIN
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Agreed:
    """An approver agreed, and others have to; on behalf of whom, if not for themselves."""

    stored_as: ClassVar = AuditEvent.AGREE
    on_behalf_of: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """It was approved or rejected, as the entry's state says."""

    stored_as: ClassVar = AuditEvent.DECIDE
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """An approver gave the reason after the rejection."""

    stored_as: ClassVar = AuditEvent.EXPLAIN
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The requester took it back."""

    stored_as: ClassVar = AuditEvent.WITHDRAW


@dataclass(frozen=True, slots=True)
class Asked:
    """An approver asked the requester a question."""

    stored_as: ClassVar = AuditEvent.ASK
    question: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The requester answered a question."""

    stored_as: ClassVar = AuditEvent.ANSWER
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Reminded:
    """These people, or large user groups, were reminded."""

    stored_as: ClassVar = AuditEvent.REMIND
    whom: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Escalated:
    """These people and user groups may decide from now on, too."""

    stored_as: ClassVar = AuditEvent.ESCALATE
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Somebody tried what they may not do; the sentence they read."""

    stored_as: ClassVar = AuditEvent.REFUSE
    sentence: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentAsked:
    """The payment system is asked to pay from here on."""

    stored_as: ClassVar = AuditEvent.ASK_PAYMENT


@dataclass(frozen=True, slots=True)
class PaymentRefused:
    """The payment system refused; its code, such as INSUFFICIENT_FUNDS."""

    stored_as: ClassVar = AuditEvent.REFUSE_PAYMENT
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Paid:
    """The payment system paid."""

    stored_as: ClassVar = AuditEvent.PAY


@dataclass(frozen=True, slots=True)
class Expired:
    """The decision window ended first."""

    stored_as: ClassVar = AuditEvent.EXPIRE


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Its workflow will not go on; why, as a phrase for people."""

    stored_as: ClassVar = AuditEvent.CANCEL
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Another version of the bot wrote this."""

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
    """One line of an expense's audit trail.

    Attributes:
        number: rises with time, over all expenses.
        at: in UTC.
        event: what happened.
        actor: Slack user id, or the name of the part of the system that acted.
        state: the expense's state after it.
    """

    number: int
    at: datetime
    event: Event
    actor: str
    state: State


def write_detail(event: Event) -> str | None:
    """Write what an event says beside its name: a text, or Slack ids separated by blanks."""
    if isinstance(event, Unknown):
        return event.detail
    for field in fields(event):
        value: str | tuple[str, ...] | None = getattr(event, field.name)
        return " ".join(value) if isinstance(value, tuple) else value
    return None


def read_event(name: str, detail: str | None) -> Event:
    """Read an event from the name and the detail that were stored."""
    kind = _KINDS.get(name)
    if kind is None:
        return Unknown(name, detail)
    for field in fields(kind):
        event: Event = kind(tuple((detail or "").split()) if field.default == () else detail)
        return event
    return kind()  # type: ignore[no-any-return]
