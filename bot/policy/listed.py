"""Finds requesters and their managers in the company's list of people."""

from dataclasses import dataclass

from bot.catalogue import say
from bot.domain.people.slack_ids import is_user_id
from bot.domain.words import NOT_LISTED, ListedPerson, Words
from bot.policy.directory import AddressBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What the company's list says of a requester, and whether their manager can be asked."""

    line: ListedPerson = NOT_LISTED
    manager: str | None = None  # Slack user id; None if nobody is named, or nobody can be asked
    # A sentence that says why the manager whom the list names cannot be asked; empty if they can.
    problem: str = ""


async def look_up_listed(words: Words, requester: str, directory: AddressBook) -> Listed:
    """Return what the company's list says of a requester.

    Raises:
        TryAgain: Slack does not tell who they or their manager are.
    """
    line = words.people.get(requester)
    if line is None and words.names_by_email:
        line = words.people.get((await directory.email_of(requester) or "").casefold())
    if line is None or not line.manager:
        return Listed(line=line or NOT_LISTED)
    is_id = is_user_id(line.manager)
    manager = line.manager if is_id else await directory.person_with(line.manager)
    if manager is None:
        return Listed(line=line, problem=say("listed-manager-unknown", manager=line.manager))
    if manager == requester:
        return Listed(line=line, problem=say("listed-manager-self"))
    if not await directory.is_full_member(manager):
        return Listed(line=line, problem=say("listed-manager-left"))
    return Listed(line=line, manager=manager)
