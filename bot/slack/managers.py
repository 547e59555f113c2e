"""Whom a form offers as "your manager"."""

import asyncio

from bot.domain.slack_ids import is_group
from bot.policy.rules import Rulebook
from bot.slack.directory import SlackDirectory

# Slack's limit for the options of a menu.
MOST = 100
# Whoever's name is not known by then stands there with their id; the form waits for nobody.
NAMES_SECONDS = 0.6


class Managers:
    """Looks up the managers of a policy.

    Args:
        rulebook: says who they are.
        people: knows their names, and who is in which user group.
    """

    def __init__(self, rulebook: Rulebook, people: SlackDirectory) -> None:
        self._ids = rulebook.managers
        self._people = people

    async def offered_to(self, person: str) -> dict[str, str]:
        """Map the ids of whom somebody may choose to their names, in the order of these.

        Raises:
            TryAgain: Slack does not say who is in a group.
        """
        groups = [*filter(is_group, self._ids)]
        members = await asyncio.gather(*map(self._people.group_members, groups))
        found = {id for id in self._ids if id not in groups}.union(*members) - {person}
        names = await self._names(sorted(found))
        in_order = sorted(names.items(), key=lambda item: (item[1].casefold(), item[0]))
        return dict(in_order[:MOST])

    async def _names(self, ids: list[str]) -> dict[str, str]:
        """Look up names; those who have left have none, and are left out."""
        asked = {id: asyncio.ensure_future(self._people.name(id)) for id in ids}
        if asked:
            # The others go on: whoever opens the next form finds their names remembered.
            await asyncio.wait(asked.values(), timeout=NAMES_SECONDS)
        names = {id: task.result() if task.done() else id for id, task in asked.items()}
        return {id: name for id, name in names.items() if name}
