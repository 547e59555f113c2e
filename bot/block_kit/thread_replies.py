"""What people are told, step by step, as sentences in the threads of their messages."""

from collections.abc import Sequence
from itertools import takewhile

from bot.block_kit import attribution
from bot.block_kit.components import Step
from bot.block_kit.message_blocks import answer_button
from bot.block_kit.mrkdwn import mention, mentions, moment
from bot.block_kit.payment_words import dated, day_of, with_reference
from bot.block_kit.sentences import refusal
from bot.block_kit.stuck import why_stuck
from bot.catalogue import say
from bot.domain import audit_events as events
from bot.domain.audit_events import AuditEntry
from bot.domain.expense import PAID_BEFORE, Expense, State
from bot.domain.handover import HandedOver
from bot.domain.obstacle import Obstacle
from bot.domain.people.audience import DECIDER, REQUESTER, Audience
from bot.domain.people.slack_ids import is_user_id


def reply(entry: AuditEntry, expense: Expense, audience: Audience) -> Step | None:
    """Tell one step of an expense in the thread of a message.

    Returns nothing for what is not theirs to know, and for what the message says anyway.
    """
    if audience == REQUESTER:
        return _for_requester(entry, expense)
    if audience == DECIDER:
        return _for_decider(entry)
    return _for_approvers(entry, expense, audience)


def tells_of_asking(history: Sequence[AuditEntry]) -> bool:
    """Return whether a history says that approvers can decide."""
    return any(isinstance(line.event, events.CallbackRegistered | events.Freed) for line in history)


def known(
    history: Sequence[AuditEntry], expense: Expense, *, is_asked: bool
) -> Sequence[AuditEntry]:
    """Leave out of a history what the requester is not told yet: that the approvers are asked.

    That waits until somebody is, and what came after it waits, too. It is not told of what is
    stuck, or closed without anybody having been asked.
    """
    if expense.asks_nobody or (is_asked and not expense.obstacle):
        return history
    if expense.is_asking and not expense.obstacle:
        return [*takewhile(lambda line: not tells_of_asking([line]), history)]
    return [line for line in history if not tells_of_asking([line])]


def _for_requester(entry: AuditEntry, expense: Expense) -> Step | None:
    who, by = mention(entry.actor), attribution.actor(entry.actor)
    match entry.event:
        case events.CallbackRegistered():
            return None if expense.asks_nobody else Step(_with_approvers(expense))
        case events.Forwarded(how):
            return Step(say("reply-forwarded", to=mention(HandedOver.read(how).to), by=by))
        case events.Reassigned(how):
            return Step(say("reply-reassigned", to=mention(HandedOver.read(how).to), by=by))
        case events.Stuck(obstacle):
            why = why_stuck(expense, Obstacle.read(obstacle or ""))
            return Step(say("reply-stuck", why=why))
        case events.Nudged(whom):
            return Step(say("reply-you-reminded", whom=mentions(whom)))
        case events.Freed():
            return Step(f"{say('reply-freed')} {_with_approvers(expense)}")
        case events.Agreed(on_behalf_of):
            who = attribution.in_place(entry.actor, on_behalf_of)
            return Step(say("reply-approved-in-part", who=who))
        case events.Escalated(to):
            return Step(say("reply-escalated", to=mentions(to)))
        case events.Asked(question):
            button = answer_button(entry.number, expense)
            return Step(say("reply-asks-you", who=who), question, button)
        case events.Answered(answer):
            return Step(say("reply-you-answered"), answer)
        case events.Withdrawn():
            return Step(say("reply-withdrawn"))
        case events.Decided() if entry.actor == "policy":
            return Step(say("reply-approved-automatically"))
        case events.Decided() if entry.state is State.APPROVED:
            return Step(say("reply-approved", who=_decider(entry, expense)))
        case events.Decided(reason):
            name = "reply-rejected-because" if reason else "reply-rejected"
            return Step(say(name, who=_decider(entry, expense)), reason)
        case events.Explained(reason):
            return Step(say("reply-explained", who=who), reason)
        case events.Paid(reference):
            said = say("reply-paid-after-all" if expense.payment_refusal else "reply-paid")
            return Step(with_reference(said, reference))
        case events.LeftToFinance():
            return Step(say("reply-left-to-finance"))
        case events.PaymentConfirmed(how):
            return Step(dated(say("reply-paid-on", day=day_of(how)), how))
        case events.PaymentAsked() if is_user_id(entry.actor):
            return Step(say("reply-payment-asked-again", who=who))
        case events.PaymentUnanswered():
            return Step(say("reply-payment-unanswered"))
        case events.PaymentRefused(code) if code == PAID_BEFORE:
            return Step(
                say(
                    "reply-paid-before",
                    previous=expense.previous_number or expense.previous_id or "",
                )
            )
        case events.PaymentRefused(code):
            return Step(say("reply-payment-refused", why=refusal(code)))
        case events.ReceiptsAwaited():
            return Step(say("reply-receipts-awaited"))
        case events.Expired():
            if what := attribution.in_vain(expense):
                return Step(say("reply-expired-in-vain", what=what))
            return Step(say("reply-expired"))
        case events.Cancelled():
            return Step(say("reply-stopped"))
        case events.Delayed():
            is_approved = entry.state is State.APPROVED
            return Step(say("reply-payment-delayed" if is_approved else "reply-asking-delayed"))
        case events.Settled():
            is_paid = entry.state is State.COMPLETED
            return Step(say("reply-paid" if is_paid else "reply-closed"))
        case events.Closed(reason):
            return Step(say("reply-closed-because"), reason)
        case (
            events.Submitted()
            | events.Flagged()
            | events.Justified()
            | events.Created()
            | events.RegisteredAgain()
            | events.Reminded()
            | events.Refused()
            | events.PaymentAsked()
            | events.MarkedPaid()
            | events.MarkRemoved()
            | events.StartedAgain()
            | events.Retried()
            | events.Resent()
            | events.ReceiptKept()  # bot.slack.receipt_threads tells of these two
            | events.ReceiptFlawed()
            | events.Erased()
            | events.Unknown()
        ):
            return None


def _with_approvers(expense: Expense) -> str:
    if expense.decide_by is None:
        return say("reply-with-approvers")
    return say("reply-with-approvers-until", until=moment(expense.decide_by))


def _for_approvers(entry: AuditEntry, expense: Expense, audience: Audience) -> Step | None:
    who = mention(entry.actor)
    is_present = expense.is_open and audience.stage == expense.progress.stage
    since = expense.progress.since
    # Approvers who are asked later read what was asked and answered, but not who was late before.
    is_timely = is_present and (since is None or entry.at >= since)
    match entry.event:
        case events.Reminded(whom) if is_timely and audience.person in (None, *whom):
            if expense.decide_by is None:
                return Step(say("reply-reminder", whom=mentions(whom)))
            until = moment(expense.decide_by)
            return Step(say("reply-reminder-until", whom=mentions(whom), until=until))
        case events.Nudged(whom) if is_timely and audience.person in (None, *whom):
            if expense.decide_by is None:
                return Step(say("reply-nudge", whom=mentions(whom), who=who))
            until = moment(expense.decide_by)
            return Step(say("reply-nudge-until", whom=mentions(whom), who=who, until=until))
        case events.Escalated(to) if is_timely:
            return Step(say("reply-escalated", to=mentions(to)))
        case events.Forwarded(how) | events.Reassigned(how) if is_timely:
            change = HandedOver.read(how)
            if audience.person not in (None, change.to):
                return None
            said = _handed_over(entry, change.to, is_theirs=audience.person is not None)
            return Step(f"{said} {say('reply-their-note')}" if change.note else said, change.note)
        case events.Asked(question) if is_present and expense.requester:
            requester = mention(expense.requester)
            return Step(say("reply-asks", who=who, requester=requester), question)
        case events.Answered(answer) | events.Justified(answer) if is_present:
            return Step(say("reply-answers", who=who), answer)
    return None


def _handed_over(entry: AuditEntry, to: str, *, is_theirs: bool) -> str:
    by, is_forwarded = attribution.actor(entry.actor), isinstance(entry.event, events.Forwarded)
    if is_theirs:
        return say("reply-forwarded-to-you" if is_forwarded else "reply-reassigned-to-you", by=by)
    name = "reply-forwarded-to" if is_forwarded else "reply-reassigned-to"
    return say(name, to=mention(to), by=by)


def _for_decider(entry: AuditEntry) -> Step | None:
    """Take back the news that a decision had led nowhere."""
    if isinstance(entry.event, events.Paid | events.Settled) and entry.state is State.COMPLETED:
        return Step(say("reply-paid-not-by-hand"))
    if isinstance(entry.event, events.LeftToFinance):
        return Step(say("reply-left-to-finance-after-all"))
    return None


def _decider(entry: AuditEntry, expense: Expense) -> str:
    """Name who decided; one person does, so for whom they did is kept with the expense."""
    whose = expense.decided_for if expense.decided_by == entry.actor else None
    return attribution.in_place(entry.actor, whose)


def news_for_decider(expense: Expense) -> str:
    """Tell who decided that their decision did not lead where they meant it to."""
    decision = attribution.verdict(expense)
    if expense.state is State.COMPLETED:
        name = "vain-left-to-finance" if expense.awaits_finance else "vain-paid-after-all"
        return say(name, decision=decision)
    if expense.state is State.APPROVED:
        return say("vain-payment-asked-again")
    if expense.state is State.PAYMENT_FAILED:
        return say("vain-payment-refused", why=refusal(expense.payment_refusal))
    if expense.state is State.EXPIRED:
        return say("vain-too-late", decision=decision)
    if attribution.is_closed_by_operator(expense):
        return say("vain-ended")
    return say("vain-stopped" if expense.delivered_at else "vain-closed", decision=decision)
