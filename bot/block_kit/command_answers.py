"""What the commands answer, and the form for an expense that comes again."""

from collections.abc import Collection

from babel import Locale

from bot.block_kit.mrkdwn import escape, mentions, quote
from bot.block_kit.sentences import HELP, headline, subject
from bot.domain.expense import RESUBMITTABLE, WITHDRAWABLE, Claim, Expense
from bot.domain.money import format_money


def unknown_word(word: str) -> str:
    """Say which word of a command the bot does not know, and what it knows."""
    return f"I do not know “{quote(word, 100)}”. {HELP}"


def which_expense(verb: str) -> str:
    """Ask for the id that a command lacks."""
    return (
        f"Please write which expense: `/expense {verb} ID`. Its id stands below it in our messages "
        "and in `/expense list`."
    )


def submitted(expense: Expense, locale: Locale) -> str:
    """Confirm a submission to the requester."""
    return f"Submitted: {subject(expense, locale)}. I will send you a direct message at every step."


def submitted_otherwise(first: Expense, now: Claim, locale: Locale) -> str:
    """Tell the requester that what they sent first counts, and how to have it corrected.

    Args:
        first: what was recorded when it came for the first time, as it is by now.
        now: what they asked for when it came again.
    """
    if first.state in WITHDRAWABLE:
        how = (
            f"To correct it, withdraw it with `/expense withdraw {escape(first.id)}` or its button "
            "in our direct messages, and press *Edit and resubmit* there."
        )
    elif first.state in RESUBMITTABLE:
        how = "To correct it, press *Edit and resubmit* below it in our direct messages."
    else:
        how = "It cannot be withdrawn any more; if it is wrong, please tell your finance team."
    return (
        f"You had submitted this already, and that counts: {subject(first, locale)}. "
        f"{headline(first)} What you sent now, {format_money(now.money, locale)} for "
        f"“{quote(now.description, 300)}”, is not recorded. {how}"
    )


def asked_again(expense: Expense) -> str:
    """Confirm to the requester that an expense was submitted anew."""
    if expense.state in RESUBMITTABLE:
        return (
            f"You asked again before, as expense {expense.id}, and that one is closed by now. Its "
            "message has the buttons to submit it once more."
        )
    return f"Asked again, as expense {expense.id}. Our direct messages say how it goes on."


def nudged(whom: Collection[str]) -> str:
    """Confirm to the requester that people were reminded."""
    return f"I have reminded {mentions(whom)}. You can do that once a day."


def withdrawn(expense: Expense, locale: Locale) -> str:
    """Confirm to the requester that they took their expense back."""
    return f"Withdrawn: {subject(expense, locale)}. Nobody is asked about it any more."
