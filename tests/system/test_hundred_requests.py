"""Many requests within a moment: Slack takes a message a second, and nobody notices but the queue.

A hundred take a hundred seconds; so that this test takes less, they are fewer.
"""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.client import Client

from sandbox import Sandbox
from sandbox.slack.config import User, WorkspaceConfig
from tests.support.house import APPROVALS, MINA, House, expense_of, house

pytestmark = pytest.mark.long

REQUESTS, CLICKS = 14, 5
PEOPLE = tuple(User(f"U0CROWD{n:04}", f"crowd{n}", f"Crowd {n}") for n in range(REQUESTS))
CROWD = WorkspaceConfig()
CROWD = replace(CROWD, users=(*CROWD.users, *PEOPLE), rate_limits=True)


async def approve_while_others_wait(here: House) -> list[str]:
    """Click on messages as they come, and return which expenses they are about."""
    approved = []
    for number in range(CLICKS):
        await here.slack.until(lambda n=number: len(here.slack.messages(APPROVALS)) > n)
        message = here.slack.messages(APPROVALS)[number]
        approved.append(expense_of(message))
        assert (await here.slack.click(MINA, message, "approve_expense")).ok
        assert await here.status(approved[-1]) != "CREATED"
        assert len(here.slack.messages(APPROVALS)) <= number + 4, "the click waited for the queue"
    return approved


def has_buttons(message: dict) -> bool:  # type: ignore[type-arg]
    return any(block["type"] == "actions" for block in message["blocks"])


async def test_requests_that_come_at_once_are_all_asked_about_and_clicks_do_not_wait(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    async with (
        Sandbox.start(CROWD) as slack,
        house(temporal_client, task_queue, tmp_path, slack=slack) as here,
    ):
        acks = await asyncio.gather(
            *(
                slack.command(person, "/expense", f"submit {n}.50 EUR Lunch {n}")
                for n, person in enumerate(PEOPLE, 1)
            )
        )
        assert all(ack.ok for ack in acks)
        approved = await approve_while_others_wait(here)
        await slack.until(lambda: len(slack.messages(APPROVALS)) >= REQUESTS, 10.0 * REQUESTS)
        for expense_id in approved:
            assert await here.workflow(expense_id).result() == "COMPLETED"

        def everybody_knows() -> bool:
            steps = sorted(len(slack.direct_messages(person)) for person in PEOPLE)
            paid = [m for m in slack.messages(APPROVALS) if "finance pays" in m["text"]]
            return steps == [2] * (REQUESTS - CLICKS) + [4] * CLICKS and len(paid) == CLICKS

        await slack.until(everybody_knows)
        await asyncio.sleep(1.5)  # would anybody say anything twice?
        assert everybody_knows()
        asked = slack.messages(APPROVALS)
        assert len(asked) == REQUESTS
        for n in range(1, REQUESTS + 1):
            [message] = [m for m in asked if f"{n}.50" in m["text"].replace("€", " ").split()]
            is_paid = any(expense_id in message["text"] for expense_id in approved)
            assert has_buttons(message) != is_paid
        refused = [call for call in slack.calls if call.outcome == "ratelimited"]
        # The first of each channel that came too soon, and whoever was on the way with it.
        assert len([call for call in refused if call.method == "chat.postMessage"]) <= 2 * REQUESTS
        assert not [call for call in refused if call.method != "chat.postMessage"]
