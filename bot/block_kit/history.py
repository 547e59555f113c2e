"""An expense's whole history, in plain words: who did what, and when.

Threads tell people what concerns them (`bot.block_kit.thread_replies`); this tells everything
that is recorded.
"""

from collections.abc import Callable, Sequence

from babel import Locale
from slack_sdk.models.blocks import Block

from bot.block_kit import sentences
from bot.block_kit.components import MAX_TEXTS, Step, section, weight
from bot.block_kit.mrkdwn import mention, mentions, moment, quote, units
from bot.block_kit.stuck import why_stuck
from bot.domain import audit_events as events
from bot.domain.audit_events import AuditEntry
from bot.domain.expense import Expense, State
from bot.domain.handover import HandedOver
from bot.domain.obstacle import Obstacle
from bot.domain.slack_ids import is_user_id

# A message has at most 50 blocks, and a line takes one, or more with what somebody typed; and the
# text of all together is limited, of which the title takes some.
_MOST_BLOCKS, _MOST_TEXT = 48, MAX_TEXTS - 500
_PARTS = {
    "policy": "The policy",
    "worker": "The worker",
    "delivery": "The bot",
    "temporal": "Temporal",
    "operator": "The operator",
    "payment system": "The payment system",
}


def history_line(entry: AuditEntry, expense: Expense) -> Step:
    """Word one line of a history."""
    what = _what(entry, expense)
    return Step(f"{moment(entry.at)} · {_who(entry.actor)} {what.sentence}", what.typed)


def _who(actor: str) -> str:
    return mention(actor) if is_user_id(actor) else _PARTS.get(actor) or quote(actor, 300)


def _what(entry: AuditEntry, expense: Expense) -> Step:
    match entry.event:
        case events.Submitted(rule):
            under = f" under the rule “{quote(rule, 300)}”" if rule else ""
            return Step(f"submitted it{under}.")
        case events.Created():
            return Step("started work on it.")
        case events.CallbackRegistered(note):
            return Step("asked for a decision.", note)
        case events.RegisteredAgain(note):
            return Step("asked for the decision again.", note)
        case events.Agreed(whose):
            return Step(f"approved it{_on_behalf_of(whose)}; others have to, too.")
        case events.Decided() if entry.actor == "policy":
            return Step("approved it automatically.")
        case events.Decided(reason):
            verb = "approved" if entry.state is State.APPROVED else "rejected"
            # One person decides, so on whose behalf they did is kept with the expense.
            whose = expense.decided_for if expense.decided_by == entry.actor else None
            because = ". The reason:" if reason else "."
            return Step(f"{verb} it{_on_behalf_of(whose)}{because}", reason)
        case events.Explained(reason):
            return Step("gave a reason for the rejection:", reason)
        case events.Withdrawn():
            return Step("withdrew it.")
        case events.Asked(question):
            return Step("asked:", question)
        case events.Answered(answer):
            return Step("answered:", answer)
        case events.Reminded(whom) | events.Nudged(whom):
            return Step(f"reminded {mentions(whom)}.")
        case events.Escalated(to):
            return Step(f"asked {mentions(to)}, too, as it was not decided.")
        case events.Forwarded(how):
            change = HandedOver.read(how)
            place = "" if change.of == entry.actor else f" in place of {mention(change.of or '')}"
            said = ", with a note:" if change.note else "."
            return Step(f"forwarded it to {mention(change.to)}{place}{said}", change.note)
        case events.Reassigned(how):
            change = HandedOver.read(how)
            place = f" in place of {mention(change.of)}" if change.of else ""
            said = ", with a note:" if change.note else "."
            return Step(f"reassigned it to {mention(change.to)}{place}{said}", change.note)
        case events.Stuck(obstacle):
            why = why_stuck(expense, Obstacle.read(obstacle or ""))
            return Step(f"found it stuck. {why}")
        case events.Freed():
            return Step("found that it can be decided again.")
        case events.Refused(sentence):
            return Step("was refused, and told:", sentence)
        case events.PaymentAsked():
            return Step("asked for the payment.")
        case events.PaymentUnanswered():
            return Step("has had no answer about the payment for an hour.")
        case events.PaymentRefused(code):
            return Step(f"refused the payment: {sentences.refusal(code)}.")
        case events.Paid() if entry.actor == "delivery":
            return Step("recorded it as paid.")
        case events.Paid():
            return Step("paid it after all." if expense.payment_refusal else "paid it.")
        case events.Expired():
            return Step("closed it: the time to decide had run out.")
        case events.Cancelled(why):
            return Step("closed it, because it had been stopped:", why)
        case events.Delayed():
            return Step("noticed that it was taking longer than usual.")
        case events.StartedAgain():
            return Step("started it again, because Temporal had lost it.")
        case events.Settled(how):
            became = "paid" if entry.state is State.COMPLETED else "not to be paid"
            return Step(f"recorded it as {became}.", how)
        case events.Unknown(name, detail):
            return Step(f"did “{quote(name, 300)}”.", detail)


def _on_behalf_of(whose: str | None) -> str:
    return f" for {mention(whose)}" if whose else ""


def history_text(expense: Expense, history: Sequence[AuditEntry], locale: Locale) -> str:
    """Write a history as text, for screen readers and alerts; of a long one the newest lines."""
    title = f"The history of {sentences.subject(expense, locale)}:"
    room = sentences.MAX_TEXT - units(title) - len(_older(len(history))) - 2
    older, lines = _newest(expense, history, lambda line: (units(line.text) + 1,), (room,))
    return "\n".join([title, *older, *(line.text for line in lines)])


def history_blocks(expense: Expense, history: Sequence[AuditEntry]) -> list[Block]:
    """Build a history, oldest line first; of a long one the newest lines."""
    older, lines = _newest(
        expense,
        history,
        lambda line: (len(line.body), weight(line.body)),
        (_MOST_BLOCKS, _MOST_TEXT),
    )
    return [
        section(f"*The history of expense {quote(expense.id, 300)}*"),
        *map(section, older),
        *(block for line in lines for block in line.body),
    ]


def _newest(
    expense: Expense,
    history: Sequence[AuditEntry],
    size: Callable[[Step], Sequence[int]],
    room: Sequence[int],
) -> tuple[list[str], list[Step]]:
    """Word as many of the newest lines as there is room for, after a word on the older ones.

    Args:
        history: oldest line first.
        size: how much a line takes of each limit.
        room: the limits.
    """
    lines: list[Step] = []
    for entry in reversed(history):
        line = history_line(entry, expense)
        room = [left - taken for left, taken in zip(room, size(line), strict=True)]
        if min(room) < 0:
            break
        lines.insert(0, line)
    left_out = len(history) - len(lines)
    return [_older(left_out)] if left_out else [], lines


def _older(count: int) -> str:
    return f"… and {sentences.counted(count, 'older line')}"
