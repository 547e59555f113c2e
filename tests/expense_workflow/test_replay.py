"""Expenses that were started under an older version go on under this one."""

import json

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import (
    Replayer,
    UnsandboxedWorkflowRunner,
    WorkflowRunner,
)
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import NondeterminismError

from expense_workflow.workflow import SampleExpenseWorkflow
from tests.expense_workflow.changed_workflow import (
    ChangedWorkflow,
    FollowsUpAtOnceWorkflow,
    PaysFirstWorkflow,
    RenamedWaitWorkflow,
    TimerFirstWorkflow,
)
from tests.expense_workflow.record_histories import FOLDER, SCENARIOS


def history(name: str) -> WorkflowHistory:
    recorded = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return WorkflowHistory.from_json(f"expense_{name}", recorded)


def test_every_scenario_is_recorded_and_nothing_else() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(SCENARIOS)


@pytest.mark.parametrize("runner", [SandboxedWorkflowRunner(), UnsandboxedWorkflowRunner()])
@pytest.mark.parametrize("name", SCENARIOS)
async def test_a_recorded_history_replays(name: str, runner: WorkflowRunner) -> None:
    """As the worker runs it, and in the sandbox, which refuses what could not be replayed."""
    replayer = Replayer(workflows=[SampleExpenseWorkflow], workflow_runner=runner)
    await replayer.replay_workflow(history(name))


@pytest.mark.parametrize(
    "changed", [ChangedWorkflow, RenamedWaitWorkflow, TimerFirstWorkflow, FollowsUpAtOnceWorkflow]
)
@pytest.mark.parametrize("name", SCENARIOS)
async def test_an_incompatible_change_is_caught(name: str, changed: type) -> None:
    with pytest.raises(NondeterminismError):
        await Replayer(workflows=[changed]).replay_workflow(history(name))


@pytest.mark.parametrize(
    ("name", "event"),
    [("followed_up", "TimerCanceled"), ("decided_meanwhile", "ActivityTaskCancelRequested")],
)
async def test_a_follow_up_that_is_cancelled_too_late_is_caught(name: str, event: str) -> None:
    with pytest.raises((NondeterminismError, RuntimeError), match=event):
        await Replayer(workflows=[PaysFirstWorkflow]).replay_workflow(history(name))
