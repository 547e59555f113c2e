"""The records: complete, delivered, and free of secrets and of unforeseen errors."""

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from bot.domain.expense import TRANSITIONS, State
from chaos.facts import DECIDED, Facts

# Lines of the audit trail that change nothing.
_NOTES = {"refuse", "delay", "await_payment", "keep_receipt", "flaw_receipt", "await_receipts"}
_LOOKS_NOW = timedelta(seconds=10)


def outbox(facts: Facts) -> Iterator[str]:
    """Nothing is left in the outbox."""
    for expense_id, row in facts.expenses.items():
        due, decide_by = row["due_at"], row["decide_by"]
        waits = row["state"] == "CREATED" and decide_by and due
        # Whether people can still decide is looked at from time to time.
        if waits and facts.now - _LOOKS_NOW < due <= decide_by + timedelta(minutes=1):
            due = None
        # An expired lease binds nobody: the bot that held it died with nothing left to do.
        if due or (row["leased_until"] and row["leased_until"] > facts.now):
            yield f"{expense_id} is {row['state']}, due {due}, leased {row['leased_until']}"
        if row["state"] in DECIDED and row["delivered_at"] is None:
            yield f"{expense_id} is {row['state']}, and Temporal was not told"


def audit(facts: Facts) -> Iterator[str]:
    """The audit trail tells the whole story."""
    for expense_id, row in facts.expenses.items():
        entries = facts.audit[expense_id]
        states = [State(entry["state"]) for entry in entries]
        steps = zip(pairwise(states), entries[1:], strict=False)
        wrong = [
            (before, after)
            for (before, after), entry in steps
            if before is not after
            and after not in TRANSITIONS[before]
            # What turned out to be wrong is put right by this event, from any state.
            and entry["event"] != "settle"
        ]
        if wrong or not states or states[-1] != row["state"]:
            yield f"{expense_id} is {row['state']}, and its history says {[*map(str, states)]}"
        if row["version"] != sum(entry["event"] not in _NOTES for entry in entries):
            yield f"{expense_id} has version {row['version']} and {len(entries)} lines of history"


def trail(facts: Facts) -> Iterator[str]:
    """The audit trail is sealed, and as it was sealed."""
    yield from facts.tampering


def receipts(facts: Facts) -> Iterator[str]:
    """Every receipt is kept once, and shown once where it was asked about."""
    for expense_id, row in facts.expenses.items():
        files = json.loads(row.get("receipts") or "[]")
        kept = [one for one in facts.receipts.get(expense_id, []) if one["state"] == "KEPT"]
        if {one["id"] for one in files} != {one["file_id"] for one in kept}:
            yield f"{expense_id} has {len(files)} receipts, and {len(kept)} are kept"
        told = [entry["event"] for entry in facts.audit[expense_id]].count("keep_receipt")
        if told != len(kept):
            yield f"{expense_id} has {len(kept)} copies, and its history tells of {told}"
        if expense_id in facts.logbook.forgotten:
            continue  # a restored database does not know what it had shown
        for (id, audience), shown in facts.shown.items():
            if id == expense_id and audience.startswith("approvers"):
                found = sum(
                    len(message.get("files", ()))
                    for (channel, _), message in facts.messages.items()
                    if channel == shown["channel"] and message.get("thread_ts") == shown["ts"]
                )
                is_due = row["state"] == "CREATED"
                if found > len(files) or (is_due and found < len(files)):
                    yield f"{expense_id} has {len(files)} receipts, and {audience} sees {found}"


def restored(facts: Facts) -> Iterator[str]:
    """The operator was told what a restored database lost."""
    for workflow in facts.workflows.values():
        if workflow.expense_id in facts.lost and workflow.id not in facts.logbook.named:
            yield f"{workflow.expense_id} is lost, and nobody was told"
    for expense_id in facts.logbook.doubted:
        yield f"{expense_id} may be wrong, the operator was told, and Temporal proves it all"


def secrets(facts: Facts) -> Iterator[str]:
    """No secret is in any output."""
    yield from facts.leaks


def unforeseen(facts: Facts) -> Iterator[str]:
    """No request failed in a way that nobody foresaw (HTTP 500)."""
    if count := facts.logbook.answers[500]:
        yield f"{count} answers were HTTP 500; see the bots' logs"
