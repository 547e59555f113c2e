"""Events from Slack."""

from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.listeners.context import ListenerContext
from bot.slack.listeners.home import draw


class EventListeners:
    """Draws the App Home for whoever opens it."""

    def __init__(self, context: ListenerContext) -> None:
        self._context = context

    def register(self, app: AsyncApp) -> None:
        """Say which events are listened to."""
        app.event("app_home_opened")(self.handle_app_home_opened)

    async def handle_app_home_opened(self, event: dict[str, Any], client: AsyncWebClient) -> None:
        """Show a person what waits for them, and their expenses."""
        if event["tab"] == "home":
            seen = (event.get("view") or {}).get("hash")
            self._context.background.start(draw(self._context, client, event["user"], seen=seen))
