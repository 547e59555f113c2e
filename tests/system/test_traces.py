"""What a receiver of traces sees of one expense, of the web process and of the worker."""

import re
from pathlib import Path

import pytest
from temporalio.client import Client

from tests.support.house import ADA, MINA
from tests.support.spans import Receiver, receiving
from tests.system.platform import Platform, in_use

pytestmark = pytest.mark.long


async def test_one_expense_from_the_submission_and_from_the_click_to_the_payment(
    tmp_path: Path, temporal_client: Client, temporal_address: str
) -> None:
    url = f"sqlite:///{tmp_path}/expenses.db"
    async with (
        receiving() as receiver,
        in_use(tmp_path, url, temporal_client, temporal_address) as (platform, house),
    ):
        slack = house.slack
        platform.config_vars |= receiver.variables
        await platform.start_both()
        expense_id = await house.submit()
        await platform.remember_task_tokens()
        submission = await receiver.one("command /expense", **{"expense.id": expense_id})
        await check_submission(receiver, submission.trace, expense_id)
        assert submission.events == ["expense.submit"]
        assert (submission.service, submission.links) == ("expense-bot", [])

        assert (await slack.click(MINA, house.message(expense_id), "approve_expense")).ok
        assert await house.workflow(expense_id).result() == "COMPLETED"
        click = await receiver.one("block_actions approve_expense")
        assert click.events == ["expense.decide"]
        # Perhaps days later: a trace of its own, which names the one before.
        assert (click.parent, click.links) == ("", [(submission.trace, submission.id)])
        await check_payment(receiver, click.trace, expense_id)
        check_logs(platform, submission.trace, click.trace)
        assert {span.trace for span in receiver.spans if span.service == "expense-worker"} == {
            submission.trace,
            click.trace,
        }
        # Nothing of what people wrote, and nobody.
        secrets = [value for name, value in platform.config_vars.items() if "KEY" in name]
        for secret in (ADA.id, MINA.id, "Team lunch", "42.50", "task_token", *secrets):
            assert secret.encode() not in receiver.pushed
        for token in platform.task_tokens:
            assert token not in receiver.pushed


async def check_submission(receiver: Receiver, trace: str, expense_id: str) -> None:
    """The worker's first two activities, and what the bot does for them, belong to it."""
    about = {"expense.id": expense_id, "temporalWorkflowID": f"expense_{expense_id}"}
    started = ["StartWorkflow:SampleExpenseWorkflow", "deliver expense", "command /expense"]
    created = await receiver.one("GET /create", trace, **about)
    assert created.events == ["expense.create"]
    assert await receiver.ancestry(created) == [
        "GET /create",
        "RunActivity:create_expense_activity",
        "StartActivity:create_expense_activity",
        *started,
    ]
    registered = await receiver.one("POST /registerCallback", trace, **about)
    assert registered.attributes["http.response.status_code"] == "200"
    waits = await receiver.one("RunActivity:wait_for_decision_activity", trace)
    assert (waits.service, waits.id, waits.failed) == ("expense-worker", registered.parent, False)
    asked = await receiver.one("POST /api/chat.postMessage", trace)
    assert (await receiver.ancestry(asked))[0:2] == [asked.name, "deliver expense"]


async def check_payment(receiver: Receiver, trace: str, expense_id: str) -> None:
    """From the click to the payment, through both programs, all is one trace."""
    paid = await receiver.one("POST payment system", trace)
    assert await receiver.ancestry(paid) == [
        "POST payment system",
        "POST /action",
        "RunActivity:payment_activity",
        "StartActivity:payment_activity",
        "CompleteActivity",
        "deliver expense",
        "block_actions approve_expense",
    ]
    asked = await receiver.one("POST /action", trace, **{"expense.id": expense_id})
    assert (asked.events, asked.links) == (["expense.ask_payment", "expense.pay"], [])
    ended = await receiver.one("CompleteWorkflow:SampleExpenseWorkflow", trace)
    assert (ended.service, ended.failed) == ("expense-worker", False)


def check_logs(platform: Platform, submission: str, click: str) -> None:
    """Both programs' lines name the trace to which they belong."""
    for kind, words, trace in (
        ("web", "recorded: submit", submission),
        ("web", "recorded: register_callback", submission),
        ("web", "recorded: decide", click),
        ("web", "recorded: pay", click),
        ("worker", ": created", submission),
        ("worker", ": the payment step is done", click),
    ):
        assert re.search(rf"{words} .*trace_id={trace}\b", platform.said(kind)), (kind, words)
