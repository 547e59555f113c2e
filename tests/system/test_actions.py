"""What an expense costs in Temporal Cloud, which bills by actions: counted in real histories."""

from pathlib import Path

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from sandbox.slack.config import NOOR
from tests.policy.test_cli import policy as run_policy
from tests.support.house import MINA, SAM, House
from tests.support.ruled import APPROVE, asked, policy, ruled_houses, submitted, thread

# Temporal bills what is started; what ends or is cancelled belongs to it. What is in neither list
# would be new here, and counts.
# https://docs.temporal.io/cloud/actions
FREE = ("WORKFLOW_TASK", "ACTIVITY_TASK_STARTED", "ACTIVITY_TASK_COMPLETED", "EXECUTION_COMPLETED")

# The first stage reminds nobody, and the second every hour: by the workflow's timers, the bot was
# woken every hour of the first stage as well, which took 406 actions in 14 days. Here an hour has
# a second.
RULES = f"""
[[rules]]
up_to = 50
[[rules.stages]]
ask = ["{MINA.id}"]
remind_after = "24h"
[[rules]]
window = "14d"
[[rules.stages]]
ask = ["{MINA.id}"]
[[rules.stages]]
ask = ["{SAM.id}", "{NOOR.id}"]
remind_after = "1s"
remind_every = "1s"
remind_at_most = 2
"""


async def test_an_expense_costs_what_policy_check_says(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    said = run_policy("check", policy(tmp_path, rules=RULES, name="checked.toml"))
    assert "4 actions in Temporal Cloud" in said.stdout
    async with ruled_houses(temporal_client, task_queue, tmp_path)(rules=RULES) as here:

        async def approve(expense_id: str, *people: object) -> None:
            for who in people:
                assert (await here.slack.click(who, await asked(here, who, expense_id), APPROVE)).ok

        ordinary, staged, slow = [
            await submitted(here, f"{amount} EUR Tea") for amount in (9, 60, 70)
        ]
        await approve(ordinary, MINA)
        await approve(staged, MINA, SAM)
        await approve(slow, MINA)
        # The second stage is as slow as its reminders.
        message = await asked(here, SAM, slow)
        await here.slack.until(lambda: str(thread(here, message, SAM)).count(":bell:") == 2)
        await approve(slow, NOOR)
        for expense_id in (ordinary, staged, slow):
            assert await here.workflow(expense_id).result() == "COMPLETED"
            assert await actions(here, expense_id) == 4


async def actions(here: House, expense_id: str) -> int:
    """Count the actions of a workflow that has ended; a repeated attempt is one, too."""
    count = 0
    for event in (await here.workflow(expense_id).fetch_history()).events:
        name = EventType.Name(event.event_type)
        count += not any(free in name for free in FREE)
        count += max(event.activity_task_started_event_attributes.attempt - 1, 0)
    return count
