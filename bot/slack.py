"""The Slack app: Bolt, answering our own workspace and our own app only."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncRespond
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot import forms, sentences
from bot.errors import TryAgain
from bot.slack_client import asking_slack, reason_of, whisper

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
                logger.warning("Slack does not say who we are: %s", reason_of(error))

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

    async def refuse_foreign_addresses(
        self, body: dict[str, Any], next: Callable[[], Awaitable[None]]
    ) -> BoltResponse | None:
        """Answer people at Slack's own addresses, and nowhere else.

        A stolen signing secret would otherwise let its holder have us call any address that we
        can reach and they cannot.
        """
        url = body.get("response_url")
        if url and not _is_at_home(url, self._client.base_url):
            logger.warning("refused a request with a response_url that is not Slack's")
            return BoltResponse(status=403, body="The response_url is not Slack's.")
        await next()
        return None


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

    # Bolt passes arguments by name, and of a method also looks for one called self.
    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        return installation.authorize(enterprise_id, team_id)

    app = AsyncApp(
        client=client,
        authorize=authorize,  # type: ignore[arg-type]  # None refuses, as Bolt documents
        # `bot.slack_requests` verifies them before Bolt parses them; those of Socket Mode come
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
    app.use(installation.refuse_other_apps)
    app.use(installation.refuse_foreign_addresses)

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
        view = forms.notice_modal("Sorry", sentences.TRY_AGAIN).to_dict()
        return BoltResponse(status=200, body={"response_action": "update", "view": view})
    if kind == "command":
        return BoltResponse(status=200, body=sentences.TRY_AGAIN)
    return BoltResponse(status=200)
