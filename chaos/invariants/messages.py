"""Messages: what Slack shows at the end agrees with the records."""

from collections.abc import Iterator

from chaos.facts import Facts
from chaos.invariants.decisions import handed_over
from chaos.people import buttons_of

# What the approvers' message says in each final state, in one of these ways.
_HEADLINES = {
    "APPROVED": ("*Approved*",),
    "REJECTED": ("*Rejected*",),
    # The second where a restored database has it from Temporal, without the payment's reference.
    "COMPLETED": ("*Paid.*", "*Recorded as paid.*"),
    "EXPIRED": ("*Expired.*",),
    "WITHDRAWN": ("*Withdrawn*",),
    "CANCELLED": ("*Cancelled.*",),
    "PAYMENT_FAILED": ("*Not paid.*",),
}

_MAY_HAVE_ASKED_NOBODY = ("SUBMITTED", "EXPIRED", "CANCELLED")

# Words that promise something.
_WITH_APPROVERS = "with the approvers now"
_UNPAID = ("will not be paid", "payment was refused")

# How the last message in the requester's thread begins or ends.
_LAST_STEPS = {
    "REJECTED": "rejected it",
    "COMPLETED": "It is paid",
    "EXPIRED": "ran out",
    "WITHDRAWN": "You withdrew it",
    "CANCELLED": "was stopped",
    "PAYMENT_FAILED": "payment was refused",
}


def approvers_messages(facts: Facts) -> Iterator[str]:
    """No message that is remembered has buttons or old news."""
    for expense_id, row in facts.expenses.items():
        shown = facts.shown.get((expense_id, "approvers"))
        if shown is None:
            is_automatic = row["decision"] and not row["decided_by"]
            # Temporal may know the end of what a restored database had not asked about yet.
            needs_nobody = is_automatic or expense_id in facts.logbook.forgotten
            if not needs_nobody and row["state"] not in _MAY_HAVE_ASKED_NOBODY:
                yield f"{expense_id} is {row['state']}, and the approvers never saw it"
            continue
        message = facts.messages.get((shown["channel"], shown["ts"]))
        if message is None:
            yield f"the message about {expense_id} is gone"
        elif row["state"] == "CREATED":
            if buttons_of(message) != expense_id:
                yield f"{expense_id} waits, and its message has no buttons"
        elif (shown["channel"], shown["ts"]) in facts.archived:
            continue  # a message that was over when it changed stays as it was
        elif buttons_of(message):
            yield f"{expense_id} is {row['state']}, and its message has buttons"
        elif not _said([message["text"]], *_HEADLINES.get(row["state"], ())):
            yield f"{expense_id} is {row['state']}, and its message says: {message['text'][:60]}"


def colleagues(facts: Facts) -> Iterator[str]:
    """A colleague who has it now can decide it while it waits, and nobody who gave it away."""
    for (expense_id, audience), shown in facts.shown.items():
        _, _, person = audience.partition("approvers 0 ")
        message = facts.messages.get((shown["channel"], shown["ts"]))
        if not person or message is None:
            continue
        waits = facts.expenses[expense_id]["state"] == "CREATED"
        has_it = person not in handed_over(facts.audit[expense_id])
        if bool(buttons_of(message)) != (waits and has_it):
            yield f"the message to {person} about {expense_id} has buttons, or lacks them"


def twins(facts: Facts) -> Iterator[str]:
    """A click heals every message that was posted twice."""
    for heal in facts.heals:
        if not heal.is_acknowledged or heal.has_buttons:
            yield f"a second message about {heal.expense_id} has buttons that a click leaves"
        if heal.state_before != heal.state_after:
            yield f"{heal.expense_id} became {heal.state_after} by a click that came too late"
    for (channel, ts), message in facts.messages.items():
        about = buttons_of(message)
        if about and facts.expenses.get(about, {}).get("state") != "CREATED":
            if about in facts.lost:
                continue  # nobody knows it any more, and clicks are refused
            yield f"message {ts} in {channel} asks for what is not open: {about}"


def threads(facts: Facts) -> dict[tuple[str, str], list[str]]:
    """Return the replies in each thread, by channel and ts of its first message."""
    found: dict[tuple[str, str], list[str]] = {}
    for (channel, _), message in facts.messages.items():
        if "thread_ts" in message:
            found.setdefault((channel, message["thread_ts"]), []).append(message["text"])
    return found


def requesters(facts: Facts) -> Iterator[str]:
    """The requester was told how it ended."""
    told_in = threads(facts)
    for expense_id, row in facts.expenses.items():
        if row["requester"] is None:
            continue
        shown = facts.shown.get((expense_id, "requester"))
        if shown is None:
            yield f"{row['requester']} never heard of {expense_id}"
            continue
        root = facts.messages.get((shown["channel"], shown["ts"]), {"text": "(gone)"})
        if row["state"] in _HEADLINES and not _said([root["text"]], *_HEADLINES[row["state"]]):
            yield f"{expense_id} is {row['state']}, and its requester sees: {root['text'][-60:]}"
        told = told_in.get((shown["channel"], shown["ts"]), [])
        last = _LAST_STEPS.get(row["state"])
        if last and not any(last in text for text in told):
            yield f"{expense_id} is {row['state']}, and its requester was not told so"
        words = "approved it" if row["decided_by"] else "approved automatically"
        # A message that could only be posted after the approval says so itself.
        is_told = any(words in text for text in told) or "Approved" in root["text"]
        if row["decision"] == "APPROVED" and not is_told:
            yield f"{expense_id} was approved, and its requester was not told so"


def never_ahead(facts: Facts) -> Iterator[str]:
    """The requester read nothing that was not so."""
    told_in = threads(facts)
    paid = {ask.key for ask in facts.logbook.payment_requests if ask.answer == "paid"}
    for expense_id in facts.expenses:
        shown = facts.shown.get((expense_id, "requester"))
        told = told_in.get((shown["channel"], shown["ts"]), []) if shown else []
        # A restored database forgets whom it had asked.
        is_asked = (expense_id, "approvers") in facts.shown or expense_id in facts.logbook.forgotten
        if not is_asked and _said(told, _WITH_APPROVERS):
            yield f"{expense_id} was with the approvers, its requester read, and nobody was asked"
        # That somebody withdrew it may be lost with the database, if Temporal was not told yet.
        is_reopened = any(row["state"] == "WITHDRAWN" for row in facts.versions(expense_id))
        if expense_id in paid and not is_reopened and _said(told, *_UNPAID):
            yield f"{expense_id} was paid, and its requester read that it was not"
        if expense_id not in paid and _said(told, _LAST_STEPS["COMPLETED"]):
            yield f"{expense_id} was not paid, and its requester read that it was"


def _said(told: list[str], *words: str) -> bool:
    return any(word in text for text in told for word in words)


def vain_decisions(facts: Facts) -> Iterator[str]:
    """People who decided in vain were told."""
    for expense_id, row in facts.expenses.items():
        is_vain = row["state"] in ("EXPIRED", "CANCELLED", "PAYMENT_FAILED") and row["decided_by"]
        if not is_vain:
            continue
        shown = facts.shown.get((expense_id, "approver"))
        if shown is None or (shown["channel"], shown["ts"]) not in facts.messages:
            yield f"{row['decided_by']} does not know that {expense_id} is {row['state']}"
