"""An expense's whole history, in plain words: who did what, and when.

Threads tell people what concerns them (`bot.block_kit.thread_replies`); this tells everything
that is recorded.
"""

from collections.abc import Sequence

from babel import Locale
from slack_sdk.models.blocks import Block

from bot.block_kit import message_blocks, sentences
from bot.block_kit.components import section
from bot.block_kit.mrkdwn import escape, mention, moment, quote
from bot.domain import audit_events as events
from bot.domain.audit_events import AuditEntry
from bot.domain.expense import Expense, State
from bot.domain.slack_ids import is_user_id

# A message has at most 50 blocks, and a line takes one, or two with what somebody typed.
_MOST_BLOCKS = 48
# A section has at most 3,000 characters.
_MOST_TYPED = 2900
# Each is named by some 20 of them.
_MOST_PEOPLE = 50
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
    return mention(actor) if is_user_id(actor) else _PARTS.get(actor) or escape(actor)


def _what(entry: AuditEntry, expense: Expense) -> tuple[str, str | None]:
    match entry.event:
        case events.Submitted(rule):
            under = f" under the rule “{quote(rule, 300)}”" if rule else ""
            return f"submitted it{under}.", None
        case events.Created():
            return "took charge of it.", None
        case events.CallbackRegistered(note):
            return "opened it for a decision.", note
        case events.RegisteredAgain(note):
            return "waits for the decision anew.", note
        case events.Agreed(whose):
            return f"approved it{_on_behalf_of(whose)}; others have to, too.", None
        case events.Decided() if entry.actor == "policy":
            return "approved it automatically.", None
        case events.Decided(reason):
            verb = "approved" if entry.state is State.APPROVED else "rejected"
            # One person decides, so on whose behalf they did is kept with the expense.
            whose = expense.decided_for if expense.decided_by == entry.actor else None
            because = ". The reason:" if reason else "."
            return f"{verb} it{_on_behalf_of(whose)}{because}", reason
        case events.Explained(reason):
            return "gave a reason for the rejection:", reason
        case events.Withdrawn():
            return "withdrew it.", None
        case events.Asked(question):
            return "asked:", question
        case events.Answered(answer):
            return "answered:", answer
        case events.Reminded(whom):
            return f"reminded {_mentions(whom)}.", None
        case events.Escalated(to):
            return f"asked {_mentions(to)}, too, as nobody had decided.", None
        case events.Refused(sentence):
            return "was refused, and told:", sentence
        case events.PaymentAsked():
            return "asked for the payment.", None
        case events.PaymentRefused(code):
            why = quote((code or "REFUSED").replace("_", " ").lower(), 200)
            return f"refused the payment: {why}.", None
        case events.Paid():
            return "paid it.", None
        case events.Expired():
            return "closed it: the time to decide had run out.", None
        case events.Cancelled(why):
            return "closed it, as its workflow will not go on:", why
        case events.Unknown(name, detail):
            return f"did “{escape(name)}”.", detail


def _on_behalf_of(whose: str | None) -> str:
    return f" for {mention(whose)}" if whose else ""


def _mentions(ids: tuple[str, ...]) -> str:
    people = [mention(id) for id in ids]
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
    title = section(f"*The history of expense {quote(expense.id, 300)}*")
    return [title, *([section(_older(left_out))] if left_out else []), *shown]


def _older(count: int) -> str:
    return f"… and {sentences.counted(count, 'older line')}"
