"""Who is meant by Slack ids of users and user groups, as far as Slack says."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from bot.domain.errors import GroupGone, TryAgain
from bot.domain.people.slack_ids import is_group, is_group_id, is_user_id
from bot.policy.directory import Directory

# Slack takes 20 questions about groups a minute.
MOST_AHEAD = 8


def parse_approvers(text: str) -> tuple[str, ...]:
    """Return the Slack ids in a text, separated by commas or spaces; users first, then groups.

    Raises:
        ValueError: one of them is not the id of a user (U…, W…) or a user group (S…).
    """
    ids = sorted(set(text.replace(",", " ").split()))
    for id in ids:
        if not (is_user_id(id) or is_group_id(id)):
            raise ValueError(
                f"{id!r} is not a Slack user id (U…) or user-group id (S…); "
                "copy the id from the person's or group's profile in Slack"
            )
    return tuple(sorted(ids, key=is_group))


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The users that ids mean; a group that cannot be read takes nobody else away."""

    people: frozenset[str]
    gone: tuple[str, ...] = ()  # Slack ids of the user groups that Slack does not have any more
    # Why somebody may be missing among `people`; None if Slack told all.
    unknown: TryAgain | None = None


async def look_up(ids: Iterable[str], directory: Directory) -> Members:
    """Return the users among Slack ids, and the members of the user groups among them."""
    ids = frozenset(ids)
    groups = sorted(filter(is_group, ids))
    if len(groups) == 1:  # a task for one question costs clicks
        answers = [await _members(groups[0], directory)]
    else:
        # At the same time: Slack does not wait for one question after the other.
        answers = await asyncio.gather(*(_members(group, directory) for group in groups))
    people = ids.difference(groups)
    gone: list[str] = []
    unknown: TryAgain | None = None
    for group, answer in zip(groups, answers, strict=True):
        match answer:
            case GroupGone():
                gone.append(group)
            case TryAgain():
                unknown = answer
            case _:
                people |= answer
    return Members(people=people, gone=tuple(gone), unknown=unknown)


async def _members(group: str, directory: Directory) -> frozenset[str] | TryAgain:
    try:
        return await directory.group_members(group)
    except TryAgain as away:
        return away


async def is_among(
    person: str, ids: Iterable[str], directory: Directory, *, is_safeguard: bool = False
) -> bool:
    """Return whether a person is one of these users, or a member of one of these user groups.

    Args:
        is_safeguard: whether more is asked of these people than of others, so that a group that is
            gone must not set them free. Otherwise nobody is in such a group.

    Raises:
        GroupGone: a group is gone, and they are not among the others, with `is_safeguard`.
        TryAgain: Slack does not tell, and they are not among those that it tells.
    """
    ids = tuple(ids)
    if person in ids:
        return True
    members = await look_up(filter(is_group, ids), directory)
    if person in members.people:
        return True
    if members.unknown:
        raise members.unknown
    if is_safeguard and members.gone:
        raise GroupGone(members.gone[0])
    return False


@asynccontextmanager
async def asked_ahead(ids: Iterable[str], directory: Directory) -> AsyncIterator[None]:
    """Have the first groups asked about while they are needed one after the other.

    Slack does not wait for one question after the other: a person who submits gets three seconds.
    """

    async def ask(group: str) -> None:
        with suppress(TryAgain):  # the person who needs to know hears of it
            await directory.group_members(group)

    groups = [*dict.fromkeys(filter(is_group, ids))][:MOST_AHEAD]
    asked = [asyncio.create_task(ask(group)) for group in groups] if len(groups) > 1 else []
    try:
        yield
    finally:
        for task in asked:
            task.cancel()
