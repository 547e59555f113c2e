"""Why an expense is stuck, in words for people."""

from bot.block_kit.mrkdwn import alternatives, mention, moment
from bot.domain.expense import Expense
from bot.domain.obstacle import Kind, Obstacle
from bot.domain.slack_ids import is_user_id

_MOST_NAMED = 5


def why_stuck(expense: Expense, obstacle: Obstacle) -> str:
    """Tell people why an expense is stuck, and what they can do."""
    stage = expense.plan.stages[obstacle.stage] if expense.plan else None
    whom = "the approvers"
    if expense.plan:
        is_escalated = expense.progress.escalated and obstacle.stage == expense.progress.stage
        asked = expense.progress.asked_in(expense.plan, obstacle.stage, is_escalated=is_escalated)
        whom = alternatives(asked, _MOST_NAMED)
    match obstacle.kind:
        case Kind.NOBODY:
            why = f"Nobody can decide this right now: none of {whom} may, or they have left."
        case Kind.TOO_FEW:
            why = f"{obstacle.needed} of {whom} have to agree, and only {obstacle.left} can."
        case Kind.TOO_FEW_LATER:
            why = (
                f"A later step needs approval by {whom}, and too few people are left for it, "
                "because nobody may approve twice."
            )
        case Kind.NOT_ASKED:
            why = "Nobody could be asked: the approvers' channel takes no messages from this app."
            if is_user_id(place := obstacle.about[0]):
                why = f"Nobody could be asked: Slack takes no messages to {mention(place)}."
        case Kind.UNKNOWN:
            why = "Nobody can decide this right now."
    if expense.plan and stage and stage.escalate_to and obstacle.stage == expense.progress.stage:
        since, after = expense.progress.since, stage.escalate_after
        if since and after and not expense.progress.escalated:
            others = alternatives(expense.progress.escalated_to(expense.plan), _MOST_NAMED)
            why += f" From {moment(since + after)} on, {others} may decide it, too."
    return f"{why} It goes on once that is fixed; until then, its requester can withdraw it."
