"""What people are told, step by step, as sentences in the threads of their messages."""

from collections.abc import Sequence
from itertools import takewhile

from bot.block_kit import attribution
from bot.block_kit.components import Step
from bot.block_kit.message_blocks import answer_button
from bot.block_kit.mrkdwn import mention, mentions, moment
from bot.block_kit.sentences import refusal
from bot.block_kit.stuck import why_stuck
from bot.domain import audit_events as events
from bot.domain.audience import DECIDER, REQUESTER, Audience
from bot.domain.audit_events import AuditEntry
from bot.domain.expense import PAID_BEFORE, Expense, State
from bot.domain.handover import HandedOver
from bot.domain.obstacle import Obstacle

_WITH_THEM = "Your request is with the approvers now."


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
    return any(isinstance(line.event, events.CallbackRegistered) for line in history)


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
    who = mention(entry.actor)
    match entry.event:
        case events.CallbackRegistered():
            return None if expense.asks_nobody else Step(f"{_WITH_THEM}{_until(expense)}")
        case events.Forwarded(how) | events.Reassigned(how):
            to, verb = mention(HandedOver.read(how).to), _verb(entry)
            return Step(f"It was {verb} to {to} by {attribution.actor(entry.actor)}.")
        case events.Stuck(obstacle):
            return Step(f":warning: {why_stuck(expense, Obstacle.read(obstacle or ''))}")
        case events.Nudged(whom):
            return Step(f"You reminded {mentions(whom)}.")
        case events.Freed():
            return Step(f"It can be decided again. {_WITH_THEM}{_until(expense)}")
        case events.Agreed(on_behalf_of):
            who = attribution.in_place(entry.actor, on_behalf_of)
            return Step(f"{who} approved it. Others have to agree, too.")
        case events.Escalated(to):
            return Step(f"It is not decided yet, so {mentions(to)} may decide it now, too.")
        case events.Asked(question):
            return Step(
                f":speech_balloon: {who} asks:", question, answer_button(entry.number, expense)
            )
        case events.Answered(answer):
            return Step("You answered:", answer)
        case events.Withdrawn():
            return Step("You withdrew it, so it will not be paid.")
        case events.Decided() if entry.actor == "policy":
            return Step(":white_check_mark: It was approved automatically. It will be paid now.")
        case events.Decided() if entry.state is State.APPROVED:
            who = _decider(entry, expense)
            return Step(f":white_check_mark: {who} approved it. It will be paid now.")
        case events.Decided(reason):
            who = _decider(entry, expense)
            return Step(f":x: {who} rejected it.{' The reason:' if reason else ''}", reason)
        case events.Explained(reason):
            return Step(f"{who} gave a reason for the rejection:", reason)
        case events.Paid():
            if expense.payment_refusal:
                return Step(":moneybag: It is paid after all.")
            return Step(":moneybag: It is paid.")
        case events.PaymentUnanswered():
            return Step(
                ":hourglass: The payment system has not said for an hour whether this is paid. "
                "I keep asking, and the people who run this app have been told."
            )
        case events.PaymentRefused(code) if code == PAID_BEFORE:
            return Step(
                ":no_entry: It was approved, but it is not paid: the expense that it was made from "
                f"({expense.previous_id}) has been paid after all."
            )
        case events.PaymentRefused(code):
            return Step(
                f":warning: It was approved, but the payment was refused: {refusal(code)}. "
                "*Edit and resubmit* lets you correct it; or ask your finance team."
            )
        case events.Expired():
            again = "it will not be paid. *Ask again* submits it anew."
            what = attribution.in_vain(expense)
            if not what:
                return Step(f":alarm_clock: The time to decide ran out, so {again}")
            return Step(f":alarm_clock: The time to decide ran out. {what} So {again}")
        case events.Cancelled():
            return Step(
                ":no_entry: It was stopped outside Slack, so it will not be paid. *Ask again* "
                "submits it anew; the people who run this app can tell you why it was stopped."
            )
        case events.Delayed() if entry.state is State.APPROVED:
            return Step(
                ":hourglass: The payment is taking longer than usual. "
                "It is approved, and I keep trying; you need not do anything."
            )
        case events.Delayed():
            return Step(
                ":hourglass: This is taking longer than usual: no approver has been asked yet. "
                "It is recorded, and I keep trying; please do not submit it again."
            )
        case events.Settled() if entry.state is State.COMPLETED:
            return Step(":moneybag: It is paid.")
        case events.Settled():
            return Step(":no_entry: It was closed, and will not be paid.")
        case (
            events.Submitted()
            | events.Created()
            | events.RegisteredAgain()
            | events.Reminded()
            | events.Refused()
            | events.PaymentAsked()
            | events.StartedAgain()
            | events.Unknown()
        ):
            return None


def _verb(entry: AuditEntry) -> str:
    return "forwarded" if isinstance(entry.event, events.Forwarded) else "reassigned"


def _by(expense: Expense) -> str:
    return f" until {moment(expense.decide_by)}" if expense.decide_by else ""


def _until(expense: Expense) -> str:
    return f" They have until {moment(expense.decide_by)}." if expense.decide_by else ""


def _for_approvers(entry: AuditEntry, expense: Expense, audience: Audience) -> Step | None:
    who = mention(entry.actor)
    is_present = expense.is_open and audience.stage == expense.progress.stage
    since = expense.progress.since
    # Approvers who are asked later read what was asked and answered, but not who was late before.
    is_timely = is_present and (since is None or entry.at >= since)
    match entry.event:
        case events.Reminded(whom) if is_timely and audience.person in (None, *whom):
            waits = f"this waits for your decision{_by(expense)}"
            return Step(f":bell: {mentions(whom)}: {waits}.")
        case events.Nudged(whom) if is_timely and audience.person in (None, *whom):
            return Step(f":bell: {mentions(whom)}: {who} asks for your decision{_by(expense)}.")
        case events.Escalated(to) if is_timely:
            return Step(f"It is not decided yet, so {mentions(to)} may decide now, too.")
        case events.Forwarded(how) | events.Reassigned(how) if is_timely:
            change = HandedOver.read(how)
            if audience.person not in (None, change.to):
                return None
            you = "you" if audience.person else mention(change.to)
            said = f"This was {_verb(entry)} to {you} by {attribution.actor(entry.actor)}"
            return Step(f":wave: {said}{':' if change.note else '.'}", change.note)
        case events.Asked(question) if is_present:
            requester = mention(expense.requester) if expense.requester else "the requester"
            return Step(f":speech_balloon: {who} asks {requester}:", question)
        case events.Answered(answer) if is_present:
            return Step(f":speech_balloon: {who} answers:", answer)
    return None


def _for_decider(entry: AuditEntry) -> Step | None:
    """Take back the news that a decision had led nowhere."""
    if isinstance(entry.event, events.Paid | events.Settled) and entry.state is State.COMPLETED:
        return Step(":moneybag: It is paid after all, so nobody has to pay it by hand.")
    return None


def _decider(entry: AuditEntry, expense: Expense) -> str:
    """Name who decided; one person does, so for whom they did is kept with the expense."""
    whose = expense.decided_for if expense.decided_by == entry.actor else None
    return attribution.in_place(entry.actor, whose)


def news_for_decider(expense: Expense) -> str:
    """Tell who decided that their decision did not lead where they meant it to."""
    if expense.state is State.COMPLETED:
        return f":moneybag: You {attribution.verb(expense)} this expense. It is paid after all."
    if expense.state is State.PAYMENT_FAILED:
        why = refusal(expense.payment_refusal)
        return f":warning: You approved this expense, but the payment was refused: {why}."
    you = f":alarm_clock: You {attribution.verb(expense)} this expense, but"
    if expense.state is State.EXPIRED:
        return f"{you} the time to decide had run out before your decision arrived."
    if expense.delivered_at:
        return f"{you} it was stopped before it was paid."
    return f"{you} it was closed before your decision arrived."
