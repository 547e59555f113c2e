"""What is outstanding gets done, whoever is away meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import RetryPolicy

from bot.delivery.timing import Timing
from expense_workflow.activities import (
    create_expense_activity,
    payment_activity,
    wait_for_decision_activity,
)
from expense_workflow.workflow import SampleExpenseWorkflow
from tests.support.days import by_temporal_s_clock
from tests.support.house import ADA, APPROVALS, KEY, MINA, SAM, House, environment, house
from tests.support.other_worker import other_worker
from tests.support.stopwatch import PATIENCE

APPROVE, REJECT = "approve_expense", "reject_expense"
QUICK = Timing(
    poll=timedelta(seconds=0.05),
    registration=timedelta(seconds=0.5),
    expiry=timedelta(seconds=0.1),
    longest_retry=timedelta(seconds=0.2),
    longest_pause=timedelta(seconds=0.5),
)


@pytest.fixture
async def here(temporal_client: Client, task_queue: str, tmp_path: Path) -> AsyncIterator[House]:
    async with house(temporal_client, task_queue, tmp_path, timing=QUICK) as running:
        yield running


async def test_an_expense_goes_from_submit_to_paid(here: House) -> None:
    expense_id = await here.submit()
    assert (await here.slack.click(MINA, here.message(expense_id), APPROVE)).ok
    assert await here.workflow(expense_id).result() == "COMPLETED"
    await here.slack.until(lambda: "finance pays" in here.message(expense_id)["text"])
    assert not any(block["type"] == "actions" for block in here.message(expense_id)["blocks"])
    told = await here.slack.until(
        lambda: (
            [m["text"] for m in here.slack.direct_messages(ADA)][3:]
            and [m["text"] for m in here.slack.direct_messages(ADA)]
        )
    )
    assert "Team lunch" in told[0]
    assert "with the approvers" in told[1]
    assert "approved it" in told[2]
    assert "finance pays it" in told[3]


async def test_a_payment_that_follows_soon_is_told_in_the_same_update(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    timing = replace(QUICK, payment=timedelta(seconds=PATIENCE))
    async with house(temporal_client, task_queue, tmp_path, timing=timing) as here:
        expense_id = await here.submit()
        ts = here.message(expense_id)["ts"]
        await here.slack.click(MINA, here.message(expense_id), APPROVE)
        await here.slack.until(lambda: "finance pays" in here.message(expense_id)["text"])
        drawn = [call.arguments for call in here.slack.calls_of("chat.update")]
        assert len([arguments for arguments in drawn if arguments["ts"] == ts]) == 1


async def test_an_approval_is_shown_although_no_payment_follows(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    @activity.defn(name="payment_activity")
    async def never_pay(expense_id: str) -> None:
        raise ConnectionError("the bot cannot be reached just now")

    async with house(temporal_client, task_queue, tmp_path, worker=False, timing=QUICK) as here:
        with environment({"EXPENSE_SERVER_URL": here.bot_url, "EXPENSE_API_KEY": KEY}):
            async with other_worker(
                temporal_client,
                task_queue,
                [create_expense_activity, wait_for_decision_activity, never_pay],
            ):
                expense_id = await here.submit()
                await here.slack.click(MINA, here.message(expense_id), APPROVE)
                await here.slack.until(lambda: "Approved" in here.message(expense_id)["text"])
                assert await here.status(expense_id) == "APPROVED"
                await here.workflow(expense_id).terminate()


async def test_everything_about_an_expense_is_in_one_thread(here: House) -> None:
    expense_id = await here.submit()
    await here.slack.click(MINA, here.message(expense_id), APPROVE)
    await here.slack.until(lambda: len(here.slack.direct_messages(ADA)) == 4)
    root, *steps = here.slack.direct_messages(ADA)
    assert {step["thread_ts"] for step in steps} == {root["ts"]}
    assert len(here.slack.messages(APPROVALS)) == 1


@by_temporal_s_clock
async def test_when_the_window_ends_everybody_learns_it(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    async with house(
        temporal_client, task_queue, tmp_path, timing=QUICK, EXPENSE_DECISION_WINDOW="1s"
    ) as here:
        expense_id = await here.submit()
        with pytest.raises(WorkflowFailureError):
            await here.workflow(expense_id).result()
        await here.until_status(expense_id, "EXPIRED")
        await here.slack.until(lambda: "Expired" in here.message(expense_id)["text"])
        assert not any(b["type"] == "actions" for b in here.message(expense_id)["blocks"])
        await here.slack.until(
            lambda: any("ran out" in m["text"] for m in here.slack.direct_messages(ADA))
        )


@by_temporal_s_clock
async def test_a_click_after_the_window_is_told_so_at_once(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    slow = Timing(poll=timedelta(hours=1), expiry=timedelta(hours=1))
    async with house(
        temporal_client, task_queue, tmp_path, timing=slow, EXPENSE_DECISION_WINDOW="1s"
    ) as here:
        expense_id = await here.submit()
        with pytest.raises(WorkflowFailureError):
            await here.workflow(expense_id).result()
        assert (await here.slack.click(MINA, here.message(expense_id), APPROVE)).ok
        told = await here.slack.until(lambda: here.slack.ephemeral(MINA))
        assert "run out" in told[0]["text"]
        assert await here.status(expense_id) == "CREATED"


@by_temporal_s_clock
async def test_a_workflow_that_was_terminated_closes_its_expense(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    async with house(
        temporal_client, task_queue, tmp_path, timing=QUICK, EXPENSE_DECISION_WINDOW="2s"
    ) as here:
        expense_id = await here.submit()
        await here.workflow(expense_id).terminate()
        await here.until_status(expense_id, "CANCELLED")
        await here.slack.until(lambda: "Cancelled" in here.message(expense_id)["text"])


async def test_a_decision_on_a_terminated_workflow_is_told_to_be_too_late(here: House) -> None:
    expense_id = await here.submit()
    await here.workflow(expense_id).terminate()
    assert (await here.slack.click(MINA, here.message(expense_id), APPROVE)).ok
    await here.until_status(expense_id, "CANCELLED")
    told = await here.slack.until(lambda: here.slack.direct_messages(MINA))
    assert "it was closed before your decision arrived" in told[0]["text"]


async def test_what_was_completed_past_the_bot_is_not_paid(here: House) -> None:
    expense_id = await here.submit()
    handle = here.temporal.get_async_activity_handle(
        workflow_id=f"expense_{expense_id}", run_id=None, activity_id="wait_for_decision"
    )
    await handle.complete("APPROVED")
    with pytest.raises(WorkflowFailureError):
        await here.workflow(expense_id).result()
    assert (await here.slack.click(MINA, here.message(expense_id), REJECT)).ok
    await here.slack.until(lambda: here.slack.open_view(MINA))
    view = here.slack.open_view(MINA)
    assert view
    await here.slack.submit(MINA, view, {"reason": "No"})
    await here.until_status(expense_id, "CANCELLED")
    assert here.slack.payments.paid == []


async def test_a_refused_payment_is_told_to_approver_and_requester(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    async with house(temporal_client, task_queue, tmp_path, timing=QUICK, payments=True) as here:
        expense_id = await here.submit("5000 EUR New sofa")
        await here.slack.click(MINA, here.message(expense_id), APPROVE)
        with pytest.raises(WorkflowFailureError) as failure:
            await here.workflow(expense_id).result()
        assert "ERROR:INSUFFICIENT_FUNDS" in str(failure.value.cause.__cause__)
        assert await here.status(expense_id) == "PAYMENT_FAILED"
        for person in (ADA, MINA):
            await here.slack.until(
                lambda who=person: any(
                    "insufficient funds" in m["text"] for m in here.slack.direct_messages(who)
                )
            )
        await here.slack.until(lambda: "Not paid" in here.message(expense_id)["text"])


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("ratelimited", {"seconds": 1}),
        ("error", {"status": 503}),
        ("lost", {}),
    ],
)
async def test_slack_on_a_bad_day_only_delays(here: House, fault: str, options: dict) -> None:
    here.slack.faults.add("chat.postMessage", fault, times=2, **options)  # type: ignore[arg-type]
    ack = await here.slack.command(ADA, "/expense", "submit 42.50 EUR Team lunch")
    assert ack.ok
    await here.slack.until(
        lambda: any("42.50" in m["text"] for m in here.slack.messages(APPROVALS))
    )
    message = here.slack.messages(APPROVALS)[-1]
    here.slack.faults.add("chat.update", fault, times=2, **options)  # type: ignore[arg-type]
    assert (await here.slack.click(MINA, message, APPROVE)).ok
    await here.slack.until(lambda: "finance pays" in here.slack.messages(APPROVALS)[-1]["text"])


async def test_a_message_that_was_posted_twice_heals_at_the_first_click(here: House) -> None:
    here.slack.faults.add("chat.postMessage", "lost", times=1)
    await here.slack.command(ADA, "/expense", "submit 42.50 EUR Team lunch")
    await here.slack.until(
        lambda: [call for call in here.slack.calls_of("chat.postMessage") if call.outcome == "ok"][
            2:
        ]
    )
    twins = here.slack.messages(APPROVALS)
    assert len(twins) in (1, 2)  # the lost answer may have been the requester's
    await here.slack.click(MINA, twins[0], APPROVE)
    await here.slack.until(
        lambda: all(
            not any(block["type"] == "actions" for block in message["blocks"])
            for message in here.slack.messages(APPROVALS)
        )
    )


async def test_a_message_that_was_posted_twice_heals_after_the_decision_too(here: House) -> None:
    expense_id = await here.submit()
    copy = here.message(expense_id)
    async with here.http.post(
        f"{here.slack.api_url}chat.postMessage",
        headers={"Authorization": f"Bearer {here.slack.config.bot_token}"},
        json={"channel": APPROVALS.id, "text": copy["text"], "blocks": copy["blocks"]},
    ) as answer:
        assert (await answer.json())["ok"]
    assert len(here.slack.messages(APPROVALS)) == 2
    await here.slack.click(MINA, here.slack.messages(APPROVALS)[0], APPROVE)
    await here.slack.until(lambda: "finance pays" in here.slack.messages(APPROVALS)[0]["text"])
    await here.slack.click(MINA, here.slack.messages(APPROVALS)[1], APPROVE)
    await here.slack.until(lambda: "finance pays" in here.slack.messages(APPROVALS)[1]["text"])


async def test_a_worker_that_died_before_registering_is_noticed(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    @activity.defn(name="wait_for_decision_activity")
    async def die_before_registering(expense_id: str) -> str:
        activity.raise_complete_async()

    async with house(temporal_client, task_queue, tmp_path, worker=False, timing=QUICK) as here:
        with environment({"EXPENSE_SERVER_URL": here.bot_url, "EXPENSE_API_KEY": KEY}):
            async with other_worker(
                temporal_client,
                task_queue,
                [create_expense_activity, die_before_registering, payment_activity],
            ):
                expense_id = await here.submit()
                assert (await here.slack.click(SAM, here.message(expense_id), APPROVE)).ok
                assert await here.workflow(expense_id).result() == "COMPLETED"


async def test_a_decision_reaches_the_attempt_that_follows_a_dead_one(
    temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    """The registered token dies with its attempt; the decision finds the next by its id."""
    attempts: list[int] = []

    async with house(temporal_client, task_queue, tmp_path, worker=False, timing=QUICK) as here:

        @activity.defn(name="wait_for_decision_activity")
        async def fail_once_after_registering(expense_id: str) -> str:
            info = activity.info()
            attempts.append(info.attempt)
            if info.attempt == 1:
                headers = {"X-Temporal-Workflow-Id": info.workflow_id}
                form = {"task_token": info.task_token.hex()}
                await here.post("/registerCallback", form, headers, id=expense_id)
                raise ConnectionError("the network went away after registering")
            activity.raise_complete_async()

        with environment({"EXPENSE_SERVER_URL": here.bot_url, "EXPENSE_API_KEY": KEY}):
            async with other_worker(
                temporal_client,
                task_queue,
                [
                    create_expense_activity,
                    fail_once_after_registering,
                    payment_activity,
                ],
            ):
                expense_id = await here.submit()
                await here.slack.until(lambda: attempts == [1, 2])
                assert (await here.slack.click(SAM, here.message(expense_id), APPROVE)).ok
                assert await here.workflow(expense_id).result() == "COMPLETED"


async def test_a_workflow_of_another_service_is_asked_about_and_paid(here: House) -> None:
    handle = await here.temporal.start_workflow(
        SampleExpenseWorkflow.run,
        "ORDER-77 *bold* <!channel>",
        id="somebody-elses-workflow",
        task_queue=here.task_queue,
        retry_policy=RetryPolicy(maximum_attempts=1),
    )
    await here.slack.until(lambda: here.slack.messages(APPROVALS))
    [message] = here.slack.messages(APPROVALS)
    assert "ORDER-77 *bold* &lt;!channel&gt;" in message["text"]
    assert (await here.slack.click(MINA, message, APPROVE)).ok
    assert await handle.result() == "COMPLETED"


async def test_the_next_bot_goes_on_where_one_that_delivers_nothing_stopped(
    temporal_client: Client, task_queue: str, tmp_path: Path, closed_port: int
) -> None:
    """The first bot cannot reach Temporal; the second has its database, and finishes."""
    timing = replace(QUICK, lease=timedelta(seconds=0.5))
    async with house(temporal_client, task_queue, tmp_path, timing=timing) as second:
        expense_id = await second.submit()
        url = second.slack.app_url
        async with house(
            temporal_client,
            task_queue,
            tmp_path,
            slack=second.slack,
            worker=False,
            timing=timing,
            TEMPORAL_ADDRESS=f"127.0.0.1:{closed_port}",
        ) as first:
            assert second.slack.app_url == first.bot_url != url
            assert (await first.slack.click(MINA, first.message(expense_id), APPROVE)).ok
            assert await first.status(expense_id) == "APPROVED"
        assert await second.workflow(expense_id).result() == "COMPLETED"
        await second.slack.until(lambda: "finance pays" in second.message(expense_id)["text"])


async def test_two_bots_on_one_database_do_everything_once(
    temporal_client: Client, task_queue: str, tmp_path: Path, database_url: str
) -> None:
    # A bot that is slow must not lose what it has to another one meanwhile.
    timing = replace(QUICK, lease=timedelta(seconds=PATIENCE))
    async with (
        house(
            temporal_client,
            task_queue,
            tmp_path,
            timing=timing,
            DATABASE_URL=database_url,
            EXPENSE_ENCRYPTION_KEY="k" * 32,
        ) as one,
        house(
            temporal_client,
            task_queue,
            tmp_path,
            slack=one.slack,
            worker=False,
            timing=timing,
            DATABASE_URL=database_url,
            EXPENSE_ENCRYPTION_KEY="k" * 32,
        ) as two,
    ):
        ids = [await one.submit(f"{n} EUR Lunch {n}") for n in range(1, 6)]
        for number, expense_id in enumerate(ids):
            one.slack.app_url = (one, two)[number % 2].bot_url
            await one.slack.click(MINA, one.message(expense_id), APPROVE)
        for expense_id in ids:
            assert await one.workflow(expense_id).result() == "COMPLETED"
        await one.slack.until(
            lambda: all("finance pays" in m["text"] for m in one.slack.messages(APPROVALS))
        )
        await one.slack.until(lambda: len(one.slack.direct_messages(ADA)) >= 20)
        await asyncio.sleep(0.3)  # would anybody say anything twice?
        assert len(one.slack.direct_messages(ADA)) == 20
        assert len(one.slack.messages(APPROVALS)) == 5
