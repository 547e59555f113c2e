"""The Slack app: Bolt, answering our own workspace and our own app only."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest, AsyncRespond
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.block_kit import modals, sentences
from bot.domain.errors import TryAgain
from bot.slack.errors import SlackRefusal
from bot.slack.web_client import asking_slack, whisper

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
            SlackRefusal: the token is wrong.
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
            except (TryAgain, SlackRefusal) as error:
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

    def refusal(self, body: Mapping[str, Any]) -> str | None:
        """Say why a request is not answered; None if it is.

        What is meant for another app is none of our business. And people are answered at Slack's
        own addresses: a stolen signing secret would otherwise let its holder have us call any
        address that we can reach and they cannot.
        """
        app_id = body.get("api_app_id")
        if self._app_id and app_id and app_id != self._app_id:
            return "This request is meant for another app."
        url = body.get("response_url")
        if url and not _is_at_home(url, self._client.base_url):
            return "The response_url is not Slack's."
        return None


class _Authorize(AsyncAuthorize):
    """Bolt's question whom to answer.

    Bolt gives functions their arguments by looking at their names, which costs as much as a
    signature does; with its own classes, it knows them.
    """

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    async def __call__(
        self, *, enterprise_id: str | None, team_id: str | None, **_: Any
    ) -> AuthorizeResult | None:
        return self._installation.authorize(enterprise_id, team_id)


class _RefuseOthers(AsyncMiddleware):
    """Bolt's way past which only our own requests come."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],
    ) -> BoltResponse | None:
        """Go on, or refuse."""
        if why := self._installation.refusal(req.body):
            logger.warning("refused a request: %s", why)
            return BoltResponse(status=403, body=why)
        return await next()


def _is_at_home(url: object, api_url: str) -> bool:
    """Say whether an address is on the host of the Web API or below it, as hooks.slack.com is."""
    try:
        given, home = urlsplit(str(url)), urlsplit(api_url)
        same_port = (given.scheme, given.port) == (home.scheme, home.port)
        host, home_host = given.hostname or "", home.hostname or ""
    except ValueError:
        return False
    return same_port and (host == home_host or host.endswith(f".{home_host}"))


def make_slack_app(client: AsyncWebClient, installation: Installation) -> AsyncApp:
    """Make Bolt's app, without listeners yet.

    Args:
        client: Slack's Web API.
        installation: says whose requests are answered.
    """
    app = AsyncApp(
        client=client,
        authorize=_Authorize(installation),  # type: ignore[arg-type]  # it takes one of its own
        # `bot.web.slack_endpoint` verifies them before Bolt parses them; those of Socket Mode come
        # over a connection that we opened.
        request_verification_enabled=False,
        # Otherwise Bolt looks every 10 ms whether a listener has acknowledged.
        process_before_response=True,
        # For bots that hear themselves, functions and assistants, none of which there are here;
        # each of these middlewares would look at every click.
        ignoring_self_events_enabled=False,
        ignoring_self_assistant_message_events_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )

    # Its warnings repeat whole requests, which hold what people typed and where to answer them.
    # Bolt sets the level anew whenever an app is made.
    logging.getLogger("slack_bolt.AsyncApp").setLevel(logging.ERROR)
    app.use(_RefuseOthers(installation))

    async def apologise(
        error: Exception, body: dict[str, Any], respond: AsyncRespond
    ) -> BoltResponse:
        kind = "command" if "command" in body else body.get("type")
        try:
            if isinstance(error, TryAgain):
                raise error
            logger.error("a listener failed on a %r payload", kind, exc_info=error)
            if kind == "block_actions" and respond.response_url:
                await whisper(respond, sentences.TRY_AGAIN)
        except TryAgain as away:
            # Whoever cannot be told sees Slack's own error instead of an acknowledgement.
            logger.warning("a %r payload is not acknowledged: %s", kind, away)
            return BoltResponse(status=503, body=str(away))
        return _apology(kind)

    app.error(apologise)
    return app


def _apology(kind: object) -> BoltResponse:
    """Tell the person whose request failed in a way that nobody foresaw."""
    if kind == "view_submission":
        view = modals.notice_modal("Sorry", sentences.TRY_AGAIN).to_dict()
        return BoltResponse(status=200, body={"response_action": "update", "view": view})
    if kind == "command":
        return BoltResponse(status=200, body=sentences.TRY_AGAIN)
    return BoltResponse(status=200)
