"""What a run leaves that lost nothing, to be spoilt by tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chaos.facts import Facts, Workflow
from chaos.logbook import Act, Logbook, PaymentRequest, Start

ADA, MINA, SAM = "U0ADA", "U0MINA", "U0SAM"
CHANNEL = "C0APPROVALS"
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)

_EVENTS = {
    "COMPLETED": ["SUBMITTED", "CREATED", "CREATED", "APPROVED", "APPROVED", "COMPLETED"],
    "PAYMENT_FAILED": ["SUBMITTED", "CREATED", "CREATED", "APPROVED", "APPROVED", "PAYMENT_FAILED"],
    "REJECTED": ["SUBMITTED", "CREATED", "CREATED", "REJECTED"],
    "EXPIRED": ["SUBMITTED", "CREATED", "CREATED", "APPROVED", "EXPIRED"],
    "WITHDRAWN": ["SUBMITTED", "CREATED", "CREATED", "WITHDRAWN"],
    "CREATED": ["SUBMITTED", "CREATED", "CREATED"],
}
_TOLD = {
    "COMPLETED": ["<@U0MINA> approved it.", "It is paid."],
    "PAYMENT_FAILED": ["<@U0MINA> approved it.", "the payment was refused"],
    "REJECTED": ["<@U0MINA> rejected it."],
    "EXPIRED": ["<@U0MINA> approved it.", "The time to decide ran out"],
    "WITHDRAWN": ["You withdrew it, so it will not be paid."],
    "CREATED": [],
}
_HEADLINES = {
    "COMPLETED": "*Paid.*",
    "PAYMENT_FAILED": "*Not paid.*",
    "REJECTED": "*Rejected*",
    "EXPIRED": "*Expired.*",
    "WITHDRAWN": "*Withdrawn*",
    "CREATED": "*Waiting*",
}
_ENDS = {
    "COMPLETED": ("COMPLETED", "COMPLETED"),
    "PAYMENT_FAILED": ("FAILED", "ApplicationError: ERROR:LIMIT_EXCEEDED"),
    "REJECTED": ("COMPLETED", ""),
    "EXPIRED": ("FAILED", "TimeoutError: activity StartToClose timeout"),
    "WITHDRAWN": ("COMPLETED", ""),
    "CREATED": ("RUNNING", ""),
}


def buttons(expense_id: str) -> dict[str, Any]:
    """Make the block with the buttons."""
    element = {"type": "button", "action_id": "approve_expense", "value": expense_id}
    return {"type": "actions", "block_id": "decision", "elements": [element]}


def clean_run() -> Facts:
    """Make one expense of each fate; its id is its state."""
    bosses = frozenset({MINA, SAM})
    facts = Facts(now=NOW, logbook=Logbook(), managers=bosses, living=bosses)
    for number, state in enumerate(_EVENTS):
        _add(facts, state, number)
    facts.export = [
        {
            "id": state,
            "state": state,
            "amount": "30.00",
            "currency": "EUR",
            "payment": "paid" if state == "COMPLETED" else None,
        }
        for state in _EVENTS
    ]
    facts.logbook.starts["ORDER-1"] = Start(expense_id="ORDER-1", workflow_id="order-1")
    return facts


def _add(facts: Facts, state: str, number: int) -> None:
    states = _EVENTS[state]
    decision = next((s for s in states if s in ("APPROVED", "REJECTED")), None)
    is_withdrawn = state == "WITHDRAWN"
    facts.expenses[state] = {
        "id": state,
        "state": state,
        "version": len(states),
        "requester": ADA,
        "description": f"Errand {number}",
        "decision": "CANCELLED" if is_withdrawn else decision,
        "amount": "30.00",
        "currency": "EUR",
        "number_year": 2026,
        "number": number + 1,
        "plan": None,
        "progress": None,
        "decided_by": MINA if decision else None,
        "decide_by": NOW + timedelta(hours=1),
        "delivered_at": NOW if decision or is_withdrawn else None,
        "due_at": None,
        "obstacle": None,
        "leased_until": None,
    }
    facts.audit[state] = [
        {
            "expense_id": state,
            "event": "decide" if now == decision and before != decision else "other",
            "actor": MINA if now == decision and before != decision else "worker",
            "state": now,
        }
        for before, now in zip(["", *states], states, strict=False)
    ]
    if is_withdrawn:
        facts.audit[state][-1] |= {"event": "withdraw", "actor": ADA}
        taken_back = Act(who=ADA, what="withdraw", expense_id=state, is_acknowledged=True)
        taken_back.told.append("You withdrew it.")
        facts.logbook.acts.append(taken_back)
    _show(facts, state, number)
    facts.workflows[f"expense_{state}"] = Workflow(f"expense_{state}", state, *_ENDS[state])
    facts.logbook.acts.append(
        Act(
            who=ADA,
            what="submit",
            expense_id=f"Errand {number}",
            is_acknowledged=True,
            amount="30",
            told=["Submitted: …"],
        )
    )
    if decision:
        what = "approve" if decision == "APPROVED" else "give_reason"
        facts.logbook.acts.append(
            Act(who=MINA, what=what, expense_id=state, is_acknowledged=True)  # type: ignore[arg-type]
        )
    if answer := {"COMPLETED": "paid", "PAYMENT_FAILED": "refused"}.get(state):
        body = {"expense_id": state, "amount": "30.00", "currency": "EUR"}
        request = PaymentRequest(key=state, body=body, answer=answer)  # type: ignore[arg-type]
        facts.logbook.payment_requests.append(request)


def _show(facts: Facts, state: str, number: int) -> None:
    root = f"{number}.2"
    places = {"approvers": (CHANNEL, f"{number}.1"), "requester": ("D0ADA", root)}
    if state in ("EXPIRED", "PAYMENT_FAILED"):
        places["approver"] = ("D0MINA", f"{number}.3")
    for audience, (channel, ts) in places.items():
        facts.shown[state, audience] = {"channel": channel, "ts": ts}
        facts.messages[channel, ts] = {"ts": ts, "text": _HEADLINES[state]}
    if state == "CREATED":
        facts.messages[CHANNEL, f"{number}.1"]["blocks"] = [buttons(state)]
    for step, text in enumerate(_TOLD[state]):
        message = {"text": text, "thread_ts": root}
        facts.messages["D0ADA", f"{root}{step}"] = message
