"""What a receiver of traces sees of a worker, and what it never does."""

import pytest
from temporalio.client import Client
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from expense_workflow.tracing import tracing
from expense_workflow.worker import running_worker
from expense_workflow.workflow import SampleExpenseWorkflow
from tests.expense_workflow.fake_bot import Answer, FakeBot
from tests.expense_workflow.record_histories import SCENARIOS
from tests.expense_workflow.test_replay import history
from tests.support.spans import receiving

RUN = "RunWorkflow:SampleExpenseWorkflow"


async def test_a_decision_of_somebody_who_tells_no_trace_begins_another_one(
    fake_bot: FakeBot,
    temporal_client: Client,
    temporal_address: str,
    task_queue: str,
    expense_id: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake_bot.answer("/action", Answer("ERROR:what somebody wrote"))
    async with receiving() as receiver:
        for name, value in receiver.variables.items():
            monkeypatch.setenv(name, value)
        with tracing() as interceptors:
            client = await Client.connect(temporal_address, interceptors=interceptors)
            async with running_worker(client, task_queue):
                handle = await client.start_workflow(
                    SampleExpenseWorkflow.run, expense_id, id=expense_id, task_queue=task_queue
                )
                token = await fake_bot.registered(expense_id)
                # This client is not traced.
                await temporal_client.get_async_activity_handle(task_token=token).complete(
                    "APPROVED"
                )
                await fake_bot.called("/action")
                paying = await receiver.one("RunActivity:payment_activity")
            replayer = Replayer(
                workflows=[SampleExpenseWorkflow],
                workflow_runner=UnsandboxedWorkflowRunner(),
                interceptors=interceptors,
            )
            await replayer.replay_workflow(await handle.fetch_history())
            for name in SCENARIOS:
                await replayer.replay_workflow(history(name))
        creating = await receiver.one("RunActivity:create_expense_activity")
        # What is replayed makes no spans.
        assert {span.trace for span in receiver.spans} == {creating.trace, paying.trace}
        assert [span.name for span in receiver.spans].count(RUN) == 1
        assert (creating.service, creating.failed) == ("expense-worker", False)
        assert await receiver.ancestry(creating) == [
            creating.name,
            "StartActivity:create_expense_activity",
            "StartWorkflow:SampleExpenseWorkflow",
        ]
        for span, path in ((creating, "/create"), (paying, "/action")):
            [call] = fake_bot.to(path)
            assert call.headers["traceparent"].startswith(f"00-{span.trace}-{span.id}-")
        assert paying.parent == ""
        assert (paying.failed, paying.events) == (True, ["exception"])
        assert b"wrote" not in receiver.pushed
        assert token not in receiver.pushed
