"""Files that the app uploads: a ticket, the bytes, and the message that shows the file.

https://docs.slack.dev/messaging/working-with-files#upload
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.faults import Faults, drop
from sandbox.ids import new_id
from sandbox.slack.errors import SlackError
from sandbox.slack.web_api.chat import thread
from sandbox.slack.workspace import Workspace

# Slack's own limit is 1 GB; a stand-in keeps files in memory.
LARGEST = 100 * 1024 * 1024
LONGEST_ALT_TEXT = 1000
# What Slack answers to a person's id: https://github.com/slackapi/bolt-js/issues/2115.
_CONVERSATION = re.compile(r"[CGDZ][A-Z0-9]{8,}")
_FIELDS = {"id", "title", "highlight_type"}


@dataclass
class _Ticket:
    """An upload that was begun; it is forgotten when it ends."""

    file_id: str
    name: str
    length: int
    content: bytes | None = None


class Uploads:
    """Answers the three calls of an upload. What was not completed nobody ever sees.

    Args:
        workspace: whose files they become.
        faults: those of `upload` meet the call that brings the bytes.
        base_url: tells where the workspace is.
    """

    def __init__(self, workspace: Workspace, faults: Faults, base_url: Callable[[], str]) -> None:
        self.workspace = workspace
        self.faults = faults
        self.base_url = base_url
        self._tickets: dict[str, _Ticket] = {}  # by the secret part of their address

    def get_url(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Answer files.getUploadURLExternal."""
        name, length = arguments["filename"], str(arguments["length"])
        if not name.strip() or not name.isprintable() or "/" in name or len(name) > 255:
            raise SlackError("invalid_arguments", "no name of a file [json-pointer:/filename]")
        if not (length.isascii() and length.isdecimal()):
            raise SlackError("invalid_arguments", "must be an integer [json-pointer:/length]")
        if int(length) == 0:
            raise SlackError("missing_argument")
        if int(length) > LARGEST:
            raise SlackError("file_upload_size_restricted")
        if len(arguments.get("alt_txt", "")) > LONGEST_ALT_TEXT:
            raise SlackError("alt_txt_too_large")
        secret = secrets.token_urlsafe(32)
        ticket = self._tickets[secret] = _Ticket(new_id("F"), name, int(length))
        url = f"{self.base_url()}/upload/v1/{secret}"
        return {"ok": True, "upload_url": url, "file_id": ticket.file_id}

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Take the bytes, once, as many as were announced, as a body of their own."""
        fault = self.faults.take("upload")
        if fault and fault.kind != "lost":
            refused = await self.faults.play(fault)
            if refused is not None:
                return refused
        content = bytearray()
        async for chunk in request.content.iter_any():
            if len(content) <= LARGEST:
                content += chunk
        await self.faults.take_time()
        ticket = self._tickets.get(request.match_info["secret"])
        if ticket is None or ticket.content is not None:
            return web.Response(status=404, text="no such upload")
        if "Authorization" in request.headers:
            # The address is the secret; another host's server is no place for a token.
            return web.Response(status=400, text="no token belongs here")
        if len(content) != ticket.length:
            return web.Response(status=400, text="not as long as it was said")
        ticket.content = bytes(content)
        if fault:
            return drop(request)
        return web.Response(text=f"OK - {ticket.length}")

    def complete(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Answer files.completeUploadExternal, which can be called once for an upload."""
        wanted = _files(arguments["files"])
        channel = arguments.get("channel_id")
        if channel is not None:
            self._check_place(str(channel))
        thread_ts = arguments.get("thread_ts")
        if thread_ts is not None:
            if channel is None:
                raise SlackError("invalid_arguments", "no channel [json-pointer:/thread_ts]")
            thread_ts = thread(self.workspace, channel, thread_ts)
        tickets = {ticket.file_id: secret for secret, ticket in self._tickets.items()}
        for one in wanted:
            secret = tickets.get(one["id"])
            if secret is None or self._tickets[secret].content is None:
                raise SlackError("file_not_found")
        files = []
        for one in wanted:
            ticket = self._tickets.pop(tickets[one["id"]])
            assert ticket.content is not None  # noqa: S101
            title = one.get("title") or ticket.name
            files.append(self._keep(ticket, ticket.content, title, channel))
        if channel is not None:
            message = self.workspace.compose(
                arguments.get("initial_comment", ""), thread_ts=thread_ts
            )
            self.workspace.put_message(channel, {**message, "files": files, "upload": True})
        return {"ok": True, "files": files}

    def _keep(self, ticket: _Ticket, content: bytes, title: str, channel: str | None) -> Any:
        bot = self.workspace.config.bot_user_id
        files = self.workspace.files
        files.keep(bot, ticket.name, content, id=ticket.file_id, title=title, channel=channel)
        files.give_to_the_app(ticket.file_id)
        return files.described(ticket.file_id)

    def _check_place(self, channel: str) -> None:
        if not _CONVERSATION.fullmatch(channel):
            pattern = f"^{_CONVERSATION.pattern}$"
            raise SlackError(
                "invalid_arguments",
                f"input must match regex pattern: {pattern} [json-pointer:/channel_id]",
            )
        if channel in self.workspace.dm_users:
            return
        known = self.workspace.channels.get(channel)
        if known is None or (known.is_private and not known.bot_is_member):
            raise SlackError("channel_not_found")
        # Unlike a message, a file is only shared where the app is, whatever its scopes are.
        if not known.bot_is_member:
            raise SlackError("not_in_channel")
        if known.is_archived or known.posting_error:
            raise SlackError("posting_to_channel_denied")


def _files(given: Any) -> list[dict[str, Any]]:
    is_list = isinstance(given, list) and bool(given)
    if not is_list or not all(
        isinstance(one, dict)
        and isinstance(one.get("id"), str)
        and set(one) <= _FIELDS
        and all(isinstance(value, str) for value in one.values())
        for one in given
    ):
        raise SlackError("invalid_arguments", "must be files [json-pointer:/files]")
    if len({one["id"] for one in given}) < len(given):
        raise SlackError("invalid_arguments", "a file twice [json-pointer:/files]")
    return list(given)
