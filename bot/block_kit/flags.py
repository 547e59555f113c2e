"""What is unusual about an expense, as approvers and its requester read it."""

from collections.abc import Mapping

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.block_kit.components import paragraphs, section
from bot.block_kit.modals import MAX_WORDS, WHY
from bot.block_kit.mrkdwn import escape, mention
from bot.catalogue import listed, say
from bot.domain.audit_events import AuditEntry, Flagged
from bot.domain.expense import OPEN, Expense
from bot.domain.flags.flag import ASKED_WHY, Flag

Links = Mapping[str, str]
NO_LINKS: Links = {}
# How much of a message an answer may take; the history has all of it.
_ROOM = MAX_WORDS


def flag_line(flag: Flag, links: Links = NO_LINKS) -> str:
    """Say what is unusual.

    Args:
        flag: what it is.
        links: addresses of messages about other expenses, by the ids of these.
    """
    others = listed([_named(id, links.get(id)) for id in flag.others])
    return say("flag", kind=flag.kind, others=others, limit=flag.limit or "")


def _named(expense_id: str, link: str | None) -> str:
    name = say("flag-expense", id=escape(expense_id))
    return f"<{link}|{name}>" if link else name


def flag_texts(expense: Expense, links: Links = NO_LINKS) -> list[str]:
    """Write a line for each flag, for approvers."""
    return [say("flagged", what=flag_line(flag, links)) for flag in expense.flags]


def flag_blocks(expense: Expense, links: Links = NO_LINKS) -> list[Block]:
    """Build a line for each flag, and what the requester says to them, for approvers."""
    if not expense.flags:
        return []
    lines = section("\n".join(flag_texts(expense, links)))
    if expense.flag_answer is None:
        return [lines]
    who = section(say("flag-answer", who=mention(expense.requester or "")))
    return [lines, who, *paragraphs(expense.flag_answer, _ROOM)]


def why_modal(expense: Expense) -> View | None:
    """Build the question to the requester that follows the form; None if there is nothing to ask.

    Nobody is asked about what concerns the expenses of other people.
    """
    flags = [flag for flag in expense.flags if flag.kind in ASKED_WHY]
    if not flags or expense.flag_answer is not None or expense.state not in OPEN:
        return None
    lines = "\n".join(say("flagged", what=flag_line(flag)) for flag in flags)
    return WHY.build(expense.id, above=[section(say("why-form-above")), section(lines)])


def is_for(entry: AuditEntry, reader: str, expense: Expense) -> bool:
    """Return whether a line of a history is a reader's to know.

    The requester does not learn of other people's expenses; nor by elimination, so they do not read
    of spot checks, either.
    """
    if reader != expense.requester or not isinstance(entry.event, Flagged):
        return True
    return Flag.read(entry.event.flag).kind in ASKED_WHY
