"""The state at the end, read from the database, Slack, Temporal and the logs."""

import asyncio
import base64
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL
from temporalio.client import WorkflowExecution, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import ActivityError, FailureError, RetryState, TimeoutError

from bot.database.engine.connection import Database
from bot.database.engine.url import parse_database_url
from bot.database.queries.exports import read_pages
from bot.database.trail.signing import Signer
from bot.database.trail.verification import Verification
from bot.domain.export.columns import By, Period
from bot.domain.export.formats import Format, write
from chaos.logbook import Logbook
from chaos.system import System
from sandbox.slack.config import APPROVALS

Row = dict[str, Any]
RUNNING, FAILED, TERMINATED = "RUNNING", "FAILED", "TERMINATED"
IS_RUNNING = 'ExecutionStatus="Running"'
# The states in which Temporal is told a decision.
DECIDED = {"APPROVED", "REJECTED", "WITHDRAWN"}
_AT_ONCE = 20
# In seconds, so many times is waited for bots that seal.
_LOOKS = 30
_STUCK = re.compile(r"expense (\S+) is stuck:")


@dataclass(frozen=True)
class Workflow:
    """A workflow's status, and its result or the reason why it failed."""

    id: str
    expense_id: str
    status: str
    result: str


@dataclass(frozen=True)
class Heal:
    """A click on a message that still had buttons after the decision, and what it changed."""

    expense_id: str
    is_acknowledged: bool
    has_buttons: bool
    state_before: str | None
    state_after: str | None


@dataclass
class Facts:
    """Everything that the invariants look at.

    Attributes:
        expenses: the rows, by id.
        audit: the audit trail, by expense id, oldest first.
        living: the managers whose accounts are active.
        stuck: the expenses of which the bots' logs say that they are stuck.
        receipts: the rows of the table of receipts, by expense id.
        shown: the rows of the table of messages, by expense id and audience.
        messages: what Slack shows, by channel and ts.
        archived: the messages whose last change Slack refused, as their channel was archived.
        workflows: by workflow id.
        heals: the clicks on messages that still had buttons.
        export: the lines of an export of everything.
        tampering: what is not as it was sealed in the audit trail, or is not sealed.
        leaks: secrets in logs, as the name of the log and the first characters.
    """

    now: datetime
    logbook: Logbook
    managers: frozenset[str]
    living: frozenset[str] = frozenset()
    stuck: frozenset[str] = frozenset()
    expenses: dict[str, Row] = field(default_factory=dict)
    audit: dict[str, list[Row]] = field(default_factory=dict)
    receipts: dict[str, list[Row]] = field(default_factory=dict)
    shown: dict[tuple[str, str], Row] = field(default_factory=dict)
    messages: dict[tuple[str, str], Row] = field(default_factory=dict)
    archived: set[tuple[str, str]] = field(default_factory=set)
    workflows: dict[str, Workflow] = field(default_factory=dict)
    heals: list[Heal] = field(default_factory=list)
    export: list[Row] = field(default_factory=list)
    tampering: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)

    def versions(self, expense_id: str) -> list[Row]:
        """Return an expense as the database has it, and as it had it before it was restored."""
        now = self.expenses.get(expense_id)
        return [*([now] if now else []), *self.logbook.forgotten.get(expense_id, [])]

    @property
    def lost(self) -> set[str]:
        """The expenses of which a restored database knows nothing."""
        return self.logbook.forgotten.keys() - self.expenses.keys()


async def collect(system: System, heals: list[Heal]) -> Facts:
    """Read everything."""
    workspace = system.slack.workspace
    managers = frozenset(next(iter(workspace.groups.values())).users)
    facts = Facts(
        now=datetime.now(UTC),
        logbook=system.logbook,
        managers=managers,
        living=frozenset(boss for boss in managers if not workspace.users[boss].deleted),
        stuck=_told_as_stuck(system.folder),
        heals=heals,
    )
    system.logbook.faults.update({f"slack {k}": n for k, n in system.slack.faults.met.items()})
    async with system.database() as database:
        for row in await database.fetch("SELECT * FROM expenses"):
            facts.expenses[row["id"]] = dict(row)
            facts.audit[row["id"]] = []
        for row in await database.fetch("SELECT * FROM audit ORDER BY number"):
            facts.audit[row["expense_id"]].append(dict(row))
        for row in await database.fetch("SELECT * FROM receipts"):
            facts.receipts.setdefault(row["expense_id"], []).append(dict(row))
        for row in await database.fetch("SELECT * FROM messages"):
            facts.shown[row["expense_id"], row["audience"]] = dict(row)
    facts.tampering = await _tampering(system)
    facts.export = await _export(system)
    for channel in (APPROVALS.id, *workspace.dm_users):
        for message in workspace.messages(channel):
            facts.messages[channel, message["ts"]] = message
    updates = {
        (str(call.arguments["channel"]), str(call.arguments["ts"])): call.outcome
        for call in system.slack.calls_of("chat.update")
        if call.arguments  # it was read, and not refused at once
    }
    facts.archived = {place for place, outcome in updates.items() if outcome == "is_inactive"}
    facts.workflows = await _workflows(system)
    people = [user.id for user in workspace.users.values() if not user.is_bot]
    pages = [system.slack.page.state.of(person) for person in people]
    (system.folder / "sandbox_page.log").write_text(json.dumps(pages))
    facts.leaks = leaks(system.folder, system.secrets.all() | system.logbook.secrets)
    return facts


def _database(system: System) -> Database:
    url = parse_database_url(system.database_url)
    assert isinstance(url, URL)  # noqa: S101
    return Database(url, patience=60)


async def _export(system: System) -> list[Row]:
    """Export everything, as finance does."""
    database = _database(system)
    try:
        pages = read_pages(database, Period(by=By.SUBMITTED))
        text = "".join([write(Format.JSONL, page, is_first=False) async for page in pages])
    finally:
        await database.close()
    return [json.loads(line) for line in text.splitlines()]


async def _tampering(system: System) -> list[str]:
    """Verify the audit trail, as an operator does, once the bots had time to seal it."""
    database = _database(system)
    keys = Signer([system.secrets.encryption_key]).public_keys
    try:
        for _ in range(_LOOKS):
            looking = Verification(database, keys)
            found = [str(finding) async for finding in looking.findings()]
            if not looking.unsealed:
                return found
            await asyncio.sleep(1)
        return [*found, f"{looking.unsealed} lines are not sealed"]
    finally:
        await database.close()


async def with_workflows(system: System, query: str | None = None) -> set[str]:
    """List the ids of the expenses that have workflows, by default also those that have ended."""
    return {_expense_id(workflow.id) async for workflow in system.temporal.list_workflows(query)}


def _expense_id(workflow_id: str) -> str:
    return workflow_id.removeprefix("expense_").replace("order-", "ORDER-")


async def _workflows(system: System) -> dict[str, Workflow]:
    places = asyncio.Semaphore(_AT_ONCE)

    async def read(execution: WorkflowExecution) -> Workflow:
        async with places:
            handle = system.temporal.get_workflow_handle(execution.id, result_type=str)
            # Temporal's list lags behind; the description does not.
            description = await handle.describe()
            status = description.status or WorkflowExecutionStatus.RUNNING
            result = ""
            if status is not WorkflowExecutionStatus.RUNNING:
                try:
                    result = await handle.result()
                except WorkflowFailureError as error:
                    result = _reason(error)
            return Workflow(execution.id, _expense_id(execution.id), status.name, result)

    executions = [execution async for execution in system.temporal.list_workflows()]
    found = await asyncio.gather(*map(read, executions))
    return {workflow.id: workflow for workflow in found}


def _reason(failure: WorkflowFailureError) -> str:
    cause: BaseException | None = failure.cause
    if isinstance(cause, ActivityError) and cause.retry_state is RetryState.TIMEOUT:
        return f"TimeoutError: {cause.activity_type} was tried until its time was over"
    while isinstance(cause, FailureError) and cause.cause and not isinstance(cause, TimeoutError):
        cause = cause.cause
    return f"{type(cause).__name__}: {cause}"


def _told_as_stuck(folder: Path) -> frozenset[str]:
    logs = (log.read_text(errors="replace") for log in folder.glob("web*.log"))
    return frozenset(found for text in logs for found in _STUCK.findall(text))


def leaks(folder: Path, secrets: set[str]) -> list[str]:
    """Search all logs for secrets, and for task tokens as hex, as base64 and as a repr."""
    needles = set(secrets)
    for secret in secrets:
        if _is_hex(secret) and len(secret) > 100:
            raw = bytes.fromhex(secret)
            needles |= {base64.b64encode(raw).decode()[:-4], repr(raw)[2:-1]}
    found = []
    for log in sorted(folder.glob("*.log")):
        text = log.read_text(errors="replace")
        found += [f"{log.name}: {needle[:6]}…" for needle in needles if needle in text]
    return found


def _is_hex(text: str) -> bool:
    try:
        bytes.fromhex(text)
    except ValueError:
        return False
    return True
