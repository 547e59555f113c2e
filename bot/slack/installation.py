"""The workspace that the bot is installed in, and whose requests it answers."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from yarl import URL

from bot.domain.errors import TryAgain
from bot.slack.errors import SlackRefusal
from bot.slack.web_client import asking_slack

logger = logging.getLogger(__name__)

IDENTIFY_SECONDS = 5.0


class Installation(AsyncAuthorize):
    """Knows who the bot is in Slack.

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
            except TryAgain:
                pass  # Slack's own line in the log says why
            except SlackRefusal as refusal:
                logger.warning("Slack does not say who we are: %s", refusal)

    async def __call__(
        self, *, enterprise_id: str | None, team_id: str | None, **_: Any
    ) -> AuthorizeResult:
        """Tell Bolt with which token a request is answered.

        Bolt gives functions their arguments by looking at their names, which costs as much as a
        signature does; with a class of its own, it knows them.
        """
        known = self._identity
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=known["user_id"] if known else None,
            bot_id=known["bot_id"] if known else None,
            bot_token=self._client.token,
        )

    def refusal(self, body: Mapping[str, Any], team_id: str | None) -> str | None:
        """Say why a request is not answered; None if it is.

        What is meant for another workspace or app is none of our business. And people are answered
        at Slack's own addresses: a stolen signing secret would otherwise let its holder have us
        call any address that we can reach and they cannot.

        Args:
            body: what Slack sent.
            team_id: the workspace that it comes from.
        """
        if self._identity and team_id and team_id != self._identity["team_id"]:
            return "This request is meant for another workspace."
        app_id = body.get("api_app_id")
        if self._app_id and app_id and app_id != self._app_id:
            return "This request is meant for another app."
        url = body.get("response_url")
        if url and not is_at_home(url, self._client.base_url):
            return "The response_url is not Slack's."
        return None


def is_at_home(url: object, api_url: str) -> bool:
    """Say whether an address is on the host of the Web API or below it, as hooks.slack.com is.

    It is read by yarl, as by the client that would call it.
    """
    try:
        given, home = URL(str(url)), URL(api_url)
    except ValueError:
        return False
    is_same_port = (given.scheme, given.port) == (home.scheme, home.port)
    host = given.host or ""
    return is_same_port and (host == home.host or host.endswith(f".{home.host}"))
