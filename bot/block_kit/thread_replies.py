"""What people are told, step by step, as sentences in the threads of their messages."""

from bot.block_kit.components import Step
from bot.block_kit.message_blocks import answer_button
from bot.block_kit.mrkdwn import mention, mentions, moment
from bot.block_kit.sentences import refusal
from bot.domain import audit_events as events
from bot.domain.audience import REQUESTER, Audience
from bot.domain.audit_events import AuditEntry
from bot.domain.expense import Decision, Expense, State


def reply(entry: AuditEntry, expense: Expense, audience: Audience) -> Step | None:
    """Tell one step of an expense in the thread of a message.

    Returns nothing for what is not theirs to know, and for what the message says anyway.

    Args:
        entry: what happened.
        expense: as it is by now.
        audience: whom the message addresses.
    """
    if audience == REQUESTER:
        return _for_requester(entry, expense)
    return _for_approvers(entry, expense, audience)


def _for_requester(entry: AuditEntry, expense: Expense) -> Step | None:
    who = mention(entry.actor)
    match entry.event:
        case events.CallbackRegistered():
            if expense.asks_nobody:
                return None
            until = f" They have until {moment(expense.decide_by)}." if expense.decide_by else ""
            return Step(f"Your request is with the approvers now.{until}")
        case events.Agreed(on_behalf_of):
            whose = f" for {mention(on_behalf_of)}" if on_behalf_of else ""
            return Step(f"{who} approved it{whose}. Others have to agree, too.")
        case events.Escalated(to):
            return Step(f"Nobody has decided yet, so {mentions(to)} may decide it now, too.")
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
            return Step(f":white_check_mark: {who} approved it. It will be paid now.")
        case events.Decided(reason):
            return Step(f":x: {who} rejected it.{' The reason:' if reason else ''}", reason)
        case events.Explained(reason):
            return Step(f"{who} gave a reason for the rejection:", reason)
        case events.Paid():
            return Step(":moneybag: It is paid.")
        case events.PaymentRefused():
            return Step(
                f":warning: It was approved, but the payment was refused: {refusal(expense)}. "
                "Please ask your finance team."
            )
        case events.Expired():
            return Step(
                ":alarm_clock: The time to decide ran out, so it was not approved. "
                "You are welcome to submit it again."
            )
        case events.Cancelled():
            return Step(":no_entry: Its workflow was stopped, so it will not be paid.")
        case events.Delayed() if entry.state is State.APPROVED:
            return Step(
                ":hourglass: The payment is taking longer than usual. "
                "It is approved and recorded, and goes on by itself."
            )
        case events.Delayed():
            return Step(
                ":hourglass: This is taking longer than usual: no approver has been asked yet. "
                "It is recorded and goes on by itself; please do not submit it again."
            )
        case (
            events.Submitted()
            | events.Created()
            | events.RegisteredAgain()
            | events.Reminded()
            | events.Refused()
            | events.PaymentAsked()
            | events.Unknown()
        ):
            return None


def _for_approvers(entry: AuditEntry, expense: Expense, audience: Audience) -> Step | None:
    who = mention(entry.actor)
    is_present = expense.is_open and audience.stage == expense.progress.stage
    since = expense.progress.since
    # Approvers who are asked later read what was asked and answered, but not who was late before.
    is_timely = is_present and (since is None or entry.at >= since)
    match entry.event:
        case events.Reminded(whom) if is_timely and audience.person in (None, *whom):
            until = f" until {moment(expense.decide_by)}" if expense.decide_by else ""
            return Step(f":bell: {mentions(whom)}: this waits for your decision{until}.")
        case events.Escalated(to) if is_timely:
            return Step(f"Nobody has decided yet, so {mentions(to)} may decide now, too.")
        case events.Asked(question) if is_present:
            requester = mention(expense.requester) if expense.requester else "the requester"
            return Step(f":speech_balloon: {who} asks {requester}:", question)
        case events.Answered(answer) if is_present:
            return Step(f":speech_balloon: {who} answers:", answer)
    return None


def news_for_decider(expense: Expense) -> str:
    """Tell who decided that their decision did not lead where they meant it to."""
    if expense.state is State.PAYMENT_FAILED:
        return (
            f":warning: You approved this expense, but the payment was refused: {refusal(expense)}."
        )
    verb = "approved" if expense.decision is Decision.APPROVED else "rejected"
    ended = "time to decide had run out" if expense.state is State.EXPIRED else "workflow had ended"
    return f":alarm_clock: You {verb} this expense, but its {ended} before your decision arrived."
