"""What Slack knows of people: their language, their time zone, their groups."""

import asyncio
import logging
from collections.abc import Collection
from dataclasses import dataclass

from aiolimiter import AsyncLimiter
from async_lru import alru_cache
from slack_sdk.web.async_client import AsyncWebClient

from bot.block_kit.inputs import visible
from bot.domain.errors import TryAgain
from bot.domain.locale import ANYBODY, Reader, make_reader
from bot.domain.slack_ids import is_group
from bot.slack.errors import SlackRefusal
from bot.slack.web_client import asking_slack

logger = logging.getLogger(__name__)

# How soon somebody who left a user group, or the company, can no longer decide. Slack allows 20
# look-ups of groups a minute, and 100 of people.
GROUP_SECONDS = 15
PROFILE_SECONDS = 300
NAME_SECONDS = 6 * 3600
# The rest of the look-ups of people is for those who click.
READERS_A_MINUTE = 60
NAMES_A_MINUTE = 20
# Slack gives us 3 s to acknowledge, and the person who clicked or typed waits.
PATIENCE_SECONDS = 1.5

# People whose names are not known by then stand in a menu with their ids; the form waits for none.
NAMES_SECONDS = 0.6
# Slack's limit for the options of a menu.
MOST_OPTIONS = 100

# What Slack says of former members, bots, guests, and people of connected workspaces; of those
# among the last who share a channel with us only another team_id tells.
_NOT_FULL_MEMBERS = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")


@dataclass(frozen=True, slots=True)
class _Profile:
    reader: Reader
    name: str
    is_full_member: bool
    teams: frozenset[str]


class SlackDirectory:
    """Asks Slack about people, and remembers the answers for a while.

    Args:
        client: Slack's Web API.
    """

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._members = alru_cache(maxsize=256, ttl=GROUP_SECONDS)(self._usergroups_users_list)
        self._team = alru_cache(maxsize=1)(self._auth_test)
        self._for_readers = AsyncLimiter(READERS_A_MINUTE, 60)
        self._for_names = AsyncLimiter(NAMES_A_MINUTE, 60)
        self._name = alru_cache(maxsize=10_000, ttl=NAME_SECONDS)(self._look_up_name)
        self._profile = alru_cache(maxsize=10_000, ttl=PROFILE_SECONDS)(self._users_info)

    async def reader(self, person: str) -> Reader:
        """Say how this person reads; like anybody if Slack does not tell.

        A hundred new requesters in a minute must not use up the look-ups that clicks need.
        """
        if not self.remembers(person):
            if not self._for_readers.has_capacity():
                return ANYBODY
            await self._for_readers.acquire()
        try:
            return (await self._profile(person)).reader
        except (TryAgain, SlackRefusal):
            return ANYBODY

    async def name(self, person: str) -> str:
        """Say what a person is called; their id if Slack does not tell, nothing if they left.

        It can take minutes if many are asked for: nobody's click waits for names.
        """
        try:
            return await self._name(person)
        except (TryAgain, SlackRefusal):
            return person

    async def is_full_member(self, person: str) -> bool:
        """Say whether this is a person who belongs to the workspace, and no guest or bot.

        Raises:
            TryAgain: Slack does not tell.
        """
        try:
            # One after the other: our own team is asked for once, and a task for each costs clicks.
            profile, team = await self._profile(person), await self._team()
        except SlackRefusal as refusal:
            if refusal.code == "user_not_found":
                return False
            logger.error("Slack says %s when asked about a person", refusal)
            raise TryAgain("Slack does not say who this is.") from refusal
        return profile.is_full_member and team in profile.teams

    def remembers(self, person: str) -> bool:
        """Say whether Slack need not be asked about a person."""
        return self._profile.cache_contains(person)

    async def group_members(self, group: str) -> frozenset[str]:
        """Say who is in a user group.

        Raises:
            TryAgain: Slack does not tell; a person who cannot be looked up may not decide.
        """
        try:
            return await self._members(group)
        except SlackRefusal as refusal:
            logger.error("EXPENSE_APPROVERS: Slack says %s of %s", refusal, group)
            raise TryAgain("Slack does not say who is in the group of approvers.") from refusal

    async def names_of(self, ids: Collection[str], *, besides: str) -> dict[str, str]:
        """Look up the names of people and of the members of user groups, for a menu.

        Those who have left have no name, and are left out.

        Args:
            ids: Slack ids of users and user groups.
            besides: Slack user id of who is not among them.

        Returns:
            Names by user ids, in the order of the names; `MOST_OPTIONS` at most.

        Raises:
            TryAgain: Slack does not tell who is in a group.
        """
        groups = [*filter(is_group, ids)]
        members = await asyncio.gather(*map(self.group_members, groups))
        people = sorted({id for id in ids if id not in groups}.union(*members) - {besides})
        asked = {id: asyncio.ensure_future(self.name(id)) for id in people}
        if asked:
            # The others go on: the next form finds their names remembered.
            await asyncio.wait(asked.values(), timeout=NAMES_SECONDS)
        names = {id: task.result() if task.done() else id for id, task in asked.items()}
        in_order = sorted(names.items(), key=lambda item: (item[1].casefold(), item[0]))
        return dict([(id, name) for id, name in in_order if name][:MOST_OPTIONS])

    async def _look_up_name(self, person: str) -> str:
        if not self.remembers(person):
            await self._for_names.acquire()
        profile = await self._profile(person)
        return (profile.name or person) if profile.is_full_member else ""

    async def _usergroups_users_list(self, group: str) -> frozenset[str]:
        async with asking_slack(PATIENCE_SECONDS):
            answer = await self._client.usergroups_users_list(usergroup=group)
            return frozenset(answer["users"])

    async def _users_info(self, person: str) -> _Profile:
        async with asking_slack(PATIENCE_SECONDS):
            answer = await self._client.users_info(user=person, include_locale=True)
            user = answer["user"]
            return _Profile(
                make_reader(user.get("locale"), user.get("tz")),
                visible(str(user.get("real_name") or user.get("name") or "")),
                not any(user.get(flag) for flag in _NOT_FULL_MEMBERS),
                frozenset([user.get("team_id"), *user.get("enterprise_user", {}).get("teams", [])]),
            )

    async def _auth_test(self) -> str:
        async with asking_slack(PATIENCE_SECONDS):
            answer = await self._client.auth_test()
            return str(answer["team_id"])
