"""What Slack sends us, one file for each kind of payload."""

from slack_bolt.async_app import AsyncApp

from bot.listeners.actions import ActionListeners
from bot.listeners.commands import CommandListeners
from bot.listeners.delegation import DelegationListeners
from bot.listeners.events import EventListeners
from bot.listeners.home import HomeListeners
from bot.listeners.questions import QuestionListeners
from bot.listeners.requester import RequesterListeners
from bot.listeners.room import Room
from bot.listeners.views import ViewListeners


def register_listeners(app: AsyncApp, room: Room) -> None:
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
        listeners(room).register(app)
