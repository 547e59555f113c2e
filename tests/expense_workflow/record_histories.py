"""Record what the replay test replays: python -m tests.expense_workflow.record_histories.

Record again only after a deliberate change that old workflows cannot meet any more; a history that
was recorded before an innocent change is the better test.
"""

import asyncio
import json
import os
from pathlib import Path

from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from expense_workflow import DECISION_WINDOW_MEMO
from expense_workflow.client import leave
from expense_workflow.worker import running_worker
from expense_workflow.workflow import SampleExpenseWorkflow
from tests.conftest import program
from tests.expense_workflow.fake_bot import Answer, FakeBot, running_fake_bot

FOLDER = Path(__file__).parent / "histories"

# By name: what somebody decides (None: nobody does), and how the payment is answered.
SCENARIOS = {
    "approved": ("APPROVED", "SUCCEED"),
    "rejected": ("REJECTED", "SUCCEED"),
    "expired": (None, "SUCCEED"),
    "payment_refused": ("APPROVED", "ERROR:INSUFFICIENT_FUNDS"),
}


async def record(client: Client, bot: FakeBot, name: str) -> str:
    """Play one scenario and return its history as JSON."""
    decision, payment = SCENARIOS[name]
    bot.answer("/action", Answer(payment))
    handle = await client.start_workflow(
        SampleExpenseWorkflow.run,
        name,
        id=f"expense_{name}",
        task_queue="record",
        memo={} if decision else {DECISION_WINDOW_MEMO: 1},
    )
    token = await bot.registered(name)
    if decision:
        await client.get_async_activity_handle(task_token=token).complete(decision)
    await asyncio.gather(handle.result(), return_exceptions=True)
    # Neither the name nor the paths of the machine that records belong into the repository.
    history = (await handle.fetch_history()).to_json().replace(client.identity, "recorder")
    return json.dumps(_without_stack_traces(json.loads(history)), indent=1)


def _without_stack_traces(node: object) -> object:
    if isinstance(node, dict):
        return {key: _without_stack_traces(node[key]) for key in node if key != "stackTrace"}
    return [_without_stack_traces(each) for each in node] if isinstance(node, list) else node


async def main() -> None:
    """Record every scenario on a fresh Temporal server."""
    async with (
        running_fake_bot() as bot,
        await WorkflowEnvironment.start_local(
            dev_server_existing_path=program("temporal"), dev_server_log_level="error"
        ) as temporal,
    ):
        os.environ["EXPENSE_SERVER_URL"] = bot.url
        async with running_worker(temporal.client, "record"):
            for name in SCENARIOS:
                history = await record(temporal.client, bot, name)
                (FOLDER / f"{name}.json").write_text(f"{history}\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
    leave(0)
