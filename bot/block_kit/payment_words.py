"""How people read that an expense is paid, when and by which reference, or that finance pays it."""

from datetime import date

from babel.dates import format_date

from bot.block_kit.mrkdwn import quote
from bot.catalogue import LANGUAGE, say
from bot.domain.expense import Expense
from bot.domain.payments.payment import PaidOn


def written(day: date) -> str:
    """Write a day as it stands within a sentence of the catalogue, which many people may read."""
    return str(format_date(day, "d MMMM y", locale=LANGUAGE))


def with_reference(sentence: str, reference: str | None) -> str:
    """Say by which reference something was paid, after a sentence."""
    if reference is None:
        return sentence
    return f"{sentence} {say('payment-reference', reference=quote(reference, 300))}"


def day_of(how: str | None) -> str:
    """Write the day of a stored `PaidOn`."""
    return written(PaidOn.read(how).day)


def dated(sentence: str, how: str | None) -> str:
    """Say by which reference something was paid, after a sentence.

    Args:
        sentence: says that it was paid.
        how: a stored `PaidOn`.
    """
    return with_reference(sentence, PaidOn.read(how).reference)


def completed(expense: Expense, how: str, who: str, at: str) -> str:
    """Say in one line where an expense stands whose workflow has completed.

    Args:
        expense: which.
        how: as in `attribution.Decided`, and so are `who` and `at`.
    """
    payment = expense.payment
    if payment is None:
        # Versions before had no other word for what nobody was asked to pay.
        if expense.payment_asked_at is None:
            return say("status-recorded-paid", how=how, who=who, at=at)
        return say("status-paid", how=how, who=who, at=at)
    if not payment.is_made:
        return say("status-finance-pays", how=how, who=who, at=at)
    if payment.is_by_hand and payment.paid_on:
        said = say("status-paid-on", day=written(payment.paid_on), how=how, who=who, at=at)
    else:
        said = say("status-paid", how=how, who=who, at=at)
    return with_reference(said, payment.reference)
