"""Why an expense is stuck, in words for people."""

from bot.block_kit.mrkdwn import alternatives, mention, moment
from bot.catalogue import say
from bot.domain.expense import Expense
from bot.domain.obstacle import Kind, Obstacle
from bot.domain.people.slack_ids import is_user_id

_MOST_NAMED = 5


def why_stuck(expense: Expense, obstacle: Obstacle) -> str:
    """Tell people why an expense is stuck, and what they can do."""
    stage = expense.plan.stages[obstacle.stage] if expense.plan else None
    whom = say("the-approvers")
    if expense.plan:
        is_escalated = expense.progress.escalated and obstacle.stage == expense.progress.stage
        asked = expense.progress.asked_in(expense.plan, obstacle.stage, is_escalated=is_escalated)
        whom = alternatives(asked, _MOST_NAMED)
    match obstacle.kind:
        case Kind.NOBODY:
            why = say("stuck-nobody", whom=whom)
        case Kind.TOO_FEW:
            why = say("stuck-too-few", needed=obstacle.needed, whom=whom, left=obstacle.left)
        case Kind.TOO_FEW_LATER:
            why = say("stuck-too-few-later", whom=whom)
        case Kind.NOT_ASKED:
            why = say("stuck-nobody-asked")
            if is_user_id(place := obstacle.about[0]):
                why = say("stuck-not-asked", who=mention(place))
        case Kind.UNKNOWN:
            why = say("stuck-unknown")
    if expense.plan and stage and stage.escalate_to and obstacle.stage == expense.progress.stage:
        since, after = expense.progress.since, stage.escalate_after
        if since and after and not expense.progress.escalated:
            others = alternatives(expense.progress.escalated_to(expense.plan), _MOST_NAMED)
            why += " " + say("stuck-until-escalated", since=moment(since + after), others=others)
    return f"{why} {say('stuck-goes-on')}"
