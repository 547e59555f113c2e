"""What Slack knows of people: their language, their time zone, their groups."""

import asyncio
import logging

from async_lru import alru_cache
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.expense import TryAgain
from bot.reader import ANYBODY, Reader, make_reader
from bot.slack_client import asking_slack

logger = logging.getLogger(__name__)

# How soon somebody who left a user group can no longer decide. Slack allows 20 look-ups a minute.
GROUP_SECONDS = 15
PROFILE_SECONDS = 3600
# Slack gives us 3 s to acknowledge, and whoever clicked or typed waits for it.
PATIENCE_SECONDS = 1.5


class People:
    """Asks Slack about people, and remembers the answers for a while.

    Args:
        client: Slack's Web API.
    """

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self.group_members = alru_cache(maxsize=256, ttl=GROUP_SECONDS)(self._group_members)
        self._profile = alru_cache(maxsize=10_000, ttl=PROFILE_SECONDS)(self._users_info)

    async def reader(self, person: str) -> Reader:
        """Say how this person reads; like anybody if Slack does not tell."""
        try:
            return await self._profile(person)
        except (TryAgain, SlackApiError):
            return ANYBODY

    async def _group_members(self, group: str) -> frozenset[str]:
        try:
            async with asking_slack(), asyncio.timeout(PATIENCE_SECONDS):
                answer = await self._client.usergroups_users_list(usergroup=group)
        except SlackApiError as error:
            # Whoever cannot be looked up may not decide; the request stays open meanwhile.
            logger.error("EXPENSE_APPROVERS: Slack says %s of %s", error.response["error"], group)
            raise TryAgain("Slack does not say who is in the group of approvers.") from error
        return frozenset(answer["users"])

    async def _users_info(self, person: str) -> Reader:
        async with asking_slack(), asyncio.timeout(PATIENCE_SECONDS):
            answer = await self._client.users_info(user=person, include_locale=True)
        user = answer["user"]
        return make_reader(user.get("locale"), user.get("tz"))
