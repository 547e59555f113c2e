"""`python -m bot reconcile`, `expenses close` and `restart`, on a real Temporal."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from bot.__main__ import main
from bot.commands.console import Exit
from bot.delivery.temporal import WORKFLOW
from tests.delivery.test_scheduler import QUICK
from tests.support.house import ADA, APPROVALS, KEY, environment, house
from tests.support.plain_worker import PlainWorkflow, plain_worker
from tests.support.stopwatch import PATIENCE

# What these commands use; the bot's own settings are not among it.
USED = ("DATABASE_URL", "TEMPORAL_ADDRESS", "EXPENSE_TASK_QUEUE")
CLOSED = "*Cancelled* by the people who run this app"


async def forget(client: Client, workflow_id: str) -> None:
    """Have Temporal lose a workflow."""
    execution = WorkflowExecution(workflow_id=workflow_id)
    request = DeleteWorkflowExecutionRequest(
        namespace=client.namespace, workflow_execution=execution
    )
    await client.workflow_service.delete_workflow_execution(request)
    async with asyncio.timeout(PATIENCE):
        while await is_known(client, workflow_id):
            await asyncio.sleep(0.05)


async def is_known(client: Client, workflow_id: str) -> bool:
    try:
        await client.get_workflow_handle(workflow_id).describe()
    except RPCError:
        return False
    return True


async def test_what_no_bot_can_mend_by_itself(
    temporal_client: Client,
    task_queue: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with house(temporal_client, task_queue, tmp_path, timing=QUICK, worker=False) as here:

        async def run(*arguments: str) -> tuple[int, str]:
            capsys.readouterr()
            with environment({name: here.variables[name] for name in USED}):
                code = await asyncio.to_thread(main, [*arguments])
            return code, "".join(capsys.readouterr())

        async def differences(*arguments: str) -> dict[str, tuple[str, bool]]:
            _, said = await run("reconcile", "--days", "1", "--json", *arguments)
            found: list[dict[str, Any]] = json.loads(said)
            return {one["id"]: (one["kind"], one["is_mended"]) for one in found}

        for text in ("Tea", "Milk"):
            assert (await here.slack.command(ADA, "/expense", f"submit 1 EUR {text}")).ok
        _, said = await run("expenses", "list", "--json")
        closed, lost = [one["id"] for one in json.loads(said)]
        for expense_id in (closed, lost):
            await here.until_started(expense_id)
        # Another service's workflow may care for several expenses: it learns of this one's end.
        theirs, queue = f"THEIRS-{task_queue}", f"{task_queue}-theirs"
        async with plain_worker(temporal_client, queue, here.bot_url, KEY):
            other = await temporal_client.start_workflow(
                PlainWorkflow.run, theirs, id=theirs, task_queue=queue
            )
            await here.slack.until(lambda: here.slack.messages(APPROVALS))
            code, said = await run("expenses", "close", theirs, "--reason", "Nobody is left")
            assert (code, "the message to its approvers says so" in said) == (0, True)
            assert await other.result() == ""
        assert await here.status(theirs) == "CANCELLED"
        await here.slack.until(lambda: CLOSED in here.message(theirs)["text"])
    # The bot is stopped: it would start again itself what is lost.
    reason = "Nobody is left"
    code, said = await run("expenses", "close", closed, "--reason", reason, "--dry-run")
    assert (code, "would be closed" in said) == (0, True)
    await here.workflow(closed).describe()
    code, said = await run("expenses", "close", closed, "--reason", reason)
    assert (code, "its requester reads the reason" in said) == (0, True)
    ended = await here.workflow(closed).describe()
    assert ended.status is WorkflowExecutionStatus.TERMINATED
    assert (await run("expenses", "close", closed, "--reason", reason))[0] == 0
    assert (await run("expenses", "close", closed, "--reason", " "))[0] == Exit.MISUSED
    assert (await run("expenses", "restart", closed))[0] == Exit.REFUSED
    assert (await run("expenses", "restart", lost))[0] == Exit.REFUSED  # it is there

    await forget(temporal_client, f"expense_{lost}")
    stranger = f"expense_STRANGER-{task_queue}"
    await temporal_client.start_workflow(WORKFLOW, "S", id=stranger, task_queue=task_queue)
    found = await differences()
    assert found[lost] == ("row_without_workflow", False)
    async with asyncio.timeout(PATIENCE):  # Temporal lists it a little later
        while stranger not in found:
            found = await differences()
    assert found[stranger] == ("workflow_without_row", False)
    assert closed not in found
    assert (await run("expenses", "restart", lost, "--dry-run"))[0] == 0
    code, said = await run("expenses", "restart", lost)
    assert (code, "started again" in said) == (0, True)
    assert (await here.workflow(lost).describe()).status is WorkflowExecutionStatus.RUNNING
    assert lost not in await differences()
    await forget(temporal_client, f"expense_{lost}")
    assert (await differences("--fix"))[lost] == ("row_without_workflow", True)
    assert (await here.workflow(lost).describe()).status is WorkflowExecutionStatus.RUNNING
    code, said = await run("expenses", "show", lost)
    assert "start_again  operator" in said
    for left in (f"expense_{lost}", stranger):
        await temporal_client.get_workflow_handle(left).terminate()
