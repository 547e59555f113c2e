"""The workflow on a real Temporal server: with doubles, and with the real activities."""

import asyncio
import logging
import uuid
from typing import Any

import httpx
import pytest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    CancelledError,
    TimeoutError,
    TimeoutType,
)

from expense_workflow import DECISION_WINDOW_MEMO, WAIT_ACTIVITY_ID
from expense_workflow.workflow import SampleExpenseWorkflow
from tests.expense_workflow.doubles import Doubles
from tests.expense_workflow.fake_bot import Answer, FakeBot
from tests.support.stopwatch import PATIENCE

CREATE = "create_expense_activity"
WAIT = "wait_for_decision_activity"
PAY = "payment_activity"


async def start(
    client: Client, task_queue: str, expense_id: str, window: object = None
) -> WorkflowHandle[SampleExpenseWorkflow, str]:
    return await client.start_workflow(
        SampleExpenseWorkflow.run,
        expense_id,
        id=f"expense_{uuid.uuid4()}",
        task_queue=task_queue,
        memo={} if window is None else {DECISION_WINDOW_MEMO: window},
    )


async def failure_of(handle: WorkflowHandle[Any, str]) -> BaseException:
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(WorkflowFailureError) as caught:
            await handle.result()
    return caught.value.cause


async def application_error_of(handle: WorkflowHandle[Any, str]) -> ApplicationError:
    failure = await failure_of(handle)
    assert isinstance(failure, ActivityError)
    assert isinstance(failure.cause, ApplicationError)
    return failure.cause


# Decisions


async def test_an_approved_expense_is_paid(temporal_client: Client) -> None:
    doubles = Doubles(decision="APPROVED")
    assert await doubles.run(temporal_client) == "COMPLETED"
    assert doubles.calls == [CREATE, WAIT, PAY]


async def test_every_other_decision_ends_without_payment(temporal_client: Client) -> None:
    decisions = ["REJECTED", "DENIED", "PENDING", "CANCELLED", "UNKNOWN", "", "approved"]
    decisions += [" APPROVED", "APPROVED\n", "💶" * 5000]
    doubles = Doubles()
    async with doubles.worker(temporal_client) as task_queue:
        for decision in decisions:
            doubles.decision = decision
            handle = await start(temporal_client, task_queue, "e-1")
            assert await handle.result() == ""
    assert doubles.calls == [CREATE, WAIT] * len(decisions)


@pytest.mark.parametrize("result", [5, None, True, ["APPROVED"], {"decision": "APPROVED"}, b"\xff"])
async def test_a_result_that_is_no_string_is_no_approval(
    fake_bot: FakeBot, temporal_client: Client, worker_queue: str, expense_id: str, result: object
) -> None:
    handle = await start(temporal_client, worker_queue, expense_id)
    token = await fake_bot.registered(expense_id)
    await temporal_client.get_async_activity_handle(task_token=token).complete(result)
    async with asyncio.timeout(PATIENCE):
        assert await handle.result() == ""
    assert fake_bot.to("/action") == []


# Failures and retries, counted by doubles


@pytest.mark.parametrize("failing", [CREATE, WAIT, PAY])
async def test_a_final_failure_of_any_step_reaches_the_caller_with_its_message(
    temporal_client: Client, failing: str
) -> None:
    refusal = ApplicationError("the bot said ERROR:NO", type="NO", non_retryable=True)
    doubles = Doubles(failures={failing: [refusal]})
    with pytest.raises(WorkflowFailureError) as caught:
        await doubles.run(temporal_client)
    assert isinstance(caught.value.cause, ActivityError)
    assert "the bot said ERROR:NO" in str(caught.value.cause.cause)
    steps = [CREATE, WAIT, PAY]
    assert doubles.calls == steps[: steps.index(failing) + 1]


@pytest.mark.parametrize("failing", [CREATE, WAIT, PAY])
async def test_a_value_error_is_not_retried(temporal_client: Client, failing: str) -> None:
    doubles = Doubles(failures={failing: [ValueError("expense id is empty")]})
    with pytest.raises(WorkflowFailureError) as caught:
        await doubles.run(temporal_client)
    assert "expense id is empty" in str(caught.value.cause.__cause__)
    assert doubles.calls.count(failing) == 1


async def test_transient_failures_of_each_step_are_retried_until_they_pass(
    temporal_client: Client,
) -> None:
    request = httpx.Request("GET", "http://bot")
    busy = httpx.HTTPStatusError("busy", request=request, response=httpx.Response(503))
    create = Doubles(failures={CREATE: [httpx.ConnectError("no route"), RuntimeError("what else")]})
    wait = Doubles(failures={WAIT: [busy]})
    both = Doubles(failures={CREATE: [httpx.ReadTimeout("silence")], PAY: [OSError("broken")]})
    results = await asyncio.gather(*(each.run(temporal_client) for each in (create, wait, both)))
    assert results == ["COMPLETED"] * 3
    assert create.calls == [CREATE] * 3 + [WAIT, PAY]
    assert wait.calls == [CREATE] + [WAIT] * 2 + [PAY]
    assert both.calls == [CREATE] * 2 + [WAIT] + [PAY] * 2


# The real activities and a bot on a real socket


@pytest.mark.parametrize("blank", ["", "  "])
async def test_a_blank_id_fails_the_workflow_at_once(
    fake_bot: FakeBot, temporal_client: Client, worker_queue: str, blank: str
) -> None:
    error = await application_error_of(await start(temporal_client, worker_queue, blank))
    assert (error.message, error.type) == ("expense id is empty", "ValueError")
    assert fake_bot.calls == []


async def test_an_approved_expense_goes_all_the_way_on_one_connection(
    fake_bot: FakeBot, temporal_client: Client, worker_queue: str, expense_id: str
) -> None:
    for number in range(3):
        each_id = f"{expense_id}-{number}"
        handle = await start(temporal_client, worker_queue, each_id)
        token = await fake_bot.registered(each_id)
        await temporal_client.get_async_activity_handle(task_token=token).complete("APPROVED")
        assert await handle.result() == "COMPLETED"
    assert [call.path for call in fake_bot.calls] == ["/create", "/registerCallback", "/action"] * 3
    assert len(fake_bot.connections) == 1
    for call in fake_bot.calls[-3:]:
        assert call.headers["X-Temporal-Workflow-Id"] == handle.id
        assert call.headers["X-Temporal-Run-Id"] == handle.first_execution_run_id


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/create", "ERROR:ID_ALREADY_EXISTS"),
        ("/registerCallback", "ERROR:INVALID_STATE"),
        ("/action", "ERROR:INSUFFICIENT_FUNDS"),
    ],
)
async def test_a_refusal_of_the_bot_fails_the_workflow_without_a_retry(
    fake_bot: FakeBot,
    temporal_client: Client,
    worker_queue: str,
    expense_id: str,
    path: str,
    body: str,
) -> None:
    fake_bot.answer(path, Answer(body))
    handle = await start(temporal_client, worker_queue, expense_id)
    if path == "/action":
        token = await fake_bot.registered(expense_id)
        await temporal_client.get_async_activity_handle(task_token=token).complete("APPROVED")
    error = await application_error_of(handle)
    assert body in error.message
    assert len(fake_bot.to(path)) == 1


@pytest.mark.parametrize("expense_id", ["x" * 10_000, "y" * 70_000, "\ud800"])
async def test_an_id_that_no_url_can_carry_fails_the_workflow_without_a_retry(
    fake_bot: FakeBot, temporal_client: Client, worker_queue: str, expense_id: str
) -> None:
    error = await application_error_of(await start(temporal_client, worker_queue, expense_id))
    assert error.type in {"RequestRejectedError", "InvalidURL", "UnicodeEncodeError"}


async def test_a_registration_is_retried_with_a_new_token_until_it_succeeds(
    fake_bot: FakeBot, temporal_client: Client, worker_queue: str, expense_id: str
) -> None:
    fake_bot.answer("/registerCallback", Answer("Slack is down", status=503), Answer())
    handle = await start(temporal_client, worker_queue, expense_id)
    token = await fake_bot.registered(expense_id)
    await temporal_client.get_async_activity_handle(task_token=token).complete("REJECTED")
    assert await handle.result() == ""
    first, second = fake_bot.to("/registerCallback")
    assert first.form["task_token"] != second.form["task_token"]


async def test_a_decision_by_id_arrives_before_any_registration(
    fake_bot: FakeBot, temporal_client: Client, worker_queue: str, expense_id: str
) -> None:
    fake_bot.answer("/registerCallback", Answer("Slack is down", status=503))
    handle = await start(temporal_client, worker_queue, expense_id)
    await fake_bot.called("/registerCallback")
    waiting = temporal_client.get_async_activity_handle(
        workflow_id=handle.id, run_id=None, activity_id=WAIT_ACTIVITY_ID
    )
    await waiting.complete("APPROVED")
    assert await handle.result() == "COMPLETED"
    assert fake_bot.tokens == {}


async def test_cancelling_the_workflow_ends_the_wait(
    fake_bot: FakeBot, temporal_client: Client, worker_queue: str, expense_id: str
) -> None:
    handle = await start(temporal_client, worker_queue, expense_id)
    await fake_bot.registered(expense_id)
    await handle.cancel()
    assert isinstance(await failure_of(handle), CancelledError)


# The decision window


async def test_the_decision_window_s_end_fails_the_workflow_once_and_for_all(
    fake_bot: FakeBot, temporal_client: Client, worker_queue: str, expense_id: str
) -> None:
    handle = await start(temporal_client, worker_queue, expense_id, window=1.5)
    failure = await failure_of(handle)
    assert isinstance(failure, ActivityError)
    assert isinstance(failure.cause, TimeoutError)
    assert failure.cause.type == TimeoutType.START_TO_CLOSE
    assert len(fake_bot.to("/registerCallback")) == 1


async def test_a_bot_that_never_registers_ends_with_what_it_said(
    fake_bot: FakeBot, temporal_client: Client, worker_queue: str, expense_id: str
) -> None:
    fake_bot.answer("/registerCallback", Answer("Slack is down", status=503))
    error = await application_error_of(
        await start(temporal_client, worker_queue, expense_id, window=1)
    )
    assert error.type == "HTTPStatusError"
    assert error.message == "register callback failed with HTTP 503: Slack is down"
    assert len(fake_bot.to("/registerCallback")) > 1


@pytest.mark.parametrize(("window", "seconds"), [(None, 600), (5, 5), (259_200.5, 259_200.5)])
async def test_the_time_outs_are_the_contract_s(
    fake_bot: FakeBot,
    temporal_client: Client,
    worker_queue: str,
    expense_id: str,
    window: float | None,
    seconds: float,
) -> None:
    handle = await start(temporal_client, worker_queue, expense_id, window)
    token = await fake_bot.registered(expense_id)
    await temporal_client.get_async_activity_handle(task_token=token).complete("APPROVED")
    await handle.result()
    create, wait, pay = [
        event.activity_task_scheduled_event_attributes
        for event in (await handle.fetch_history()).events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    assert create.start_to_close_timeout.ToSeconds() == 10
    assert pay.start_to_close_timeout.ToSeconds() == 10
    assert wait.start_to_close_timeout.ToTimedelta().total_seconds() == seconds
    assert wait.schedule_to_close_timeout.ToTimedelta().total_seconds() == 2 * seconds
    assert wait.activity_id == WAIT_ACTIVITY_ID
    assert {step.retry_policy.maximum_attempts for step in (create, wait, pay)} == {0}
    # What the payment system has not answered is asked for again, ever more seldom.
    assert pay.retry_policy.backoff_coefficient == 2
    assert pay.retry_policy.maximum_interval.ToSeconds() == 60


@pytest.mark.parametrize(
    "window", [0, -1, 0.0001, float("nan"), float("inf"), 1e300, "600", True, [600], {"s": 600}]
)
async def test_an_impossible_window_fails_the_workflow_and_not_its_task(
    fake_bot: FakeBot, temporal_client: Client, worker_queue: str, expense_id: str, window: object
) -> None:
    failure = await failure_of(await start(temporal_client, worker_queue, expense_id, window))
    assert isinstance(failure, ApplicationError)
    assert failure.type == "InvalidDecisionWindow"
    assert DECISION_WINDOW_MEMO in failure.message
    assert fake_bot.calls == []


# What people see


async def test_every_step_is_logged_with_the_expense_s_id(
    fake_bot: FakeBot,
    temporal_client: Client,
    worker_queue: str,
    expense_id: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    handle = await start(temporal_client, worker_queue, expense_id)
    token = await fake_bot.registered(expense_id)
    await temporal_client.get_async_activity_handle(task_token=token).complete("APPROVED")
    await handle.result()
    told = [
        entry.getMessage().partition(" (")[0]
        for entry in caplog.records
        if entry.name in {"temporalio.workflow", "temporalio.activity"}
    ]
    assert told == [
        f"Creating expense {expense_id}",
        f"Expense {expense_id}: created",
        f"Waiting for a decision on expense {expense_id}, for 0:10:00",
        f"Expense {expense_id}: registered, waiting for a decision",
        f"Expense {expense_id} was approved: paying",
        f"Expense {expense_id}: the payment step is done",
        f"Expense {expense_id} is completed",
    ]
    assert token.hex() not in caplog.text


async def test_the_web_ui_can_show_what_goes_on(
    fake_bot: FakeBot, temporal_client: Client, worker_queue: str, expense_id: str
) -> None:
    handle = await start(temporal_client, worker_queue, expense_id)
    await fake_bot.registered(expense_id)
    metadata = await handle.query("__temporal_workflow_metadata")
    assert metadata.current_details.startswith(f"Waiting for a decision on expense {expense_id}")
    summaries = [
        event.user_metadata.summary.data.decode()
        for event in (await handle.fetch_history()).events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    assert summaries == [
        f'"Create expense {expense_id}"',
        f'"Somebody decides within 0:10:00: {expense_id}"',
    ]
    await handle.terminate()
