"""Workflows that running expenses could not survive, each for one reason."""

import asyncio
from datetime import timedelta

from temporalio import workflow


@workflow.defn(name="SampleExpenseWorkflow")
class ChangedWorkflow:
    """Takes the contract's first two steps in the wrong order."""

    @workflow.run
    async def run(self, expense_id: str) -> str:
        for step in ("wait_for_decision_activity", "create_expense_activity"):
            await workflow.execute_activity(
                step, expense_id, start_to_close_timeout=timedelta(seconds=10)
            )
        return ""


@workflow.defn(name="SampleExpenseWorkflow")
class RenamedWaitWorkflow:
    """Gives the waiting activity another id, under which no bot would find it."""

    @workflow.run
    async def run(self, expense_id: str) -> str:
        limit = timedelta(seconds=10)
        await workflow.execute_activity(
            "create_expense_activity", expense_id, start_to_close_timeout=limit
        )
        return str(
            await workflow.execute_activity(
                "wait_for_decision_activity",
                expense_id,
                activity_id="wait",
                start_to_close_timeout=limit,
            )
        )


@workflow.defn(name="SampleExpenseWorkflow")
class TimerFirstWorkflow:
    """Starts the follow-ups' first timer before it asks people."""

    @workflow.run
    async def run(self, expense_id: str) -> str:
        await _step("create_expense_activity", expense_id)
        follow_ups = asyncio.create_task(_follow_up(expense_id))
        await asyncio.sleep(0)
        await _step("wait_for_decision_activity", expense_id)
        follow_ups.cancel()
        return ""


@workflow.defn(name="SampleExpenseWorkflow")
class FollowsUpAtOnceWorkflow:
    """Follows up before any time has passed."""

    @workflow.run
    async def run(self, expense_id: str) -> str:
        await _step("create_expense_activity", expense_id)
        await asyncio.gather(
            _step("wait_for_decision_activity", expense_id),
            _step("follow_up_activity", expense_id),
        )
        return ""


@workflow.defn(name="SampleExpenseWorkflow")
class PaysFirstWorkflow:
    """Pays before it cancels the follow-ups; all else is as recorded."""

    @workflow.run
    async def run(self, expense_id: str) -> str:
        await _step("create_expense_activity", expense_id)
        follow_ups = asyncio.create_task(_follow_up(expense_id))
        await _step("wait_for_decision_activity", expense_id)
        payment = asyncio.create_task(_step("payment_activity", expense_id))
        await asyncio.sleep(0)
        follow_ups.cancel()
        await payment
        return "COMPLETED"


async def _follow_up(expense_id: str) -> None:
    while True:
        await workflow.sleep(1)
        await _step("follow_up_activity", expense_id)


async def _step(name: str, expense_id: str) -> None:
    waits = name == "wait_for_decision_activity"
    await workflow.execute_activity(
        name,
        expense_id,
        activity_id=name.removesuffix("_activity") if waits else None,
        start_to_close_timeout=timedelta(seconds=10),
    )
