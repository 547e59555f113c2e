"""How Slack's requests reach the app: signed HTTP, or a live Socket Mode connection."""

import asyncio
import hashlib
import hmac
import json
import logging
import time
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

import aiohttp

from sandbox.slack.clock import now
from sandbox.slack.config import WorkspaceConfig
from sandbox.slack.socket_mode import SocketMode

Kind = Literal["slash_commands", "interactive", "events_api"]
Retry = tuple[int, str]

logger = logging.getLogger(__name__)

TIMEOUT = "operation_timeout"
FAILED = "dispatch_failed"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Ack:
    """How the app acknowledged a request.

    Attributes:
        seconds: until the acknowledgement.
        status: of HTTP; None if none came.
        body: the JSON object that the app answered.
        text: what it answered otherwise.
        error: what Slack calls the failure; None if there is none.
        no_retry: whether the app asked that an event is not sent again.
    """

    seconds: float
    status: int | None = None
    body: dict[str, Any] | None = None
    text: str = ""
    error: str | None = None
    no_retry: bool = False

    @property
    def ok(self) -> bool:
        """Whether the person sees no error."""
        return self.error is None


def sign(secret: str, body: bytes, timestamp: int | None = None) -> dict[str, str]:
    """Make Slack's signature headers.

    slack_sdk can make them too, but only for UTF-8, and forged bodies need not be.

    Args:
        secret: the signing secret.
        body: the raw body.
        timestamp: in seconds since 1970; now unless it is given.
    """
    stamp = str(int(time.time()) if timestamp is None else timestamp)
    digest = hmac.new(secret.encode(), b"v0:%s:%s" % (stamp.encode(), body), hashlib.sha256)
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest.hexdigest()}",
    }


class Delivery:
    """Brings payloads to the app, and its acknowledgements back.

    Attributes:
        app_url: where the app is, without a slash at the end.
    """

    def __init__(self, config: WorkspaceConfig, sockets: SocketMode) -> None:
        self.config = config
        self.sockets = sockets
        self.app_url: str | None = None
        self._session: aiohttp.ClientSession | None = None
        self._verified: str | None = None

    async def close(self) -> None:
        """Close the connections to the app."""
        if self._session is not None:
            await self._session.close()

    async def send(
        self, kind: Kind, payload: dict[str, Any], path: str | None, retry: Retry | None = None
    ) -> Ack:
        """Send one payload to the app, over its websocket if it has one.

        Args:
            kind: of the payload, as Socket Mode calls it.
            payload: what is sent.
            path: of the request URL; over a websocket it does not matter.
            retry: the number of the attempt and the reason for it, for events.
        """
        ack = await self._send(kind, payload, path, retry)
        if not ack.ok:
            logger.warning("%s: %s (HTTP status %s)", kind, ack.error, ack.status)
        return ack

    async def _send(
        self, kind: Kind, payload: dict[str, Any], path: str | None, retry: Retry | None
    ) -> Ack:
        started = now()
        try:
            if self.sockets.live:
                answer = await asyncio.wait_for(
                    self.sockets.send(kind, payload, retry), self.config.ack_seconds
                )
                return Ack(now() - started, 200, answer)
            return await self._post(kind, payload, path, retry, started)
        except TimeoutError:
            error = TIMEOUT
        except (aiohttp.ClientError, ConnectionError):
            error = FAILED
        return Ack(now() - started, error=error)

    async def _post(
        self,
        kind: Kind,
        payload: dict[str, Any],
        path: str | None,
        retry: Retry | None,
        started: float,
    ) -> Ack:
        if self.app_url is None or path is None:
            return Ack(now() - started, error=FAILED)
        if kind == "events_api":
            content_type, body = JSON, json.dumps(payload).encode()
        elif kind == "interactive":
            content_type, body = FORM, urlencode({"payload": json.dumps(payload)}).encode()
        else:
            content_type, body = FORM, urlencode(payload).encode()
        headers = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0 (sandbox)"}
        if retry is not None:
            headers |= {"X-Slack-Retry-Num": str(retry[0]), "X-Slack-Retry-Reason": retry[1]}
        headers |= sign(self.config.signing_secret, body)
        if self._session is None:
            # Benchmarks click on many connections at once.
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                timeout=aiohttp.ClientTimeout(total=self.config.ack_seconds),
            )
        async with self._session.post(
            self.app_url + path, data=body, headers=headers, allow_redirects=False
        ) as response:
            text = await response.text(errors="replace")
            seconds = now() - started
            no_retry = response.headers.get("X-Slack-No-Retry") == "1"
            # Slack asks for 200 and nothing else.
            if response.status != 200:
                return Ack(seconds, response.status, error=FAILED, no_retry=no_retry)
            if response.content_type != JSON:
                return Ack(seconds, response.status, text=text)
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            return Ack(seconds, 200, error="invalid_response")
        return Ack(seconds, 200, answer)

    async def verify_url(self, path: str | None) -> bool:
        """Ask the app to repeat a challenge, as Slack does before it sends events over HTTP.

        Returns:
            Whether it did, now or earlier.
        """
        if self.sockets.live or (self.app_url is not None and self._verified == self.app_url):
            return True
        challenge = hashlib.sha256(str(time.time_ns()).encode()).hexdigest()
        payload = {"type": "url_verification", "challenge": challenge}
        ack = await self.send("events_api", payload, path)
        answered = ack.text if ack.body is None else ack.body.get("challenge")
        if ack.ok and answered == challenge:
            self._verified = self.app_url
            return True
        return False
