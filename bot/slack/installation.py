"""The workspace that the bot is installed in, and whose requests it answers."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from yarl import URL

from bot.catalogue import say
from bot.domain.errors import SettingsError, TryAgain
from bot.domain.health.outages import with_cause
from bot.slack.errors import Kind, SlackRefusal
from bot.slack.web_client import asking_slack

logger = logging.getLogger(__name__)

IDENTIFY_SECONDS, LONGEST_PAUSE = 1.0, 300.0

# What Slack asks before it sends anything of a workspace's.
_OF_NO_WORKSPACE = "url_verification"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not answered."""

    why: str  # for the log and for the body of the answer
    tell: str = ""  # what the person who made it reads; "" if nothing may be sent anywhere for it
    status: int = 403


class Installation(AsyncAuthorize):
    """Knows who the bot is in Slack.

    Bolt would ask Slack who we are before it lets the first requests through, and lose a click
    if Slack did not answer; this asks once at the start, and again until it knows.
    """

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._identity: AsyncSlackResponse | None = None
        self._app_id: str | None = None

    @property
    def workspace(self) -> str:
        """The workspace's name and id, for the log; "not known yet" before Slack has told."""
        told = self._identity
        return f"{told['team']} ({told['team_id']})" if told else "not known yet"

    @property
    def address(self) -> str | None:
        """The workspace's address, such as https://example.slack.com/; None if not known yet."""
        return self._identity.get("url") if self._identity else None

    async def identify(self) -> None:
        """Ask Slack who we are.

        Raises:
            SlackRefusal: the token is wrong.
            SettingsError: it is not the token of one workspace.
            TryAgain: Slack does not answer.
        """
        async with asking_slack():
            self._identity = await self._client.auth_test()
            if self._identity.get("is_enterprise_install"):
                self._identity = None
                raise SettingsError(
                    "SLACK_BOT_TOKEN belongs to a whole Enterprise organisation, and the bot serves"
                    " one workspace: install the app into it and copy the token from there"
                )
            if self._app_id is None:
                answer = await self._client.bots_info(bot=self._identity["bot_id"])
                self._app_id = answer["bot"]["app_id"]

    async def begin(self) -> bool:
        """Ask Slack who we are, as `ask_at_the_start` does."""
        return await ask_at_the_start(self.identify, "SLACK_BOT_TOKEN")

    async def identify_in_the_end(self) -> None:
        """Ask until Slack has told us."""
        pause, said = IDENTIFY_SECONDS, ""
        while self._app_id is None:
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            try:
                await self.identify()
            except TryAgain:
                pass  # Slack's own line in the log says why
            except (SlackRefusal, SettingsError) as refusal:
                if str(refusal) != said:
                    logger.error("nobody is served yet: %s", refusal)
                said = str(refusal)

    def uninstalled(self) -> None:
        """Tell the operator that the app was removed from the workspace."""
        logger.error(
            "The Slack app was uninstalled from the workspace, so the bot can neither ask nor tell "
            "anybody: reinstall it, and copy SLACK_BOT_TOKEN again from OAuth & Permissions"
        )

    def revoked(self, bots: Collection[str]) -> None:
        """Tell the operator that the bot's token was revoked, if it is ours."""
        if not bots or (self._identity and self._identity["user_id"] not in bots):
            return
        logger.error(
            "SLACK_BOT_TOKEN was revoked, so the bot can neither ask nor tell anybody: "
            "reinstall the app, and copy the token again from OAuth & Permissions"
        )

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

    def refusal(self, body: Mapping[str, Any], team_id: str | None) -> Refusal | None:
        """Say why a request is not answered; None if it is.

        What is meant for another workspace or app is none of our business. And people are answered
        at Slack's own addresses: a stolen signing secret would otherwise let its holder have us
        call any address that we can reach and they cannot. So this comes before any answer.
        """
        url = body.get("response_url")
        if url and not is_at_home(url, self._client.base_url):
            return Refusal("The response_url is not Slack's.")
        if body.get("type") == _OF_NO_WORKSPACE:
            return None
        if not (self._identity and self._app_id):
            return Refusal("Slack has not said yet who the bot is.", status=503)
        app_id = body.get("api_app_id")
        if app_id and app_id != self._app_id:
            return Refusal("This request is meant for another app.")
        if team_id != self._identity["team_id"]:
            why = "This request is meant for another workspace."
            return Refusal(why, tell=say("other-workspace"))
        return None


async def ask_at_the_start(
    ask: Callable[[], Awaitable[None]], setting: str, advice: str = ""
) -> bool:
    """Make a first call with a token, and return whether Slack has answered it.

    If it has not, that passes, or nobody knows what it means.

    Args:
        setting: where the token comes from.
        advice: what to do if it is refused, if not what Slack's word for it means otherwise.

    Raises:
        SettingsError: somebody has to mend something first.
    """
    try:
        await ask()
        return True
    except SlackRefusal as refusal:
        if refusal.kind is Kind.OPERATOR:
            words = f"{setting} is refused by Slack ({refusal.code}): {advice or refusal.advice}"
            raise SettingsError(words) from refusal
        problem = str(refusal)
    except TryAgain as away:
        problem = with_cause(away)
    logger.warning("%s; the bot starts all the same and keeps trying", problem)
    return False


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
