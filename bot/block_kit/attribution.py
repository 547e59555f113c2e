"""Who did what: names who approved, who rejected and who stood in, and never one for another."""

from typing import NamedTuple

from bot.block_kit.mrkdwn import mention, moment
from bot.catalogue import listed, say
from bot.domain.expense import Decision, Expense, State
from bot.domain.people.slack_ids import is_user_id

# Hundreds may have to agree; a sentence names as many as can be read.
_MOST_NAMES = 8


class Decided(NamedTuple):
    """How, by whom and when an expense was decided, as the catalogue's `decided` asks for it."""

    how: str
    who: str
    at: str


def decided(expense: Expense) -> Decided:
    """Name everybody who has approved an expense, or who has rejected it, and when."""
    at = moment(expense.decided_at) if expense.decided_at else "unknown"
    if expense.decision is Decision.REJECTED and expense.decided_by:
        return Decided("people", in_place(expense.decided_by, expense.decided_for), at)
    approved = approvers(expense)
    if expense.decided_by:
        approved[expense.decided_by] = expense.decided_for
    if approved:
        return Decided("people", _all(approved), at)
    return Decided("automatically" if expense.asks_nobody else "unknown", "", at)


def approvers(expense: Expense) -> dict[str, str | None]:
    """Return who has approved, each with the person in whose place, who may be the same."""
    return {line.person: line.on_behalf_of for line in expense.progress.approvals}


def in_place(person: str, whose: str | None) -> str:
    """Name a person, and the colleague for whom they stood in, if any."""
    if whose in (None, person):
        return mention(person)
    return say("in-place", person=mention(person), whose=mention(whose))


def in_place_to(reader: str, person: str, whose: str | None) -> str:
    """Name a person, and for whom they stood in, to somebody who may be either of them."""
    who, colleague = (say("you") if id == reader else mention(id or "") for id in (person, whose))
    return who if whose in (None, person) else say("in-place", person=who, whose=colleague)


def handed_over(expense: Expense) -> str:
    """Say whom an expense was handed to last in its stage; nothing if to nobody."""
    changes = expense.progress.handovers_in()
    if not changes:
        return ""
    name = "was-forwarded" if changes[-1].is_forwarded else "was-reassigned"
    return say(name, to=mention(changes[-1].to), by=actor(changes[-1].by))


def actor(by: str) -> str:
    """Name who did something: a person, or else the operator."""
    return mention(by) if is_user_id(by) else say("the-operator")


def successor(expense: Expense, person: str | None) -> str | None:
    """Return the Slack user id of who has an expense now in a person's place; None if nobody."""
    successors: dict[str, str] = {}
    for change in expense.progress.handovers_in():
        # The delegate who forwarded it does not have it any more either.
        giving = {change.of, change.by} if change.is_forwarded else {change.of}
        successors |= dict.fromkeys((one for one in giving if one), change.to)
        successors.pop(change.to, None)
    found = successors.get(person or "")
    while found in successors:
        found = successors[found]
    return found


def verdict(expense: Expense) -> str:
    """Return the word by which the catalogue tells an approval from a rejection."""
    return "approved" if expense.decision is Decision.APPROVED else "rejected"


def approved_before(expense: Expense) -> str:
    """Name who had approved what was not approved as a whole; nothing if nobody had."""
    approved = approvers(expense)
    if not approved or expense.decision is Decision.APPROVED:
        return ""
    return say("had-approved", who=_all(approved))


def is_closed_by_operator(expense: Expense) -> bool:
    """Return whether the operator ended it, who closed it or said that it is not paid."""
    if expense.state is not State.CANCELLED:
        return False
    # What is stopped in Temporal has neither a time nor a payment that was asked for.
    was_closed = expense.decision is None and expense.decided_at is not None
    return was_closed or expense.payment_asked_at is not None


def in_vain(expense: Expense) -> str:
    """Say of an expense that Temporal has closed how it was decided; nothing if it was not."""
    if expense.decision not in (Decision.APPROVED, Decision.REJECTED):
        return ""
    how, who, at = decided(expense)
    name = "decided-in-vain" if expense.delivered_at else "decided-too-late"
    return say(name, decision=verdict(expense), how=how, who=who, at=at)


def _all(people: dict[str, str | None]) -> str:
    named = [in_place(person, whose) for person, whose in [*people.items()][:_MOST_NAMES]]
    left = len(people) - len(named)
    return listed([*named, say("others-too", count=left)] if left else named)
