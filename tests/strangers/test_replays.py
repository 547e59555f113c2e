"""The same signed request again and again, as long as its signature is fresh: one effect."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import pytest
from temporalio.client import Client

from sandbox import WorkspaceConfig
from tests.support.house import ADA, APPROVALS, MINA, House, house

TEAM, APP = WorkspaceConfig().team_id, WorkspaceConfig().app_id
COPIES = 20


@pytest.fixture(scope="module")
async def h(
    temporal_client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("replays")
    async with house(temporal_client, f"test-{uuid.uuid4()}", folder, payments=True) as running:
        yield running


async def replay(h: House, form: dict[str, str]) -> list[tuple[int, str]]:
    """Send one signed request many times at once, and many times after one another."""
    body = urlencode(form).encode()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        **h.slack.sign(body),
    }

    async def send() -> tuple[int, str]:
        return await h.post("/slack/events", body, headers)

    together = await asyncio.gather(*(send() for _ in range(COPIES // 2)))
    return together + [await send() for _ in range(COPIES // 2)]


def interaction(h: House, kind: str, **more: Any) -> dict[str, str]:
    payload = {
        "type": kind,
        "user": {"id": MINA.id, "team_id": TEAM},
        "team": {"id": TEAM},
        "api_app_id": APP,
        "trigger_id": "1.2.3",
        **more,
    }
    return {"payload": json.dumps(payload)}


def click(h: House, action: str, expense_id: str) -> dict[str, str]:
    ts = h.message(expense_id)["ts"]
    return interaction(
        h,
        "block_actions",
        container={"type": "message", "message_ts": ts, "channel_id": APPROVALS.id},
        channel={"id": APPROVALS.id},
        message={"ts": ts},
        response_url=h.slack.urls.issue("actions", MINA.id, APPROVALS.id, ts),
        actions=[
            {"type": "button", "action_id": action, "block_id": "decision", "value": expense_id}
        ],
    )


async def test_a_replayed_approval_is_one_decision_and_one_payment(h: House) -> None:
    expense_id = await h.submit()
    answers = await replay(h, click(h, "approve_expense", expense_id))
    assert {status for status, _ in answers} == {200}
    assert await h.workflow(expense_id).result() == "COMPLETED"
    assert [p["expense_id"] for p in h.slack.payments.paid].count(expense_id) == 1
    await replay(h, click(h, "approve_expense", expense_id))
    assert await h.status(expense_id) == "COMPLETED"
    assert [p["expense_id"] for p in h.slack.payments.paid].count(expense_id) == 1


async def test_a_replayed_reason_rejects_once(h: House) -> None:
    expense_id = await h.submit()
    view = {
        "id": "V1",
        "type": "modal",
        "callback_id": "reject_modal",
        "private_metadata": expense_id,
        "state": {"values": {"reason": {"value": {"value": "Not this month"}}}},
    }
    answers = await replay(h, interaction(h, "view_submission", view=view))
    assert {status for status, _ in answers} == {200}
    assert await h.workflow(expense_id).result() == ""
    told = [m for m in h.slack.direct_messages(ADA) if "Not this month" in m["text"]]
    assert len([m for m in told if m.get("thread_ts")]) <= 1


async def test_a_replayed_command_is_one_expense(h: House) -> None:
    before = len(h.slack.messages(APPROVALS))
    command = {
        "command": "/expense",
        "text": "submit 7 EUR Coffee",
        "user_id": ADA.id,
        "team_id": TEAM,
        "api_app_id": APP,
        "trigger_id": f"{uuid.uuid4()}",
        "response_url": h.slack.urls.issue("commands", ADA.id, APPROVALS.id),
    }
    answers = await replay(h, command)
    assert len(set(answers)) == 1
    await h.slack.until(lambda: len(h.slack.messages(APPROVALS)) > before)
    await asyncio.sleep(0.5)
    assert len(h.slack.messages(APPROVALS)) == before + 1
