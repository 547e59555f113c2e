"""What listeners work with."""

from dataclasses import dataclass

from bot.database.delegations import Delegations
from bot.database.home_queries import HomeQueries
from bot.services.decisions import Decisions
from bot.services.inbox import Inbox
from bot.services.questions import Questions
from bot.services.submissions import Submissions
from bot.slack.background_tasks import Background
from bot.slack.directory import SlackDirectory
from bot.slack.message_sync import MessageSync


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerContext:
    """The bot as listeners know it.

    Attributes:
        submissions: takes what requesters ask for.
        decisions: takes what approvers decide.
        questions: takes what approvers ask, and what requesters answer.
        delegations: knows who stands in for whom.
        inbox: lists what waits for somebody.
        home_queries: counts what the App Home sums up.
        people: says how somebody reads, and who is in a user group.
        managers: Slack ids of the users and user groups that the form offers as "your manager".
        message_sync: keeps messages as the expenses are.
        background: does what need not be done before the ack.
    """

    submissions: Submissions
    decisions: Decisions
    questions: Questions
    delegations: Delegations
    inbox: Inbox
    home_queries: HomeQueries
    people: SlackDirectory
    managers: tuple[str, ...]
    message_sync: MessageSync
    background: Background
