"""The starter: its parts, its command in this process, and a few times as people run it."""

import argparse
import asyncio
import io
from contextlib import redirect_stderr, redirect_stdout
from datetime import timedelta

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import TerminatedError

from expense_workflow import DECISION_WINDOW_MEMO
from expense_workflow.starter import explain, main, parse_window
from tests.expense_workflow.fake_bot import Answer, FakeBot
from tests.expense_workflow.processes import Ended, program

STARTER = "expense_workflow.starter"


async def run(*arguments: str) -> Ended:
    """Run the command in this process, which nothing else may write from meanwhile."""
    out, err = io.StringIO(), io.StringIO()

    def work() -> int:
        try:
            return main([*arguments])
        except SystemExit as refusal:
            return int(refusal.code or 0)

    with redirect_stdout(out), redirect_stderr(err):
        code = await asyncio.to_thread(work)
    return Ended(code, out.getvalue(), err.getvalue())


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, temporal_address: str, task_queue: str) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_address)
    monkeypatch.setenv("EXPENSE_TASK_QUEUE", task_queue)


@pytest.mark.parametrize(
    ("decision", "result"), [("APPROVED", "COMPLETED"), ("REJECTED", '"" (not approved)')]
)
async def test_it_starts_waits_and_prints_the_result(
    fake_bot: FakeBot,
    temporal_client: Client,
    worker_queue: str,
    expense_id: str,
    decision: str,
    result: str,
) -> None:
    async with program(STARTER, "--expense-id", expense_id, "--wait") as starter:
        token = await fake_bot.registered(expense_id)
        await temporal_client.get_async_activity_handle(task_token=token).complete(decision)
        ended = await starter.end()
    assert ended == Ended(
        0, f"Started expense {expense_id} as workflow expense_{expense_id}\nResult: {result}\n", ""
    )


async def test_an_expense_starts_once_even_after_its_end(
    temporal_client: Client, expense_id: str
) -> None:
    first = await run("--expense-id", expense_id, "--window", "72h")
    assert first.code == 0
    handle = temporal_client.get_workflow_handle(f"expense_{expense_id}")
    description = await handle.describe()
    assert await description.memo_value(DECISION_WINDOW_MEMO) == 72 * 3600
    assert await description.static_summary() == f"Expense {expense_id}"
    await handle.terminate()
    assert await run("--expense-id", expense_id) == Ended(
        1, "", f"expense {expense_id} was started before; every expense can be started once\n"
    )


async def test_without_an_id_it_makes_one_up(temporal_client: Client) -> None:
    ended = await run()
    workflow_id = ended.out.split()[-1]
    assert ended.out.startswith("Started expense ")
    description = await temporal_client.get_workflow_handle(workflow_id).describe()
    assert await description.memo() == {}
    await temporal_client.get_workflow_handle(workflow_id).terminate()


@pytest.mark.parametrize(
    ("path", "answer", "words"),
    [
        (
            "/create",
            Answer("ERROR:ID_ALREADY_EXISTS"),
            "create expense failed status: ERROR:ID_ALREADY_EXISTS",
        ),
        ("/none", Answer(), "the decision window ended before anybody decided"),
    ],
)
async def test_a_failed_workflow_is_explained(
    fake_bot: FakeBot, worker_queue: str, expense_id: str, path: str, answer: Answer, words: str
) -> None:
    fake_bot.answer(path, answer)
    ended = await run("--expense-id", expense_id, "--wait", "--window", "1s")
    assert ended.code == 1
    assert ended.err.startswith(f"expense {expense_id} failed: ")
    assert ended.err.endswith(f"{words}\n")
    assert len(ended.err.splitlines()) == 1


async def test_wrong_usage_is_one_clear_sentence(
    monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    empty = await run("--expense-id", " ")
    window = await run("--window", "soon")
    long = await run("--expense-id", "x" * 1001)
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{closed_port}")
    absent = await run()
    monkeypatch.setenv("TEMPORAL_ADDRESS", "not an address")
    address = await run()
    assert [one.code for one in (empty, window, long, absent, address)] == [2, 2, 1, 1, 2]
    assert empty.err.endswith("expense id is empty\n")
    assert "such as 72h" in window.err
    assert "exceeds maximum allowed length" in long.err
    assert absent.err == (
        f"Temporal at 127.0.0.1:{closed_port} cannot be reached: Connection refused\n"
    )
    assert address.err.startswith("TEMPORAL_*")


async def test_interrupted_it_stops_waiting_and_the_expense_goes_on(
    temporal_client: Client, expense_id: str
) -> None:
    async with program(STARTER, "--expense-id", expense_id, "--wait") as starter:
        assert starter.process.stdout
        await starter.process.stdout.readline()
        starter.process.send_signal(2)
        ended = await starter.end()
    assert (ended.code, ended.err) == (130, "stopped waiting; the expense goes on\n")
    handle = temporal_client.get_workflow_handle(f"expense_{expense_id}")
    await handle.terminate()


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        (" 72h ", timedelta(hours=72)),
        ("14d", timedelta(days=14)),
        ("3650d", timedelta(days=3650)),
    ],
)
def test_a_window_is_a_number_and_a_unit(text: str, window: timedelta) -> None:
    assert parse_window(text) == window


@pytest.mark.parametrize("text", ["", "72", "h", "-1h", "0s", "1.5h", "3651d", "١٢h", "1e3s"])
def test_any_other_window_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="such as 72h"):
        parse_window(text)


def test_a_failure_without_a_cause_is_explained_too() -> None:
    assert explain(WorkflowFailureError(cause=TerminatedError("by hand"))) == "by hand"
    assert explain(WorkflowFailureError(cause=TerminatedError(""))) == "TerminatedError"
