"""The Slack app: Bolt behind a signature check of our own."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from slack_bolt import BoltResponse
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest, AsyncRespond
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot import forms, sentences
from bot.background import Background
from bot.expense import TryAgain
from bot.limits import Limits
from bot.slack_client import asking_slack

logger = logging.getLogger(__name__)

IDENTIFY_SECONDS = 5.0


class Installation:
    """The workspace that the bot is installed in.

    Bolt would ask Slack who we are before it lets the first requests through, and lose a click
    if Slack did not answer; this asks once at the start, and again until it knows.

    Args:
        client: Slack's Web API.
    """

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._identity: AsyncSlackResponse | None = None
        self._app_id: str | None = None

    async def identify(self) -> None:
        """Ask Slack who we are.

        Raises:
            SlackApiError: the token is wrong.
            TryAgain: Slack does not answer.
        """
        async with asking_slack():
            self._identity = await self._client.auth_test()
            if self._app_id is None:
                answer = await self._client.bots_info(bot=self._identity["bot_id"])
                self._app_id = answer["bot"]["app_id"]

    async def identify_in_the_end(self) -> None:
        """Ask until Slack has told us."""
        while self._app_id is None:
            await asyncio.sleep(IDENTIFY_SECONDS)
            try:
                await self.identify()
            except (TryAgain, SlackApiError) as error:
                logger.warning("Slack does not say who we are: %s", error)

    def authorize(self, enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        """Let Bolt answer our own workspace, and no other."""
        known = self._identity
        if known and team_id and team_id != known["team_id"]:
            logger.warning("refused a request of another workspace")
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=known["user_id"] if known else None,
            bot_id=known["bot_id"] if known else None,
            bot_token=self._client.token,
        )

    async def refuse_other_apps(
        self, body: dict[str, Any], next: Callable[[], Awaitable[None]]
    ) -> BoltResponse | None:
        """Answer what is meant for our own app, and nothing else."""
        app_id = body.get("api_app_id")
        if self._app_id and app_id and app_id != self._app_id:
            logger.warning("refused a request for another app")
            return BoltResponse(status=403, body="This request is meant for another app.")
        await next()
        return None


def make_slack_app(
    client: AsyncWebClient, installation: Installation, background: Background
) -> AsyncApp:
    """Make Bolt's app, without listeners yet.

    Args:
        client: Slack's Web API.
        installation: says whose requests are answered.
        background: apologises for what failed, after the acknowledgement.
    """
    # Its warnings repeat whole requests, which hold what people typed and where to answer them.
    logging.getLogger("slack_bolt.AsyncApp").setLevel(logging.ERROR)

    # Bolt passes arguments by name, and of a method also looks for one called self.
    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        return installation.authorize(enterprise_id, team_id)

    app = AsyncApp(
        client=client,
        authorize=authorize,  # type: ignore[arg-type]  # None refuses, as Bolt documents
        # Requests are verified in `SlackRequests`, before Bolt parses them; those of Socket Mode
        # come over a connection that we opened.
        request_verification_enabled=False,
        # Otherwise Bolt looks every 10 ms whether a listener has acknowledged.
        process_before_response=True,
    )

    app.use(installation.refuse_other_apps)

    async def apologise(
        error: Exception, body: dict[str, Any], respond: AsyncRespond
    ) -> BoltResponse:
        kind = "command" if "command" in body else body.get("type")
        logger.error("a listener failed on a %r payload", kind, exc_info=error)
        if kind == "block_actions" and respond.response_url:
            background.start(_say_try_again(respond))
        return _apology(kind)

    app.error(apologise)
    return app


async def _say_try_again(respond: AsyncRespond) -> None:
    await respond(text=sentences.TRY_AGAIN, response_type="ephemeral", replace_original=False)


def _apology(kind: object) -> BoltResponse:
    """Tell the person whose request failed in a way that nobody foresaw."""
    if kind == "view_submission":
        view = forms.notice_modal("Sorry", sentences.TRY_AGAIN).to_dict()
        return BoltResponse(status=200, body={"response_action": "update", "view": view})
    if kind == "command":
        return BoltResponse(status=200, body=sentences.TRY_AGAIN)
    return BoltResponse(status=200)


class SlackRequests:
    """Takes Slack's requests over HTTP.

    Bolt parses a body before it verifies its signature, logs the body of unverified ones, fails on
    malformed ones, and reads nothing of a command in which somebody typed "payload" (all
    measured); hence the check and the parsing in front of it.

    Args:
        app: Bolt's app with its listeners.
        signing_secrets: of the Slack app; any of them will do.
        limits: how much may be asked for.
    """

    def __init__(self, app: AsyncApp, signing_secrets: list[str], limits: Limits) -> None:
        self._app = app
        self._limits = limits
        self._verifiers = [SignatureVerifier(secret) for secret in signing_secrets]

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request: a command, a click, a form or an event."""
        raw = await self._limits.read(request)
        if not self._is_from_slack(raw, request):
            logger.warning("refused a request to %s: its signature is not Slack's", request.path)
            raise web.HTTPUnauthorized(text="The signature is missing, wrong or too old.")
        try:
            # To Bolt, this mode means no more than that the body is parsed.
            bolt_request = AsyncBoltRequest(
                body=_payload(raw, request.content_type), mode="socket_mode"
            )
            async with self._limits.place():
                answer = await self._app.async_dispatch(bolt_request)
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
            # Listeners' own errors never come here: Bolt hands them to its error handler.
            logger.warning("refused a body that is not what Slack sends", exc_info=error)
            raise web.HTTPBadRequest(text="The body is not what Slack sends.") from error
        return await to_aiohttp_response(answer)

    def _is_from_slack(self, raw: bytes, request: web.Request) -> bool:
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        # Slack's own verifier fails on what it cannot read instead of refusing it.
        if not (timestamp.isascii() and timestamp.isdecimal() and signature.isascii()):
            return False
        try:
            return any(verifier.is_valid(raw, timestamp, signature) for verifier in self._verifiers)
        except (ValueError, OverflowError):
            return False


def _payload(raw: bytes, content_type: str) -> dict[str, Any]:
    """Read a body: JSON for events, a form for commands, a form with JSON in it for the rest.

    Raises:
        ValueError: it is none of these.
    """
    if content_type == "application/json":
        payload = json.loads(raw)
    else:
        form = dict(parse_qsl(raw.decode(), keep_blank_values=True, errors="strict"))
        payload = json.loads(form["payload"]) if "payload" in form else form
    if not isinstance(payload, dict):
        raise ValueError("neither a JSON object nor a form")
    return payload
