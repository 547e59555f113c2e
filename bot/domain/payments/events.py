"""The audit events of payments; `bot.domain.audit_events` has the others, and names these, too."""

from bot.domain.recorded import Recorded


class PaymentAsked(Recorded, stored_as="ask_payment"):
    """The bot is about to ask the payment system at a host, which older versions did not note."""

    place: str | None = None


class PaymentUnanswered(Recorded, stored_as="await_payment"):
    """For long, the payment system has given no answer about the payment."""


class PaymentRefused(Recorded, stored_as="refuse_payment"):
    """The payment system refused; `code` is its reason, such as INSUFFICIENT_FUNDS."""

    code: str | None = None


class Paid(Recorded, stored_as="pay"):
    """The payment system paid, by this reference, if it named one."""

    reference: str | None = None


class LeftToFinance(Recorded, stored_as="leave_to_finance"):
    """There is no payment system, so finance pays it by hand."""


class MarkedPaid(Recorded, stored_as="mark_paid"):
    """Finance or the operator says that it was paid; `how` is a stored `PaidOn`."""

    how: str | None = None


class MarkRemoved(Recorded, stored_as="remove_mark"):
    """Finance says that it is not right that it was paid."""


class PaymentConfirmed(Recorded, stored_as="confirm_payment"):
    """A second person of finance confirms that it was paid; `how` is a stored `PaidOn`."""

    how: str | None = None
