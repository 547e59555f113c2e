"""What the web page shows: the whole workspace as one person sees it."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sandbox.slack.config import Channel
from sandbox.slack.views import Views
from sandbox.slack.workspace import Message, Workspace


class PageState:
    """Describes the workspace to the page, as JSON.

    Args:
        workspace: what there is.
        views: the forms that people have open.

    Attributes:
        panels: further panels by their names, such as a payment system's budget; each returns
            the JSON that it shows everybody.
    """

    def __init__(self, workspace: Workspace, views: Views) -> None:
        self.workspace = workspace
        self.views = views
        self.panels: dict[str, Callable[[], Any]] = {}

    def public(self) -> dict[str, Any]:
        """Describe what the page shows before a person is chosen."""
        workspace, config = self.workspace, self.workspace.config
        return {
            "workspace": {
                "team_name": config.team_name,
                "app": {"name": config.manifest.bot_name, "bot_user_id": config.bot_user_id},
                "commands": [
                    {
                        "command": command.command,
                        "description": command.description,
                        "usage_hint": command.usage_hint,
                    }
                    for command in config.manifest.commands.values()
                ],
            },
            "users": workspace.public_users(),
            "usergroups": [asdict(group) for group in workspace.groups.values()],
            "channels": [
                _listed(channel)
                for channel in workspace.channels.values()
                if not channel.is_private
            ],
        }

    def of(self, user_id: str) -> dict[str, Any]:
        """Describe everything a person sees.

        Raises:
            ClientRefusal: there is no such person.
        """
        workspace = self.workspace
        workspace.person(user_id)
        channels = [
            channel
            for channel in workspace.channels.values()
            if workspace.is_member(user_id, channel.id)
        ]
        dm = workspace.dm(user_id)
        return {
            **self.public(),
            "channels": [_listed(channel) for channel in channels],
            "dms": [{"id": dm, "with": workspace.config.bot_user_id}],
            "messages": {
                place: self._messages(user_id, place)
                for place in (*(channel.id for channel in channels), dm)
            },
            "view": self._view(user_id),
            "home": self._home(user_id),
            **{name: look() for name, look in self.panels.items()},
        }

    def _messages(self, user_id: str, conversation: str) -> list[Message]:
        private = [
            {**item.message, "ephemeral": True}
            for item in self.workspace.ephemerals.values()
            if item.user == user_id and item.channel == conversation
        ]
        shown = sorted(
            [*self.workspace.messages(conversation), *private],
            key=lambda message: str(message["ts"]),
        )
        errors = self.workspace.client_errors
        return [
            {**message, "client_error": errors[(user_id, message["ts"])]}
            if (user_id, message["ts"]) in errors
            else message
            for message in shown
        ]

    def _view(self, user_id: str) -> dict[str, Any] | None:
        view = self._with_client_error(user_id, self.views.top(user_id))
        if view is None:
            return None
        errors, values = self.views.errors.get(view["id"], {}), self.views.state.of(view)
        return {**view, "errors": errors, "state": {"values": values}}

    def _home(self, user_id: str) -> dict[str, Any] | None:
        home = self._with_client_error(user_id, self.workspace.homes.get(user_id))
        return home and {**home, "state": {"values": self.views.state.of(home)}}

    def _with_client_error(
        self, user_id: str, view: dict[str, Any] | None
    ) -> dict[str, Any] | None:
        error = view and self.workspace.client_errors.get((user_id, view["id"]))
        return {**view, "client_error": error} if view and error else view


def _listed(channel: Channel) -> dict[str, str]:
    return {"id": channel.id, "name": channel.name, "topic": channel.topic}
