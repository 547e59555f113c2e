"""Slack's Web API over pooled connections."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.request import proxy_bypass

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import Block
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook import WebhookResponse
from yarl import URL

from bot import USER_AGENT
from bot.domain.errors import TryAgain
from bot.domain.health.outages import Outage, with_cause
from bot.slack.errors import (
    MEANING,
    RATE_LIMITS,
    UNSURE,
    Kind,
    RateLimited,
    SlackAway,
    SlackRefusal,
    SlackSilent,
    SlackUnsure,
)
from bot.slack.rate_limiter import RateLimiter
from bot.slack.time_budget import WHISPER_SECONDS

logger = logging.getLogger(__name__)

_outage = Outage(
    "Slack",
    logger,
    besides=(RateLimited,),
    do="See SLACK_API_URL and HTTPS_PROXY, if they are set, and https://slack-status.com.",
)

# Slack answers within a second or not at all; deliveries that time out are made again.
TIMEOUT = aiohttp.ClientTimeout(total=5)
# How often a call is made that nobody waits for, and the longest pause in seconds between two.
TRIES, LONGEST_PAUSE = 5, 30.0
# The members of the largest user group are some hundred KB.
MAX_ANSWER = 8 * 1024 * 1024
# Slack asks for a minute at most; a peer that is not Slack could ask for a year.
MAX_PATIENCE = 300.0


class _BoundedResponse(aiohttp.ClientResponse):
    """An answer that is given up when it grows beyond all measure."""

    async def read(self) -> bytes:
        """Read the body."""
        if self._body is None:
            body = bytearray()
            async for chunk in self.content.iter_any():
                body += chunk
                if len(body) > MAX_ANSWER:
                    self.close()
                    raise aiohttp.ClientPayloadError("the answer is too large")
            self._body = bytes(body)
        return self._body


def make_session() -> aiohttp.ClientSession:
    """Make the connections over which Slack and the payment system are asked."""
    return aiohttp.ClientSession(
        timeout=TIMEOUT, response_class=_BoundedResponse, headers={"User-Agent": USER_AGENT}
    )


class LimitedClient(AsyncWebClient):
    """A client that keeps to Slack's rate limits.

    Bolt makes other clients for listeners, which never wait for a turn.

    Attributes:
        limiter: gives calls their turns.
    """

    def __init__(self, limiter: RateLimiter, **given: Any) -> None:
        super().__init__(**given)
        self.limiter = limiter

    async def api_call(self, api_method: str, **given: Any) -> AsyncSlackResponse:
        """Call Slack when it is this call's turn."""
        arguments = given.get("json") or {}
        await self.limiter.turn(api_method, arguments)
        try:
            return await super().api_call(api_method, **given)
        except SlackApiError as error:
            if _is_rate_limit(error):
                seconds = _retry_after(error)
                logger.warning("Slack asks for %.0f s before the next %s", seconds, api_method)
                self.limiter.refused(api_method, arguments, seconds)
            raise


def make_slack_client(token: str, api_url: str, session: aiohttp.ClientSession) -> LimitedClient:
    """Make a client that never repeats a call by itself, and is never too fast for Slack.

    The default one sends a message twice when an answer is lost (measured), and opens a new
    connection for every call; with a session, only the session's own time-out counts.
    """
    base_url = api_url if api_url.endswith("/") else f"{api_url}/"
    _respect_no_proxy(URL(base_url).host or "")
    return LimitedClient(
        RateLimiter(),
        token=token,
        base_url=base_url,
        session=session,
        retry_handlers=[],
        user_agent_prefix=USER_AGENT,
    )


def _respect_no_proxy(host: str) -> None:
    """Hide the proxy from slack_sdk if NO_PROXY says that Slack is reached without it.

    The SDK reads HTTP(S)_PROXY whenever it makes a client, for each request of Slack and for each
    `response_url`, and does not know NO_PROXY. Nothing else in this process uses a proxy.
    """
    if proxy_bypass(host):
        for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
            os.environ.pop(name, None)


@asynccontextmanager
async def asking_slack(within: float | None = None) -> AsyncIterator[None]:
    """Turn what goes wrong when Slack is asked into errors of ours.

    Args:
        within: seconds that it may take, if less than a call may take anyway.

    Raises:
        SlackAway: the same call may succeed later; `SlackUnsure` if it may have succeeded already,
            `RateLimited` if there were too many.
        SlackRefusal: Slack said no, and says no again.
    """
    with _outage:
        try:
            async with asyncio.timeout(within):
                yield
        except SlackApiError as error:
            raise _meaning(error) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SlackSilent("Slack does not answer.", after=2) from error
        except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            # JSON of another shape than Slack's, which the SDK and we only find out by reading it.
            raise SlackAway("Slack answers what cannot be read.", after=2) from error


def _meaning(error: SlackApiError) -> SlackAway | SlackRefusal:
    """Say what an error of Slack's means for its caller."""
    if _is_rate_limit(error):
        return RateLimited("Slack asks for patience.", after=_retry_after(error))
    if (status := _status(error)) >= 500:
        # A gateway does not know what becomes of the call.
        away = SlackUnsure if status in (502, 504) else SlackAway
        return away("Slack is out of order.", after=2)
    if not (code := _code(error)):
        # Such as the web page of a proxy, which says nothing about the call.
        return SlackAway("Slack answers what cannot be read.", after=2)
    if MEANING.get(code, (Kind.UNKNOWN, ""))[0] is Kind.PASSING:
        # Slack says so with HTTP 200.
        away = SlackUnsure if code in UNSURE else SlackAway
        return away("Slack is out of order.", after=2)
    method = str(getattr(error.response, "api_url", "")).rpartition("/")[2]
    return SlackRefusal(code, method, str(error.response.data.get("needed") or ""))


async def keep_asking(ask: Callable[[], Awaitable[object]], what: str) -> None:
    """Make a call that may be repeated until Slack takes it, but not for ever.

    Args:
        what: what it is for, as the log says when it is given up.
    """
    problem = ""
    for _ in range(TRIES):
        try:
            async with asking_slack():
                await ask()
            return
        except TryAgain as later:
            problem = with_cause(later)
            await asyncio.sleep(min(later.after, LONGEST_PAUSE))
        except SlackRefusal as refusal:
            problem = str(refusal)
            break
    logger.warning("given up %s: %s", what, problem)


def _status(error: SlackApiError) -> int:
    """Return HTTP's status; the SDK hands on aiohttp's own answer if it cannot read one."""
    status: int = getattr(error.response, "status_code", 0) or getattr(
        error.response, "status", 200
    )
    return status


def _code(error: SlackApiError) -> str:
    """Return Slack's word for the reason; "" if there is none."""
    answer = getattr(error.response, "data", None)
    code = answer.get("error") if isinstance(answer, dict) else None
    return code if isinstance(code, str) else ""


def _is_rate_limit(error: SlackApiError) -> bool:
    """Return whether Slack asks for patience, with HTTP 429 or in an answer with HTTP 200."""
    return _status(error) == 429 or _code(error) in RATE_LIMITS


def _retry_after(error: SlackApiError) -> float:
    return patience(error.response.headers)


def patience(headers: Mapping[str, str]) -> float:
    """Read for how many seconds Slack asks the bot to wait."""
    seconds = headers.get("Retry-After", "")
    is_number = seconds.isascii() and seconds.isdecimal() and len(seconds) < 10
    return min(float(seconds), MAX_PATIENCE) if is_number else 1.0


async def whisper(
    respond: Callable[..., Awaitable[WebhookResponse]],
    text: str,
    within: float = WHISPER_SECONDS,
    blocks: Sequence[Block] | None = None,
) -> None:
    """Say something to one person only, before their click is acknowledged.

    An acknowledged click that changes nothing must not end in silence, and nobody would finish
    this for a process that died after the acknowledgement.

    Raises:
        TryAgain: Slack did not take it. Without an acknowledgement, Slack itself shows an error.
    """
    async with asking_slack(within):
        answer = await respond(
            text=text, blocks=blocks, response_type="ephemeral", replace_original=False
        )
    # Slack refuses with HTTP 200, too.
    if answer.status_code != 200 or '"ok":false' in "".join(answer.body.split()):
        raise TryAgain("Slack did not take a private sentence.")
