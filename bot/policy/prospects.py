"""Whether an open expense can still be decided, and approved in all its stages."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.domain.approval_plan import Plan, Progress
from bot.domain.expense import Expense
from bot.domain.obstacle import Kind, Obstacle
from bot.policy.barred import barred
from bot.policy.directory import Delegations, Directory
from bot.policy.enough import are_enough
from bot.policy.members import Members, look_up


@dataclass(frozen=True, slots=True, kw_only=True)
class _Need:
    """How many people a stage needs, and who they can be.

    A delegate stands in for one of them, and adds nobody: one approval counts for both.
    """

    stage: int
    people: frozenset[str]
    needed: int
    gone: tuple[str, ...]


class Prospects:
    """Counts the people who are left for an expense against those whom its stages need."""

    def __init__(
        self, plan_of: Callable[[Expense], Plan], directory: Directory, delegations: Delegations
    ) -> None:
        self._plan_of = plan_of
        self._directory = directory
        self._delegations = delegations

    async def obstacle(self, expense: Expense, *, if_escalated: bool = False) -> Obstacle | None:
        """Return why nobody can decide an expense now, or approve it ever; None if people can.

        As few people are looked up as it takes to know that there are enough.

        Args:
            if_escalated: whether those count, too, who can decide only once the present stage is
                escalated.
        """
        needs = await self._needs(expense, if_escalated)
        former: frozenset[str] = frozenset()
        living: frozenset[str] = frozenset()
        while True:
            if lacking := _first_lacking([_only(need, need.people - former) for need in needs]):
                return _obstacle(expense, lacking[-1])
            lacking = _first_lacking([_only(need, need.people & living) for need in needs])
            if not lacking:
                return None
            some = _next(needs, needs[: len(lacking)], living, former)
            are_members = await asyncio.gather(*map(self._directory.is_full_member, some))
            found = frozenset(
                one for one, is_member in zip(some, are_members, strict=True) if is_member
            )
            living |= found
            former |= frozenset(some) - found

    async def uses_up(self, expense: Expense, agreed: Progress) -> bool:
        """Return whether the newest approval takes somebody away whom a later stage cannot spare.

        Args:
            expense: as it is before that approval.
            agreed: its progress with the approval.
        """
        plan, newest = self._plan_of(expense), agreed.approvals[-1]
        later = range(expense.progress.stage + 1, len(plan.stages))
        asked = [id for n in later for id in agreed.asked_in(plan, n, is_escalated=True)]
        members = await self._known(asked)
        if members.people.isdisjoint((newest.person, newest.on_behalf_of)):
            return False
        after = replace(expense, progress=agreed)
        if not await self.obstacle(after, if_escalated=True):
            return False
        # What was stuck before is not this person's doing.
        return await self.obstacle(expense, if_escalated=True) is None

    async def _needs(self, expense: Expense, if_escalated: bool) -> list[_Need]:
        plan, progress = self._plan_of(expense), expense.progress
        if plan.is_automatic:
            return []
        taken = {one for line in progress.approvals for one in (line.person, line.on_behalf_of)}
        if expense.requester:
            away = await self._delegations.delegates_of({expense.requester})
            taken |= barred(expense.requester, away)
        needs: list[_Need] = []
        for number, stage in [*enumerate(plan.stages)][progress.stage :]:
            is_present = number == progress.stage
            is_escalated = progress.escalated or if_escalated or not is_present
            ids = progress.asked_in(plan, number, is_escalated=is_escalated)
            members = await self._known(ids)
            needed = progress.missing(plan) if is_present else stage.needed
            people = members.people - taken - progress.released(number)
            needs.append(_Need(stage=number, people=people, needed=needed, gone=members.gone))
        return needs

    async def _known(self, ids: Sequence[str]) -> Members:
        members = await look_up(ids, self._directory)
        if members.unknown:
            raise members.unknown
        return members


def _only(need: _Need, people: frozenset[str]) -> _Need:
    return replace(need, people=people)


def _next(
    needs: Sequence[_Need],
    lacking: Sequence[_Need],
    living: frozenset[str],
    former: frozenset[str],
) -> list[str]:
    """Return whom to look up next, all at the same time, as each look-up takes half a second.

    Args:
        needs: of all stages.
        lacking: those up to the first for which too few are known to be living.
        living: the people who are there.
        former: the people who are not.
    """
    some: list[str] = []
    # The stage with the fewest to choose from chooses first.
    for need in sorted(needs, key=lambda need: len(need.people)):
        unknown = sorted(need.people - living - former - {*some})
        some += unknown[: max(0, need.needed - len(need.people & living))]
    # Enough for each stage by itself, but some of them count for another one.
    concerned = frozenset[str]().union(*(need.people for need in lacking))
    return some or sorted(concerned - living - former)[: lacking[-1].needed]


def _first_lacking(needs: Sequence[_Need]) -> Sequence[_Need]:
    """Return the needs up to the first for which too few are left, as nobody approves twice."""
    for count in range(1, len(needs) + 1):
        if not are_enough([(need.people, need.needed) for need in needs[:count]]):
            return needs[:count]
    return []


def _obstacle(expense: Expense, need: _Need) -> Obstacle:
    kind = Kind.TOO_FEW_LATER
    if need.stage == expense.progress.stage:
        kind = Kind.TOO_FEW if need.people else Kind.NOBODY
    return Obstacle(
        kind=kind, stage=need.stage, left=len(need.people), needed=need.needed, about=need.gone
    )
