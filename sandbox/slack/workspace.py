"""The workspace's state: people, conversations, messages, user groups and Home tabs."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from sandbox.ids import new_id
from sandbox.slack.config import Channel, User, UserGroup, WorkspaceConfig
from sandbox.slack.errors import ClientRefusal, SlackError
from sandbox.slack.files import Files
from sandbox.state_file import StateFile

Message = dict[str, Any]
SLACKBOT = "USLACKBOT"


@dataclass(frozen=True)
class Ephemeral:
    """A message only one person sees; it does not survive a restart, as in Slack."""

    user: str
    channel: str
    message: Message


class Workspace:
    """Everything the people of one workspace can see.

    Messages and views are replaced, never changed in place: a reference to one keeps what was
    shown at that moment.
    """

    def __init__(self, config: WorkspaceConfig, state_file: StateFile) -> None:
        self.config = config
        self.state_file = state_file
        self.users: dict[str, User] = {user.id: user for user in config.users}
        self.users[config.bot_user_id] = User(
            config.bot_user_id, "expenses", config.manifest.bot_name, is_bot=True
        )
        self.users[SLACKBOT] = User(SLACKBOT, "slackbot", "Slackbot", is_bot=True)
        self.channels: dict[str, Channel] = {channel.id: channel for channel in config.channels}
        self.groups: dict[str, UserGroup] = {group.id: group for group in config.user_groups}
        self.dms: dict[str, str] = dict(state_file.load("dm"))
        self.dm_users: dict[str, str] = {dm: user for user, dm in self.dms.items()}
        self.homes: dict[str, dict[str, Any]] = dict(state_file.load("home"))
        self.files = Files(config, state_file)
        self.ephemerals: dict[str, Ephemeral] = {}
        self.client_errors: dict[tuple[str, str], str] = {}
        self.locked_threads: set[str] = set()  # the ts of their first messages
        self.app_error: str | None = None
        self.revision = 0
        self._watchers: set[asyncio.Event] = set()
        self._messages: dict[str, dict[str, Message]] = {}
        self._channel_of: dict[str, str] = {}
        self._last_ts = 0
        for key, message in state_file.load("message").items():
            channel, ts = key.split("/")
            self._messages.setdefault(channel, {})[ts] = message
            self._channel_of[ts] = channel
            self._last_ts = max(self._last_ts, int(ts.replace(".", "")))

    # Watching

    def changed(self) -> None:
        """Wake the watchers, because there is something new to see."""
        self.revision += 1
        for watcher in self._watchers:
            watcher.set()

    def watch(self) -> asyncio.Event:
        """Start watching; the event is set at every change."""
        watcher = asyncio.Event()
        self._watchers.add(watcher)
        return watcher

    def unwatch(self, watcher: asyncio.Event) -> None:
        """Stop watching."""
        self._watchers.discard(watcher)

    # People and conversations

    def user(self, user_id: str) -> User:
        """Find a user.

        Raises:
            SlackError: user_not_found.
        """
        if user_id not in self.users:
            raise SlackError("user_not_found")
        return self.users[user_id]

    def is_member(self, user_id: str, conversation: str) -> bool:
        """Return whether a person is in a conversation."""
        if conversation in self.dm_users:
            return self.dm_users[conversation] == user_id
        channel, user = self.channels.get(conversation), self.users.get(user_id)
        if channel is None or user is None or user.is_bot or user.deleted:
            return False
        if channel.members is not None:
            return user_id in channel.members
        # Guests and people of other workspaces are only in channels that name them.
        return not user.is_restricted and user.team_id in (None, self.config.team_id)

    def person(self, user_id: str) -> User:
        """Find a person who is about to do something.

        Raises:
            ClientRefusal: they have no active account.
        """
        user = self.users.get(user_id)
        if user is None or user.is_bot:
            raise ClientRefusal(f"There is nobody called {user_id} in this workspace.")
        if user.deleted:
            raise ClientRefusal(f"{user.real_name}'s account is deactivated.")
        return user

    def check_member(self, user_id: str, channel: str) -> None:
        """Check that a person is in a conversation.

        Raises:
            ClientRefusal: they are not.
        """
        self.person(user_id)
        if not self.is_member(user_id, channel):
            raise ClientRefusal("You are not in this conversation.")

    def dm(self, user_id: str) -> str:
        """Open the direct messages between a person and the app, and return their id."""
        if user_id not in self.dms:
            self.dms[user_id] = new_id("D")
            self.dm_users[self.dms[user_id]] = user_id
            self.state_file.put("dm", user_id, self.dms[user_id])
            self.changed()
        return self.dms[user_id]

    def conversation_of(self, wanted: str) -> str:
        """Return the id of a conversation, which an app may name by a person or `#channel`, too."""
        by_name = {f"#{channel.name}": channel.id for channel in self.channels.values()}
        return self.dms.get(wanted) or by_name.get(wanted, wanted)

    def is_conversation(self, conversation: str) -> bool:
        """Return whether an id is a channel's or a direct message's."""
        return conversation in self.channels or conversation in self.dm_users

    def set_group_members(self, group_id: str, users: Iterable[str]) -> None:
        """Replace the members of a user group."""
        self.groups[group_id] = replace(self.groups[group_id], users=tuple(users))
        self.changed()

    # Messages

    def next_ts(self) -> str:
        """Return a new ts, unique and rising, because it is the message's id in Slack."""
        self._last_ts = max(self._last_ts + 100, int(time.time()) * 1_000_000 + 100)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def messages(self, conversation: str) -> list[Message]:
        """List a conversation's messages, oldest first."""
        return list(self._messages.get(conversation, {}).values())

    def message(self, conversation: str, ts: str) -> Message | None:
        """Find a message that everybody in the conversation sees."""
        return self._messages.get(conversation, {}).get(ts)

    def ephemeral(self, user: str, ts: str) -> Ephemeral | None:
        """Find a message that only this person sees."""
        item = self.ephemerals.get(ts)
        return item if item is not None and item.user == user else None

    def channel_of(self, ts: str) -> str | None:
        """Find the conversation a message is in."""
        item = self.ephemerals.get(ts)
        return item.channel if item is not None else self._channel_of.get(ts)

    def put_message(self, conversation: str, message: Message) -> None:
        """Show a message, or its new version."""
        self._messages.setdefault(conversation, {})[message["ts"]] = message
        self._channel_of[message["ts"]] = conversation
        self.state_file.put("message", f"{conversation}/{message['ts']}", message)
        self.changed()

    def delete_message(self, conversation: str, ts: str) -> None:
        """Delete a message."""
        del self._messages[conversation][ts]
        del self._channel_of[ts]
        self.state_file.delete("message", f"{conversation}/{ts}")
        self.changed()

    def put_ephemeral(self, user: str, conversation: str, message: Message) -> None:
        """Show a message, or its new version, to one person."""
        self.ephemerals[message["ts"]] = Ephemeral(user, conversation, message)
        self.changed()

    def delete_ephemeral(self, ts: str) -> None:
        """Delete a message that only one person sees."""
        self.ephemerals.pop(ts, None)
        self.changed()

    def compose(
        self,
        text: str,
        blocks: list[dict[str, Any]] | None = None,
        *,
        user: str | None = None,
        thread_ts: str | None = None,
        ts: str | None = None,
    ) -> Message:
        """Make a message as Slack's JSON has it, by the app unless a user is named."""
        message: Message = {
            "type": "message",
            "user": user or self.config.bot_user_id,
            "text": text,
            "ts": ts or self.next_ts(),
            "team": self.config.team_id,
        }
        if user is None:
            message |= {"bot_id": self.config.bot_id, "app_id": self.config.app_id}
        if blocks:
            message["blocks"] = blocks
        if thread_ts:
            message["thread_ts"] = thread_ts
        return message

    def slackbot(self, user: str, conversation: str, text: str) -> None:
        """Tell one person something as Slackbot does."""
        message = self.compose(text, user=SLACKBOT)
        self.put_ephemeral(user, conversation, message)

    # Homes

    def put_home(self, user: str, view: dict[str, Any]) -> None:
        """Show a person their Home tab."""
        self.homes[user] = view
        self.state_file.put("home", user, view)
        self.changed()

    def public_users(self) -> list[dict[str, Any]]:
        """List everybody as the page shows them."""
        return [asdict(user) for user in self.users.values()]
