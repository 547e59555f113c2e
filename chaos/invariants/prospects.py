"""Prospects: somebody can decide what is open, or everybody knows that nobody can."""

from collections.abc import Iterator

from chaos.facts import Facts, Row
from chaos.invariants.decisions import approved_by
from chaos.invariants.messages import threads
from chaos.logbook import AUTOMATIC, TWO_PEOPLE
from chaos.people import buttons_of

# How the requester is told that nobody, or too few, can decide.
_STUCK = ("Nobody can decide this", "have to approve it, and only", "Nobody could be asked")


def prospects(facts: Facts) -> Iterator[str]:
    """Somebody can decide each open expense, or it is told as stuck."""
    told = threads(facts)
    for expense_id, row in facts.expenses.items():
        is_asking = row["state"] == "CREATED" and row["decide_by"]
        if not is_asking or AUTOMATIC in (row["plan"] or ""):
            continue
        # One that is not stuck any more may be listed until the bots look again.
        if not row["obstacle"] and _can_be_decided(facts, row):
            continue
        if not row["obstacle"]:
            yield f"nobody can decide {expense_id}, and it is not listed as stuck"
        if expense_id not in facts.stuck:
            yield f"{expense_id} is stuck, and no log says so"
        shown = facts.shown.get((expense_id, "requester"), {"channel": "", "ts": ""})
        thread = told.get((shown["channel"], shown["ts"]), [])
        if row["requester"] and not any(words in text for text in thread for words in _STUCK):
            yield f"{expense_id} is stuck, and its requester was not told"


def _can_be_decided(facts: Facts, row: Row) -> bool:
    """Return whether enough living people who may decide it see its buttons."""
    agreed = approved_by(row)
    needed = 2 - len(agreed) if TWO_PEOPLE in (row["plan"] or "") else 1
    shown = facts.shown.get((row["id"], "approvers"), {"channel": "", "ts": ""})
    message = facts.messages.get((shown["channel"], shown["ts"]), {})
    left = facts.living - {row["requester"]} - agreed
    return len(left) >= needed and buttons_of(message) == row["id"]
