"""Slack's requests over HTTP: verified and parsed before Bolt sees them."""

import json
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier
from yarl import query_to_pairs

from bot.domain.health.findings import Finding, Level
from bot.web.foreground import Foreground
from bot.web.limits import Limits
from bot.web.log_throttle import LogThrottle

logger = logging.getLogger(__name__)

SLACK_EVENTS = "/slack/events"
# How old a signed request may be, or how far ahead its clock.
TOLERANCE_SECONDS = 300


class SlackRequests:
    """Takes Slack's requests over HTTP.

    Bolt parses a body before it verifies its signature, logs the body of unverified ones, fails on
    malformed ones, and reads nothing of a command in which somebody typed "payload" (all
    measured); hence the check and the parsing in front of it.

    Args:
        signing_secrets: of the Slack app; any of them will do.
    """

    def __init__(
        self, app: AsyncApp, signing_secrets: list[str], limits: Limits, foreground: Foreground
    ) -> None:
        self._app = app
        self._limits = limits
        self._foreground = foreground
        self._verifiers = [SignatureVerifier(secret) for secret in signing_secrets]
        self._refusals = LogThrottle(logger)
        self._is_proven, self._mismatches = False, 0

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request: a command, a click, a form or an event."""
        raw = await self._verified_body(request)
        try:
            # To Bolt, this mode means no more than that the body is parsed.
            bolt_request = AsyncBoltRequest(
                body=read_payload(raw, request.content_type), mode="socket_mode"
            )
            # Strangers never come here, so they hold nobody's work up.
            async with self._limits.place():
                with self._foreground.waiting():
                    answer = await self._app.async_dispatch(bolt_request)
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
            # Listeners' own errors never come here: Bolt hands them to its error handler.
            logger.warning("refused a body that is not what Slack sends", exc_info=error)
            raise web.HTTPBadRequest(text="The body is not what Slack sends.") from error
        return await to_aiohttp_response(answer)

    async def _verified_body(self, request: web.Request) -> bytes:
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        # The head alone gives most strangers away, and then nobody waits for their body.
        if _is_recent(timestamp, signature):
            raw = await self._limits.read(request)
            with suppress(UnicodeDecodeError):  # the verifier fails on what it cannot read
                if any(one.is_valid(raw, timestamp, signature) for one in self._verifiers):
                    self._is_proven = True
                    return raw
            self._mismatches += 1
            why = "SLACK_SIGNING_SECRET has not signed it"
        else:
            why = "it is not signed as Slack signs, or this machine's clock is wrong"
        self._refusals.note(f"refused a request to /slack/events: {why}")
        raise web.HTTPUnauthorized(text="The signature is missing, wrong or too old.")

    async def look(self) -> Sequence[Finding]:
        """Say if SLACK_SIGNING_SECRET may be wrong; once a request has proven it, strangers are."""
        if self._is_proven or not self._mismatches:
            return []
        what = (
            f"SLACK_SIGNING_SECRET has signed none of the {self._mismatches} requests since the "
            "start, so nobody's clicks and commands arrive"
        )
        do = "Copy the Signing Secret again from the app's Basic Information."
        key = "signing secret"
        return [Finding(part="Slack", level=Level.WARNING, what=what, do=do, key=key)]


def _is_recent(timestamp: str, signature: str) -> bool:
    """Return whether a request claims to be signed, and just now."""
    is_readable = timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12
    if not (is_readable and signature.isascii() and signature.startswith("v0=")):
        return False
    return abs(time.time() - int(timestamp)) <= TOLERANCE_SECONDS


def read_payload(raw: bytes, content_type: str) -> dict[str, Any]:
    """Read a body: JSON for events, a form for commands, a form with JSON in it for the rest."""
    if content_type == "application/json":
        payload = json.loads(raw)
    else:
        # Like `urllib.parse.parse_qsl`, which takes ten times as long for the form of a click.
        text = raw.decode()
        form = dict(query_to_pairs(text))
        if any("\N{REPLACEMENT CHARACTER}" in value for value in form.values()):
            # yarl puts it where there is no UTF-8, which urllib refuses.
            form = dict(parse_qsl(text, keep_blank_values=True, errors="strict"))
        payload = json.loads(form["payload"]) if "payload" in form else form
    if not isinstance(payload, dict):
        raise ValueError("neither a JSON object nor a form")
    return payload
