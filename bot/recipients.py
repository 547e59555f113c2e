"""Where the approvers of an expense are asked: in which channels, and in whose direct messages."""

from bot.expense import Expense
from bot.policy import Policy
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

    async def of(self, expense: Expense) -> dict[str, str]:
        """Map the audiences of an open expense to the channels or people to post to.

        Raises:
            TryAgain: Slack does not say who is in a group.
        """
        plan, number = self._policy.plan_of(expense), expense.progress.stage
        if plan.is_automatic:
            return {}
        stage = expense.progress.present(plan)
        channel = stage.channel if expense.plan else self._channel
        found = {_audience(number): channel} if channel else {}
        asked = await self._people(self._policy.may_decide_now(expense))
        written_to: set[str] = set()
        if channel is None:
            written_to |= asked
        elif expense.progress.escalated:
            written_to |= await self._people(stage.escalate_to)
        # Whoever stands in may not be in the channel.
        written_to |= {*(await self._delegations.delegates_of(asked)).values()}
        chosen = sorted(written_to - {expense.requester})[:MOST]
        return found | {f"{APPROVERS} {number} {person}": person for person in chosen}

    def audience_at(self, expense: Expense, channel: str, person: str) -> str:
        """Say which audience a message was meant for that nobody remembers.

        Args:
            expense: what it is about.
            channel: where it is.
            person: Slack user id of who clicked on it.
        """
        if expense.plan is None:
            return APPROVERS
        present = expense.progress.stage
        for number in range(min(present + 1, len(expense.plan.stages)) - 1, -1, -1):
            if expense.plan.stages[number].channel == channel:
                return _audience(number)
        return f"{APPROVERS} {present} {person}"

    async def _people(self, ids: tuple[str, ...]) -> frozenset[str]:
        people: set[str] = set()
        for id in ids:
            people |= await self._directory.group_members(id) if id.startswith("S") else {id}
        return frozenset(people)


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
