"""A workflow that waits longer than it may follow up."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from expense_workflow.follow_ups import following_up


@workflow.defn
class BoundedWorkflow:
    """Waits for a while, with two follow-ups at most."""

    @workflow.run
    async def run(self, expense_id: str) -> str:
        async with following_up(expense_id, most=2):
            await workflow.sleep(3)
        return "COMPLETED"
