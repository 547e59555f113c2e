"""What people are told, step by step, as sentences in the threads of their messages."""

from bot.block_kit.sentences import mention, moment, refusal
from bot.domain.expense import AuditEntry, Decision, Expense, State


def requester_step(entry: AuditEntry, expense: Expense) -> tuple[str, str | None] | None:
    """Tell the requester one step of their expense; None for what is not theirs to know.

    Args:
        entry: what happened.
        expense: as it is by now.

    Returns:
        A sentence in mrkdwn, and what somebody typed that belongs to it.
    """
    who = mention(entry.actor)
    match entry.event:
        case "register_callback" if expense.asks_nobody:
            return None
        case "register_callback":
            until = f" They have until {moment(expense.decide_by)}." if expense.decide_by else ""
            return f"Your request is with the approvers now.{until}", None
        case "agree":
            whose = f" for {mention(entry.detail)}" if entry.detail else ""
            return f"{who} approved it{whose}. Others have to agree, too.", None
        case "escalate":
            others = _mentions(entry)
            return f"Nobody has decided yet, so {others} may decide it now, too.", None
        case "ask":
            return f":speech_balloon: {who} asks:", entry.detail
        case "answer":
            return "You answered:", entry.detail
        case "withdraw":
            return "You withdrew it, so it will not be paid.", None
        case "decide" if entry.actor == "policy":
            return ":white_check_mark: It was approved automatically. It will be paid now.", None
        case "decide" if entry.state is State.APPROVED:
            return f":white_check_mark: {who} approved it. It will be paid now.", None
        case "decide" if entry.detail:
            return f":x: {who} rejected it. The reason:", entry.detail
        case "decide":
            return f":x: {who} rejected it.", None
        case "explain":
            return f"{who} gave a reason for the rejection:", entry.detail
        case "pay":
            return ":moneybag: It is paid.", None
        case "refuse_payment":
            return (
                f":warning: It was approved, but the payment was refused: {refusal(expense)}. "
                "Please ask your finance team."
            ), None
        case "expire":
            return (
                ":alarm_clock: The time to decide ran out, so it was not approved. "
                "You are welcome to submit it again."
            ), None
        case "cancel":
            return ":no_entry: Its workflow was stopped, so it will not be paid.", None
    return None


def approvers_step(
    entry: AuditEntry, expense: Expense, *, stage: int, person: str | None
) -> tuple[str, str | None] | None:
    """Tell approvers one step of an expense; None for what its message says anyway.

    Args:
        entry: what happened.
        expense: as it is by now.
        stage: in which they are asked.
        person: in whose direct messages; None for a channel.
    """
    who = mention(entry.actor)
    is_present = expense.is_open and stage == expense.progress.stage
    since = expense.progress.since
    # Whoever is asked later is told what was asked and answered, but not who was late before.
    is_timely = is_present and (since is None or entry.at >= since)
    match entry.event:
        case "remind" if is_timely and person in (None, *(entry.detail or "").split()):
            until = f" until {moment(expense.decide_by)}" if expense.decide_by else ""
            return f":bell: {_mentions(entry)}: this waits for your decision{until}.", None
        case "escalate" if is_timely:
            return f"Nobody has decided yet, so {_mentions(entry)} may decide now, too.", None
        case "ask" if is_present:
            whom = mention(expense.requester) if expense.requester else "the requester"
            return f":speech_balloon: {who} asks {whom}:", entry.detail
        case "answer" if is_present:
            return f":speech_balloon: {who} answers:", entry.detail
    return None


def _mentions(entry: AuditEntry) -> str:
    return ", ".join(mention(id) for id in (entry.detail or "").split())


def news_for_approver(expense: Expense) -> str:
    """Tell who decided that their decision did not lead where they meant it to."""
    if expense.state is State.PAYMENT_FAILED:
        return (
            f":warning: You approved this expense, but the payment was refused: {refusal(expense)}."
        )
    verb = "approved" if expense.decision is Decision.APPROVED else "rejected"
    ended = "time to decide had run out" if expense.state is State.EXPIRED else "workflow had ended"
    return f":alarm_clock: You {verb} this expense, but its {ended} before your decision arrived."
