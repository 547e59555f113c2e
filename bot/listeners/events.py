"""Events from Slack."""

import logging
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import blocks
from bot.errors import TryAgain
from bot.listeners.commands import LIST_LENGTH
from bot.listeners.room import Room
from bot.slack_client import asking_slack, reason_of

logger = logging.getLogger(__name__)


class EventListeners:
    """Draws the App Home for whoever opens it."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def register(self, app: AsyncApp) -> None:
        """Say which events are listened to."""
        app.event("app_home_opened")(self.handle_app_home_opened)

    async def handle_app_home_opened(self, event: dict[str, Any], client: AsyncWebClient) -> None:
        """Show a person their expenses."""
        if event["tab"] == "home":
            self._room.background.start(self._publish(event["user"], client))

    async def _publish(self, person: str, client: AsyncWebClient) -> None:
        expenses = await self._room.decisions.list_for(person, LIST_LENGTH)
        reader = await self._room.people.reader(person)
        try:
            async with asking_slack():
                await client.views_publish(user_id=person, view=blocks.home_view(expenses, reader))
        except (TryAgain, SlackApiError) as error:
            # Whoever opens it again asks again.
            logger.warning("a home could not be drawn: %s", reason_of(error))
