"""What the workspace's administrators do: archive, remove, restrict, lock, uninstall."""

from dataclasses import replace
from typing import Any

from sandbox.slack.client.events import Events
from sandbox.slack.config import Channel
from sandbox.slack.workspace import Message, Workspace


class Admin:
    """Changes the workspace as its administrators may.

    Args:
        workspace: what is changed.
        events: tells the app, if its manifest subscribes to that.
    """

    def __init__(self, workspace: Workspace, events: Events) -> None:
        self._workspace = workspace
        self._events = events

    def archive(self, channel: Channel) -> None:
        """Archive a channel: its messages stay as they are, and the bot is no member any more.

        https://github.com/open-cli-collective/slack-chat-api/issues/26
        """
        self._change(channel, is_archived=True, bot_is_member=False)

    def unarchive(self, channel: Channel) -> None:
        """Unarchive a channel; the bot is not invited by that."""
        self._change(channel, is_archived=False)

    def remove_bot(self, channel: Channel) -> None:
        """Remove the bot from a channel."""
        self._change(channel, bot_is_member=False)

    def invite_bot(self, channel: Channel) -> None:
        """Invite the bot to a channel."""
        self._change(channel, bot_is_member=True)

    def restrict_posting(self, channel: Channel, error: str | None = "restricted_action") -> None:
        """Let nobody but a few post in a channel.

        Args:
            channel: which one.
            error: what Slack says to the app then; None lifts the restriction.
        """
        self._change(channel, posting_error=error)

    def lock_thread(self, message: Message) -> None:
        """Lock the thread of a message: what is in it stays, and nobody adds to it."""
        self._workspace.locked_threads.add(message["ts"])

    async def uninstall(self) -> None:
        """Uninstall the app: its token is worth nothing, and it is told so in two events."""
        self._workspace.app_error = "account_inactive"
        await self._events.tell({"type": "app_uninstalled"})
        bots = [self._workspace.config.bot_user_id]
        await self._events.tell({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": bots}})

    def _change(self, channel: Channel, **changes: Any) -> None:
        channels = self._workspace.channels
        channels[channel.id] = replace(channels[channel.id], **changes)
        self._workspace.changed()
