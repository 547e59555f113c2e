"""An expense's whole history, in plain words: who did what, and when.

Threads tell people what concerns them (`bot.block_kit.thread_replies`); this tells everything
that is recorded.
"""

from collections.abc import Callable, Sequence
from functools import partial

from babel import Locale
from slack_sdk.models.blocks import Block

from bot.block_kit import attribution, sentences
from bot.block_kit.components import MAX_TEXTS, Step, section, weight
from bot.block_kit.flags import NO_LINKS, Links, flag_line
from bot.block_kit.mrkdwn import mention, mentions, moment, quote, units
from bot.block_kit.payment_words import dated, day_of, with_reference
from bot.block_kit.receipt_copies import history_of_copy
from bot.block_kit.stuck import why_stuck
from bot.catalogue import say
from bot.domain import audit_events as events
from bot.domain.audit_events import AuditEntry
from bot.domain.expense import Expense, State
from bot.domain.flags.flag import Flag
from bot.domain.handover import HandedOver
from bot.domain.obstacle import Obstacle
from bot.domain.people.slack_ids import is_user_id

# A message has at most 50 blocks, and a line takes one, or more with what somebody typed; and the
# text of all together is limited, of which the title takes some.
_MOST_BLOCKS, _MOST_TEXT = 48, MAX_TEXTS - 500


def history_line(entry: AuditEntry, expense: Expense, links: Links = NO_LINKS) -> Step:
    """Word one line of a history, with links to messages about other expenses, by their ids."""
    what, typed = _what(entry, expense, links)
    return Step(say("history-line", when=moment(entry.at), what=what), typed)


def _who(entry: AuditEntry, expense: Expense) -> str:
    match entry.event, entry.actor:
        case events.Agreed(whose), person:
            return attribution.in_place(person, whose)
        case events.Decided(), person if person == expense.decided_by:
            # One person decides, so on whose behalf they did is kept with the expense.
            return attribution.in_place(person, expense.decided_for)
        case _, "policy":
            return say("the-policy")
        case _, "worker" | "delivery" | "temporal":
            return say("the-app")
        case _, "operator":
            return say("people-who-run-it")
        case _, "payment system":
            return say("the-payment-system")
        case _, actor:
            return mention(actor) if is_user_id(actor) else quote(actor, 300)


def _what(entry: AuditEntry, expense: Expense, links: Links) -> tuple[str, str | None]:
    """Word what happened, with what somebody typed that belongs to it."""
    who = _who(entry, expense)
    match entry.event:
        case events.Submitted(rule):
            if not rule:
                return say("history-submitted", who=who), None
            return say("history-submitted-by-rule", who=who, rule=quote(rule, 300)), None
        case events.Flagged(flag):
            return say("history-flagged", who=who, what=flag_line(Flag.read(flag), links)), None
        case events.Justified(answer):
            return say("history-justified", who=who), answer
        case events.Created():
            return say("history-created", who=who), None
        case events.CallbackRegistered():
            return say("history-approvers-asked", who=who), None
        case events.RegisteredAgain():
            return say("history-approvers-asked-again", who=who), None
        case events.Agreed():
            return say("history-approved-in-part", who=who), None
        case events.Decided() if entry.actor == "policy":
            return say("history-approved-automatically", who=who), None
        case events.Decided() if entry.state is State.APPROVED:
            return say("history-approved", who=who), None
        case events.Decided(reason):
            name = "history-rejected-because" if reason else "history-rejected"
            return say(name, who=who), reason
        case events.Explained(reason):
            return say("history-explained", who=who), reason
        case events.Withdrawn():
            return say("history-withdrawn", who=who), None
        case events.Asked(question):
            return say("history-asked", who=who), question
        case events.Answered(answer):
            return say("history-answered", who=who), answer
        case events.Reminded(whom) | events.Nudged(whom):
            return say("history-reminded", who=who, whom=mentions(whom)), None
        case events.Escalated(to):
            return say("history-escalated", who=who, to=mentions(to)), None
        case events.Forwarded(how) | events.Reassigned(how):
            change = HandedOver.read(how)
            said = _handed_over(entry, change, who)
            return f"{said} {say('history-note')}" if change.note else said, change.note
        case events.Stuck(obstacle):
            why = why_stuck(expense, Obstacle.read(obstacle or ""))
            return say("history-stuck", who=who, why=why), None
        case events.Freed():
            return say("history-freed", who=who), None
        case events.Refused(sentence):
            return say("history-refused", who=who), sentence
        case events.PaymentAsked() if is_user_id(entry.actor):
            return say("history-payment-asked-again", who=who), None
        case events.PaymentAsked():
            return say("history-payment-asked", who=who), None
        case events.PaymentUnanswered():
            return say("history-payment-unanswered", who=who), None
        case events.PaymentRefused(code):
            return say("history-payment-refused", who=who, why=sentences.refusal(code)), None
        case events.Paid() if entry.actor == "delivery":
            return say("history-recorded-paid", who=who), None
        case events.Paid(reference):
            name = "history-paid-after-all" if expense.payment_refusal else "history-paid"
            return with_reference(say(name, who=who), reference), None
        case events.LeftToFinance():
            return say("history-left-to-finance", who=who), None
        case events.MarkedPaid(how):
            return dated(say("history-marked-paid", who=who, day=day_of(how)), how), None
        case events.MarkRemoved():
            return say("history-mark-removed", who=who), None
        case events.PaymentConfirmed(how):
            return dated(say("history-payment-confirmed", who=who, day=day_of(how)), how), None
        case events.Expired():
            return say("history-expired", who=who), None
        case events.Cancelled():
            return say("history-stopped", who=who), None
        case events.Delayed():
            return say("history-delayed", who=who), None
        case events.StartedAgain():
            return say("history-started-again", who=who), None
        case events.Settled():
            is_paid = entry.state is State.COMPLETED
            return say(
                "history-recorded-paid" if is_paid else "history-recorded-unpaid", who=who
            ), None
        case events.Closed(reason):
            return say("history-closed-because", who=who), reason
        case events.Retried():
            return say("history-retried", who=who), None
        case events.Resent():
            return say("history-resent", who=who), None
        case events.ReceiptKept() | events.ReceiptFlawed() as copied:
            return history_of_copy(copied, who), None
        case events.ReceiptsAwaited():
            return say("history-receipts-awaited", who=who), None
        case events.Erased():
            return say("history-erased", who=who), None
        case events.Unknown(name, detail):
            return say("history-unknown", who=who, what=quote(name, 300)), detail


def _handed_over(entry: AuditEntry, change: HandedOver, who: str) -> str:
    to, is_forwarded = mention(change.to), isinstance(entry.event, events.Forwarded)
    if change.of in (None, entry.actor):
        return say("history-forwarded" if is_forwarded else "history-reassigned", who=who, to=to)
    name = "history-forwarded-for" if is_forwarded else "history-reassigned-from"
    return say(name, who=who, to=to, whose=mention(change.of))


def history_text(expense: Expense, history: Sequence[AuditEntry], locale: Locale) -> str:
    """Write a history as text, for screen readers and alerts; of a long one the newest lines."""
    title = say("history-of", subject=sentences.subject(expense, locale))
    room = sentences.MAX_TEXT - units(title) - len(say("history-older", count=len(history))) - 2
    word = partial(history_line, expense=expense)
    older, lines = _newest(word, history, lambda line: (units(line.text) + 1,), (room,))
    return "\n".join([title, *older, *(line.text for line in lines)])


def history_blocks(
    expense: Expense, history: Sequence[AuditEntry], links: Links = NO_LINKS
) -> list[Block]:
    """Build a history, oldest line first; of a long one the newest lines."""
    older, lines = _newest(
        partial(history_line, expense=expense, links=links),
        history,
        lambda line: (len(line.body), weight(line.body)),
        (_MOST_BLOCKS, _MOST_TEXT),
    )
    return [
        section(say("history-title", id=quote(expense.name, 300))),
        *map(section, older),
        *(block for line in lines for block in line.body),
    ]


def _newest(
    word: Callable[[AuditEntry], Step],
    history: Sequence[AuditEntry],
    size: Callable[[Step], Sequence[int]],
    room: Sequence[int],
) -> tuple[list[str], list[Step]]:
    """Word as many of the newest lines as there is room for, after a word on the older ones.

    Args:
        word: words a line.
        history: oldest line first.
        size: how much a line takes of each limit.
        room: the limits.
    """
    lines: list[Step] = []
    for entry in reversed(history):
        line = word(entry)
        room = [left - taken for left, taken in zip(room, size(line), strict=True)]
        if min(room) < 0:
            break
        lines.insert(0, line)
    left_out = len(history) - len(lines)
    return [say("history-older", count=left_out)] if left_out else [], lines
