"""The Slack app: Bolt behind a signature check of our own."""

import logging
from typing import Any

from aiohttp import web
from slack_bolt import BoltResponse
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest, AsyncRespond
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot import forms, sentences
from bot.slack_client import asking_slack

logger = logging.getLogger(__name__)


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

    async def identify(self) -> None:
        """Ask Slack who we are.

        Raises:
            SlackApiError: the token is wrong.
            TryAgain: Slack does not answer.
        """
        async with asking_slack():
            self._identity = await self._client.auth_test()

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


def make_slack_app(client: AsyncWebClient, installation: Installation) -> AsyncApp:
    """Make Bolt's app, without listeners yet.

    Args:
        client: Slack's Web API.
        installation: says whose requests are answered.
    """
    # Its warnings repeat whole requests, which hold what people typed and where to answer them.
    logging.getLogger("slack_bolt.AsyncApp").setLevel(logging.ERROR)

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
    app.error(_apologise)
    return app


async def _apologise(error: Exception, body: dict[str, Any], respond: AsyncRespond) -> BoltResponse:
    """Tell the person whose request failed in a way that nobody foresaw."""
    kind = body.get("type", "command")
    logger.error("a listener failed on a %s payload", kind, exc_info=error)
    if kind == "block_actions":
        await respond(text=sentences.TRY_AGAIN, replace_original=False)
    elif kind == "view_submission":
        view = forms.notice_modal("Sorry", sentences.TRY_AGAIN).to_dict()
        return BoltResponse(status=200, body={"response_action": "update", "view": view})
    elif kind == "command":
        return BoltResponse(status=200, body=sentences.TRY_AGAIN)
    return BoltResponse(status=200)


class SlackRequests:
    """Takes Slack's requests over HTTP.

    Bolt parses a body before it verifies its signature, answers 500 to malformed ones, and logs
    the body of unverified ones (measured); hence the check in front of it.

    Args:
        app: Bolt's app with its listeners.
        signing_secret: of the Slack app.
    """

    def __init__(self, app: AsyncApp, signing_secret: str) -> None:
        self._app = app
        self._verifier = SignatureVerifier(signing_secret)

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request: a command, a click, a form or an event."""
        raw = await request.read()
        if not self._is_from_slack(raw, request):
            logger.warning("refused a request to %s: its signature is not Slack's", request.path)
            raise web.HTTPUnauthorized(text="The signature is missing, wrong or too old.")
        try:
            bolt_request = AsyncBoltRequest(
                body=raw.decode(),
                query=request.query_string,
                headers=dict(request.headers),
            )
        except ValueError as error:
            raise web.HTTPBadRequest(text="The body is not what Slack sends.") from error
        return await to_aiohttp_response(await self._app.async_dispatch(bolt_request))

    def _is_from_slack(self, raw: bytes, request: web.Request) -> bool:
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        # Slack's own verifier fails on what it cannot read instead of refusing it.
        if not (timestamp.isascii() and timestamp.isdecimal() and signature.isascii()):
            return False
        try:
            return self._verifier.is_valid(raw, timestamp, signature)
        except (UnicodeDecodeError, OverflowError):
            return False
