"""Whether the people whom stages name are enough to approve an expense."""

from collections.abc import Sequence, Set
from itertools import combinations

from bot.domain.approval_plan import Stage
from bot.domain.people.slack_ids import is_group


def can_be_approved(stages: Sequence[Stage], requester: str) -> bool:
    """Return whether the stages have enough people besides the requester.

    The members of user groups may change, so a stage with one counts as large enough.
    """
    named = ((*stage.asked, *stage.escalate_to) for stage in stages)
    return are_enough(
        [
            ({*people} - {requester}, stage.needed)
            for people, stage in zip(named, stages, strict=True)
            if not any(map(is_group, people))
        ]
    )


def are_enough(stages: Sequence[tuple[Set[str], int]]) -> bool:
    """Return whether stages can all be approved if each person approves once.

    By Hall's theorem they can if any of them together have as many people as they need.
    """
    return all(
        len(set[str]().union(*(people for people, _ in some))) >= sum(needed for _, needed in some)
        for count in range(1, len(stages) + 1)
        for some in combinations(stages, count)
    )
