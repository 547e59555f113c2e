"""What a policy needs to know of people."""
# ruff: noqa: D102 - each call is described where it is implemented

from collections.abc import Collection
from typing import Protocol


class Directory(Protocol):
    """Who is who; `bot.slack.directory` describes each call."""

    async def group_members(self, group: str) -> frozenset[str]: ...
    async def is_full_member(self, person: str) -> bool: ...


class Delegations(Protocol):
    """Who stands in for whom; `bot.database.delegations` describes each call."""

    async def delegators_of(self, person: str) -> frozenset[str]: ...
    async def delegates_of(self, people: Collection[str]) -> dict[str, str]: ...
