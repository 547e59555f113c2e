"""Reads by the bot's own code what stands in `expected.json`; what is empty is left out there."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, select

from bot.database import schema
from bot.database.encryption import Cipher
from bot.domain.audit_events import AuditEntry, Unknown, write_detail
from bot.domain.errors import AlreadyAgreed, NotAllowed
from bot.domain.expense import Expense
from tests.support.rooms import SECRET, Rooms
from tests.upgrade.before import PEOPLE

COUNTED = ("expenses", "seats", "allowances", "delegations", "messages", "audit")


async def read(here: Rooms) -> dict[str, Any]:
    """Read the whole database, changing nothing."""
    found = await rows(here, schema.expenses)
    delegations = await rows(here, schema.delegations)
    allowances = await rows(here, schema.allowances)
    facts = {
        "expenses": {row.id: _full(await _expense(here, row)) for row in found},
        "waits_for": {person: await _waits_for(here, person) for person in PEOPLE},
        "asked_for_by": {
            person: [expense.id for expense in await here.expenses.of_requester(person, 1000)]
            for person in PEOPLE
        },
        "due": list(await here.outbox.due(1000)),
        "delegations": {
            row.person: [
                row.delegate,
                _said(row.until),
                bool(await here.delegations.of(row.person)),
            ]
            for row in delegations
        },
        "stands_in_for": {
            person: sorted(await here.delegations.delegators_of(person)) for person in PEOPLE
        },
        "allowances": sorted(
            [row.person, _said(row.month), row.currency, row.used] for row in allowances
        ),
        "counts": {name: len(await rows(here, getattr(schema, name))) for name in COUNTED},
    }
    return {name: _full(fact) if isinstance(fact, dict) else fact for name, fact in facts.items()}


async def rows(here: Rooms, table: Table) -> Sequence[Any]:
    """Read a table as it is stored."""
    return await here.database.execute(select(table))


def _full(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: fact for name, fact in facts.items() if fact not in (None, False, [], {}, ())}


async def _expense(here: Rooms, row: Any) -> dict[str, Any]:
    expense = await here.expenses.get(row.id)
    caller = expense.caller
    is_usual = caller.workflow_id == f"expense_{row.id}"
    return {
        **_claim(expense),
        **_decision(expense),
        **_progress(expense),
        **(await _people(here, expense)),
        **_outbox(row),
        "state": expense.state.value,
        "version": expense.version,
        "created_at": _said(expense.created_at),
        "requester": expense.requester,
        "previous_id": expense.previous_id,
        "decide_by": _said(expense.decide_by),
        "workflow_id": None if is_usual else caller.workflow_id,
        "run_id": caller.run_id,
        "submission_key": expense.submission_key,
        **await _told(here, row.id),
    }


def _claim(expense: Expense) -> dict[str, Any]:
    if (claim := expense.claim) is None:
        return {}
    return {
        "amount": str(claim.money.amount),
        "currency": claim.money.currency,
        "description": claim.description,
        "category": claim.category.value,
        "spent_on": _said(claim.spent_on),
        "manager": claim.manager,
        "receipts": [[one.id, one.name, one.permalink, one.is_picture] for one in claim.receipts],
    }


def _decision(expense: Expense) -> dict[str, Any]:
    return {
        "decision": expense.decision.value if expense.decision else None,
        "decided_by": expense.decided_by,
        "decided_for": expense.decided_for,
        "decided_at": _said(expense.decided_at),
        "reason": expense.reason,
        "delivered_at": _said(expense.delivered_at),
        "is_undelivered": expense.is_undelivered,
        "payment_asked_at": _said(expense.payment_asked_at),
        "payment_refusal": expense.payment_refusal,
    }


def _progress(expense: Expense) -> dict[str, Any]:
    plan, progress = expense.plan, expense.progress
    return {
        "rule": plan.rule if plan else None,
        "asks_nobody": expense.asks_nobody,
        "stage": progress.stage,
        "since": _said(progress.since),
        "approvals": [
            [one.person, one.on_behalf_of, one.stage, _said(one.at)] for one in progress.approvals
        ],
        "escalated": progress.escalated,
        "reminded": [[one.person, one.count, _said(one.at)] for one in progress.reminded],
    }


async def _people(here: Rooms, expense: Expense) -> dict[str, Any]:
    """Say who is asked, and on whose behalf each person may decide; time plays no part in it."""
    on_behalf_of, have_agreed = {}, []
    for person in PEOPLE if expense.is_open else ():
        try:
            on_behalf_of[person] = (await here.policy.may_represent(person, expense))[0]
        except AlreadyAgreed:
            have_agreed.append(person)
        except NotAllowed:
            continue
    assigned = await rows(here, schema.seats)
    return {
        "assigned": sorted(row.asked for row in assigned if row.expense_id == expense.id),
        "may_decide_now": list(here.policy.may_decide_now(expense)),
        "on_behalf_of": on_behalf_of,
        "have_agreed": have_agreed,
        "may_see": [person for person in PEOPLE if await here.policy.may_see(person, expense)],
    }


def _outbox(row: Any) -> dict[str, Any]:
    token = Cipher([SECRET]).decrypt(row.task_token) if row.task_token else None
    instants = ("started_at", "due_at", "redraw_at", "leased_until")
    return {
        "task_token": token.decode("latin-1") if token else None,
        "is_token_unreadable": row.task_token is not None and token is None,
        "window_seconds": row.window_seconds,
        "attempts": row.attempts,
        **{name: _said(getattr(row, name)) for name in instants},
    }


async def _told(here: Rooms, expense_id: str) -> dict[str, Any]:
    history = await here.expenses.history(expense_id)
    messages = await here.messages.of_expense(expense_id)
    return {
        "history": [_line(entry) for entry in history],
        "messages": {
            str(audience): [
                message.channel,
                message.ts,
                message.shown_version,
                # Numbers of lines differ between the databases.
                sum(entry.number <= message.told for entry in history),
            ]
            for audience, message in messages.items()
        },
    }


def _line(entry: AuditEntry) -> list[Any]:
    assert not isinstance(entry.event, Unknown)
    line = [_said(entry.at), entry.event.stored_as, entry.actor, entry.state.value]
    detail = write_detail(entry.event)
    return line if detail is None else [*line, detail]


async def _waits_for(here: Rooms, person: str) -> list[list[str]] | None:
    """List what waits for a person, and on whose behalf they may decide it, on all pages."""
    page = await here.inbox.for_approver(person)
    if page is None:
        return None
    found = list(page.items)
    while not page.is_last:
        page = await here.inbox.for_approver(person, page.number + 1)
        assert page
        found += page.items
    assert page.total == len(found)
    return [[asked.expense.id, asked.on_behalf_of] for asked in found]


def _said(at: date | datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None
