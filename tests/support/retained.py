"""Expenses that are over, of which people are to be forgotten, and all that is recorded of them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from bot.database.encryption import Cipher
from bot.database.messages import Message
from bot.database.trail.sealing import Sealer
from bot.database.trail.signing import Signer
from bot.database.trail.verification import Verification
from bot.domain.approval_plan import Stage
from bot.domain.expense import Decision, Expense, Receipt
from bot.domain.people.audience import REQUESTER as TO_REQUESTER
from bot.domain.people.audience import approvers
from bot.policy.rules import Rule, Rulebook
from bot.services.questions import Questions
from tests.support.plans import lunch
from tests.support.rooms import MANAGER, REQUESTER, SECRET, STRANGER, Rooms, caller

BOOK = Rulebook(
    managers=(MANAGER,),
    rules=(Rule(name="all", stages=(Stage(asked=("manager", STRANGER)),)),),
)
CIPHER = Cipher([SECRET])
ME, THEY = CIPHER.pseudonym(REQUESTER), CIPHER.pseudonym(MANAGER)


async def decided(here: Rooms, key: str = "1", decision: Decision = Decision.REJECTED) -> Expense:
    """An expense about which people wrote, and one decided."""
    file = Receipt(id=f"F{key}", name="Ada's dinner.pdf", permalink="https://x/a")
    claim = lunch(manager=MANAGER, receipts=(file,), description="Dinner with Bob")
    expense = await here.submissions.submit(REQUESTER, claim, f"view {key}")
    await here.workflow_calls.create(expense.id, caller(expense.id))
    until = datetime.now(UTC) + timedelta(days=1)
    await here.workflow_calls.register_callback(expense.id, b"token", caller(expense.id), until)
    questions = Questions(here.expenses, here.decisions)
    await questions.ask(expense.id, MANAGER, "Who was there?")
    await questions.answer(expense.id, REQUESTER, "Bob and I")
    await here.handovers.forward(expense.id, STRANGER, MANAGER, "Yours")
    reason = "Too much, Ada" if decision is Decision.REJECTED else None
    return await here.decisions.decide(expense.id, decision, MANAGER, reason)


async def over(here: Rooms, expense: Expense, days: int = 0) -> None:
    """Have everything delivered and told, so many days ago, and sealed."""
    await here.messages.add(
        Message(
            expense_id=expense.id, audience=TO_REQUESTER, channel="D0", ts="1.0", shown_version=9
        )
    )
    of_manager = approvers(0, MANAGER)
    await here.messages.add(
        Message(expense_id=expense.id, audience=of_manager, channel="D1", ts="1.1", shown_version=9)
    )
    await run(here, "UPDATE expenses SET due_at = NULL WHERE id = :id", id=expense.id)
    if days:
        at = datetime.now(UTC) - timedelta(days=days)
        given = {"at": at if here.database.is_postgres else at.replace(tzinfo=None)}
        await run(
            here, "UPDATE expenses SET created_at = :at WHERE id = :id", id=expense.id, **given
        )
        await run(here, "UPDATE audit SET at = :at WHERE expense_id = :id", id=expense.id, **given)
    await seal(here)


async def run(here: Rooms, sql: str, **given: Any) -> Any:
    return await here.database.execute(text(sql), given)


async def seal(here: Rooms) -> None:
    sealer = Sealer(here.database, Signer([SECRET]))
    while await sealer.sweep():
        pass


async def verified(here: Rooms) -> list[str]:
    looking = Verification(here.database, Signer([SECRET]).public_keys, ())
    return [str(found) async for found in looking.findings() if "sealed late" not in str(found)]


async def everything(here: Rooms) -> str:
    """All that the database has, but for what was signed."""
    tables = (
        *("expenses", "audit", "approvals", "messages", "receipts", "receipt_posts"),
        *("audit_seals", "payments", "delegations", "allowances", "seats"),
    )
    rows = [await run(here, f"SELECT * FROM {table}") for table in tables]  # noqa: S608
    return json.dumps([[tuple(row) for row in one] for one in rows], default=str)
