"""What a policy needs to know about people."""
# ruff: noqa: D102 - the classes that implement these describe each call

from collections.abc import Collection
from typing import Protocol


class Directory(Protocol):
    """The members of the workspace and of its user groups; see `bot.slack.directory`."""

    async def group_members(self, group: str) -> frozenset[str]: ...
    async def is_full_member(self, person: str) -> bool: ...


class AddressBook(Directory, Protocol):
    """The same, with e-mail addresses; for lists of people that have some."""

    async def email_of(self, person: str) -> str | None: ...
    async def person_with(self, email: str) -> str | None: ...


class Delegations(Protocol):
    """Who has delegated to whom; see `bot.database.delegations`."""

    async def delegators_of(self, person: str) -> frozenset[str]: ...
    async def delegates_of(self, people: Collection[str]) -> dict[str, str]: ...
