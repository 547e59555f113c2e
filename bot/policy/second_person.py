"""Looks whether somebody is left to confirm what finance marks as paid by hand."""

from collections.abc import Collection, Sequence

from bot.domain.health.findings import Finding, Level, well
from bot.policy.directory import Directory
from bot.policy.members import look_up

PART = "finance"
_DO = "Name two people or more in EXPENSE_FINANCE or the policy's [roles] finance."


async def look_for_second_person(
    holders: Collection[str], directory: Directory
) -> Sequence[Finding]:
    """Find out whether two people are finance, where payments are made by hand.

    Args:
        holders: Slack ids of the users and user groups that are finance.
        directory: says who is in the groups, and who is a full member.

    Raises:
        TryAgain: Slack does not tell.
    """
    found = await look_up(holders, directory)
    count = 0
    for person in sorted(found.people):
        count += await directory.is_full_member(person)
        if count > 1:
            return [well(PART, "there are people to mark what was paid, and others to confirm it")]
    if found.unknown:
        raise found.unknown
    what = "nobody is finance, so nobody can mark what was paid by hand"
    if count:
        what = "one person is finance, so nobody can confirm what they mark as paid"
    return [Finding(part=PART, level=Level.WARNING, what=what, do=_DO)]
