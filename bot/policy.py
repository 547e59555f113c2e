"""Who may decide an expense."""

import asyncio
import re
from dataclasses import dataclass

from bot.errors import NotAllowed
from bot.expense import Expense
from bot.ports import Directory

_USER = re.compile(r"[UW][A-Z0-9]{2,}")
_GROUP = re.compile(r"S[A-Z0-9]{2,}")


@dataclass(frozen=True, slots=True)
class Approvers:
    """The people and user groups that may decide, as Slack ids."""

    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> "Approvers":
        """Read Slack ids separated by commas or spaces.

        Raises:
            ValueError: one of them is not the id of a user (U…, W…) or a user group (S…).
        """
        ids = frozenset(text.replace(",", " ").split())
        users = frozenset(id for id in ids if _USER.fullmatch(id))
        groups = frozenset(id for id in ids if _GROUP.fullmatch(id))
        if unknown := sorted(ids - users - groups):
            raise ValueError(
                f"{unknown[0]!r} is not a Slack user id (U…) or user-group id (S…); "
                "copy the id from the person's or group's profile in Slack"
            )
        return cls(users, groups)

    def __bool__(self) -> bool:
        return bool(self.users or self.groups)


class Policy:
    """Derives anew at every click who may decide; in doubt, nobody.

    Args:
        approvers: who is named.
        directory: knows people and groups.
    """

    def __init__(self, approvers: Approvers, directory: Directory) -> None:
        self._approvers = approvers
        self._directory = directory

    async def is_approver(self, person: str) -> bool:
        """Say whether this person is named, or in a named user group, now.

        Raises:
            TryAgain: Slack does not say who is in a group.
        """
        if person in self._approvers.users:
            return True
        for group in sorted(self._approvers.groups):
            if person in await self._directory.group_members(group):
                return True
        return False

    async def may_decide(self, person: str) -> bool:
        """Say whether this person may decide expenses of others, now.

        Raises:
            TryAgain: Slack does not say who is in a group, or who the person is.
        """
        return all(await self._look_up(person))

    async def check_may_decide(self, person: str, expense: Expense) -> None:
        """Refuse anybody who may not decide this expense.

        Raises:
            NotAllowed: the person asked for it themselves, is not an approver, or is no full
                member of the workspace (any more).
            TryAgain: Slack does not say who is in a group, or who the person is.
        """
        if person == expense.requester:
            raise NotAllowed("You cannot decide your own expense; another approver has to.")
        is_approver, is_member = await self._look_up(person)
        if not is_approver:
            raise NotAllowed("You are not an approver of expenses, so nothing was changed.")
        if not is_member:
            raise NotAllowed("Guests, bots and former members decide nothing here.")

    async def may_see(self, person: str, expense: Expense | None) -> bool:
        """Say whether this person may read the expense: its requester and approvers may.

        It takes the same way for an expense that does not exist, so that nobody learns from an
        error or from the time it takes which ids exist.

        Raises:
            TryAgain: Slack does not say who is in a group.
        """
        is_requester = expense is not None and person == expense.requester
        return is_requester or await self.is_approver(person)

    async def _look_up(self, person: str) -> tuple[bool, bool]:
        return await asyncio.gather(
            self.is_approver(person), self._directory.is_full_member(person)
        )
