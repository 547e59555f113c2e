"""What Slack tells of the app's installation itself."""

from typing import Any

from bot.slack.listeners.interactions import ListenerContext
from bot.slack.listeners.registry import Listeners


def register(listeners: Listeners) -> None:
    """Register the events that end an installation."""
    listeners.notice("tokens_revoked", revoked)
    listeners.notice("app_uninstalled", uninstalled)


def revoked(bot: ListenerContext, event: dict[str, Any]) -> None:
    """Note that tokens were revoked, of bots and of people."""
    bot.installation.revoked((event.get("tokens") or {}).get("bot") or [])


def uninstalled(bot: ListenerContext, _: dict[str, Any]) -> None:
    """Note that the app was removed from the workspace."""
    bot.installation.uninstalled()
