"""Payments and workflows: they end as people decided."""

from collections.abc import Iterator
from decimal import Decimal

from chaos.facts import FAILED, RUNNING, TERMINATED, Facts, Row, Workflow
from chaos.logbook import WORKFLOW_RESET


def payments(facts: Facts) -> Iterator[str]:
    """Every approved expense is paid once, and nothing else."""
    answers: dict[str, set[str]] = {}
    bodies: dict[str, list[Row]] = {}
    for request in facts.logbook.payment_requests:
        answers.setdefault(request.body["expense_id"], set()).add(request.answer)
        bodies.setdefault(request.key, []).append(request.body)
        # What was refused is asked for again under a key of its own.
        if request.key.partition(":")[0] != request.body["expense_id"]:
            yield f"{request.body['expense_id']} was asked for with the key {request.key}"
    for key, asked in bodies.items():
        if any(body != asked[0] for body in asked):
            yield f"{key} was asked for in different words"
    for expense_id, row in facts.expenses.items():
        expected = {"COMPLETED": {"paid"}, "PAYMENT_FAILED": {"refused"}}.get(row["state"], set())
        if answers.pop(expense_id, set()) != expected:
            yield f"{expense_id} is {row['state']}, and the payment system says otherwise"
        for body in bodies.get(expense_id, ()):
            amount = body.get("amount")
            if Decimal(amount or 0) != Decimal(row["amount"] or 0):
                yield f"{expense_id} is {row['amount']}, and {amount} was asked for"
        if row["state"] in ("COMPLETED", "PAYMENT_FAILED") and row["decision"] != "APPROVED":
            yield f"{expense_id} is {row['state']} without an approval"
    for expense_id in answers:
        # The operator was told of what a restored database lost; see `records.restored`.
        approved = [row for row in facts.versions(expense_id) if row["decision"] == "APPROVED"]
        if not approved:
            yield f"{expense_id} was paid, and nobody knows it"


def workflows(facts: Facts) -> Iterator[str]:
    """Every workflow ended as its expense did, or waits as it should."""
    workflows = {workflow.expense_id: workflow for workflow in facts.workflows.values()}
    for start in facts.logbook.starts.values():
        if start.is_started and not facts.versions(start.expense_id):
            yield f"{start.workflow_id} was started, and its expense is not known"
    for expense_id in workflows.keys() - facts.expenses.keys() - facts.lost:
        yield f"the workflow of {expense_id} runs for nobody"
    for expense_id, row in facts.expenses.items():
        workflow = workflows.get(expense_id)
        if expense_id in facts.logbook.unworked:
            # The bots start anew what is not over, and leave to other services what is theirs.
            is_over = row["state"] not in ("SUBMITTED", "CREATED", "APPROVED")
            if expense_id in facts.logbook.starts or (is_over and workflow is None):
                continue
        if workflow is None:
            yield f"{expense_id} is {row['state']} and has no workflow"
        elif problem := _disagreement(facts, row, workflow):
            yield f"{expense_id} is {row['state']}, but its workflow {problem}"


def _disagreement(facts: Facts, row: Row, workflow: Workflow) -> str | None:
    is_right = False
    # A workflow that somebody has set back may come to an expense that is over.
    logbook = facts.logbook
    is_set_back = bool(logbook.set_back_at) or logbook.misfortunes[WORKFLOW_RESET] > 0
    ran_out = workflow.status == FAILED and "TimeoutError" in workflow.result
    is_late = is_set_back and workflow.status == FAILED and "INVALID_STATE" in workflow.result
    match row["state"]:
        case "CREATED" | "CANCELLED" | "WITHDRAWN" if row["id"] in logbook.stopped:
            # While it waits, the bot learns of it at the next click, or when the time is over.
            is_right = workflow.status == TERMINATED or (is_late and row["state"] == "CANCELLED")
        case "CREATED":
            waits = row["decide_by"] is not None and row["decide_by"] > facts.now
            is_right = waits and workflow.status == RUNNING
        case "COMPLETED":
            is_right = workflow.result == "COMPLETED" or (ran_out and _was_forgotten(facts, row))
        case "REJECTED" | "WITHDRAWN":
            is_right = (workflow.status, workflow.result) == ("COMPLETED", "")
            is_right |= row["state"] == "REJECTED" and ran_out and _was_forgotten(facts, row)
            # Its requester has what they want, also if the time to decide ended before it arrived.
            is_right |= row["state"] == "WITHDRAWN" and ran_out
        case "EXPIRED":
            is_right = ran_out or is_late
        case "PAYMENT_FAILED":
            is_right = workflow.status == FAILED and "ERROR:LIMIT_EXCEEDED" in workflow.result
    return None if is_right else f"is {workflow.status} {workflow.result!r}"


def _was_forgotten(facts: Facts, row: Row) -> bool:
    """Whether Temporal forgot the decision, and time was over before it could be told again."""
    return any(
        row["decided_at"] < at and row["decide_by"] <= at for at in facts.logbook.set_back_at
    )
