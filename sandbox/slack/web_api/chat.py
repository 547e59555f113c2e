"""The Web API's chat.* methods."""

import time
from typing import Any

from sandbox.ids import new_id
from sandbox.slack.block_kit import check_blocks, units, weight
from sandbox.slack.errors import SlackError
from sandbox.slack.files import Files
from sandbox.slack.workspace import Message, Workspace

# Slack's limit for update and its advice for postMessage (cut at 40,000); here a limit for both.
TEXT_LENGTH = 4000
# Slack documents no limit for all blocks together. People measured that chat.* refuses 11,341
# characters, but a response_url does not: https://github.com/slackapi/bolt-js/issues/2867.
ALL_TEXTS_LENGTH = 10_000
# A message can be scheduled for so long ahead.
LATEST_SECONDS = 120 * 24 * 3600


def content(arguments: dict[str, Any], files: Files) -> tuple[str, list[dict[str, Any]]]:
    """Check a message's content, and return its text and blocks.

    The text is required, because screen readers and notifications have nothing else.

    Raises:
        SlackError: with Slack's error string.
    """
    text, blocks = arguments.get("text", ""), arguments.get("blocks")
    if not isinstance(text, str):
        raise SlackError("invalid_arguments", "must provide a string [json-pointer:/text]")
    checked = check_blocks(blocks) if blocks is not None else []
    files.check_blocks(checked, "invalid_blocks")
    if not text.strip():
        raise SlackError("no_text")
    if units(text) > TEXT_LENGTH:
        raise SlackError("msg_too_long")
    return text, checked


class Chat:
    """Posts, changes and deletes messages for the app.

    What Slack refuses raises `SlackError` with Slack's error string.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.scheduled: dict[str, str] = {}

    def post_message(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Post a message to a channel, a direct message, or a person."""
        channel = self._destination(arguments["channel"])
        text, blocks = self._content(arguments)
        thread_ts = thread(self.workspace, channel, arguments.get("thread_ts"))
        message = self.workspace.compose(text, blocks, thread_ts=thread_ts)
        if arguments.get("metadata") is not None:
            message["metadata"] = _metadata(arguments["metadata"])
        self.workspace.put_message(channel, message)
        shown = {**message, "bot_profile": self.workspace.config.bot_profile}
        return {"ok": True, "channel": channel, "ts": message["ts"], "message": shown}

    def post_ephemeral(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Post a message that one person of a channel sees."""
        channel, user = arguments["channel"], arguments["user"]
        self._check_writable(channel)
        if not self.workspace.is_member(user, channel):
            raise SlackError("user_not_in_channel")
        text, blocks = self._content(arguments)
        thread_ts = thread(self.workspace, channel, arguments.get("thread_ts"))
        message = self.workspace.compose(text, blocks, thread_ts=thread_ts)
        self.workspace.put_ephemeral(user, channel, message)
        return {"ok": True, "message_ts": message["ts"]}

    def update(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Replace a message of the app."""
        channel = arguments["channel"]
        old = self._own(channel, arguments["ts"], "cant_update_message")
        text, blocks = self._content(arguments)
        message: Message = {**old, "text": text}
        # Text without blocks takes the old blocks away, and is marked as edited.
        message.pop("blocks", None)
        if blocks:
            message["blocks"] = blocks
        else:
            message["edited"] = {
                "user": self.workspace.config.bot_user_id,
                "ts": self.workspace.next_ts(),
            }
        if arguments.get("metadata") is not None:
            message["metadata"] = _metadata(arguments["metadata"])
        self.workspace.put_message(channel, message)
        return {
            "ok": True,
            "channel": channel,
            "ts": message["ts"],
            "text": text,
            "message": {**message, "bot_profile": self.workspace.config.bot_profile},
        }

    def delete(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Delete a message of the app."""
        channel, ts = arguments["channel"], arguments["ts"]
        self._own(channel, ts, "cant_delete_message")
        self.workspace.delete_message(channel, ts)
        return {"ok": True, "channel": channel, "ts": ts}

    def _content(self, arguments: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
        text, blocks = content(arguments, self.workspace.files)
        if weight(blocks) > ALL_TEXTS_LENGTH:
            raise SlackError("msg_blocks_too_long")
        return text, blocks

    def schedule(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Keep a message for later; this workspace does not last so long that it would come."""
        channel, at = self._destination(arguments["channel"]), arguments["post_at"]
        text, blocks = self._content(arguments)
        if not at.isdecimal():
            raise SlackError("invalid_time")
        wait = int(at) - time.time()
        if wait <= 0 or wait > LATEST_SECONDS:
            raise SlackError("time_in_past" if wait <= 0 else "time_too_far")
        scheduled = new_id("Q")
        self.scheduled[scheduled] = channel
        message = self.workspace.compose(text, blocks)
        return {
            "ok": True,
            "channel": channel,
            "scheduled_message_id": scheduled,
            "post_at": int(at),
            "message": {**message, "type": "delayed_message", "subtype": "bot_message"},
        }

    def delete_scheduled(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Forget a message that was to come later."""
        channel = self.workspace.conversation_of(arguments["channel"])
        if not self.workspace.is_conversation(channel):
            raise SlackError("channel_not_found")
        if self.scheduled.get(arguments["scheduled_message_id"]) != channel:
            raise SlackError("invalid_scheduled_message_id")
        del self.scheduled[arguments["scheduled_message_id"]]
        return {"ok": True}

    def _destination(self, channel: str) -> str:
        workspace = self.workspace
        if channel in workspace.users:
            # Slack takes messages to deactivated people, which nobody reads.
            if workspace.users[channel].is_bot:
                raise SlackError("channel_not_found")
            workspace.dm(channel)
        # postMessage, and only it, takes a person or a channel's name too.
        channel = workspace.conversation_of(channel)
        self._check_writable(channel)
        return channel

    def _check_writable(self, channel: str) -> None:
        workspace = self.workspace
        if channel in workspace.dm_users:
            if not workspace.config.manifest.messages_tab:
                raise SlackError("messages_tab_disabled")
            return
        known = workspace.channels.get(channel)
        if known is None or (known.is_private and not known.bot_is_member):
            raise SlackError("channel_not_found")
        if known.is_archived:
            raise SlackError("is_archived")
        if known.posting_error:
            raise SlackError(known.posting_error)
        if not known.bot_is_member and "chat:write.public" not in workspace.config.manifest.scopes:
            raise SlackError("not_in_channel")

    def _own(self, channel: str, ts: str, refusal: str) -> Message:
        known = self.workspace.channels.get(channel)
        is_hidden = known and known.is_private and not known.bot_is_member
        if is_hidden or not self.workspace.is_conversation(channel):
            raise SlackError("channel_not_found")
        if known and known.is_archived:
            # Its documentation says so of chat.update, and nothing of chat.delete.
            raise SlackError("is_inactive" if refusal == "cant_update_message" else refusal)
        message = self.workspace.message(channel, ts)
        if message is None:
            raise SlackError("message_not_found")
        if message.get("bot_id") != self.workspace.config.bot_id:
            raise SlackError(refusal)
        return message


def thread(workspace: Workspace, channel: str, thread_ts: Any) -> str | None:
    """Return the ts of the thread in which an app may reply; None if it names none.

    Raises:
        SlackError: it may not.
    """
    if thread_ts is None:
        return None
    parent = workspace.message(channel, str(thread_ts))
    if parent is None:
        raise SlackError("thread_not_found")
    if parent.get("thread_ts", parent["ts"]) != parent["ts"]:
        raise SlackError("cannot_reply_to_message")
    if parent["ts"] in workspace.locked_threads:
        raise SlackError("restricted_action_thread_locked")
    return str(parent["ts"])


def _metadata(value: Any) -> dict[str, Any]:
    if not (
        isinstance(value, dict)
        and set(value) == {"event_type", "event_payload"}
        and isinstance(value["event_type"], str)
        and isinstance(value["event_payload"], dict)
    ):
        raise SlackError("invalid_metadata_format")
    return value
