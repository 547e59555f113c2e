"""Submissions and decisions: the records agree with what people did and were told."""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal

from chaos.facts import DECIDED, Facts, Row
from chaos.logbook import AUTOMATIC, AUTOMATIC_UP_TO, CEILING, NOTHING_CHANGED, TWO_PEOPLE, Act
from chaos.people import ALREADY_SUBMITTED, SUBMITTED, TRY_AGAIN, says


def submissions(facts: Facts) -> Iterator[str]:
    """Every acknowledged submission is recorded, once."""
    recorded: dict[str, list[Row]] = {}
    for row in facts.expenses.values():
        recorded.setdefault(row["description"], []).append(row)
    lost = {row["description"] for expense_id in facts.lost for row in facts.versions(expense_id)}
    for act in facts.logbook.acts:
        if act.what != "submit" or not act.expense_id:
            continue
        found = recorded.get(act.expense_id, [])
        if len(found) > 1 or any(row["requester"] != act.who for row in found):
            yield f"{act.expense_id} is recorded {len(found)} times, or for somebody else"
        is_promised = act.is_acknowledged and (not act.told or says(act, SUBMITTED))
        if is_promised and not found and act.expense_id not in lost:
            yield f"{act.expense_id} was acknowledged and is not recorded"
        if found and says(act, NOTHING_CHANGED):
            yield f"{act.expense_id} is recorded, and its requester was told that it is not"
    described = {act.expense_id for act in facts.logbook.acts}
    for expense_id, row in facts.expenses.items():
        if row["description"] not in described and expense_id not in facts.logbook.starts:
            yield f"{expense_id} was asked for by nobody"


def corrections(facts: Facts) -> Iterator[str]:
    """A corrected form is one expense, and its person knows which."""
    typed: dict[str, str] = {}
    forms: dict[str, list[Act]] = {}
    for act in facts.logbook.acts:
        if act.what == "submit" and act.expense_id:
            typed[act.expense_id] = act.amount
            forms.setdefault(act.form, []).append(act)
    recorded = {row["description"] for row in facts.expenses.values()}
    forgotten = {row["description"] for rows in facts.logbook.forgotten.values() for row in rows}
    for row in facts.expenses.values():
        amount = typed.get(row["description"])
        if amount and Decimal(amount) != Decimal(row["amount"]):
            yield f"{row['id']} asks for {row['amount']}, and {amount} was typed"
    for form, acts in forms.items():
        texts = {act.expense_id for act in acts}
        if form and len(texts & recorded) > 1:
            yield f"{sorted(texts)} came of one form, and are recorded"
        counts = texts & (recorded | forgotten)
        for act in acts if form and counts else ():
            is_told = says(act, ALREADY_SUBMITTED) and any(says(act, text) for text in counts)
            is_open = says(act, TRY_AGAIN, NOTHING_CHANGED)
            if act.is_acknowledged and act.expense_id not in counts and not (is_told or is_open):
                yield f"{act.who} does not know that {act.expense_id} does not count: {act.told}"


def decisions(facts: Facts) -> Iterator[str]:
    """One decision each, by somebody who may and did."""
    did = {(act.expense_id, act.who, act.what) for act in facts.logbook.acts}
    for expense_id, row in facts.expenses.items():
        ends = ("decide", "withdraw")
        decides = [entry for entry in facts.audit[expense_id] if entry["event"] in ends]
        who, decision = row["decided_by"], row["decision"]
        if len(decides) > 1:
            yield f"{expense_id} was decided {len(decides)} times"
        if any(entry["event"] == "settle" for entry in facts.audit[expense_id]):
            # Temporal proved whose decision was paid, to a database that came from a backup.
            decides = [{"event": "decide", "actor": who or "policy", "state": "APPROVED"}]
        if bool(decides) != bool(decision) or (row["state"] in DECIDED and not decides):
            yield f"{expense_id}: state, decision and audit trail disagree"
        if not decides:
            continue
        if decides[0]["actor"] == "policy":
            if AUTOMATIC not in (row["plan"] or "") or Decimal(row["amount"]) > AUTOMATIC_UP_TO:
                yield f"{expense_id} was approved automatically, and no rule allows that"
            continue
        if decides[0]["event"] == "withdraw":
            who = row["requester"]
            if decides[0]["actor"] != who or (expense_id, who, "withdraw") not in did:
                yield f"{expense_id} was withdrawn by {decides[0]['actor']}, who did not"
            continue
        if decides[0]["actor"] != who or decides[0]["state"] != decision:
            yield f"{expense_id}: the audit trail names another decision or person"
        if who not in facts.managers or who == row["requester"]:
            yield f"{expense_id} was decided by {who}, who may not"
        # A click on Reject decides nothing: the form for the reason does.
        way = "approve" if decision == "APPROVED" else "give_reason"
        if (expense_id, who, way) not in did:
            yield f"{expense_id}: {who} did nothing for {decision}"


def policy(facts: Facts) -> Iterator[str]:
    """Two people where the policy wants two, and no more than it gives away."""
    did = {(act.expense_id, act.who, act.what) for act in facts.logbook.acts}
    given: dict[str, Decimal] = {}
    for expense_id, row in facts.expenses.items():
        plan = row.get("plan") or ""
        # An expense that came to nothing gives its amount back.
        if AUTOMATIC in plan and row["state"] not in ("WITHDRAWN", "EXPIRED", "CANCELLED"):
            spent = given.get(row["requester"], Decimal(0)) + Decimal(row["amount"])
            given[row["requester"]] = spent
        if TWO_PEOPLE in plan and row["decision"] == "APPROVED":
            # The approvals are in the database only, and a restored one may lack some.
            people = max(map(approved_by, facts.versions(expense_id)), key=len)
            if len(people) != 2 or not people <= facts.managers - {row["requester"]}:
                yield f"{expense_id} was approved by {sorted(people)}"
            if any((expense_id, person, "approve") not in did for person in people):
                yield f"{expense_id} was approved by somebody who never clicked"
    for person, spent in given.items():
        if spent > CEILING:
            yield f"{spent} EUR were approved automatically for {person}"


def handed_over(entries: Sequence[Row]) -> set[str]:
    """Return who has handed an expense over by the end of its history, and not got it back."""
    gone: set[str] = set()
    for entry in entries:
        if entry["event"] == "forward":
            of, to = entry["detail"].split()[:2]
            gone = (gone | {of}) - {to}
    return gone


def handovers(facts: Facts) -> Iterator[str]:
    """Nobody decided what they had handed over."""
    did = {(act.expense_id, act.who, act.what) for act in facts.logbook.acts}
    for expense_id, entries in facts.audit.items():
        for number, entry in enumerate(entries):
            who, what = entry["actor"], entry["event"]
            if what in ("agree", "decide", "forward") and who in handed_over(entries[:number]):
                yield f"{expense_id}: {who} had handed it over, and then: {what}"
            if what == "forward" and (expense_id, who, "name_colleague") not in did:
                yield f"{expense_id} was forwarded by {who}, who did not"


def clicks(facts: Facts) -> Iterator[str]:
    """Every acknowledged click counted, or its person was told."""
    for act in facts.logbook.acts:
        if not act.is_acknowledged or act.told or act.opened:
            continue
        if act.what == "submit" and act.expense_id:
            continue  # see the submissions
        if not any(_counted(act, row) for row in facts.versions(act.expense_id)):
            yield f"{act.what} of {act.who} on {act.expense_id} was acknowledged with silence"


def _counted(act: Act, row: Row) -> bool:
    decision = {"approve": "APPROVED", "give_reason": "REJECTED"}.get(act.what)
    decided = decision and (row["decided_by"], row["decision"]) == (act.who, decision)
    progress = json.loads(row.get("progress") or "{}")
    forwarded = act.who in {line["by"] for line in progress.get("handovers", ())}
    return bool(
        decided
        or (act.what == "approve" and act.who in approved_by(row))
        or (act.what == "name_colleague" and forwarded)
    )


def told_the_truth(facts: Facts) -> Iterator[str]:
    """Nobody was told that nothing was changed when it was."""
    acts: dict[tuple[str, str], list[Act]] = {}
    for act in facts.logbook.acts:
        if act.what in ("approve", "reject", "give_reason"):
            acts.setdefault((act.expense_id, act.who), []).append(act)
    for (expense_id, who), all_acts in acts.items():
        row = facts.expenses.get(expense_id, {})
        told = [act for act in all_acts if says(act, TRY_AGAIN, NOTHING_CHANGED)]
        if row.get("decided_by") == who and len(told) == len(all_acts):
            yield f"{expense_id} was decided by {who}, who was told otherwise"


def approved_by(row: Row) -> set[str]:
    """Return who has approved an expense."""
    return {line["person"] for line in json.loads(row.get("progress") or "{}").get("approvals", ())}
