"""Who has not decided an expense yet, and who is told of it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.approval_plan import Plan
from bot.domain.errors import TryAgain
from bot.domain.expense import Expense
from bot.domain.people.slack_ids import is_group
from bot.policy.barred import barred
from bot.policy.directory import Delegations, Directory
from bot.policy.members import look_up

# A group with more members is told as one in a channel, whose working hours are UTC's.
LARGE_GROUP = 20


@dataclass(frozen=True, slots=True)
class Awaited:
    """Somebody who has not decided, or a large group that is asked in a channel.

    Attributes:
        person: Slack id.
        told: Slack id of who is told: mostly they themselves, or else their delegate.
        at: since when they can decide, or when they are to be told, in UTC.
    """

    person: str
    told: str
    at: datetime


class WhoIsAwaited:
    """Says who has not decided.

    Args:
        plan_of: returns the plan that an expense follows.
        directory: the workspace's members and user groups.
        delegations: who has delegated to whom.
    """

    def __init__(
        self, plan_of: Callable[[Expense], Plan], directory: Directory, delegations: Delegations
    ) -> None:
        self._plan_of = plan_of
        self._directory = directory
        self._delegations = delegations

    async def of(self, expense: Expense) -> tuple[list[Awaited], TryAgain | None]:
        """Return who has not decided, and why somebody may be missing among them.

        Those beside a group that Slack does not tell about just now are found all the same. Nobody
        is awaited before anybody was asked.
        """
        progress = expense.progress
        begun, unknown = await self._begun(expense, self._plan_of(expense))
        away = await self._delegations.delegates_of({*begun, expense.requester or ""})
        cannot = barred(expense.requester, away)
        found: list[Awaited] = []
        for person in sorted(begun.keys() - cannot):
            if progress.has_approved(person):
                continue
            told = away.get(person, person)
            if told in cannot or progress.has_approved(told):
                told = person
            found.append(Awaited(person, told, begun[person]))
        return found, unknown

    async def _begun(
        self, expense: Expense, plan: Plan
    ) -> tuple[dict[str, datetime], TryAgain | None]:
        """Return since when each person, or each large group in a channel, can decide."""
        progress = expense.progress
        stage = progress.present(plan)
        begun: dict[str, datetime] = {}
        unknown: TryAgain | None = None
        # A bot of the version before did not note it of what no rule matches.
        since = progress.since or (expense.created_at if expense.is_asking else None)
        if since is None:
            return begun, unknown
        given = {change.to: change.at for change in progress.handovers_in()}
        later = progress.escalated_to(plan) if progress.escalated else ()
        first = progress.asked_in(plan, progress.stage, is_escalated=False)
        for ids, at in ((later, since + (stage.escalate_after or timedelta(0))), (first, since)):
            for id in ids:
                found = await look_up((id,), self._directory)
                members, unknown = found.people, found.unknown or unknown
                if stage.channel and len(members) > LARGE_GROUP:
                    members = frozenset({id})
                begun |= dict.fromkeys(members, max(at, given.get(id, at)))
        released = progress.released()
        return {one: at for one, at in begun.items() if one not in released}, unknown

    async def living(self, awaited: Sequence[Awaited]) -> list[Awaited]:
        """Drop those who have left; whose delegate has left is told themselves.

        Raises:
            TryAgain: Slack does not say who somebody is.
        """
        people = sorted({one for line in awaited for one in (line.person, line.told)})
        people = [one for one in people if not is_group(one)]
        answers = await asyncio.gather(*map(self._directory.is_full_member, people))
        gone = {one for one, is_there in zip(people, answers, strict=True) if not is_there}
        return [
            replace(line, told=line.person) if line.told in gone else line
            for line in awaited
            if line.person not in gone
        ]
