"""Who may decide an expense, and who may see it."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import compress

from bot.catalogue import say
from bot.domain.approval_plan import Plan, usual_plan
from bot.domain.errors import AlreadyAgreed, InvalidInput, NotAllowed
from bot.domain.expense import Claim, Expense
from bot.domain.people.role import Role
from bot.domain.people.slack_ids import is_group
from bot.policy.barred import barred
from bot.policy.directory import AddressBook, Delegations
from bot.policy.listed import Listed, look_up_listed
from bot.policy.members import is_among, look_up
from bot.policy.prospects import Prospects
from bot.policy.rules import MANAGER, Rulebook

# Who reads every expense.
READERS = (Role.FINANCE, Role.AUDITOR)


class Policy:
    """Judges who may decide and who may see an expense, from what holds at the time of the call.

    What Slack cannot confirm is not allowed.

    Args:
        channel: Slack id of the channel where the approvers are asked, if no rule matches.
        roles: who has which role besides those whom the rulebook names.

    Attributes:
        usual_plan: what is asked of an expense that no rule matches.
        prospects: says whether an expense can still be decided.
    """

    def __init__(
        self,
        approvers: tuple[str, ...],
        directory: AddressBook,
        delegations: Delegations,
        rulebook: Rulebook = Rulebook(),  # noqa: B008 - it is frozen
        channel: str | None = None,
        roles: Mapping[Role, tuple[str, ...]] | None = None,
    ) -> None:
        self.approvers = approvers
        self.roles = roles or {}
        self.usual_plan = usual_plan(approvers, channel)
        self._directory = directory
        self._delegations = delegations
        self.rulebook = rulebook
        self.prospects = Prospects(self.plan_of, directory, delegations)

    async def coded(self, requester: str, claim: Claim) -> Claim:
        """Return what somebody asks for in the company's words and currency; see `Words.coded`."""
        listed = await self.listed(requester)
        coded = self.rulebook.words.coded(claim, listed.line, listed.manager)
        worth = self.rulebook.worth_of(claim.money) if self.rulebook else None
        return replace(coded, coding=replace(coded.coding, worth=worth))

    async def listed(self, requester: str) -> Listed:
        """Return what the company's list of people says of a requester."""
        return await look_up_listed(self.rulebook.words, requester, self._directory)

    async def plans(self, requester: str, claim: Claim, *, asks: bool = False) -> list[Plan]:
        """Return the plans that an expense can get; see `Rulebook.plans`."""
        try:
            return await self.rulebook.plans(requester, claim, self._directory, asks=asks)
        except InvalidInput as error:
            problem = (await self.listed(requester)).problem if error.field == "manager" else ""
            if problem and not claim.manager:
                said = f"{problem} {say('open-form-anew')}"
                raise InvalidInput("manager", said) from error
            raise

    def plan_of(self, expense: Expense) -> Plan:
        """Return an expense's own plan, or the usual one, which asks EXPENSE_APPROVERS."""
        return expense.plan or self.usual_plan

    def may_decide_now(self, expense: Expense) -> tuple[str, ...]:
        """Return the Slack ids of the users and user groups that may decide an expense now."""
        plan = self.plan_of(expense)
        return expense.progress.may_decide(plan) if plan.stages else ()

    async def may_represent(
        self, person: str, expense: Expense, delegators: Collection[str] | None = None
    ) -> list[str]:
        """Return the Slack user ids on whose behalf a person may decide: first of all their own.

        Args:
            delegators: Slack user ids of the colleagues who delegated to this person; None to have
                them looked up.

        Raises:
            NotAllowed: the person is the requester or the requester's delegate, is not asked, or is
                not a full member of the workspace.
            AlreadyAgreed: the person has approved it, and other approvers have to as well.
        """
        agreed = AlreadyAgreed("This is approved from your side; others have to agree.", expense)
        if expense.progress.has_approved(person):
            raise agreed
        if delegators is None:
            delegators = await self._delegations.delegators_of(person)
        if person in barred(expense.requester, dict.fromkeys(delegators, person)):
            is_own = person == expense.requester
            raise NotAllowed(say("own-expense" if is_own else "stands-in-for-requester"))
        is_member = await self._directory.is_full_member(person)
        asked, released = self.may_decide_now(expense), expense.progress.released()
        approvers = [
            approver
            for approver in (person, *await self._members(delegators))
            if approver not in released and await is_among(approver, asked, self._directory)
        ]
        if not approvers:
            if person in released:
                raise NotAllowed(say("handed-to-colleague"))
            raise NotAllowed(say("not-an-approver"))
        if not is_member:
            raise NotAllowed(say("not-a-member"))
        left = [one for one in approvers if not expense.progress.has_approved(one)]
        if not left:
            raise agreed
        return left

    def holders(self, *roles: Role) -> tuple[str, ...]:
        """Return the Slack ids of the users and user groups that have one of these roles."""
        given = (self.roles, self.rulebook.roles)
        return tuple(id for role in roles for ids in given for id in ids.get(role, ()))

    async def has_role(self, person: str, *roles: Role) -> bool:
        """Return whether a person has one of these roles now.

        Raises:
            TryAgain: Slack does not answer.
        """
        return await is_among(person, self.holders(*roles), self._directory) and (
            await self._directory.is_full_member(person)
        )

    async def may_stand_in(self, person: str) -> bool:
        """Return whether the policy lets people delegate to a person.

        Raises:
            TryAgain: Slack does not answer.
        """
        asked = {*self.rulebook.asked, *self.approvers}
        return not self.rulebook.delegates_approve or await is_among(person, asked, self._directory)

    async def is_asked(self, person: str, expense: Expense) -> bool:
        """Return whether an expense asks a person now, in their own right.

        Raises:
            TryAgain: Slack does not answer.
        """
        if person in expense.progress.released():
            return False
        return await is_among(person, self.may_decide_now(expense), self._directory)

    def next_to_ask(self, person: str, expense: Expense) -> int | None:
        """Return the number of the first stage left that names a person; None if none does.

        Those count, too, who are asked only once it is escalated.
        """
        plan, progress = self.plan_of(expense), expense.progress
        for number in range(progress.stage, len(plan.stages)):
            if person in progress.asked_in(plan, number, is_escalated=True):
                return number
        return None

    async def check_can_take(self, person: str, expense: Expense) -> None:
        """Refuse to have a person asked about an expense who could not decide it.

        Raises:
            InvalidInput: they are its requester or stand in for them, have approved it, or are not
                a full member of the workspace.
            TryAgain: Slack does not answer.
        """
        if expense.progress.has_approved(person):
            raise InvalidInput("colleague", say("colleague-has-approved"))
        delegators = await self._delegations.delegators_of(person)
        if person in barred(expense.requester, dict.fromkeys(delegators, person)):
            is_own = person == expense.requester
            name = "colleague-is-requester" if is_own else "colleague-stands-in"
            raise InvalidInput("colleague", say(name))
        if not await self._directory.is_full_member(person):
            raise InvalidInput(
                "colleague",
                say("colleague-is-no-member"),
            )

    @property
    def named(self) -> frozenset[str]:
        """Slack ids of all users and user groups in EXPENSE_APPROVERS and in the policy."""
        stages = [stage for rule in self.rulebook.rules for stage in rule.stages]
        asked = [id for stage in stages for id in (*stage.asked, *stage.escalate_to)]
        return frozenset((*self.approvers, *self.rulebook.managers, *asked)) - {MANAGER}

    async def ids_by_approver(self, person: str) -> tuple[dict[str, frozenset[str]], bool]:
        """Return on whose behalf a person may decide, and by which ids each of them can be asked.

        Returns:
            The Slack user ids of the person and of the colleagues who delegated to them, each with
            that id and those user groups among `named` that it is a member of; nothing for a person
            who is not a full member of the workspace. And whether Slack told of all these groups.
        """
        is_member, delegators = await asyncio.gather(
            self._directory.is_full_member(person), self._delegations.delegators_of(person)
        )
        if not is_member:
            return {}, True
        groups = sorted(filter(is_group, self.named))
        found = await asyncio.gather(*(look_up((group,), self._directory) for group in groups))
        members = dict(zip(groups, (one.people for one in found), strict=True))
        ids = {
            one: frozenset({one, *(group for group in groups if one in members[group])})
            for one in (person, *await self._members(delegators))
        }
        return ids, not any(one.unknown for one in found)

    async def may_see(self, person: str, expense: Expense | None) -> bool:
        """Return whether a person may read an expense: its requester, an approver, or a reader.

        The lookups are the same for an expense that does not exist (None), so that nobody learns
        from an error or from the time it takes which ids exist.
        """
        stages = self.plan_of(expense).stages if expense else self.usual_plan.stages
        asked = {id for stage in stages for id in (*stage.asked, *stage.escalate_to)}
        asked |= {change.to for change in expense.progress.handovers} if expense else set()
        delegators = await self._delegations.delegators_of(person)
        if expense is not None and person == expense.requester:
            return True
        for approver in (person, *await self._members(delegators)):
            if await is_among(approver, asked, self._directory):
                return True
        return await self.has_role(person, *READERS)

    async def _members(self, delegators: Collection[str]) -> list[str]:
        """Return the delegators who are still full members of the workspace."""
        people = sorted(delegators)
        are_members = await asyncio.gather(*map(self._directory.is_full_member, people))
        return [*compress(people, are_members)]
