"""Who may decide an expense, and who may see it."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from itertools import compress

from bot.domain.approval_plan import Plan, Stage
from bot.domain.errors import AlreadyAgreed, NotAllowed
from bot.domain.expense import Claim, Expense
from bot.domain.slack_ids import is_group, is_group_id, is_user_id
from bot.policy.directory import Delegations, Directory
from bot.policy.rules import MANAGER, Rulebook, is_among


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
        users = frozenset(id for id in ids if is_user_id(id))
        groups = frozenset(id for id in ids if is_group_id(id))
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
        approvers: who is asked when no rule says otherwise.
        directory: knows people and groups.
        delegations: knows who stands in for whom.
        rulebook: says which expense asks whom.
    """

    def __init__(
        self,
        approvers: Approvers,
        directory: Directory,
        delegations: Delegations,
        rulebook: Rulebook = Rulebook(),  # noqa: B008 - it is frozen
    ) -> None:
        self._approvers = (*sorted(approvers.users), *sorted(approvers.groups))
        self._plan = Plan(rule="", stages=(Stage(asked=self._approvers),))
        self._directory = directory
        self._delegations = delegations
        self.rulebook = rulebook

    async def plans(self, requester: str, claim: Claim) -> list[Plan]:
        """Say what the rules ask of an expense; see `Rulebook.plans`."""
        return await self.rulebook.plans(requester, claim, self._directory)

    def plan_of(self, expense: Expense) -> Plan:
        """Return the plan an expense was submitted with, or that of the settings."""
        return expense.plan or self._plan

    def may_decide_now(self, expense: Expense) -> tuple[str, ...]:
        """List the users and user groups that may decide an expense now."""
        plan = self.plan_of(expense)
        return expense.progress.may_decide(plan) if plan.stages else ()

    async def is_approver(self, person: str) -> bool:
        """Say whether this person is one of the approvers of the settings, now.

        Raises:
            TryAgain: Slack does not say who is in a group.
        """
        return await is_among(person, self._approvers, self._directory)

    async def on_behalf_of(
        self, person: str, expense: Expense, delegators: Collection[str] | None = None
    ) -> str:
        """Return on whose behalf a person may decide an expense now; mostly their own.

        Args:
            person: Slack user id.
            expense: as it is now.
            delegators: for whom the person stands in now; looked up unless given.

        Raises:
            NotAllowed: they asked for it themselves, are not asked, stand in for who asked for
                it, or are no full member of the workspace (any more).
            AlreadyAgreed: they have approved it, and others have to, too.
            TryAgain: Slack does not say who is in a group, or who the person is.
        """
        if person == expense.requester:
            raise NotAllowed("You cannot decide your own expense; another approver has to.")
        agreed = AlreadyAgreed("This is approved from your side; others have to agree.", expense)
        if expense.progress.has_approved(person):
            raise agreed  # also when another stage is asked by now
        is_member = await self._directory.is_full_member(person)
        if delegators is None:
            delegators = await self._delegations.delegators_of(person)
        if expense.requester in delegators:
            raise NotAllowed(
                "You stand in for the requester just now, so another approver has to decide this."
            )
        asked = self.may_decide_now(expense)
        places = [
            whose
            for whose in (person, *await self._members(delegators))
            if await is_among(whose, asked, self._directory)
        ]
        if not places:
            raise NotAllowed("You are not an approver of this expense, so nothing was changed.")
        if not is_member:
            raise NotAllowed("Guests, bots and former members decide nothing here.")
        free = [whose for whose in places if not expense.progress.has_approved(whose)]
        if not free:
            raise agreed
        return free[0]

    @property
    def named(self) -> frozenset[str]:
        """The users and user groups that the settings and the policy name as approvers."""
        stages = [stage for rule in self.rulebook.rules for stage in rule.stages]
        asked = [id for stage in stages for id in (*stage.asked, *stage.escalate_to)]
        return frozenset((*self._approvers, *self.rulebook.managers, *asked)) - {MANAGER}

    async def places_of(self, person: str) -> dict[str, frozenset[str]]:
        """Return on whose behalf a person may decide now, and by which ids each of these is asked.

        Returns:
            Their own place first, then those of whom they stand in for; with each its own id and
            the user groups among `named` that it is in. None for who is no full member.

        Raises:
            TryAgain: Slack does not say who is in a group, or who the person is.
        """
        is_member, delegators = await asyncio.gather(
            self._directory.is_full_member(person), self._delegations.delegators_of(person)
        )
        if not is_member:
            return {}
        groups = sorted(filter(is_group, self.named))
        found = await asyncio.gather(*map(self._directory.group_members, groups))
        members = dict(zip(groups, found, strict=True))
        return {
            whose: frozenset({whose, *(group for group in groups if whose in members[group])})
            for whose in (person, *await self._members(delegators))
        }

    async def may_see(self, person: str, expense: Expense | None) -> bool:
        """Say whether this person may read the expense: its requester and whom it asks may.

        It takes the same way for an expense that does not exist, so that nobody learns from an
        error or from the time it takes which ids exist.

        Raises:
            TryAgain: Slack does not say who is in a group.
        """
        stages = self.plan_of(expense).stages if expense else self._plan.stages
        asked = {id for stage in stages for id in (*stage.asked, *stage.escalate_to)}
        delegators = await self._delegations.delegators_of(person)
        if expense is not None and person == expense.requester:
            return True
        for whose in (person, *await self._members(delegators)):
            if await is_among(whose, asked, self._directory):
                return True
        return False

    async def _members(self, delegators: Collection[str]) -> list[str]:
        """Keep those who are full members still: nobody decides in the place of who has left."""
        if not delegators:
            return []
        people = sorted(delegators)
        are_members = await asyncio.gather(*map(self._directory.is_full_member, people))
        return [*compress(people, are_members)]
