"""Activities under the contract's names that do nothing but count and fail as they are told."""

import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from expense_workflow.workflow import SampleExpenseWorkflow


@dataclass
class Doubles:
    """The three activities.

    Attributes:
        decision: what the waiting activity returns.
        failures: by activity name, what its attempts raise, one after the other.
        calls: the names of the activities in the order of their attempts.
    """

    decision: str = "APPROVED"
    failures: dict[str, list[Exception]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def _attempt(self) -> None:
        name = activity.info().activity_type
        self.calls.append(name)
        if waiting := self.failures.get(name):
            raise waiting.pop(0)

    def activities(self) -> list[Callable[[str], Coroutine[object, object, object]]]:
        @activity.defn(name="create_expense_activity")
        async def create(expense_id: str) -> None:
            self._attempt()

        @activity.defn(name="wait_for_decision_activity")
        async def wait(expense_id: str) -> str:
            self._attempt()
            return self.decision

        @activity.defn(name="payment_activity")
        async def pay(expense_id: str) -> None:
            self._attempt()

        return [create, wait, pay]

    @asynccontextmanager
    async def worker(self, client: Client) -> AsyncIterator[str]:
        """Run a worker with these activities and yield its task queue."""
        task_queue = f"doubles-{uuid.uuid4()}"
        async with Worker(
            client,
            task_queue=task_queue,
            workflows=[SampleExpenseWorkflow],
            activities=self.activities(),
        ):
            yield task_queue

    async def run(self, client: Client, expense_id: str = "e-1") -> str:
        """Run one workflow to its end."""
        async with self.worker(client) as task_queue:
            return await client.execute_workflow(
                SampleExpenseWorkflow.run,
                expense_id,
                id=f"expense_{uuid.uuid4()}",
                task_queue=task_queue,
            )
