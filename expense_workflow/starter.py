"""Start one expense's workflow: python -m expense_workflow.starter."""

import argparse
import asyncio
import re
import sys
import uuid
from datetime import timedelta

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import (
    FailureError,
    TimeoutError,
    TimeoutType,
    WorkflowAlreadyStartedError,
)
from temporalio.service import RPCError

from expense_workflow import DECISION_WINDOW_MEMO, MAX_DECISION_WINDOW, WORKFLOW_ID_PREFIX
from expense_workflow.client import TemporalUnreachableError, connect, leave
from expense_workflow.settings import Settings, SettingsError
from expense_workflow.wording import brief, summary
from expense_workflow.workflow import SampleExpenseWorkflow

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


async def start(
    client: Client, expense_id: str, *, task_queue: str, window: timedelta | None = None
) -> WorkflowHandle[SampleExpenseWorkflow, str]:
    """Start the workflow of one expense, which can be done once.

    Args:
        client: a client of the Temporal server.
        expense_id: the expense's id, not blank.
        task_queue: the worker's task queue.
        window: how long people have to decide; None leaves that to the workflow.

    Raises:
        WorkflowAlreadyStartedError: this expense was started before. Temporal's default would
            start a closed workflow id again, and the expense might be paid again.
        RPCError: Temporal refused, such as for an id of more than 1,000 bytes.
    """
    return await client.start_workflow(
        SampleExpenseWorkflow.run,
        expense_id,
        id=f"{WORKFLOW_ID_PREFIX}{expense_id}",
        task_queue=task_queue,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        memo={DECISION_WINDOW_MEMO: window.total_seconds()} if window else None,
        static_summary=summary(f"Expense {expense_id}"),
    )


def parse_window(text: str) -> timedelta:
    """Read a decision window such as 90s, 30m, 72h or 14d.

    Raises:
        argparse.ArgumentTypeError: it is not of that form, zero, or too long.
    """
    match = re.fullmatch(r"([0-9]{1,9})([smhd])", text.strip())
    window = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else timedelta()
    if not timedelta() < window <= MAX_DECISION_WINDOW:
        raise argparse.ArgumentTypeError(
            f"write a number and s, m, h or d, such as 72h, at most {MAX_DECISION_WINDOW.days}d"
        )
    return window


def parse_expense_id(text: str) -> str:
    """Refuse a blank expense id.

    Raises:
        argparse.ArgumentTypeError: it is blank.
    """
    if not text.strip():
        raise argparse.ArgumentTypeError("expense id is empty")
    return text


def explain(failure: WorkflowFailureError) -> str:
    """Return in one sentence why a workflow did not end well."""
    cause = failure.cause
    while isinstance(cause, FailureError) and cause.cause:
        if isinstance(cause, TimeoutError):
            break
        cause = cause.cause
    if isinstance(cause, TimeoutError) and cause.type == TimeoutType.START_TO_CLOSE:
        return "the decision window ended before anybody decided"
    return brief(str(cause)) or type(cause).__name__


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m expense_workflow.starter",
        description="Start the workflow of one expense: it is created, decided by people and, "
        "if approved, paid.",
        epilog="Temporal is found through TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and Temporal's "
        "other settings; the task queue is EXPENSE_TASK_QUEUE, or expense.",
    )
    parser.add_argument(
        "--expense-id",
        metavar="ID",
        type=parse_expense_id,
        default=str(uuid.uuid4()),
        help="the expense's id, which can be started once (default: a new one)",
    )
    parser.add_argument("--wait", action="store_true", help="wait for the end and print the result")
    parser.add_argument(
        "--window",
        metavar="TIME",
        type=parse_window,
        help="how long people have to decide, such as 90s, 30m, 72h or 14d (default: 10m)",
    )
    return parser.parse_args(arguments)


async def run(arguments: argparse.Namespace) -> int:
    """Start the expense that the command line asks for, and wait for its end if it says so."""
    expense_id: str = arguments.expense_id
    name = brief(expense_id)
    settings = Settings.from_environment()
    client = await connect(codec=settings.payload_codec)
    try:
        handle = await start(
            client, expense_id, task_queue=settings.task_queue, window=arguments.window
        )
    except WorkflowAlreadyStartedError:
        return _fail(f"expense {name} was started before; every expense can be started once")
    except RPCError as error:
        return _fail(f"Temporal did not start expense {name}: {brief(error.message)}")
    _say(f"Started expense {expense_id} as workflow {handle.id}")
    if not arguments.wait:
        return 0
    try:
        result = await handle.result()
    except WorkflowFailureError as error:
        return _fail(f"expense {name} failed: {explain(error)}")
    except RPCError as error:
        return _fail(f"Temporal went away while waiting for {name}: {brief(error.message)}")
    _say(f"Result: {result}" if result else 'Result: "" (not approved)')
    return 0


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def _fail(words: str) -> int:
    sys.stderr.write(f"{words}\n")
    return 1


def main(arguments: list[str] | None = None) -> int:
    """Run the command and say how it ended: 0 well, 1 not, 2 wrong usage or settings.

    Args:
        arguments: the command line without the program's name; None takes the process's own.
    """
    parsed = _arguments(arguments)
    try:
        return asyncio.run(run(parsed))
    except TemporalUnreachableError as error:
        return _fail(str(error))
    except SettingsError as error:
        _fail(str(error))
        return 2
    except KeyboardInterrupt:
        _fail("stopped waiting; the expense goes on")
        return 130


if __name__ == "__main__":
    leave(main())
