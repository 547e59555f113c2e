"""What the commands answer, and the form for an expense that comes again."""

from collections.abc import Sequence

from babel import Locale

from bot.block_kit.mrkdwn import escape, mentions, quote
from bot.block_kit.sentences import headline, subject
from bot.catalogue import say
from bot.domain.expense import RESUBMITTABLE, WITHDRAWABLE, Claim, Expense
from bot.domain.money.formatting import format_money


def unknown_word(word: str) -> str:
    """Say which word of a command the bot does not know, and what it knows."""
    return f"{say('unknown-word', word=quote(word, 100))} {say('help')}"


def submitted(expense: Expense, locale: Locale) -> str:
    """Confirm a submission to the requester."""
    return say("submitted", subject=subject(expense, locale))


def submitted_otherwise(first: Expense, now: Claim, locale: Locale) -> str:
    """Tell the requester that what they sent first counts, and how to have it corrected.

    Args:
        first: what was recorded when it came for the first time, as it is by now.
        now: what they asked for when it came again.
    """
    if first.state in WITHDRAWABLE:
        how = say("correct-by-withdrawing", id=escape(first.name))
    else:
        can_resubmit = first.state in RESUBMITTABLE
        how = say("correct-by-resubmitting" if can_resubmit else "correct-by-finance")
    before = say("submitted-before", subject=subject(first, locale))
    money, what = format_money(now.money, locale), quote(now.description, 300)
    after = say("submitted-now", money=money, what=what)
    return f"{before} {headline(first)} {after} {how}"


def asked_again(expense: Expense) -> str:
    """Confirm to the requester that an expense was submitted anew."""
    is_closed = expense.state in RESUBMITTABLE
    return say("asked-again-and-closed" if is_closed else "asked-again", id=expense.name)


def nudged(whom: Sequence[str]) -> str:
    """Confirm to the requester that people were reminded."""
    return say("you-reminded", whom=mentions(whom))


def withdrawn(expense: Expense, locale: Locale) -> str:
    """Confirm to the requester that they took their expense back."""
    return say("withdrawn", subject=subject(expense, locale))
