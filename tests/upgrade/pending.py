"""What the version before left behind when it was stopped: workflows, and messages in Slack."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import update
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from bot.database.encryption import Cipher
from bot.database.engine.connection import Database
from bot.database.engine.url import parse_database_url
from bot.database.schema import expenses
from expense_workflow import DECISION_WINDOW_MEMO, FOLLOW_UP_MEMO
from expense_workflow.workflow import SampleExpenseWorkflow
from sandbox import Channel, Sandbox, User, UserGroup, WorkspaceConfig
from tests.support.rooms import SECRET
from tests.support.stopwatch import PATIENCE
from tests.upgrade.before import EXPECTED, FOLDER, GROUPS, ID, PEOPLE

APPROVALS, FINANCE, TRAVEL = "C0APPROVALS", "C0FINANCE", "C0TRAVEL"
COMPANY = WorkspaceConfig(
    users=tuple(User(id, id[2:].lower(), id[2:].title()) for id in PEOPLE),
    channels=tuple(
        Channel(id, id[2:].lower(), bot_is_member=True) for id in (APPROVALS, FINANCE, TRAVEL)
    ),
    user_groups=tuple(UserGroup(id, id[2:].lower(), id, tuple(GROUPS[id])) for id in GROUPS),
    # How soon the bot answers on a busy machine is not what these tests ask.
    ack_seconds=20,
    trigger_seconds=20,
)
MESSAGES = {
    (message["channel"], message["ts"]): message
    for message in json.loads((FOLDER / "messages.json").read_text(encoding="utf-8"))
}
WINDOW = timedelta(days=1)


def message(name: str, channel: str) -> dict[str, Any]:
    """Return a message about an expense as people had it before them."""
    [found] = [m for m in MESSAGES.values() if (m["expense"], m["channel"]) == (name, channel)]
    return found


@asynccontextmanager
async def workspace() -> AsyncIterator[Sandbox]:
    """Run a stand-in Slack in which the version before posted its messages."""
    async with Sandbox.start(COMPANY) as slack:
        room = slack.workspace
        for expense_id, expense in EXPECTED["expenses"].items():
            for channel, ts, *_ in expense.get("messages", {}).values():
                if channel.startswith("D"):
                    room.dms[f"U{channel[1:]}"] = channel
                    room.dm_users[channel] = f"U{channel[1:]}"
                known = MESSAGES.get((channel, ts), {"text": expense_id, "blocks": None})
                room.put_message(channel, room.compose(known["text"], known["blocks"], ts=ts))
        yield slack


async def start_workflows(client: Client, task_queue: str, database_url: str) -> None:
    """Bring the workflow of each expense that was under way to where the database has it.

    Activities that wait for a decision are told to the database as the version before told them:
    by their task tokens, encrypted.
    """
    pending = {id: known for id, known in EXPECTED["expenses"].items() if _is_pending(known)}
    waiting = {id for id, known in pending.items() if _is_waiting(known)}
    tokens: dict[str, bytes] = {}
    have_come = asyncio.Event()

    @activity.defn(name="create_expense_activity")
    async def create(expense_id: str) -> None:
        """Do nothing: the expense is there."""

    @activity.defn(name="wait_for_decision_activity")
    async def wait(expense_id: str) -> str:
        if "delivered_at" in pending[expense_id]:
            return str(pending[expense_id]["decision"])
        if expense_id in waiting:
            tokens[expense_id] = activity.info().task_token
            if tokens.keys() == waiting:
                have_come.set()
            activity.raise_complete_async()
        raise ConnectionError("The bot is being replaced.")

    # Whatever else comes is not known here, and tried again by the worker of this version.
    async with Worker(
        client,
        task_queue=task_queue,
        workflows=[SampleExpenseWorkflow],
        activities=[create, wait],
        max_cached_workflows=0,
    ):
        for id in pending:
            await client.start_workflow(
                SampleExpenseWorkflow.run,
                id,
                id=workflow_id(id),
                task_queue=task_queue,
                memo={DECISION_WINDOW_MEMO: WINDOW.total_seconds()}
                | ({FOLLOW_UP_MEMO: 1.0} if id == ID["hotel"] else {}),
            )
        async with asyncio.timeout(PATIENCE):
            await have_come.wait()
    # What is only submitted has had no worker yet.
    id = ID["submitted-started"]
    await client.start_workflow(
        SampleExpenseWorkflow.run, id, id=workflow_id(id), task_queue=task_queue
    )
    await _remember(tokens, database_url)


def workflow_id(expense_id: str) -> str:
    """Return the id of an expense's workflow; other services have their own."""
    return str(EXPECTED["expenses"][expense_id].get("workflow_id", f"expense_{expense_id}"))


def _is_pending(known: dict[str, Any]) -> bool:
    if "run_id" not in known:
        return False  # no workflow has come, or it does not say which it is
    is_late = known.get("decide_by", "2099") < "2099"
    is_open = known["state"] == "CREATED" and not is_late
    return is_open or known["state"] == "APPROVED" or "is_undelivered" in known


def _is_waiting(known: dict[str, Any]) -> bool:
    return "task_token" in known and "delivered_at" not in known


async def _remember(tokens: dict[str, bytes], database_url: str) -> None:
    cipher = Cipher([SECRET])
    database = Database(parse_database_url(database_url))  # type: ignore[arg-type]
    async with database.writing() as connection:
        for id, token in tokens.items():
            is_it = expenses.c.id == id
            await connection.execute(
                update(expenses).where(is_it).values(task_token=cipher.encrypt(token))
            )
    await database.close()
