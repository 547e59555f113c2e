"""Record what the replay test replays: python -m tests.expense_workflow.record_histories.

What is recorded already stays as it is: a history that was recorded before an innocent change is
the better test. Delete one only after a deliberate change that old workflows cannot meet any more.
"""

import asyncio
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from expense_workflow import DECISION_WINDOW_MEMO, FOLLOW_UP_MEMO
from expense_workflow.client import leave
from expense_workflow.worker import running_worker
from expense_workflow.workflow import SampleExpenseWorkflow
from tests.expense_workflow.fake_bot import Answer, FakeBot, running_fake_bot
from tests.support.temporal import program

FOLDER = Path(__file__).parent / "histories"


@dataclass(frozen=True)
class Scenario:
    """What happens to one expense.

    Attributes:
        decision: what somebody decides; None: nobody does.
        payment: how the bot answers the payment.
        memo: what the starter asks for.
        follow_ups: how the bot answers the follow-ups.
        decided_after: how many follow-ups come before the decision.
    """

    decision: str | None = "APPROVED"
    payment: str = "SUCCEED"
    memo: dict[str, float] = field(default_factory=dict)
    follow_ups: tuple[Answer, ...] = (Answer('{"again_in_seconds": 1}'),)
    decided_after: int = 0


SOON = {FOLLOW_UP_MEMO: 0.2}

SCENARIOS = {
    "approved": Scenario(),
    "rejected": Scenario("REJECTED"),
    "expired": Scenario(None, memo={DECISION_WINDOW_MEMO: 1}),
    "payment_refused": Scenario(payment="ERROR:INSUFFICIENT_FUNDS"),
    "followed_up": Scenario(memo=SOON, decided_after=2),
    "followed_up_and_rejected": Scenario("REJECTED", memo=SOON, decided_after=1),
    "followed_up_and_expired": Scenario(None, memo=SOON | {DECISION_WINDOW_MEMO: 1.7}),
    "followed_up_once": Scenario(
        memo=SOON, decided_after=1, follow_ups=(Answer('{"again_in_seconds": null}'),)
    ),
    "follow_up_refused": Scenario(
        memo=SOON, decided_after=1, follow_ups=(Answer("ERROR:INVALID_ID"),)
    ),
    "decided_meanwhile": Scenario(memo=SOON, decided_after=1, follow_ups=(Answer(delay=5),)),
}


async def record(client: Client, bot: FakeBot, name: str) -> str:
    """Play one scenario and return its history as JSON."""
    scenario = SCENARIOS[name]
    bot.answer("/action", Answer(scenario.payment))
    bot.answer("/followUp", *scenario.follow_ups)
    before = len(bot.to("/followUp"))
    handle = await client.start_workflow(
        SampleExpenseWorkflow.run,
        name,
        id=f"expense_{name}",
        task_queue="record",
        memo=scenario.memo,
    )
    token = await bot.registered(name)
    await bot.called_often("/followUp", before + scenario.decided_after)
    # So that the workflow knows the last follow-up's answer.
    await asyncio.sleep(0.5)
    if scenario.decision:
        await client.get_async_activity_handle(task_token=token).complete(scenario.decision)
    await asyncio.gather(handle.result(), return_exceptions=True)
    # Neither the name nor the paths of the machine that records belong into the repository.
    history = (await handle.fetch_history()).to_json().replace(client.identity, "recorder")
    return json.dumps(_without_stack_traces(json.loads(history)), indent=1)


def _without_stack_traces(node: object) -> object:
    if isinstance(node, dict):
        return {key: _without_stack_traces(node[key]) for key in node if key != "stackTrace"}
    return [_without_stack_traces(each) for each in node] if isinstance(node, list) else node


async def main() -> None:
    """Record every new scenario on a fresh Temporal server."""
    async with (
        running_fake_bot() as bot,
        await WorkflowEnvironment.start_local(
            dev_server_existing_path=program("temporal"), dev_server_log_level="error"
        ) as temporal,
    ):
        os.environ["EXPENSE_SERVER_URL"] = bot.url
        async with running_worker(temporal.client, "record"):
            for name in SCENARIOS:
                path = FOLDER / f"{name}.json"
                if not path.exists():
                    history = await record(temporal.client, bot, name)
                    path.write_text(f"{history}\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
    leave(0)
