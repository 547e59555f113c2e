"""Where the approvers of an expense are asked: in which channels, and in whose direct messages."""

import asyncio
from collections.abc import Sequence

from bot.block_kit.attribution import successor
from bot.domain.errors import TryAgain
from bot.domain.expense import Expense
from bot.domain.people.audience import Audience, approvers
from bot.policy.approvers import Policy
from bot.policy.barred import barred
from bot.policy.directory import Delegations, Directory
from bot.policy.members import look_up
from bot.slack.errors import SlackAway

# A policy that asks a group of thousands in direct messages does not mean it.
MOST = 50
# Slack takes half a second to say who somebody is, and no crowd of questions.
AT_ONCE = 10


class Recipients:
    """Says who gets an approval message.

    Args:
        channel: where is asked what no rule sends elsewhere.
    """

    def __init__(
        self, channel: str, policy: Policy, directory: Directory, delegations: Delegations
    ) -> None:
        self._channel = channel
        self._policy = policy
        self._directory = directory
        self._delegations = delegations

    async def of(self, expense: Expense) -> tuple[list[tuple[Audience, str]], SlackAway | None]:
        """Name the audiences of an open expense, each with the channel or person to post to.

        The channel comes first.

        Returns:
            The audiences, and why some may be missing: Slack does not say who is in a group, or who
            somebody is.
        """
        plan, progress = self._policy.plan_of(expense), expense.progress
        if plan.is_automatic:
            return [], None
        stage = progress.present(plan)
        channel = stage.channel if expense.plan else self._channel
        asked, unread = await self._people(self._policy.may_decide_now(expense))
        released = progress.released()
        asked -= released
        away = await self._delegations.delegates_of({*asked, expense.requester or ""})
        written_to = {away[person] for person in asked if person in away}
        if channel is None:
            written_to |= asked
        elif progress.escalated:
            # People who were not asked before, like delegates, may not be in the channel.
            written_to |= (await self._people(progress.escalated_to(plan)))[0]
        # So may those to whom somebody has handed it over.
        handed_to = {change.to for change in progress.handovers_in()}
        written_to |= handed_to.intersection(self._policy.may_decide_now(expense))
        written_to -= barred(expense.requester, away) | released
        place = [(approvers(progress.stage), channel)] if channel else []
        candidates = [one for one in sorted(written_to) if not progress.has_approved(one)]
        living, silent = await self._living(candidates)
        people = [(approvers(progress.stage, person), person) for person in living]
        return [*place, *people], silent or unread

    async def _living(self, candidates: Sequence[str]) -> tuple[list[str], SlackAway | None]:
        """Return the full members among some people, `MOST` at most, and why some may be missing.

        Slack takes messages to people who have left, and nobody reads them.
        """
        living: list[str] = []
        unread: SlackAway | None = None
        for start in range(0, len(candidates), AT_ONCE):
            some = candidates[start : start + AT_ONCE]
            answers = await asyncio.gather(*map(self._is_full_member, some))
            for person, answer in zip(some, answers, strict=True):
                if isinstance(answer, SlackAway):
                    unread = answer
                elif answer:
                    living.append(person)
            if len(living) >= MOST:
                break
        return living[:MOST], unread

    async def _is_full_member(self, person: str) -> bool | SlackAway:
        try:
            return await self._directory.is_full_member(person)
        except TryAgain as away:
            return SlackAway(str(away), away.after)

    async def relieved(self, expense: Expense) -> dict[str, str]:
        """Say which delegates have nothing to decide any more, as their colleague is not asked.

        Returns:
            Their Slack user ids, each with that of who is asked now in their colleague's place.
        """
        released = expense.progress.released()
        if not (released and expense.is_asking):
            return {}
        asked, unread = await self._people(self._policy.may_decide_now(expense))
        if unread:
            return {}
        asked -= released
        away = await self._delegations.delegates_of(asked | released)
        still = asked | {away[person] for person in asked if person in away}
        found = {away[one]: successor(expense, one) for one in released if one in away}
        return {one: whom for one, whom in found.items() if whom and one not in still}

    def last_resort(self, expense: Expense) -> tuple[Audience, str]:
        """Name the audience and the channel to ask when nobody else can be written to."""
        return approvers(expense.progress.stage), self._channel

    def audience_at(self, expense: Expense, channel: str, person: str) -> Audience:
        """Say which audience a message was meant for that nobody remembers."""
        progress = expense.progress
        if expense.plan is None:
            return approvers(0)
        for number, stage in reversed([*enumerate(expense.plan.stages[: progress.stage + 1])]):
            if stage.channel == channel:
                return approvers(number)
        if channel == self._channel:
            return approvers(progress.stage)
        agreed = (
            line.stage for line in progress.approvals if person in (line.person, line.on_behalf_of)
        )
        return approvers(next(agreed, progress.stage), person)

    async def _people(self, ids: tuple[str, ...]) -> tuple[frozenset[str], SlackAway | None]:
        members = await look_up(ids, self._directory)
        away = members.unknown
        # A question that may arrive later than we wait changes nothing in Slack.
        return members.people, SlackAway(str(away), away.after) if away else None
