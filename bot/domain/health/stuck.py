"""Why an expense does not go on, in words for the operator."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.expense import Expense
from bot.domain.obstacle import Kind, Obstacle
from bot.domain.people.slack_ids import is_user_id

# A bot, a worker and Temporal do what is theirs within seconds.
STUCK_AFTER = timedelta(minutes=2)


class Reason(StrEnum):
    """What an expense that is stuck lacks; the first that applies counts."""

    OBSTACLE = "obstacle"  # people who can decide it
    TROUBLE = "trouble"  # a part that does what it is asked
    NOT_STARTED = "not_started"
    NOT_TAKEN = "not_taken"
    NOT_REGISTERED = "not_registered"
    NOT_CLOSED = "not_closed"
    UNDELIVERED = "undelivered"
    PAYMENT_NOT_ASKED = "payment_not_asked"
    PAYMENT_UNANSWERED = "payment_unanswered"
    OVERDUE = "overdue"


_ARCHIVED = {"is_archived", "is_inactive"}
_LOOK = "Run python -m bot check"
_WORDS = {
    Reason.NOT_STARTED: f"its workflow has not been started. {_LOOK}, which looks at Temporal",
    Reason.NOT_TAKEN: (
        "no worker has taken it. Start the worker; if it runs, see its log, and give it the "
        "EXPENSE_TASK_QUEUE, EXPENSE_API_KEY and Temporal of the bot, and the bot's address as "
        "EXPENSE_SERVER_URL"
    ),
    Reason.NOT_REGISTERED: (
        "its worker has not had anybody asked. See the worker's log, and whether it runs"
    ),
    Reason.NOT_CLOSED: f"its decision window is over, and Temporal has not said so. {_LOOK}",
    Reason.UNDELIVERED: f"Temporal does not have its decision. {_LOOK}, which looks at Temporal",
    Reason.PAYMENT_NOT_ASKED: (
        "no worker has asked for its payment. See the worker's log, and whether it runs"
    ),
    Reason.PAYMENT_UNANSWERED: (
        "the payment system has not said whether it is paid. See EXPENSE_PAYMENT_URL, and the "
        "bot's log; the bot keeps asking"
    ),
    Reason.OVERDUE: "no bot has looked at it in time. See whether the bot runs, and its log",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """That an expense is stuck.

    Attributes:
        since: in UTC.
        trouble: why delivery could not do what it needs, if it could not.
    """

    reason: Reason
    since: datetime
    trouble: str | None = None

    def words(self, expense: Expense) -> str:
        """Tell the operator in one line why an expense is stuck, and what to do."""
        if self.reason is Reason.OBSTACLE and expense.obstacle:
            return repair(expense, expense.obstacle)
        if self.reason is Reason.TROUBLE:
            return f"{self.trouble} The bot keeps trying; {_LOOK[0].lower()}{_LOOK[1:]}"
        return _WORDS[self.reason]


def repair(expense: Expense, obstacle: Obstacle) -> str:
    """Tell the operator in one line why an expense is stuck, and what to do."""
    about = " and ".join(obstacle.about)
    people = "EXPENSE_APPROVERS"
    if expense.plan and obstacle.stage < len(expense.plan.stages):
        asked = expense.progress.asked_in(expense.plan, obstacle.stage, is_escalated=False)
        people = f"{', '.join(asked)} (stage {obstacle.stage + 1} of its rule)"
    gone = f"; Slack does not have {about} any more, so restore it" if about else ""
    match obstacle.kind:
        case Kind.NOBODY:
            return (
                f"none of {people} can decide it{gone}. Put people into their user groups, or "
                "have its requester withdraw it and submit it again"
            )
        case Kind.TOO_FEW | Kind.TOO_FEW_LATER:
            return (
                f"{obstacle.needed} of {people} have to agree, and {obstacle.left} can{gone}. "
                "Put people into their user groups, or have its requester withdraw it and submit "
                "it again"
            )
        case Kind.NOT_ASKED:
            place, word = obstacle.about
            if is_user_id(place):
                return (
                    f"nobody was asked, as Slack says {word} of messages to {place}. See whether "
                    "they are still there, or have an admin reassign it"
                )
            remedy = "Invite the bot into that channel, or see that it may post there"
            if word in _ARCHIVED:
                remedy = "Unarchive that channel, and invite the bot into it"
            return f"nobody was asked, as Slack says {word} of {place}. {remedy}"
        case Kind.UNKNOWN:
            return "another version of the bot found out why. Deploy the newest one everywhere"
