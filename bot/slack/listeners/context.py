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
    """The services of the bot that listeners call.

    Attributes:
        managers: Slack ids of the users and user groups that the form offers as "your manager".
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
