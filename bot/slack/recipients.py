"""Where the approvers of an expense are asked: in which channels, and in whose direct messages."""

from collections.abc import AsyncIterator

from bot.domain.errors import TryAgain, Unanswered
from bot.domain.expense import Expense
from bot.policy.approvers import Policy
from bot.policy.rules import members_of
from bot.ports import Delegations, Directory

# The audience of the first channel that is asked; the others add the stage and the person.
APPROVERS = "approvers"

# Whoever asks a group of thousands in direct messages did not mean it.
MOST = 50


class Recipients:
    """Says who gets an approval message.

    Args:
        channel: where is asked what no rule sends elsewhere.
        policy: says who may decide.
        directory: knows who is in which user group.
        delegations: knows who stands in for whom.
    """

    def __init__(
        self, channel: str, policy: Policy, directory: Directory, delegations: Delegations
    ) -> None:
        self._channel = channel
        self._policy = policy
        self._directory = directory
        self._delegations = delegations

    async def of(self, expense: Expense) -> AsyncIterator[tuple[str, str]]:
        """Name the audiences of an open expense, each with the channel or person to post to.

        The channel comes first: it is known also while Slack does not say who is in a group.

        Raises:
            TryAgain: Slack does not say who is in a group.
        """
        plan, progress = self._policy.plan_of(expense), expense.progress
        if plan.is_automatic:
            return
        stage = progress.present(plan)
        channel = stage.channel if expense.plan else self._channel
        if channel:
            yield _audience(progress.stage), channel
        asked = await self._people(self._policy.may_decide_now(expense))
        away = await self._delegations.delegates_of({*asked, expense.requester or ""})
        # Neither requesters nor who stands in for them may decide.
        barred = {expense.requester, away.get(expense.requester or "")}
        written_to = {away[person] for person in asked if person in away}
        if channel is None:
            written_to |= asked
        elif progress.escalated:
            # Whoever was not asked before, like whoever stands in, may not be in the channel.
            written_to |= await self._people(stage.escalate_to)
        for person in sorted(written_to - barred)[:MOST]:
            if not progress.has_approved(person):
                yield f"{APPROVERS} {progress.stage} {person}", person

    def last_resort(self, expense: Expense) -> tuple[str, str]:
        """Name the audience and the channel to ask when nobody else can be written to."""
        return _audience(expense.progress.stage), self._channel

    def audience_at(self, expense: Expense, channel: str, person: str) -> str:
        """Say which audience a message was meant for that nobody remembers.

        Args:
            expense: what it is about.
            channel: where it is.
            person: Slack user id of who clicked on it.
        """
        progress = expense.progress
        if expense.plan is None:
            return APPROVERS
        for number, stage in reversed([*enumerate(expense.plan.stages[: progress.stage + 1])]):
            if stage.channel == channel:
                return _audience(number)
        if channel == self._channel:
            return _audience(progress.stage)
        agreed = (line.stage for line in progress.approvals if person in (line.person, line.seat))
        return f"{APPROVERS} {next(agreed, progress.stage)} {person}"

    async def _people(self, ids: tuple[str, ...]) -> frozenset[str]:
        try:
            return await members_of(ids, self._directory)
        except Unanswered as away:
            # A question that may arrive later than we wait changes nothing in Slack.
            raise TryAgain(str(away), away.after) from away


def is_approvers(audience: str) -> bool:
    """Say whether an audience is asked to decide."""
    return audience.split(" ")[0] == APPROVERS


def stage_of(audience: str) -> int:
    """Say in which stage an audience of approvers is asked."""
    words = audience.split(" ")
    return int(words[1]) if len(words) > 1 else 0


def person_of(audience: str) -> str | None:
    """Say whose direct messages an audience is; None for a channel."""
    words = audience.split(" ")
    return words[2] if len(words) > 2 else None


def _audience(stage: int) -> str:
    return f"{APPROVERS} {stage}" if stage else APPROVERS
