"""Policies in the whole house: a real Temporal server, the worker, and Slack's stand-in."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from temporalio import activity
from temporalio.client import Client

from expense_workflow.activities import create_expense_activity, payment_activity
from expense_workflow.worker import running_worker
from expense_workflow.workflow import SampleExpenseWorkflow
from sandbox import Sandbox, WorkspaceConfig
from sandbox.slack.config import ADA, MANAGERS, MONEY
from tests.support.house import APPROVALS, KEY, MINA, SAM, House, environment, house
from tests.support.other_worker import other_worker
from tests.support.ruled import (
    APPROVE,
    QUICK,
    asked,
    asked_in,
    direct,
    eventually,
    has_buttons,
    in_channel,
    policy,
    submitted,
    thread,
)

AUTOMATIC = """
[[rules]]
name = "small"
up_to = 50
approve = "automatically"
monthly_ceiling = 100
"""
BY_MINA, BY_SAM = f'ask = ["{MINA.id}"]', f'ask = ["{SAM.id}"]'


@asynccontextmanager
async def open_house(
    temporal_client: Client, task_queue: str, folder: Path, file: str = "", **given: Any
) -> AsyncIterator[House]:
    config = WorkspaceConfig(ack_seconds=20, trigger_seconds=20)
    async with Sandbox.start(config) as slack:
        given = {"slack": slack, "timing": QUICK, "EXPENSE_POLICY": file} | given
        async with house(temporal_client, task_queue, folder, **given) as running:
            yield running


@asynccontextmanager
async def worker(here: House) -> AsyncIterator[None]:
    with environment({"EXPENSE_SERVER_URL": here.bot_url, "EXPENSE_API_KEY": KEY}):
        async with running_worker(here.temporal, here.task_queue):
            yield


async def withdraw(here: House, expense_id: str) -> None:
    ack = await here.slack.command(ADA, "/expense", f"withdraw {expense_id}")
    assert "Withdrawn" in (ack.text or ""), ack


async def test_a_small_expense_is_paid_and_nobody_is_asked(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    file = policy(tmp_path, BY_MINA, rules=AUTOMATIC)
    async with open_house(temporal_client, task_queue, tmp_path, file) as here:
        expense_id = await submitted(here)
        await here.until_status(expense_id, "COMPLETED")
        assert await here.workflow(expense_id).result() == "COMPLETED"
        await here.slack.until(lambda: "finance pays" in direct(here, ADA, expense_id)[0]["text"])
        [message] = direct(here, ADA, expense_id)
        assert "automatically" in message["text"]
        steps = await here.slack.until(
            lambda: thread(here, message, ADA)[1:] and thread(here, message, ADA)
        )
        assert "approved automatically" in steps[0]
        assert "finance pays it" in steps[1]
        assert len(steps) == 2
        assert here.slack.messages(APPROVALS) == here.slack.direct_messages(MINA) == []


@pytest.mark.usefixtures("same_day")
async def test_above_the_ceiling_people_are_asked(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    file = policy(tmp_path, rules=AUTOMATIC)
    async with open_house(temporal_client, task_queue, tmp_path, file) as here:
        ids = await asyncio.gather(*(submitted(here, f"20 EUR Lunch {n}") for n in range(7)))
        # No other rule: the approvers of the settings are asked about the two that are left.
        await here.slack.until(lambda: len(here.slack.messages(APPROVALS)) == 2)
        left = [id for id in ids if in_channel(here, APPROVALS, id)]
        for expense_id in ids:
            if expense_id not in left:
                await here.until_status(expense_id, "COMPLETED")
        assert [await here.status(expense_id) for expense_id in left] == ["CREATED"] * 2
        assert len(here.slack.messages(APPROVALS)) == 2


@pytest.mark.parametrize("moment", ["before the worker comes", "once it is asked about"])
async def test_a_withdrawn_expense_ends_its_workflow_without_a_payment(
    temporal_client: Client, task_queue: str, tmp_path: Path, moment: str
) -> None:
    file = policy(tmp_path, BY_MINA)
    async with open_house(temporal_client, task_queue, tmp_path, file, worker=False) as here:
        expense_id = await submitted(here)
        if moment == "before the worker comes":
            await here.until_started(expense_id)
            await withdraw(here, expense_id)
        async with worker(here):
            if moment == "once it is asked about":
                message = await asked(here, MINA, expense_id)
                await withdraw(here, expense_id)
                assert (await here.slack.click(MINA, message, APPROVE)).ok
                said = await here.slack.until(lambda: here.slack.ephemeral(MINA))
                assert "withdr" in said[0]["text"].lower()
            assert await here.workflow(expense_id).result() == ""
        assert await here.status(expense_id) == "WITHDRAWN"
        assert (await here.get("/action", type="payment", id=expense_id, is_api_call="true")) == (
            200,
            "ERROR:INVALID_STATE",
        )
        assert await here.post("/followUp", id=expense_id) == (200, '{"again_in_seconds": null}')
        await here.slack.until(lambda: "Withdrawn" in direct(here, ADA, expense_id)[0]["text"])
        told = direct(here, MINA, expense_id)
        assert len(told) == (moment == "once it is asked about")
        await here.slack.until(
            lambda: all("Withdrawn" in m["text"] for m in direct(here, MINA, expense_id))
        )
        assert not any(map(has_buttons, direct(here, MINA, expense_id)))
        again = await here.slack.command(ADA, "/expense", f"withdraw {expense_id}")
        assert again.ok


async def test_withdrawing_before_the_workflow_was_started(
    temporal_client: Client, task_queue: str, tmp_path: Path, closed_port: int
) -> None:
    """Temporal is away meanwhile; once it is back, nothing is started, or it ends at once."""
    gone = {"TEMPORAL_ADDRESS": f"127.0.0.1:{closed_port}", "worker": False}
    async with open_house(temporal_client, task_queue, tmp_path, **gone) as here:
        expense_id = await submitted(here)
        await withdraw(here, expense_id)
        slack = here.slack
        async with house(temporal_client, task_queue, tmp_path, slack=slack, timing=QUICK) as back:
            await slack.until(lambda: "Withdrawn" in direct(back, ADA, expense_id)[0]["text"])
            # A start that was under way may still arrive.
            handle = await temporal_client.start_workflow(
                SampleExpenseWorkflow.run,
                expense_id,
                id=f"expense_{expense_id}",
                task_queue=task_queue,
            )
            assert await handle.result() == ""
            assert await back.status(expense_id) == "WITHDRAWN"
        assert slack.messages(APPROVALS) == []


async def test_withdrawing_between_creation_and_registration(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    may_register = asyncio.Event()
    async with open_house(temporal_client, task_queue, tmp_path, worker=False) as here:

        @activity.defn(name="wait_for_decision_activity")
        async def register_late(expense_id: str) -> str:
            await may_register.wait()
            info = activity.info()
            headers = {
                "X-Temporal-Workflow-Id": info.workflow_id,
                "X-Temporal-Run-Id": info.workflow_run_id,
            }
            form = {"task_token": info.task_token.hex()}
            assert (await here.post("/registerCallback", form, headers, id=expense_id))[0] == 200
            activity.raise_complete_async()

        with environment({"EXPENSE_SERVER_URL": here.bot_url, "EXPENSE_API_KEY": KEY}):
            async with other_worker(
                temporal_client,
                task_queue,
                [create_expense_activity, register_late, payment_activity],
            ):
                expense_id = await submitted(here)
                await here.until_status(expense_id, "CREATED")
                await withdraw(here, expense_id)
                may_register.set()
                assert await here.workflow(expense_id).result() == ""
        assert await here.status(expense_id) == "WITHDRAWN"


async def test_withdrawing_against_approving(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    file = policy(tmp_path, BY_MINA)
    async with open_house(temporal_client, task_queue, tmp_path, file) as here:
        for _ in range(3):
            expense_id = await submitted(here)
            message = await asked(here, MINA, expense_id)
            await asyncio.gather(
                here.slack.click(MINA, message, APPROVE),
                here.slack.command(ADA, "/expense", f"withdraw {expense_id}"),
            )
            result = await here.workflow(expense_id).result()
            state = await here.status(expense_id)
            assert (result, state) in {("COMPLETED", "COMPLETED"), ("", "WITHDRAWN")}


async def test_open_expenses_keep_the_rule_they_were_submitted_with(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    before = policy(tmp_path, BY_MINA, BY_MINA.replace(MINA.id, MANAGERS.id))
    async with Sandbox.start() as slack:
        given: dict[str, Any] = {"slack": slack, "timing": QUICK}
        async with house(
            temporal_client, task_queue, tmp_path, EXPENSE_POLICY=before, **given
        ) as here:
            old = await submitted(here)
            message = await asked(here, MINA, old)
        after = policy(tmp_path, BY_SAM, name="after.toml")
        async with house(
            temporal_client, task_queue, tmp_path, EXPENSE_POLICY=after, **given
        ) as here:
            new = await submitted(here)
            await asked(here, SAM, new)
            assert direct(here, MINA, new) == []
            assert (await slack.click(MINA, message, APPROVE)).ok
            # The second stage is that of the rule by which it was asked for.
            second = await asked(here, SAM, old)
            assert (await slack.click(SAM, second, APPROVE)).ok
            assert await here.workflow(old).result() == "COMPLETED"
        # Without a policy, on purpose.
        async with house(
            temporal_client, task_queue, tmp_path, EXPENSE_POLICY="none", **given
        ) as here:
            assert (await slack.click(SAM, await asked(here, SAM, new), APPROVE)).ok
            assert await here.workflow(new).result() == "COMPLETED"


async def test_reminders_come_once_and_at_most_as_often_as_the_rule_says(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    stage = (
        f'ask = ["{MINA.id}", "{SAM.id}"]\nneeded = 2\nchannel = "{MONEY.id}"\n'
        'remind_after = "1s"\nremind_every = "1s"\nremind_at_most = 2'
    )
    always = 'working_hours = "00:00-23:59"\n'
    always += 'working_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]\n'
    file = policy(tmp_path, stage, rules=always)
    async with open_house(temporal_client, task_queue, tmp_path, file) as here:
        expense_id = await submitted(here)
        message = await asked_in(here, MONEY, expense_id)
        assert (await here.slack.click(SAM, message, APPROVE)).ok
        bells = await here.slack.until(
            lambda: [text for text in thread(here, message, MONEY) if ":bell:" in text][1:]
        )
        assert len(bells) == 1
        # Anybody may ask again, as after a lost answer.
        looks = await asyncio.gather(*(here.post("/followUp", id=expense_id) for _ in range(5)))
        assert {status for status, _ in looks} == {200}
        assert all("again_in_seconds" in json.loads(body) for _, body in looks)
        await asyncio.sleep(2.5)
        said = [text for text in thread(here, message, MONEY) if ":bell:" in text]
        assert len(said) == 2
        assert all(f"<@{MINA.id}>" in text and SAM.id not in text for text in said[1:])
        assert (await here.slack.click(MINA, message, APPROVE)).ok
        assert await here.workflow(expense_id).result() == "COMPLETED"
        assert await here.post("/followUp", id=expense_id) == (200, '{"again_in_seconds": null}')
        history = await here.workflow(expense_id).fetch_history()
        assert len(history.events) < 120


async def test_follow_ups_of_what_no_rule_covers_or_does_not_exist(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    async with open_house(temporal_client, task_queue, tmp_path) as here:
        expense_id = await here.submit()
        status, body = await here.post("/followUp", id=expense_id)
        # The approvers are reminded after a working day, before which a weekend may lie.
        again = json.loads(body)["again_in_seconds"]
        assert (status, again > 0, again < timedelta(days=6).total_seconds()) == (200, True, True)
        assert await here.post("/followUp", id="unknown") == (200, "ERROR:INVALID_ID")
        assert (await here.post("/followUp"))[0] == 422
        async with aiohttp.ClientSession(headers={"Authorization": "Bearer wrong"}) as stranger:
            url = f"{here.bot_url}/followUp"
            async with stranger.post(url, params={"id": expense_id}) as refused:
                assert refused.status == 401


async def test_a_decision_meets_the_deadline(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    """Clicks around the end of the window: what counts, counts for everybody."""
    file = policy(tmp_path, BY_MINA, rules="")
    async with open_house(
        temporal_client, task_queue, tmp_path, file, EXPENSE_DECISION_WINDOW="2s"
    ) as here:
        expense_id = await submitted(here)
        message = await asked(here, MINA, expense_id)

        async def is_over() -> bool:
            await here.slack.click(MINA, message, APPROVE)
            return await here.status(expense_id) not in ("CREATED", "APPROVED")

        late = await submitted(here, "7 EUR Tea")
        other = await asked(here, MINA, late)
        await asyncio.sleep(1.7)
        for _ in range(30):
            if await here.status(late) != "CREATED":
                break
            await here.slack.click(MINA, other, APPROVE)
            await asyncio.sleep(0.02)
        await eventually(is_over)

        async def late_is_over() -> bool:
            return await here.status(late) not in ("CREATED", "APPROVED")

        await eventually(late_is_over)
        for id in (expense_id, late):
            state = await here.status(id)
            paid = await here.workflow(id).result() if state == "COMPLETED" else None
            assert (state, paid) in {("COMPLETED", "COMPLETED"), ("EXPIRED", None)}
