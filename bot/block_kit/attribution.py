"""Who did what: names who approved, who rejected and who stood in, and never one for another."""

from bot.block_kit.mrkdwn import mention, moment
from bot.domain.expense import Decision, Expense
from bot.domain.slack_ids import is_user_id

# Hundreds may have to agree; a sentence names as many as can be read.
_MOST_NAMES = 8


def by_whom(expense: Expense) -> str:
    """Name everybody who has approved an expense, or who has rejected it."""
    if expense.decision is Decision.REJECTED and expense.decided_by:
        return f"by {in_place(expense.decided_by, expense.decided_for)}"
    approved = approvers(expense)
    if expense.decided_by:
        approved[expense.decided_by] = expense.decided_for
    if approved:
        return f"by {_all(approved)}"
    return "automatically" if expense.asks_nobody else "by somebody whose name is not recorded"


def approvers(expense: Expense) -> dict[str, str | None]:
    """Return who has approved, each with the person in whose place, who may be the same."""
    return {line.person: line.on_behalf_of for line in expense.progress.approvals}


def in_place(person: str, whose: str | None) -> str:
    """Name a person, and the colleague for whom they stood in, if any."""
    if whose in (None, person):
        return mention(person)
    return f"{mention(person)} for {mention(whose)}"


def in_place_to(reader: str, person: str, whose: str | None) -> str:
    """Name a person, and for whom they stood in, to somebody who may be either of them."""
    who = "You" if person == reader else mention(person)
    if whose in (None, person):
        return who
    return f"{who}, for {'you' if whose == reader else mention(whose)},"


def handed_over(expense: Expense) -> str:
    """Say whom an expense was handed to last in its stage; nothing if to nobody."""
    changes = expense.progress.handovers_in()
    if not changes:
        return ""
    how = "Forwarded" if changes[-1].is_forwarded else "Reassigned"
    return f"{how} to {mention(changes[-1].to)} by {actor(changes[-1].by)}"


def actor(by: str) -> str:
    """Name who did something: a person, or else the operator."""
    return mention(by) if is_user_id(by) else "the operator"


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


def decided_at(expense: Expense) -> str:
    """Write when an expense was decided, to go on with; nothing if it was not."""
    return f", {moment(expense.decided_at)}" if expense.decided_at else ""


def verb(expense: Expense) -> str:
    """Word what was decided."""
    return "approved" if expense.decision is Decision.APPROVED else "rejected"


def approved_before(expense: Expense) -> str:
    """Name who had approved what was not approved as a whole, as a sentence to append."""
    approved = approvers(expense)
    if not approved or expense.decision is Decision.APPROVED:
        return ""
    return f" {_all(approved)} had approved it."


def in_vain(expense: Expense) -> str:
    """Say of an expense that Temporal has closed how it was decided; nothing if it was not."""
    if expense.decision not in (Decision.APPROVED, Decision.REJECTED):
        return ""
    by, at = by_whom(expense), decided_at(expense)
    if expense.delivered_at:
        return f"It had been {verb(expense)} {by}{at}."
    noun = "approval" if expense.decision is Decision.APPROVED else "rejection"
    if expense.decided_by is None:
        return f"The automatic {noun}{at}, came too late."
    return f"The {noun} {by}{at}, came too late."


def _all(people: dict[str, str | None]) -> str:
    named = [in_place(person, whose) for person, whose in [*people.items()][:_MOST_NAMES]]
    more = [f"{len(people) - _MOST_NAMES} more"] if len(people) > _MOST_NAMES else []
    return " and ".join([*named, *more])
