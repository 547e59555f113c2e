"""Questions to Slack about people, for what nobody waits for."""

from aiolimiter import AsyncLimiter
from async_lru import alru_cache

from bot.domain.errors import TryAgain
from bot.slack.directory import SlackDirectory

# The other look-ups are for those who click, and for how people read.
UNHURRIED_A_MINUTE = 10


class Unhurried:
    """Asks about people for what nobody waits for, and leaves look-ups to those who click.

    Args:
        group_seconds: for how long the members of a user group are remembered.
    """

    def __init__(self, people: SlackDirectory, group_seconds: float) -> None:
        self._people = people
        self._members = alru_cache(maxsize=256, ttl=group_seconds)(people.group_members)
        self._for_nobody = AsyncLimiter(UNHURRIED_A_MINUTE, 60)

    async def group_members(self, group: str) -> frozenset[str]:
        """Say who is in a user group, or was a little while ago."""
        if not self._members.cache_contains(group):
            await self._take_turn()
        return await self._members(group)

    async def is_full_member(self, person: str) -> bool:
        """Say whether this is a person who belongs to the workspace, and no guest or bot.

        Raises:
            TryAgain: Slack does not tell, or was asked much just now.
        """
        if not self._people.remembers(person):
            await self._take_turn()
        return await self._people.is_full_member(person)

    async def _take_turn(self) -> None:
        if not self._for_nobody.has_capacity():
            raise TryAgain("Slack was asked about many people just now.", after=60)
        await self._for_nobody.acquire()
