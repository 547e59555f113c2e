"""A workflow that running expenses could not survive: it asks people before it creates."""

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
