"""What operators see of a running bot, and that it is what is written."""

import asyncio
import subprocess
import sys
from pathlib import Path

from temporalio.client import Client

from tests.support.house import ADA, APPROVALS, MINA, house
from tests.support.scrapes import documented, scrape
from tests.support.stopwatch import PATIENCE

ROOT = Path(__file__).parents[2]


async def test_the_page_lists_what_a_bot_shows_after_one_expense(
    temporal_client: Client, task_queue: str, tmp_path: Path, closed_port: int
) -> None:
    port, url = str(closed_port), f"http://127.0.0.1:{closed_port}/metrics"
    settings = {"payments": True, "EXPENSE_METRICS_PORT": port}
    async with house(temporal_client, task_queue, tmp_path, **settings) as h:
        expense_id = await h.submit()
        await h.slack.click(MINA, h.message(expense_id), "approve_expense")
        await h.until_status(expense_id, "COMPLETED")
        await h.slack.command(ADA, "/expense", "status ABCDEFGHIJKL")
        assert (await h.get("/nothing-here"))[0] == 404
        async with asyncio.timeout(PATIENCE):
            while not (seen := await scrape(url)).value("temporal_request_total"):
                await asyncio.sleep(0.05)
        assert seen.own_labels() == documented("Open", "What happens", "Slack", "The processes")

        for event in ("submit", "create", "register_callback", "decide", "ask_payment", "pay"):
            assert seen.value("expense_events_total", event=event) == 1
        assert seen.value("expense_decisions_total", decision="approved", by="person") == 1
        assert seen.value("expense_decision_duration_seconds_count", stage="1") == 1
        assert seen.value("expense_payments_total", outcome="paid") == 1
        assert seen.value("expense_payment_duration_seconds_count", outcome="paid") == 1
        assert seen.value("expense_closed_total") == 1
        assert seen.value("expense_closed_total", state="COMPLETED", cause="paid") == 1
        assert seen.value("expense_errors_told_total", code="INVALID_ID") == 1
        acknowledged = "slack_acknowledgement_duration_seconds_count"
        assert seen.value(acknowledged, kind="command", status="200") == 2
        assert seen.value(acknowledged, kind="block_actions", status="200") == 1
        assert seen.value("slack_last_request_timestamp_seconds") > 1e9
        assert seen.value("http_server_request_duration_seconds_count", http_route="/create") == 1
        assert seen.values(
            "http_server_request_duration_seconds_count",
            http_request_method="GET",
            http_route="other",
            http_response_status_code="404",
        ) == [1]
        started = {"operation": "StartWorkflowExecution", "namespace": "default"}
        assert seen.value("temporal_request_total", **started) == 1
        assert seen.value("temporal_request_latency_seconds_bucket", le="10.0", **started) == 1
        assert seen.values("target_info", service_name="expense-bot") == [1]
        # Never an id, a person or a text.
        for secret in (expense_id, ADA.id, MINA.id, APPROVALS.id, "Team lunch", "42.50"):
            assert secret not in seen.text


def test_nothing_is_imported_while_it_is_off() -> None:
    """Only a fresh process knows: this one has imported it."""
    program = (
        "import sys, bot.app.application, expense_workflow.worker;"
        "print([name for name in sys.modules if name.startswith(('opentelemetry', 'prometheus'))])"
    )
    command = [sys.executable, "-c", program]
    assert subprocess.check_output(command, cwd=ROOT, text=True, timeout=PATIENCE) == "[]\n"
