"""What Slack sends us, one file for each kind of payload."""

from slack_bolt.async_app import AsyncApp

from bot.slack.listeners.actions import ActionListeners
from bot.slack.listeners.commands import CommandListeners
from bot.slack.listeners.context import ListenerContext
from bot.slack.listeners.delegation import DelegationListeners
from bot.slack.listeners.events import EventListeners
from bot.slack.listeners.home import HomeListeners
from bot.slack.listeners.questions import QuestionListeners
from bot.slack.listeners.requester import RequesterListeners
from bot.slack.listeners.views import ViewListeners


def register_listeners(app: AsyncApp, context: ListenerContext) -> None:
    """Register every listener of the app."""
    # Bolt tries them in this order, and approvals are what most people wait for.
    for listeners in (
        ActionListeners,
        CommandListeners,
        DelegationListeners,
        HomeListeners,
        RequesterListeners,
        QuestionListeners,
        ViewListeners,
        EventListeners,
    ):
        listeners(context).register(app)
