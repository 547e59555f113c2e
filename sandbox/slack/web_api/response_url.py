"""response_url: an app may answer an interaction five times within half an hour."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.faults import Faults, drop
from sandbox.slack.clock import now
from sandbox.slack.errors import SlackError, read_json_object
from sandbox.slack.web_api.chat import content
from sandbox.slack.web_api.endpoint import Call
from sandbox.slack.workspace import Message, Workspace

USES = 5
FIELDS = {
    "text",
    "blocks",
    "response_type",
    "replace_original",
    "delete_original",
    "thread_ts",
    "mrkdwn",
    "unfurl_links",
    "unfurl_media",
}


@dataclass
class _Url:
    user: str
    channel: str
    origin: str | None
    issued: float
    uses: int = 0


class ResponseUrls:
    """The addresses at which an app may answer what a person did."""

    def __init__(
        self,
        workspace: Workspace,
        faults: Faults,
        base_url: Callable[[], str],
        log: Callable[[Call], None],
    ) -> None:
        self.workspace = workspace
        self.faults = faults
        self.base_url = base_url
        self.log = log
        self._urls: dict[str, _Url] = {}

    def issue(self, kind: str, user: str, channel: str, origin: str | None = None) -> str:
        """Make the response_url of one interaction.

        Args:
            kind: `commands` or `actions`, which is part of the address.
            user: who acted.
            channel: where.
            origin: the ts of the message that was clicked on.
        """
        # Kept for twice the time, because expired is another error than unknown.
        oldest = now() - 2 * self.workspace.config.response_url_seconds
        while self._urls and next(iter(self._urls.values())).issued < oldest:
            del self._urls[next(iter(self._urls))]
        key = f"{time.time_ns()}/{secrets.token_urlsafe(18)}"
        self._urls[key] = _Url(user, channel, origin, now())
        return f"{self.base_url()}/{kind}/{self.workspace.config.team_id}/{key}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request to a response_url; as with Slack, success is `ok`."""
        fault = self.faults.take("response_url")
        if fault and fault.kind != "lost":
            refused = await self.faults.play(fault)
            if refused is not None:
                return refused
        await self.faults.take_time()
        url = self._urls.get(f"{request.match_info['number']}/{request.match_info['secret']}")
        body: dict[str, Any] = {}
        try:
            if url is None:
                raise SlackError("invalid_url")
            body = read_json_object(await request.read())
            self._use(url, body)
        except SlackError as error:
            self.log(Call("response_url", body, error.error, time.monotonic()))
            gone = error.error in ("invalid_url", "expired_url", "used_url")
            return web.json_response(error.body(), status=404 if gone else 400)
        self.log(Call("response_url", body, "ok", time.monotonic()))
        if fault and fault.kind == "lost":
            return drop(request)
        await self.faults.take_time()
        return web.Response(text="ok")

    def _use(self, url: _Url, body: dict[str, Any]) -> None:
        if now() - url.issued > self.workspace.config.response_url_seconds:
            raise SlackError("expired_url")
        if url.uses >= USES:
            raise SlackError("used_url")
        unknown = sorted(set(body) - FIELDS)
        if unknown:
            raise SlackError("invalid_payload", *[f"unknown field: {key}" for key in unknown])
        if body.get("delete_original"):
            self._delete(url)
        elif body.get("replace_original", url.origin is not None):
            # What answers a click takes the message's place, for everybody, unless it says not to.
            self._replace(url, body)
        else:
            self.show(body, url.user, url.channel)
        url.uses += 1

    def show(self, body: dict[str, Any], user: str, channel: str) -> str:
        """Show an answer to one person, or to the channel if it says so, and return its text.

        Raises:
            SlackError: with Slack's error string.
        """
        kind = body.get("response_type", "ephemeral")
        if kind not in ("ephemeral", "in_channel"):
            raise SlackError("invalid_payload", "response_type must be ephemeral or in_channel")
        unknown = sorted(set(body) - FIELDS)
        if unknown:
            raise SlackError("invalid_payload", *[f"unknown field: {key}" for key in unknown])
        text, blocks = content(body, self.workspace.files)
        message = self.workspace.compose(text, blocks, thread_ts=body.get("thread_ts"))
        if kind == "in_channel":
            self.workspace.put_message(channel, message)
        else:
            self.workspace.put_ephemeral(user, channel, message)
        return text

    def _replace(self, url: _Url, body: dict[str, Any]) -> None:
        old = self._original(url)
        text, blocks = content(body, self.workspace.files)
        message: Message = {**old, "text": text}
        message.pop("blocks", None)
        if blocks:
            message["blocks"] = blocks
        if self.workspace.ephemeral(url.user, message["ts"]):
            self.workspace.put_ephemeral(url.user, url.channel, message)
        else:
            self.workspace.put_message(url.channel, message)

    def _delete(self, url: _Url) -> None:
        ts = self._original(url)["ts"]
        if self.workspace.ephemeral(url.user, ts):
            self.workspace.delete_ephemeral(ts)
        else:
            self.workspace.delete_message(url.channel, ts)

    def _original(self, url: _Url) -> Message:
        if url.origin is not None:
            private = self.workspace.ephemeral(url.user, url.origin)
            if private is not None:
                return private.message
            message = self.workspace.message(url.channel, url.origin)
            if message is not None:
                return message
        raise SlackError("message_not_found")
