"""Follow-ups on a real Temporal server: the workflow wakes a bot on a real socket."""

import asyncio
import logging
import uuid
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import RawValue
from temporalio.exceptions import ActivityError, CancelledError, TimeoutError, TimeoutType
from temporalio.worker import Worker

from expense_workflow import DECISION_WINDOW_MEMO, FOLLOW_UP_MEMO
from expense_workflow.activities import (
    create_expense_activity,
    follow_up_activity,
    payment_activity,
    wait_for_decision_activity,
)
from expense_workflow.bot_client import http_pool
from expense_workflow.follow_ups import MAX_FOLLOW_UPS
from expense_workflow.worker import running_worker
from expense_workflow.workflow import SampleExpenseWorkflow
from tests.expense_workflow.bounded_workflow import BoundedWorkflow
from tests.expense_workflow.fake_bot import Answer, FakeBot
from tests.support.other_worker import other_worker
from tests.support.stopwatch import PATIENCE

CONTRACT = [create_expense_activity, wait_for_decision_activity, payment_activity]

AGAIN_SOON = Answer('{"again_in_seconds": 0.1}')
AGAIN_LATER = Answer('{"again_in_seconds": 3600.0}')
NEVER_AGAIN = Answer('{"again_in_seconds": null}')
HANGING = Answer(AGAIN_SOON.body, delay=3)
DOWN = Answer("Slack is down", status=503)

Handle = WorkflowHandle[SampleExpenseWorkflow, str]


async def start(
    client: Client, task_queue: str, expense_id: str, follow_up: object = 0.2, window: float = 600
) -> Handle:
    return await client.start_workflow(
        SampleExpenseWorkflow.run,
        expense_id,
        id=f"expense_{uuid.uuid4()}",
        task_queue=task_queue,
        memo={FOLLOW_UP_MEMO: follow_up, DECISION_WINDOW_MEMO: window},
    )


async def decide(client: Client, bot: FakeBot, handle: Handle, expense_id: str) -> str:
    """Approve, and return the workflow's result."""
    token = await bot.registered(expense_id)
    await client.get_async_activity_handle(task_token=token).complete("APPROVED")
    async with asyncio.timeout(PATIENCE):
        return await handle.result()


async def events_of(handle: WorkflowHandle[Any, Any]) -> list[HistoryEvent]:
    return list((await handle.fetch_history()).events)


async def types_of(handle: WorkflowHandle[Any, Any]) -> list[EventType.ValueType]:
    return [event.event_type for event in await events_of(handle)]


async def pauses_of(handle: WorkflowHandle[Any, Any]) -> list[float]:
    return [
        event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta().total_seconds()
        for event in await events_of(handle)
        if event.event_type == EventType.EVENT_TYPE_TIMER_STARTED
    ]


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        entry.getMessage().partition(" (")[0]
        for entry in caplog.records
        if entry.levelno >= logging.WARNING and entry.name == "temporalio.workflow"
    ]


# Until the decision


async def test_the_bot_is_woken_again_and_again_until_the_decision_and_never_after_it(
    fake_bot: FakeBot, temporal_client: Client, worker_queue: str, expense_id: str
) -> None:
    fake_bot.answer("/followUp", AGAIN_SOON, AGAIN_SOON, AGAIN_SOON, AGAIN_LATER)
    handle = await start(temporal_client, worker_queue, expense_id)
    await fake_bot.called_often("/followUp", 4)
    async with asyncio.timeout(PATIENCE):
        while len(await pauses_of(handle)) < 5:
            await asyncio.sleep(0.05)
    assert await decide(temporal_client, fake_bot, handle, expense_id) == "COMPLETED"
    # Two are never less than a second apart, whatever the bot wants.
    assert await pauses_of(handle) == [0.2, 1, 1, 1, 3600]
    types = await types_of(handle)
    assert types.count(EventType.EVENT_TYPE_TIMER_CANCELED) == 1
    for call in fake_bot.to("/followUp"):
        assert call.query == {"id": expense_id}
        assert call.headers["X-Temporal-Workflow-Id"] == handle.id
    assert [call.path for call in fake_bot.calls] == [
        *("/create", "/registerCallback", *["/followUp"] * 4, "/action")
    ]


async def test_without_the_memo_there_are_no_follow_ups_and_no_worker_has_to_know_them(
    fake_bot: FakeBot, temporal_client: Client, task_queue: str, expense_id: str
) -> None:
    async with other_worker(temporal_client, task_queue, CONTRACT):
        handle = await temporal_client.start_workflow(
            SampleExpenseWorkflow.run,
            expense_id,
            id=f"expense_{uuid.uuid4()}",
            task_queue=task_queue,
        )
        assert await decide(temporal_client, fake_bot, handle, expense_id) == "COMPLETED"
    assert await pauses_of(handle) == []
    assert [call.path for call in fake_bot.calls] == ["/create", "/registerCallback", "/action"]


async def test_a_worker_that_does_not_know_follow_ups_pays_all_the_same(
    fake_bot: FakeBot, temporal_client: Client, task_queue: str, expense_id: str
) -> None:
    async with other_worker(temporal_client, task_queue, CONTRACT):
        handle = await start(temporal_client, task_queue, expense_id)
        async with asyncio.timeout(PATIENCE):
            while EventType.EVENT_TYPE_TIMER_FIRED not in await types_of(handle):
                await asyncio.sleep(0.05)
        assert await decide(temporal_client, fake_bot, handle, expense_id) == "COMPLETED"


async def test_the_bot_can_end_the_follow_ups(
    fake_bot: FakeBot,
    temporal_client: Client,
    worker_queue: str,
    expense_id: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    fake_bot.answer("/followUp", NEVER_AGAIN)
    handle = await start(temporal_client, worker_queue, expense_id)
    await fake_bot.called("/followUp")
    await asyncio.sleep(1.5)
    assert await decide(temporal_client, fake_bot, handle, expense_id) == "COMPLETED"
    assert len(fake_bot.to("/followUp")) == len(await pauses_of(handle)) == 1
    assert warnings_in(caplog) == []


async def test_follow_ups_outlast_the_worker(
    fake_bot: FakeBot, temporal_client: Client, task_queue: str, expense_id: str
) -> None:
    fake_bot.answer("/followUp", AGAIN_SOON)
    async with running_worker(temporal_client, task_queue):
        handle = await start(temporal_client, task_queue, expense_id)
        await fake_bot.called_often("/followUp", 2)
        async with asyncio.timeout(PATIENCE):
            while len(await pauses_of(handle)) < 3:
                await asyncio.sleep(0.05)
    async with asyncio.timeout(PATIENCE):
        while (await types_of(handle)).count(EventType.EVENT_TYPE_TIMER_FIRED) < 3:
            await asyncio.sleep(0.05)
    assert len(fake_bot.to("/followUp")) == 2
    async with running_worker(temporal_client, task_queue):
        await fake_bot.called_often("/followUp", 4)
        assert await decide(temporal_client, fake_bot, handle, expense_id) == "COMPLETED"


@pytest.mark.parametrize("answer", [AGAIN_SOON, HANGING])
async def test_a_worker_that_remembers_nothing_replays_every_step_alike(
    fake_bot: FakeBot, temporal_client: Client, task_queue: str, expense_id: str, answer: Answer
) -> None:
    fake_bot.answer("/followUp", AGAIN_SOON, answer)
    async with (
        http_pool(),
        Worker(
            temporal_client,
            task_queue=task_queue,
            workflows=[SampleExpenseWorkflow],
            activities=[*CONTRACT, follow_up_activity],
            max_cached_workflows=0,
        ),
    ):
        handle = await start(temporal_client, task_queue, expense_id)
        await fake_bot.called_often("/followUp", 2)
        assert await decide(temporal_client, fake_bot, handle, expense_id) == "COMPLETED"
    assert EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED not in await types_of(handle)


# What goes wrong


async def test_a_follow_up_is_retried_until_the_bot_is_there(
    fake_bot: FakeBot, temporal_client: Client, worker_queue: str, expense_id: str
) -> None:
    older = Answer("404: Not Found", status=404)
    fake_bot.answer("/followUp", DOWN, older, AGAIN_LATER)
    handle = await start(temporal_client, worker_queue, expense_id)
    async with asyncio.timeout(PATIENCE):
        while len(await pauses_of(handle)) < 2:
            await asyncio.sleep(0.05)
    assert await pauses_of(handle) == [0.2, 3600]
    assert len(fake_bot.to("/followUp")) == 3
    [step] = [
        event.activity_task_scheduled_event_attributes
        for event in await events_of(handle)
        if event.activity_task_scheduled_event_attributes.activity_type.name == "follow_up_activity"
    ]
    assert step.start_to_close_timeout.ToSeconds() == 10
    assert step.retry_policy.maximum_attempts == 0
    assert step.retry_policy.maximum_interval.ToSeconds() == 60
    await handle.terminate()


@pytest.mark.parametrize(
    "answer",
    [Answer("ERROR:INVALID_ID"), Answer("<html>"), Answer("id is missing", status=422)],
    ids=lambda answer: answer.body,
)
async def test_a_follow_up_that_fails_for_good_ends_the_follow_ups_and_nothing_else(
    fake_bot: FakeBot,
    temporal_client: Client,
    worker_queue: str,
    expense_id: str,
    caplog: pytest.LogCaptureFixture,
    answer: Answer,
) -> None:
    fake_bot.answer("/followUp", answer)
    handle = await start(temporal_client, worker_queue, expense_id)
    async with asyncio.timeout(PATIENCE):
        while not warnings_in(caplog):
            await asyncio.sleep(0.05)
    assert await decide(temporal_client, fake_bot, handle, expense_id) == "COMPLETED"
    [words] = warnings_in(caplog)
    assert words.startswith(f"Expense {expense_id}: no more follow-ups after a failure: ")
    assert answer.body in words
    assert len(fake_bot.to("/followUp")) == len(await pauses_of(handle)) == 1


@pytest.mark.parametrize("answer", [HANGING, DOWN], ids=["hanging", "down"])
async def test_a_follow_up_under_way_does_not_delay_the_payment(
    fake_bot: FakeBot,
    temporal_client: Client,
    worker_queue: str,
    expense_id: str,
    caplog: pytest.LogCaptureFixture,
    answer: Answer,
) -> None:
    fake_bot.answer("/followUp", answer)
    handle = await start(temporal_client, worker_queue, expense_id)
    await fake_bot.called("/followUp")
    assert await decide(temporal_client, fake_bot, handle, expense_id) == "COMPLETED"
    types = await types_of(handle)
    cancelled = types.index(EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED)
    # Not even one more workflow task lies between them.
    assert EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED in types[cancelled + 1 : cancelled + 3]
    assert warnings_in(caplog) == []


async def test_a_follow_up_that_is_answered_during_the_payment_is_ignored(
    fake_bot: FakeBot, temporal_client: Client, worker_queue: str, expense_id: str
) -> None:
    fake_bot.answer("/followUp", Answer(AGAIN_SOON.body, delay=1))
    fake_bot.answer("/action", Answer(delay=2.5))
    handle = await start(temporal_client, worker_queue, expense_id)
    await fake_bot.called("/followUp")
    assert await decide(temporal_client, fake_bot, handle, expense_id) == "COMPLETED"
    assert len(fake_bot.to("/followUp")) == len(await pauses_of(handle)) == 1


@pytest.mark.parametrize("answer", [AGAIN_LATER, HANGING, DOWN], ids=["timer", "hanging", "down"])
async def test_the_decision_window_s_end_is_the_same_with_follow_ups(
    fake_bot: FakeBot,
    temporal_client: Client,
    worker_queue: str,
    expense_id: str,
    answer: Answer,
) -> None:
    fake_bot.answer("/followUp", answer)
    handle = await start(temporal_client, worker_queue, expense_id, window=1.5)
    with pytest.raises(WorkflowFailureError) as caught:
        await handle.result()
    assert isinstance(caught.value.cause, ActivityError)
    assert isinstance(caught.value.cause.cause, TimeoutError)
    assert caught.value.cause.cause.type == TimeoutType.START_TO_CLOSE
    assert len(fake_bot.to("/registerCallback")) == 1
    assert fake_bot.to("/followUp")
    assert fake_bot.to("/action") == []


@pytest.mark.parametrize("answer", [AGAIN_LATER, HANGING, DOWN], ids=["timer", "hanging", "down"])
async def test_cancelling_the_workflow_ends_the_follow_ups(
    fake_bot: FakeBot,
    temporal_client: Client,
    worker_queue: str,
    expense_id: str,
    caplog: pytest.LogCaptureFixture,
    answer: Answer,
) -> None:
    fake_bot.answer("/followUp", answer)
    handle = await start(temporal_client, worker_queue, expense_id)
    await fake_bot.registered(expense_id)
    await fake_bot.called("/followUp")
    await asyncio.sleep(0.3)
    await handle.cancel()
    with pytest.raises(WorkflowFailureError) as caught:
        await handle.result()
    assert isinstance(caught.value.cause, CancelledError)
    assert warnings_in(caplog) == []


# Nonsense


@pytest.mark.parametrize(
    "follow_up",
    [
        *(0, -1, 0.0001, float("nan"), float("inf"), 1e300, "5", True, [5], {"s": 5}, b"\xff"),
        RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"{")),
        RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"9" * 5_000)),
        RawValue(Payload(metadata={"encoding": b"of another world"}, data=b"5")),
    ],
    ids=lambda value: f"{value!r:.50}",
)
async def test_a_nonsensical_memo_is_ignored_with_a_warning(
    fake_bot: FakeBot,
    temporal_client: Client,
    worker_queue: str,
    expense_id: str,
    caplog: pytest.LogCaptureFixture,
    follow_up: object,
) -> None:
    handle = await start(temporal_client, worker_queue, expense_id, follow_up)
    assert await decide(temporal_client, fake_bot, handle, expense_id) == "COMPLETED"
    assert await pauses_of(handle) == []
    [words] = warnings_in(caplog)
    assert words.startswith(f"No follow-ups: {FOLLOW_UP_MEMO}")


@pytest.mark.parametrize(
    "result", ["5", True, [5], {"s": 5}, float("nan"), float("inf"), 1e300, b"\xff"]
)
async def test_a_nonsensical_pause_ends_the_follow_ups(
    fake_bot: FakeBot,
    temporal_client: Client,
    worker_queue: str,
    expense_id: str,
    caplog: pytest.LogCaptureFixture,
    result: object,
) -> None:
    handle = await completed_by_hand(temporal_client, fake_bot, worker_queue, expense_id, result)
    async with asyncio.timeout(PATIENCE):
        while not warnings_in(caplog):
            await asyncio.sleep(0.05)
    assert await decide(temporal_client, fake_bot, handle, expense_id) == "COMPLETED"
    [words] = warnings_in(caplog)
    assert words.startswith(f"Expense {expense_id}: no more follow-ups after an impossible pause")
    assert await pauses_of(handle) == [0.2]


@pytest.mark.parametrize("result", [0, -1, -1e6, 0.001, 1])
async def test_no_two_follow_ups_are_less_than_a_second_apart(
    fake_bot: FakeBot, temporal_client: Client, worker_queue: str, expense_id: str, result: float
) -> None:
    handle = await completed_by_hand(temporal_client, fake_bot, worker_queue, expense_id, result)
    async with asyncio.timeout(PATIENCE):
        while len(await pauses_of(handle)) < 2:
            await asyncio.sleep(0.05)
    assert await pauses_of(handle) == [0.2, 1]
    await handle.terminate()


async def completed_by_hand(
    client: Client, bot: FakeBot, task_queue: str, expense_id: str, result: object
) -> Handle:
    """Start a workflow, and complete its first follow-up before the bot answers."""
    bot.answer("/followUp", Answer(delay=1))
    handle = await start(client, task_queue, expense_id)
    await bot.called("/followUp")
    [activity_id] = [
        event.activity_task_scheduled_event_attributes.activity_id
        for event in await events_of(handle)
        if event.activity_task_scheduled_event_attributes.activity_type.name == "follow_up_activity"
    ]
    await client.get_async_activity_handle(
        workflow_id=handle.id, run_id=None, activity_id=activity_id
    ).complete(result)
    return handle


async def test_the_number_of_follow_ups_is_limited(
    fake_bot: FakeBot,
    temporal_client: Client,
    task_queue: str,
    expense_id: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    fake_bot.answer("/followUp", AGAIN_SOON)
    async with (
        http_pool(),
        Worker(
            temporal_client,
            task_queue=task_queue,
            workflows=[BoundedWorkflow],
            activities=[follow_up_activity],
        ),
    ):
        await temporal_client.execute_workflow(
            BoundedWorkflow.run,
            expense_id,
            id=f"expense_{uuid.uuid4()}",
            task_queue=task_queue,
            memo={FOLLOW_UP_MEMO: 0.2},
        )
    assert len(fake_bot.to("/followUp")) == 2
    assert warnings_in(caplog) == [f"Expense {expense_id}: no more follow-ups after 2 of them"]
    assert MAX_FOLLOW_UPS == 250


# What people see


async def test_the_web_ui_can_show_the_follow_ups(
    fake_bot: FakeBot, temporal_client: Client, worker_queue: str, expense_id: str
) -> None:
    fake_bot.answer("/followUp", AGAIN_LATER)
    handle = await start(temporal_client, worker_queue, expense_id)
    async with asyncio.timeout(PATIENCE):
        while len(await pauses_of(handle)) < 2:
            await asyncio.sleep(0.05)
    metadata = await handle.query("__temporal_workflow_metadata")
    assert metadata.current_details.startswith(f"Waiting for a decision on expense {expense_id}")
    summaries = [
        event.user_metadata.summary.data.decode()
        for event in await events_of(handle)
        if event.user_metadata.summary.data
    ]
    assert summaries == [
        f'"Create expense {expense_id}"',
        f'"Somebody decides within 0:10:00: {expense_id}"',
        f'"Until the next follow-up: {expense_id}"',
        f'"Follow up: {expense_id}"',
        f'"Until the next follow-up: {expense_id}"',
    ]
    await handle.terminate()
