"""What Slack knows of people: their language, their time zone, their groups."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from typing import NamedTuple, TypeVar

from aiolimiter import AsyncLimiter
from async_lru import alru_cache
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import GroupGone, TryAgain
from bot.domain.people.locale import ANYBODY, Reader
from bot.domain.people.slack_ids import is_group
from bot.slack.errors import SlackRefusal
from bot.slack.profiles import Profile, read_profile
from bot.slack.time_budget import LOOK_UP_SECONDS
from bot.slack.web_client import asking_slack

logger = logging.getLogger(__name__)

T = TypeVar("T")

# How soon somebody who left a user group, or the company, can no longer decide. Slack allows 20
# look-ups of groups a minute, and 100 of people.
GROUP_SECONDS = 15
PROFILE_SECONDS = 300
NAME_SECONDS = 6 * 3600
# The rest of the look-ups of people is for those who click.
READERS_A_MINUTE = 40
NAMES_A_MINUTE = 20
# Slack's limit for the options of a menu.
MOST_OPTIONS = 100

# What Slack says of user groups that were disabled or deleted, or that its plan has no more.
_GROUP_GONE = {"no_such_subteam", "plan_upgrade_required", "paid_teams_only"}


class Names(NamedTuple):
    """Names by user ids, and whether they are the names of all who were asked for."""

    names: dict[str, str]
    are_all: bool


class SlackDirectory:
    """Asks Slack about people, and remembers the answers for a while."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._members = alru_cache(maxsize=256, ttl=GROUP_SECONDS)(self._usergroups_users_list)
        self._team = alru_cache(maxsize=1)(self._auth_test)
        self._for_readers = AsyncLimiter(READERS_A_MINUTE, 60)
        self._for_names = AsyncLimiter(NAMES_A_MINUTE, 60)
        self._name = alru_cache(maxsize=10_000, ttl=NAME_SECONDS)(self._look_up_name)
        self._by_email = alru_cache(maxsize=10_000, ttl=PROFILE_SECONDS)(
            self._users_lookup_by_email
        )
        self._profile = alru_cache(maxsize=10_000, ttl=PROFILE_SECONDS)(self._users_info)

    async def reader(self, person: str, within: float | None = None) -> Reader:
        """Say how this person reads; like anybody if Slack does not tell.

        A hundred new requesters in a minute must not use up the look-ups that clicks need.

        Args:
            within: seconds after which nobody waits any more; the answer is remembered anyway.
        """
        if within is None:
            return await self._reader(person)
        asked = asyncio.ensure_future(self._reader(person))
        await asyncio.wait([asked], timeout=within)
        return asked.result() if asked.done() else ANYBODY

    async def _reader(self, person: str) -> Reader:
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
        """Say whether this is a person who belongs to the workspace, and no guest or bot."""
        try:
            return (await self._profile(person)).is_full_member
        except SlackRefusal as refusal:
            if refusal.is_over:
                return False
            logger.error("Slack says %s when asked about a person", refusal)
            raise TryAgain("Slack does not say who this is.") from refusal

    async def email_of(self, person: str) -> str | None:
        """Say which e-mail address a person has; None without the scope users:read.email.

        Raises:
            TryAgain: Slack does not tell who they are.
        """
        try:
            return (await self._profile(person)).email
        except SlackRefusal as refusal:
            raise TryAgain("Slack does not say who this is.") from refusal

    async def person_with(self, email: str) -> str | None:
        """Say who has an e-mail address; None if nobody has, or without users:read.email.

        Raises:
            TryAgain: Slack does not tell.
        """
        try:
            return await self._by_email(email)
        except SlackRefusal as refusal:
            logger.error("the list of people: Slack says %s when asked for an address", refusal)
            return None

    def remembers(self, person: str) -> bool:
        """Say whether Slack need not be asked about a person."""
        return self._profile.cache_contains(person)

    async def group_members(self, group: str) -> frozenset[str]:
        """Say who is in a user group.

        Raises:
            GroupGone: Slack does not have it any more.
            TryAgain: Slack does not tell; a person who cannot be looked up may not decide.
        """
        try:
            members = await self._members(group)
        except SlackRefusal as refusal:
            logger.error("EXPENSE_APPROVERS or EXPENSE_POLICY: Slack says %s of %s", refusal, group)
            raise TryAgain("Slack does not say who is in the group of approvers.") from refusal
        if members is None:
            raise GroupGone(group)
        return members

    async def names_of(self, ids: Collection[str], *, besides: str, within: float) -> Names:
        """Look up the names of people and of the members of user groups, for a menu.

        Those who have left have no name, and are left out. Those whose name is not known in time
        stand there with their ids. What is not known in time is remembered for the next form.

        Args:
            besides: Slack user id of who is not among them.
            within: seconds that it may take.

        Returns:
            Names in their order, `MOST_OPTIONS` at most.
        """
        loop, groups = asyncio.get_running_loop(), {*filter(is_group, ids)}
        end = loop.time() + within
        named = sorted({*ids} - groups - {besides})
        asked = {id: loop.create_task(self.name(id)) for id in named}
        found = await _in_time(
            {id: loop.create_task(self._members_or_none(id)) for id in groups}, end
        )
        known = [members for members in found.values() if members is not None]
        for id in sorted(frozenset[str]().union(*known) - asked.keys() - {besides}):
            asked[id] = loop.create_task(self.name(id))
        names = await _in_time(asked, end)
        shown = [(id, name or id) for id, name in names.items() if name != ""]
        in_order = sorted(shown, key=lambda item: (item[1].casefold(), item[0]))
        return Names(dict(in_order[:MOST_OPTIONS]), are_all=len(known) == len(groups))

    async def _members_or_none(self, group: str) -> frozenset[str] | None:
        try:
            return await self.group_members(group)
        except GroupGone:
            return frozenset()
        except TryAgain:
            return None

    async def _look_up_name(self, person: str) -> str:
        if not self.remembers(person):
            await self._for_names.acquire()
        profile = await self._profile(person)
        return (profile.name or person) if profile.is_full_member else ""

    async def _usergroups_users_list(self, group: str) -> frozenset[str] | None:
        """Return the members of a user group; None, which is remembered, too, if it is gone."""
        try:
            async with asking_slack(LOOK_UP_SECONDS):
                answer = await self._client.usergroups_users_list(usergroup=group)
                return frozenset(answer["users"])
        except SlackRefusal as refusal:
            if refusal.code not in _GROUP_GONE:
                raise
            logger.error(
                "Slack does not have the user group %s any more (%s): restore it, or take it out "
                "of EXPENSE_APPROVERS and EXPENSE_POLICY; nobody decides by it meanwhile",
                group,
                refusal,
            )
            return None

    async def _users_info(self, person: str) -> Profile:
        async with asking_slack(LOOK_UP_SECONDS):
            team, answer = await asyncio.gather(
                self._team(), self._client.users_info(user=person, include_locale=True)
            )
            return read_profile(answer["user"], team)

    async def _users_lookup_by_email(self, email: str) -> str | None:
        """Return who has an e-mail address; None, which is remembered, too, if nobody has."""
        try:
            async with asking_slack(LOOK_UP_SECONDS):
                return str((await self._client.users_lookupByEmail(email=email))["user"]["id"])
        except SlackRefusal as refusal:
            if refusal.code != "users_not_found":
                raise
            return None

    async def _auth_test(self) -> str:
        async with asking_slack(LOOK_UP_SECONDS):
            answer = await self._client.auth_test()
            return str(answer["team_id"])


async def _in_time(asked: Mapping[str, asyncio.Task[T]], end: float) -> dict[str, T | None]:
    """Wait for the answers to several questions, which go on if they come too late.

    Args:
        asked: questions of which none fails.
        end: when nobody waits any more, by the event loop's clock.

    Returns:
        The answers; None where there is none yet.
    """
    if asked:
        seconds = max(0.0, end - asyncio.get_running_loop().time())
        await asyncio.wait(asked.values(), timeout=seconds)
    return {about: task.result() if task.done() else None for about, task in asked.items()}
