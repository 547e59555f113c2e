"""Bots and workers of this version and of the one before work together: each knows the calls."""

import json
import uuid
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from temporalio.activity import _CompleteAsyncError
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment

from expense_workflow.activities import (
    create_expense_activity,
    follow_up_activity,
    payment_activity,
    wait_for_decision_activity,
)
from tests.expense_workflow.fake_bot import Answer, running_fake_bot
from tests.support.house import ADA, MINA, house
from tests.support.ruled import APPROVE, QUICK, asked, policy, submitted

CALLS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "data" / "worker_c763098" / "calls.json").read_text("utf-8")
)


STEPS: dict[str, Any] = {
    "/create": create_expense_activity,
    "/followUp": follow_up_activity,
    "/registerCallback": wait_for_decision_activity,
    "/action": payment_activity,
}


def filled(values: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    """Put what differs from one run to the next into its places."""
    for word, value in given.items():
        values = {name: text.replace(word, value) for name, text in values.items()}
    return values


async def test_this_worker_makes_the_calls_that_a_bot_of_the_version_before_knows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    env, now, second = ActivityEnvironment(), datetime.now(UTC), timedelta(seconds=1)
    given = {
        "{id}": "e-1",
        "{run}": "run-1",
        "{token}": env.info.task_token.hex(),
        "{until}": (now + second).isoformat(),
    }
    env.info = replace(
        env.info,
        workflow_id="expense_e-1",
        workflow_run_id="run-1",
        started_time=now,
        start_to_close_timeout=second,
        schedule_to_close_timeout=None,
    )
    async with running_fake_bot() as bot:
        monkeypatch.setenv("EXPENSE_SERVER_URL", bot.url)
        monkeypatch.setenv("EXPENSE_API_KEY", "key")
        for call in CALLS:
            bot.answer(call["path"], Answer(call["answer"]))
            with suppress(_CompleteAsyncError):
                await env.run(STEPS[call["path"]], "e-1")
    for call, made in zip(CALLS, bot.calls, strict=True):
        assert (made.method, made.path) == (call["method"], call["path"])
        assert made.query == filled(call.get("query", {}), given)
        assert made.form == filled(call.get("form", {}), given)
        # A name for the log asks nothing of the bot before, which leaves it alone.
        ours = [name for name in made.headers if name.lower().startswith("x-temporal-")]
        headers = {name: unquote(made.headers[name]) for name in call["headers"]}
        assert headers == filled(call["headers"], given)
        assert len(ours) == len(headers)
        assert made.headers["Authorization"] == "Bearer key"


async def test_every_call_of_the_worker_before_is_answered_as_before(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    rules = policy(tmp_path, f'ask = ["{MINA.id}"]')
    async with house(
        temporal_client, task_queue, tmp_path, worker=False, timing=QUICK, EXPENSE_POLICY=rules
    ) as here:
        expense_id = await submitted(here)
        until = datetime.now(UTC) + timedelta(hours=72)
        given = {
            "{id}": expense_id,
            "{run}": str(uuid.uuid4()),
            "{token}": b"a task token".hex(),
            "{until}": until.isoformat(),
        }

        for call in CALLS:
            if call["path"] == "/action":
                assert (
                    await here.slack.click(MINA, await asked(here, MINA, expense_id), APPROVE)
                ).ok
            for _ in range(2):  # the same call comes again when its answer was lost
                async with here.http.request(
                    call["method"],
                    here.bot_url + call["path"],
                    params=filled(call.get("query", {}), given),
                    data=filled(call["form"], given) if "form" in call else None,
                    headers=filled(call["headers"], given),
                ) as response:
                    answer = await response.text()
                    assert (response.status, answer) == (200, call["answer"]), call
        assert await here.status(expense_id) == "COMPLETED"
        await here.slack.until(lambda: "finance pays" in here.slack.direct_messages(ADA)[0]["text"])
