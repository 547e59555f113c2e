"""Misfortunes in operation: settings, database, payments and workflows change under the bots."""

import asyncio
import random
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg  # type: ignore[import-untyped]
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError

from chaos.schedule import WEBS
from chaos.settings import write_policy
from chaos.system import DATABASE_AWAY, System

_GRAB_SECONDS = 0.05


@asynccontextmanager
async def policy_changes(system: System, dice: random.Random) -> AsyncIterator[None]:
    """The company writes other rules, and the bots are restarted with them."""
    write_policy(system.folder, system.managers, automatic_up_to=15, two_people_over=600)
    await _restart(system, *WEBS)
    yield
    write_policy(system.folder, system.managers)
    await _restart(system, *WEBS)


@asynccontextmanager
async def settings_change(system: System, dice: random.Random) -> AsyncIterator[None]:
    """The settings name the approvers one by one, while one bot has not been restarted."""
    changed, name = dice.choice(WEBS), "EXPENSE_APPROVERS"
    settings = system.environments[changed]
    before = settings[name]
    settings[name] = ",".join(system.slack.workspace.groups[system.managers].users)
    await _restart(system, changed)
    yield
    settings[name] = before
    await _restart(system, changed)


@asynccontextmanager
async def no_free_connections(system: System, dice: random.Random) -> AsyncIterator[None]:
    """Others take every connection of the database."""
    taken: list[asyncpg.Connection] = []

    async def grab() -> None:
        while True:
            with suppress(*DATABASE_AWAY):
                taken.append(await asyncpg.connect(system.database_url))
                continue
            await asyncio.sleep(_GRAB_SECONDS)

    grabbing = asyncio.create_task(grab())
    try:
        yield
    finally:
        grabbing.cancel()
        for connection in taken:
            connection.terminate()


@asynccontextmanager
async def payments_in_progress(system: System, dice: random.Random) -> AsyncIterator[None]:
    """The payment system takes longer than anybody waits, and answers 409 to who asks again."""
    async with system.bank.mood("in progress"):
        yield


@asynccontextmanager
async def payments_elsewhere(system: System, dice: random.Random) -> AsyncIterator[None]:
    """A proxy answers in the payment system's place that there is no such page."""
    async with system.bank.mood("elsewhere"):
        yield


@asynccontextmanager
async def workflow_stopped(system: System, dice: random.Random) -> AsyncIterator[None]:
    """An operator terminates a workflow whose expense waits."""
    if expense_id := await _waiting(system, dice):
        with suppress(RPCError):
            await system.temporal.get_workflow_handle(f"expense_{expense_id}").terminate("chaos")
            system.logbook.stopped.add(expense_id)
    yield


@asynccontextmanager
async def workflow_reset(system: System, dice: random.Random) -> AsyncIterator[None]:
    """An operator resets a workflow to its first task."""
    if expense_id := await _waiting(system, dice):
        with suppress(RPCError):
            await _reset(system.temporal, f"expense_{expense_id}")
    yield


async def _reset(client: Client, workflow_id: str) -> None:
    handle = client.get_workflow_handle(workflow_id)
    done = [
        event.event_id
        for event in (await handle.fetch_history()).events
        if event.event_type is EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    ]
    if not done:
        return  # it has just begun
    await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=workflow_id),
            reason="chaos",
            workflow_task_finish_event_id=done[0],
            request_id=str(uuid.uuid4()),
        )
    )


async def _waiting(system: System, dice: random.Random) -> str | None:
    """Choose an expense that waits for a decision; None if there is none."""
    with suppress(*DATABASE_AWAY):
        async with system.database() as database:
            rows = await database.fetch(
                "SELECT id FROM expenses WHERE state = 'CREATED' AND requester IS NOT NULL"
            )
            return dice.choice(rows)["id"] if rows else None
    return None


async def _restart(system: System, *names: str) -> None:
    for name in names:
        system.supervisor.kill(name)
        with suppress(TimeoutError):
            await system.programs[name].until_ready(60)
