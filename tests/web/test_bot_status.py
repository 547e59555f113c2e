"""The operator sees every part that an expense needs, with its reason."""

import asyncio
import json
from pathlib import Path
from typing import Any

from temporalio.client import Client

from bot import __version__
from bot.delivery.temporal_probe import look_at_temporal
from bot.domain.health.findings import Level, worst
from sandbox.slack.delivery import sign
from tests.support.house import ADA, House, house

JSON = {"Accept": "application/json"}


async def status_of(here: House) -> dict[str, Any]:
    async with here.http.get(f"{here.bot_url}/status", headers=JSON) as response:
        assert response.status == 200
        assert response.content_type == "application/json"
        return dict(json.loads(await response.text()))


async def test_when_all_is_well_every_part_says_so(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    async with house(temporal_client, task_queue, tmp_path, payments=True) as here:
        while worst(await look_at_temporal(temporal_client, task_queue)) is not Level.OK:
            await asyncio.sleep(0.05)  # it takes the worker a moment to poll
        assert (await here.slack.command(ADA, "/expense", "list")).ok
        # Once the secret is proven, a stranger alarms nobody.
        assert (await here.post("/slack/events", b"", sign("of a stranger", b"")))[0] == 401
        status = await status_of(here)
        assert {finding["level"] for finding in status["findings"]} == {"ok"}, status
        assert status["version"] == __version__
        parts = {finding["part"] for finding in status["findings"]}
        assert parts >= {"settings", "database", "Temporal", "Slack", "payment system", "expenses"}
        assert set(status["expenses"]) >= {"submitted", "waiting", "approved", "undelivered"}
        assert (await here.get("/readyz")) == (200, "database: ready")


async def test_what_is_wrong_is_told_with_what_to_do_and_takes_no_bot_down(
    temporal_client: Client, task_queue: str, tmp_path: Path, closed_port: int
) -> None:
    wrong = {
        "TEMPORAL_NAMESPACE": "nowhere",
        "SLACK_SIGNING_SECRET": "f" * 32,
        "SLACK_APPROVALS_CHANNEL": "C0GENERAL01",
        "EXPENSE_APPROVERS": "S0GONE00001",
        "EXPENSE_PAYMENT_URL": f"http://127.0.0.1:{closed_port}/",
        "EXPENSE_PAYMENT_KEY": "k" * 32,
    }
    async with house(temporal_client, task_queue, tmp_path, worker=False, **wrong) as here:
        here.slack.faults.add("auth.test", "error", status=503)
        assert not (await here.slack.command(ADA, "/expense", "list")).ok
        status = await status_of(here)
        assert status["level"] == "error"
        errors = [finding for finding in status["findings"] if finding["level"] == "error"]
        assert all(error["do"] for error in errors)
        for words in (
            "has no namespace nowhere",
            "cannot post in C0GENERAL01 of SLACK_APPROVALS_CHANNEL (not_in_channel)",
            "the user group S0GONE00001 cannot be read (no_such_subteam)",
            "nobody answers at EXPENSE_PAYMENT_URL",
            "Slack is out of order. (HTTP 503)",
        ):
            assert any(words in error["what"] for error in errors), (words, errors)
        [secret] = [finding for finding in status["findings"] if finding["level"] == "warning"]
        assert "SLACK_SIGNING_SECRET has signed none of the 1 requests" in secret["what"]
        assert (await here.get("/readyz"))[0] == 200
        assert (await here.get("/healthz"))[0] == 200


async def test_only_the_operator_reads_it(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    async with house(temporal_client, task_queue, tmp_path, worker=False) as here:
        stranger = JSON | {"Authorization": "Bearer guessed"}
        async with here.http.get(f"{here.bot_url}/status", headers=stranger) as response:
            assert response.status == 401
        assert await here.get("/status") == (
            422,
            "id is missing. To read how the bot itself is, send Accept: application/json.",
        )
