"""What must be true at the end, each with the exceptions that it found."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from bot.domain.expense import TRANSITIONS, State
from chaos.crowd import SUBMITTED, TRY_AGAIN, buttons_of
from chaos.facts import FAILED, RUNNING, Facts, Row, Workflow
from chaos.logbook import (
    AUTOMATIC,
    AUTOMATIC_UP_TO,
    CEILING,
    NOTHING_CHANGED,
    TWO_PEOPLE,
    Act,
)

Check = Callable[[Facts], Iterator[str]]

CHECKS: dict[str, Check] = {}

_DECIDED = {"APPROVED", "REJECTED", "WITHDRAWN"}
# Lines of the audit trail that change nothing.
_NOTES = {"refuse"}
# What the approvers' message says in each final state.
_HEADLINES = {
    "APPROVED": "*Approved*",
    "REJECTED": "*Rejected*",
    "COMPLETED": "*Paid.*",
    "EXPIRED": "*Expired.*",
    "WITHDRAWN": "*Withdrawn*",
    "CANCELLED": "*Cancelled.*",
    "PAYMENT_FAILED": "*Not paid.*",
}
# The last thing that the requester's thread tells.
_LAST_STEPS = {
    "REJECTED": "rejected it",
    "COMPLETED": "It is paid",
    "EXPIRED": "ran out",
    "WITHDRAWN": "You withdrew it",
    "CANCELLED": "was stopped",
    "PAYMENT_FAILED": "payment was refused",
}


def violations(facts: Facts) -> dict[str, list[str]]:
    """Check everything; a list of what was found for each invariant, empty if it holds."""
    return {name: list(check(facts)) for name, check in CHECKS.items()}


def _invariant(name: str) -> Callable[[Check], Check]:
    def register(check: Check) -> Check:
        CHECKS[name] = check
        return check

    return register


@_invariant("every acknowledged submission is recorded, once")
def _submissions(facts: Facts) -> Iterator[str]:
    recorded: dict[str, list[Row]] = {}
    for row in facts.expenses.values():
        recorded.setdefault(row["description"], []).append(row)
    for act in facts.logbook.acts:
        if act.what != "submit" or not act.expense_id:
            continue
        found = recorded.get(act.expense_id, [])
        if len(found) > 1 or any(row["requester"] != act.who for row in found):
            yield f"{act.expense_id} is recorded {len(found)} times, or for somebody else"
        is_promised = act.is_acknowledged and (not act.told or _says(act, SUBMITTED))
        if is_promised and not found:
            yield f"{act.expense_id} was acknowledged and is not recorded"
        if found and _says(act, NOTHING_CHANGED):
            yield f"{act.expense_id} is recorded, and its requester was told that it is not"
    described = {act.expense_id for act in facts.logbook.acts}
    for expense_id, row in facts.expenses.items():
        if row["description"] not in described and expense_id not in facts.logbook.starts:
            yield f"{expense_id} was asked for by nobody"


@_invariant("one decision each, by somebody who may and did")
def _decisions(facts: Facts) -> Iterator[str]:
    did = {(act.expense_id, act.who, act.what) for act in facts.logbook.acts}
    for expense_id, row in facts.expenses.items():
        ends = ("decide", "withdraw")
        decides = [entry for entry in facts.audit[expense_id] if entry["event"] in ends]
        who, decision = row["decided_by"], row["decision"]
        if len(decides) > 1:
            yield f"{expense_id} was decided {len(decides)} times"
        if bool(decides) != bool(decision) or (row["state"] in _DECIDED and not decides):
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
        ways = ("approve",) if decision == "APPROVED" else ("reject", "give_reason")
        if not any((expense_id, who, way) in did for way in ways):
            yield f"{expense_id}: {who} never clicked for {decision}"


@_invariant("two people where the policy wants two, and no more than it gives away")
def _policy(facts: Facts) -> Iterator[str]:
    did = {(act.expense_id, act.who, act.what) for act in facts.logbook.acts}
    given: dict[str, Decimal] = {}
    for expense_id, row in facts.expenses.items():
        plan = row.get("plan") or ""
        # What came to nothing is given back.
        if AUTOMATIC in plan and row["state"] not in ("WITHDRAWN", "EXPIRED", "CANCELLED"):
            spent = given.get(row["requester"], Decimal(0)) + Decimal(row["amount"])
            given[row["requester"]] = spent
        if TWO_PEOPLE in plan and row["decision"] == "APPROVED":
            people = approved_by(row)
            if len(people) != 2 or not people <= facts.managers - {row["requester"]}:
                yield f"{expense_id} was approved by {sorted(people)}"
            if any((expense_id, person, "approve") not in did for person in people):
                yield f"{expense_id} was approved by somebody who never clicked"
    for person, spent in given.items():
        if spent > CEILING:
            yield f"{spent} EUR were approved automatically for {person}"


@_invariant("every acknowledged click counted, or its person was told")
def _clicks(facts: Facts) -> Iterator[str]:
    for act in facts.logbook.acts:
        if not act.is_acknowledged or act.told or act.opened:
            continue
        row = facts.expenses.get(act.expense_id, {})
        agreed = act.what == "approve" and act.who in approved_by(row)
        counted = agreed or (
            row.get("decided_by") == act.who
            and row.get("decision") == ("APPROVED" if act.what == "approve" else "REJECTED")
        )
        if act.what == "submit" and act.expense_id:
            continue  # see the submissions
        if not counted:
            yield f"{act.what} of {act.who} on {act.expense_id} was acknowledged with silence"


@_invariant("nobody was told that nothing was changed when it was")
def _told_the_truth(facts: Facts) -> Iterator[str]:
    acts: dict[tuple[str, str], list[Act]] = {}
    for act in facts.logbook.acts:
        if act.what in ("approve", "reject", "give_reason"):
            acts.setdefault((act.expense_id, act.who), []).append(act)
    for (expense_id, who), all_acts in acts.items():
        row = facts.expenses.get(expense_id, {})
        told = [act for act in all_acts if _says(act, TRY_AGAIN, NOTHING_CHANGED)]
        if row.get("decided_by") == who and len(told) == len(all_acts):
            yield f"{expense_id} was decided by {who}, who was told otherwise"


@_invariant("every approved expense is paid once, and nothing else")
def _payments(facts: Facts) -> Iterator[str]:
    answers: dict[str, set[str]] = {}
    bodies: dict[str, list[Row]] = {}
    for request in facts.logbook.payment_requests:
        answers.setdefault(request.body["expense_id"], set()).add(request.answer)
        bodies.setdefault(request.key, []).append(request.body)
        if request.key != request.body["expense_id"]:
            yield f"{request.body['expense_id']} was asked for with the key {request.key}"
    for key, asked in bodies.items():
        if any(body != asked[0] for body in asked):
            yield f"{key} was asked for in different words"
    for expense_id, row in facts.expenses.items():
        expected = {"COMPLETED": {"paid"}, "PAYMENT_FAILED": {"refused"}}.get(row["state"], set())
        if answers.pop(expense_id, set()) != expected:
            yield f"{expense_id} is {row['state']}, and the payment system says otherwise"
        if row["state"] in ("COMPLETED", "PAYMENT_FAILED") and row["decision"] != "APPROVED":
            yield f"{expense_id} is {row['state']} without an approval"
    for expense_id in answers:
        yield f"{expense_id} was paid, and nobody knows it"


@_invariant("every workflow ended as its expense did, or waits as it should")
def _workflows(facts: Facts) -> Iterator[str]:
    workflows = {workflow.expense_id: workflow for workflow in facts.workflows.values()}
    for start in facts.logbook.starts.values():
        if start.is_started and start.expense_id not in facts.expenses:
            yield f"{start.workflow_id} was started, and its expense is not known"
    for expense_id in workflows.keys() - facts.expenses.keys():
        yield f"the workflow of {expense_id} runs for nobody"
    for expense_id, row in facts.expenses.items():
        workflow = workflows.get(expense_id)
        if workflow is None:
            yield f"{expense_id} is {row['state']} and has no workflow"
        elif problem := _disagreement(facts, row, workflow):
            yield f"{expense_id} is {row['state']}, but its workflow {problem}"


def _disagreement(facts: Facts, row: Row, workflow: Workflow) -> str | None:
    is_right = False
    match row["state"]:
        case "CREATED":
            waits = row["decide_by"] is not None and row["decide_by"] > facts.now
            is_right = waits and workflow.status == RUNNING
        case "COMPLETED":
            is_right = workflow.result == "COMPLETED"
        case "REJECTED" | "WITHDRAWN":
            is_right = (workflow.status, workflow.result) == ("COMPLETED", "")
        case "EXPIRED":
            is_right = workflow.status == FAILED and "TimeoutError" in workflow.result
        case "PAYMENT_FAILED":
            is_right = workflow.status == FAILED and "ERROR:LIMIT_EXCEEDED" in workflow.result
    return None if is_right else f"is {workflow.status} {workflow.result!r}"


@_invariant("no message that is remembered has buttons or old news")
def _approvers_messages(facts: Facts) -> Iterator[str]:
    for expense_id, row in facts.expenses.items():
        shown = facts.shown.get((expense_id, "approvers"))
        if shown is None:
            is_automatic = row["decision"] and not row["decided_by"]
            if not is_automatic and row["state"] not in ("SUBMITTED", "EXPIRED", "CANCELLED"):
                yield f"{expense_id} is {row['state']}, and the approvers never saw it"
            continue
        message = facts.messages.get((shown["channel"], shown["ts"]))
        if message is None:
            yield f"the message about {expense_id} is gone"
        elif row["state"] == "CREATED":
            if buttons_of(message) != expense_id:
                yield f"{expense_id} waits, and its message has no buttons"
        elif buttons_of(message):
            yield f"{expense_id} is {row['state']}, and its message has buttons"
        elif _HEADLINES.get(row["state"], "?") not in message["text"]:
            yield f"{expense_id} is {row['state']}, and its message says: {message['text'][:60]}"


@_invariant("a click heals every message that was posted twice")
def _twins(facts: Facts) -> Iterator[str]:
    for heal in facts.heals:
        if not heal.is_acknowledged or heal.has_buttons:
            yield f"a second message about {heal.expense_id} has buttons that a click leaves"
        if heal.state_before != heal.state_after:
            yield f"{heal.expense_id} became {heal.state_after} by a click that came too late"
    for (channel, ts), message in facts.messages.items():
        about = buttons_of(message)
        if about and (about not in facts.expenses or facts.expenses[about]["state"] != "CREATED"):
            yield f"message {ts} in {channel} asks for what is not open: {about}"


@_invariant("the requester was told how it ended")
def _requesters(facts: Facts) -> Iterator[str]:
    threads: dict[tuple[str, str], list[str]] = {}
    for (channel, _), message in facts.messages.items():
        if "thread_ts" in message:
            threads.setdefault((channel, message["thread_ts"]), []).append(message["text"])
    for expense_id, row in facts.expenses.items():
        if row["requester"] is None:
            continue
        shown = facts.shown.get((expense_id, "requester"))
        if shown is None:
            yield f"{row['requester']} never heard of {expense_id}"
            continue
        root = facts.messages.get((shown["channel"], shown["ts"]), {"text": "(gone)"})
        if row["state"] in _HEADLINES and _HEADLINES[row["state"]] not in root["text"]:
            yield f"{expense_id} is {row['state']}, and its requester sees: {root['text'][-60:]}"
        told = threads.get((shown["channel"], shown["ts"]), [])
        last = _LAST_STEPS.get(row["state"])
        if last and not any(last in text for text in told):
            yield f"{expense_id} is {row['state']}, and its requester was not told so"
        words = "approved it" if row["decided_by"] else "approved automatically"
        if row["decision"] == "APPROVED" and not any(words in text for text in told):
            yield f"{expense_id} was approved, and its requester was not told so"


@_invariant("whoever decided in vain was told")
def _vain_decisions(facts: Facts) -> Iterator[str]:
    for expense_id, row in facts.expenses.items():
        is_vain = row["state"] in ("EXPIRED", "CANCELLED", "PAYMENT_FAILED") and row["decided_by"]
        if not is_vain:
            continue
        shown = facts.shown.get((expense_id, "approver"))
        if shown is None or (shown["channel"], shown["ts"]) not in facts.messages:
            yield f"{row['decided_by']} does not know that {expense_id} is {row['state']}"


@_invariant("nothing is left in the outbox")
def _outbox(facts: Facts) -> Iterator[str]:
    for expense_id, row in facts.expenses.items():
        due, decide_by = row["due_at"], row["decide_by"]
        waits = row["state"] == "CREATED" and decide_by and due
        if waits and decide_by <= due <= decide_by + timedelta(minutes=1):
            due = None
        # A lease that has ended binds nobody: whoever had it died with nothing left to do.
        if due or (row["leased_until"] and row["leased_until"] > facts.now):
            yield f"{expense_id} is {row['state']}, due {due}, leased {row['leased_until']}"
        if row["state"] in _DECIDED and row["delivered_at"] is None:
            yield f"{expense_id} is {row['state']}, and Temporal was not told"


@_invariant("the audit trail tells the whole story")
def _audit(facts: Facts) -> Iterator[str]:
    for expense_id, row in facts.expenses.items():
        entries = facts.audit[expense_id]
        states = [State(entry["state"]) for entry in entries]
        wrong = [
            (before, after)
            for before, after in pairwise(states)
            if before is not after and after not in TRANSITIONS[before]
        ]
        if wrong or not states or states[-1] != row["state"]:
            yield f"{expense_id} is {row['state']}, and its history says {[*map(str, states)]}"
        if row["version"] != sum(entry["event"] not in _NOTES for entry in entries):
            yield f"{expense_id} has version {row['version']} and {len(entries)} lines of history"


@_invariant("no secret is in any output")
def _secrets(facts: Facts) -> Iterator[str]:
    yield from facts.leaks


@_invariant("no request failed in a way that nobody foresaw (HTTP 500)")
def _unforeseen(facts: Facts) -> Iterator[str]:
    if count := facts.logbook.answers[500]:
        yield f"{count} answers were HTTP 500; see the bots' logs"


def approved_by(row: Row) -> set[str]:
    """Read from an expense who has agreed to it."""
    return {line["person"] for line in json.loads(row.get("progress") or "{}").get("approvals", ())}


def _says(act: Act, *words: str) -> bool:
    return any(word in text for text in act.told for word in words)
