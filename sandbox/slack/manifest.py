"""The installed app as its manifest describes it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

MANIFEST = Path(__file__).parents[2] / "manifest.yml"


@dataclass(frozen=True)
class Command:
    """A slash command and the path its requests go to."""

    command: str
    description: str
    usage_hint: str
    path: str
    escapes: bool = False


@dataclass(frozen=True)
class Manifest:
    """The parts of an app manifest that decide how Slack treats the app."""

    name: str
    bot_name: str
    commands: dict[str, Command] = field(default_factory=dict)
    scopes: frozenset[str] = frozenset()
    bot_events: frozenset[str] = frozenset()
    interactivity_path: str | None = None
    options_path: str | None = None
    events_path: str | None = None
    home_tab: bool = False
    messages_tab: bool = False
    messages_read_only: bool = False

    @classmethod
    def load(cls, path: Path = MANIFEST) -> "Manifest":
        """Read a manifest file, keeping only the paths of its placeholder URLs."""
        document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        features = document.get("features", {})
        settings = document.get("settings", {})
        home = features.get("app_home", {})
        name = document["display_information"]["name"]
        events = settings.get("event_subscriptions", {})
        interactivity = settings.get("interactivity", {})
        return cls(
            name=name,
            bot_name=features.get("bot_user", {}).get("display_name", name),
            commands={
                entry["command"]: Command(
                    entry["command"],
                    entry["description"],
                    entry.get("usage_hint", ""),
                    _path(entry.get("url")),
                    bool(entry.get("should_escape", False)),
                )
                for entry in features.get("slash_commands", [])
            },
            scopes=frozenset(document.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
            bot_events=frozenset(events.get("bot_events", [])),
            interactivity_path=_path(interactivity.get("request_url"))
            if interactivity.get("is_enabled")
            else None,
            # Without it, menus that are searched find nothing.
            options_path=_path(interactivity["message_menu_options_url"])
            if interactivity.get("message_menu_options_url")
            else None,
            events_path=_path(events.get("request_url")) if events.get("bot_events") else None,
            home_tab=home.get("home_tab_enabled", False),
            messages_tab=home.get("messages_tab_enabled", False),
            messages_read_only=home.get("messages_tab_read_only_enabled", False),
        )


def _path(url: str | None) -> str:
    # A manifest for Socket Mode has no URLs; then the path is never used.
    return urlsplit(url or "").path or "/slack/events"
