"""An expense's whole history, in plain words: who did what, and when.

Threads tell people what concerns them (`bot.block_kit.thread_replies`); this tells everything
that is recorded.
"""

import re
from collections.abc import Sequence

from babel import Locale
from slack_sdk.models.blocks import Block

from bot.block_kit import message_blocks, sentences
from bot.block_kit.sentences import escape, mention, moment, quote
from bot.domain.expense import AuditEntry, Expense, State

# A message has at most 50 blocks, and a line takes one, or two with what somebody typed.
_MOST_BLOCKS = 48
# A section has at most 3,000 characters.
_MOST_TYPED = 2900
# Each is named by some 20 of them.
_MOST_PEOPLE = 50
_PERSON = re.compile(r"[UW][A-Z0-9]{2,}")
_PARTS = {
    "policy": "The policy",
    "worker": "The worker",
    "delivery": "The bot",
    "temporal": "Temporal",
    "payment system": "The payment system",
}


def history_line(entry: AuditEntry, expense: Expense) -> tuple[str, str | None]:
    """Word one line of a history.

    Args:
        entry: what happened.
        expense: as it is by now.

    Returns:
        A sentence in mrkdwn, and what somebody typed that belongs to it.
    """
    what, typed = _what(entry, expense)
    return f"{moment(entry.at)} · {_who(entry.actor)} {what}", typed


def _who(actor: str) -> str:
    return mention(actor) if _PERSON.fullmatch(actor) else _PARTS.get(actor) or escape(actor)


def _what(entry: AuditEntry, expense: Expense) -> tuple[str, str | None]:
    detail = entry.detail
    match entry.event:
        case "submit":
            return f"submitted it{_under(detail)}.", None
        case "create":
            return "took charge of it.", None
        case "register_callback":
            return "opened it for a decision.", detail
        case "register_again":
            return "waits for the decision anew.", detail
        case "agree":
            return f"approved it{_in_place_of(detail)}; others have to, too.", None
        case "decide" if entry.actor == "policy":
            return "approved it automatically.", None
        case "decide":
            verb = "approved" if entry.state is State.APPROVED else "rejected"
            # Who decides is one person, so for whom they stood in is kept with the expense.
            seat = expense.decided_for if expense.decided_by == entry.actor else None
            because = ". The reason:" if detail else "."
            return f"{verb} it{_in_place_of(seat)}{because}", detail
        case "explain":
            return "gave a reason for the rejection:", detail
        case "withdraw":
            return "withdrew it.", None
        case "ask":
            return "asked:", detail
        case "answer":
            return "answered:", detail
        case "remind":
            return f"reminded {_mentions(detail)}.", None
        case "escalate":
            return f"asked {_mentions(detail)}, too, as nobody had decided.", None
        case "refuse":
            return "was refused, and told:", detail
        case "ask_payment":
            return "asked for the payment.", None
        case "refuse_payment":
            why = quote((detail or "REFUSED").replace("_", " ").lower(), 200)
            return f"refused the payment: {why}.", None
        case "pay":
            return "paid it.", None
        case "expire":
            return "closed it: the time to decide had run out.", None
        case "cancel":
            return "closed it, as its workflow will not go on:", detail
    # Written by another version than this one.
    return f"did “{escape(entry.event)}”.", detail


def _under(rule: str | None) -> str:
    return f" under the rule “{quote(rule, 300)}”" if rule else ""


def _in_place_of(seat: str | None) -> str:
    return f" for {mention(seat)}" if seat else ""


def _mentions(ids: str | None) -> str:
    people = [mention(id) for id in (ids or "").split()]
    more = [f"{len(people) - _MOST_PEOPLE} more"] if len(people) > _MOST_PEOPLE else []
    return ", ".join([*people[:_MOST_PEOPLE], *more]) or "nobody"


def history_text(expense: Expense, history: Sequence[AuditEntry], locale: Locale) -> str:
    """Write a history as text, for screen readers and alerts; of a long one the newest lines."""
    title = f"The history of {sentences.subject(expense, locale)}:"
    room = sentences.MAX_TEXT - len(title) - len(_older(len(history))) - 2
    lines: list[str] = []
    for entry in reversed(history):
        sentence, typed = history_line(entry, expense)
        text = f"{sentence} {quote(typed)}" if typed else sentence
        room -= len(text) + 1
        if room < 0:
            break
        lines.insert(0, text)
    left_out = len(history) - len(lines)
    return "\n".join([title, *([_older(left_out)] if left_out else []), *lines])


def history_blocks(expense: Expense, history: Sequence[AuditEntry], locale: Locale) -> list[Block]:
    """Build a history, oldest line first; of a long one the newest lines."""
    shown: list[Block] = []
    left_out = len(history)
    for entry in reversed(history):
        sentence, typed = history_line(entry, expense)
        if typed and len(typed) > _MOST_TYPED:
            typed = f"{typed[:_MOST_TYPED]}…"
        step = message_blocks.step_blocks(sentence, typed)
        if len(shown) + len(step) > _MOST_BLOCKS:
            break
        shown = [*step, *shown]
        left_out -= 1
    title = message_blocks.step_blocks(f"*The history of expense {quote(expense.id, 300)}*", None)
    return [
        *title,
        *(message_blocks.step_blocks(_older(left_out), None) if left_out else []),
        *shown,
    ]


def _older(count: int) -> str:
    return f"… and {count} older {'line' if count == 1 else 'lines'}"
