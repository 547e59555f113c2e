"""The audit events: what can happen to an expense, as its audit trail records it.

Each class names the value under which the database stores it; these values never change.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.expense import State
from bot.domain.payments import events as payment_events
from bot.domain.recorded import Recorded


class Submitted(Recorded, stored_as="submit"):
    """The requester submitted the expense; `rule` is the policy's rule that matched."""

    rule: str | None = None


class Flagged(Recorded, stored_as="flag"):
    """Something is unusual about the expense; `flag` is a stored `Flag`."""

    flag: str | None = None


class Justified(Recorded, stored_as="justify"):
    """The requester said why what is flagged is right."""

    answer: str | None = None


class Created(Recorded, stored_as="create"):
    """A workflow took charge of the expense."""


class CallbackRegistered(Recorded, stored_as="register_callback"):
    """A worker registered the waiting activity, so approvers can decide."""

    note: str | None = None


class RegisteredAgain(Recorded, stored_as="register_again"):
    """A worker registered another attempt of the waiting activity."""

    note: str | None = None


class Agreed(Recorded, stored_as="agree"):
    """An approver approved, and others have to as well; on behalf of a colleague, if not None."""

    on_behalf_of: str | None = None


class Decided(Recorded, stored_as="decide"):
    """The expense was approved or rejected, as the entry's state says."""

    reason: str | None = None


class Explained(Recorded, stored_as="explain"):
    """An approver gave the reason for a rejection after it."""

    reason: str | None = None


class Withdrawn(Recorded, stored_as="withdraw"):
    """The requester withdrew the expense."""


class Asked(Recorded, stored_as="ask"):
    """An approver asked the requester a question."""

    question: str | None = None


class Answered(Recorded, stored_as="answer"):
    """The requester answered a question."""

    answer: str | None = None


class Reminded(Recorded, stored_as="remind"):
    """These users, or large user groups, were reminded."""

    whom: tuple[str, ...] = ()


class Nudged(Recorded, stored_as="nudge"):
    """The requester reminded these users, or large user groups."""

    whom: tuple[str, ...] = ()


class Escalated(Recorded, stored_as="escalate"):
    """These users and user groups may also decide from now on."""

    to: tuple[str, ...] = ()


class Forwarded(Recorded, stored_as="forward"):
    """Somebody who was asked handed it to a colleague; `how` is a stored `HandedOver`."""

    how: str | None = None


class Reassigned(Recorded, stored_as="reassign"):
    """An admin or the operator gave it to somebody; `how` is a stored `HandedOver`."""

    how: str | None = None


class Stuck(Recorded, stored_as="stuck"):
    """Nobody can decide it, or too few can; `obstacle` is the stored form of an `Obstacle`."""

    obstacle: str | None = None


class Freed(Recorded, stored_as="free"):
    """It is not stuck any more."""


class Refused(Recorded, stored_as="refuse"):
    """A person tried what the policy does not allow; `sentence` is the answer they read."""

    sentence: str | None = None


PaymentAsked = payment_events.PaymentAsked
PaymentUnanswered = payment_events.PaymentUnanswered
PaymentRefused = payment_events.PaymentRefused
Paid = payment_events.Paid
LeftToFinance = payment_events.LeftToFinance
MarkedPaid = payment_events.MarkedPaid
MarkRemoved = payment_events.MarkRemoved
PaymentConfirmed = payment_events.PaymentConfirmed


class Expired(Recorded, stored_as="expire"):
    """The decision window ended first."""


class Cancelled(Recorded, stored_as="cancel"):
    """The workflow will not go on; `why` is a phrase for people."""

    why: str | None = None


class Delayed(Recorded, stored_as="delay"):
    """What comes next takes longer than usual, and the requester is told so."""


class StartedAgain(Recorded, stored_as="start_again"):
    """Temporal had lost the workflow, so the bot starts another one."""


class Settled(Recorded, stored_as="settle"):
    """The record was told whether the expense was paid, which it did not know; `how` says why."""

    how: str | None = None


class Closed(Recorded, stored_as="close"):
    """The operator ended what nobody could decide; the requester reads the reason."""

    reason: str | None = None


class Retried(Recorded, stored_as="retry"):
    """The operator had what waits done now."""


class Resent(Recorded, stored_as="resend"):
    """The operator had the approvers' messages posted again."""


class ReceiptKept(Recorded, stored_as="keep_receipt"):
    """The bot has a copy of a receipt; `what` is its SHA-256, and its name."""

    what: str | None = None


class ReceiptFlawed(Recorded, stored_as="flaw_receipt"):
    """A receipt cannot be copied; `what` is a stored `Flaw`, and the receipt's name."""

    what: str | None = None


class ReceiptsAwaited(Recorded, stored_as="await_receipts"):
    """The payment waits until a receipt is copied that the policy requires."""


class Erased(Recorded, stored_as="erase"):
    """What people wrote, or who they are, was erased; `what` has a field of a line in each word."""

    what: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """An event that another version of the bot wrote."""

    stored_as: str
    detail: str | None = None


# fmt: off
Event = (
    Submitted | Created | CallbackRegistered | RegisteredAgain | Agreed | Decided | Explained
    | Withdrawn | Asked | Answered | Reminded | Nudged | Escalated | Forwarded | Reassigned
    | Stuck | Freed | Refused | PaymentAsked | PaymentUnanswered | PaymentRefused | Paid
    | LeftToFinance | MarkedPaid | MarkRemoved | PaymentConfirmed | Expired | Cancelled | Delayed
    | StartedAgain | Settled | Closed | Retried | Resent | ReceiptKept
    | ReceiptFlawed | ReceiptsAwaited | Flagged | Justified | Erased | Unknown
)
# fmt: on


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One entry of an expense's audit trail."""

    number: int  # rises with time, over all expenses
    at: datetime
    event: Event
    actor: str  # Slack user id, or the part of the system that acted, such as "worker"
    state: State  # the expense's state after the event


def write_detail(event: Event) -> str | None:
    """Return an event's stored detail: a text, Slack ids separated by blanks, or None."""
    return event.detail


def read_event(name: str, detail: str | None) -> Event:
    """Read an event from its stored name and detail."""
    kind = Recorded.kinds.get(name)
    event: Event = kind.read(detail) if kind else Unknown(name, detail)
    return event
