"""Answers calls of the Web API: who may call what, and how, in Slack's words."""

import json
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from sandbox.faults import Faults, drop, too_many_requests
from sandbox.slack.errors import SlackError, read_json_object
from sandbox.slack.views import Views
from sandbox.slack.web_api.methods import Arguments, Method, methods
from sandbox.slack.web_api.rate_limits import RateLimits
from sandbox.slack.web_api.uploads import Uploads
from sandbox.slack.workspace import Workspace

logger = logging.getLogger(__name__)

# Arguments that are JSON documents inside a form.
DOCUMENTS = ("blocks", "view", "metadata", "files")
CALLS_KEPT = 100_000


@dataclass(frozen=True)
class Call:
    """One call of the Web API, without its token."""

    method: str
    arguments: Arguments
    outcome: str
    at: float


class WebApi:
    """Answers `/api/<method>` as Slack does, only more strictly."""

    def __init__(
        self,
        workspace: Workspace,
        views: Views,
        faults: Faults,
        limits: RateLimits,
        base_url: Callable[[], str],
        open_connection: Callable[[], str],
    ) -> None:
        self.workspace = workspace
        self.faults = faults
        self.limits = limits
        self.calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        self.uploads = Uploads(workspace, faults, base_url)
        self.methods = methods(workspace, views, self.uploads, base_url, open_connection)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call, with the faults that were asked for."""
        name = request.match_info["method"]
        fault = self.faults.take(name, await request.read())
        arguments: Arguments = {}
        if fault and fault.kind != "lost":
            refused = await self.faults.play(fault)
            if refused is not None:
                self._log(name, arguments, fault.kind)
                return refused
        try:
            arguments, token = await self._read(request)
            await self.faults.take_time()
            body = self._run(name, arguments, token)
            outcome = "ok"
        except SlackError as error:
            body, outcome = error.body(), error.error
            logger.warning("%s: %s %s", name, error.error, " ".join(error.messages))
        except _RateLimited as limit:
            self._log(name, arguments, "ratelimited")
            return too_many_requests(limit.seconds)
        if fault and fault.kind == "lost":
            # The call was carried out, and the app never learns of it.
            self._log(name, arguments, "lost")
            return drop(request)
        self._log(name, arguments, outcome)
        await self.faults.take_time()
        scopes = self.methods[name].scopes if name in self.methods else ()
        return web.json_response(
            body,
            headers={
                "X-OAuth-Scopes": ",".join(sorted(self.workspace.config.manifest.scopes)),
                "X-Accepted-OAuth-Scopes": ",".join(scopes),
            },
        )

    def _log(self, method: str, arguments: Arguments, outcome: str) -> None:
        self.calls.append(Call(method, arguments, outcome, time.monotonic()))

    def _run(self, name: str, arguments: Arguments, token: str) -> dict[str, Any]:
        if name not in self.methods:
            raise SlackError("unknown_method", req_method=name)
        method = self.methods[name]
        self._authorize(method, token)
        place = self.workspace.conversation_of(str(arguments.get("channel", "")))
        # A person's id and their direct messages are the same channel.
        place = self.workspace.dm_users.get(place, place)
        wait = self.limits.retry_after(name, place)
        if wait is not None:
            raise _RateLimited(wait)
        missing = [key for key in method.required if arguments.get(key) in (None, "")]
        unknown = sorted(set(arguments) - {*method.required, *method.optional})
        problems = [f"missing required field: {key}" for key in missing]
        problems += [f"unknown argument: {key}" for key in unknown]
        problems += [
            f"must provide a string [json-pointer:/{key}]"
            for key in method.required
            if key not in DOCUMENTS and key not in missing and not isinstance(arguments[key], str)
        ]
        if problems:
            raise SlackError("invalid_arguments", *problems)
        return method.run(arguments)

    def _authorize(self, method: Method, token: str) -> None:
        config = self.workspace.config
        if not token:
            raise SlackError("not_authed")
        right, other = config.bot_token, config.app_token
        if method.app_token:
            right, other = other, right
        given = token.encode(errors="replace")
        if not secrets.compare_digest(given, right.encode()):
            if secrets.compare_digest(given, other.encode()):
                raise SlackError("not_allowed_token_type")
            raise SlackError("invalid_auth")
        if self.workspace.app_error:
            raise SlackError(self.workspace.app_error)
        granted = config.manifest.scopes
        if method.scopes and not granted.intersection(method.scopes):
            raise SlackError(
                "missing_scope",
                needed=",".join(method.scopes),
                provided=",".join(sorted(granted)),
            )

    async def _read(self, request: web.Request) -> tuple[Arguments, str]:
        """Read arguments and token from the places where Slack takes them."""
        config = self.workspace.config
        if request.method not in ("GET", "POST"):
            raise SlackError("invalid_arguments", "only GET and POST are supported")
        pairs = list(request.query.items())
        body = await request.read()
        arguments: Arguments = {}
        if body and request.content_type == "application/json":
            known = self.methods.get(request.match_info["method"])
            if known is not None and not known.takes_json:
                raise SlackError("invalid_arguments", "this method does not take JSON")
            arguments = read_json_object(body)
            if "token" in arguments:
                raise SlackError("invalid_arguments", "token belongs into the header")
        elif body and request.content_type == "application/x-www-form-urlencoded":
            try:
                pairs += parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
            except UnicodeDecodeError as error:
                raise SlackError("invalid_form_data") from error
        elif body:
            raise SlackError("invalid_post_type")
        for key, value in pairs:
            if key in arguments:
                raise SlackError("invalid_arguments", f"repeated argument: {key}")
            arguments[key] = value
        for key in DOCUMENTS:
            # Slack takes these as strings inside JSON, too.
            if isinstance(arguments.get(key), str):
                arguments[key] = _document(key, arguments[key])
        scheme, _, header = request.headers.get("Authorization", "").partition(" ")
        in_form = arguments.pop("token", "")
        # Bolt names the team with every call; a bot token belongs to one team anyway.
        if arguments.pop("team_id", config.team_id) != config.team_id:
            raise SlackError("team_not_found")
        return arguments, header.strip() if scheme.lower() == "bearer" else in_form


class _RateLimited(Exception):
    def __init__(self, seconds: int) -> None:
        self.seconds = seconds


def _document(key: str, value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        refusal = "invalid_blocks_format" if key == "blocks" else "invalid_arguments"
        raise SlackError(refusal, f"must be JSON [json-pointer:/{key}]") from error
