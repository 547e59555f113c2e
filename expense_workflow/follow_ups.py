"""Waking the bot from time to time while people decide, so that it can remind and escalate.

The bot does that by itself, and asks for no follow-ups any more. They are here for workflows that
versions before 1.0 started, whose histories have their timers.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import is_cancelled_exception
from temporalio.workflow import ActivityCancellationType

from expense_workflow.activities import NEVER_HEALS, follow_up_activity
from expense_workflow.memo import first_follow_up, is_seconds
from expense_workflow.wording import brief, summary

MAX_FOLLOW_UPS = 250
"""How often the bot is woken at most: each time makes the workflow's history 11 events longer."""

# Whatever the bot answers, no workflow keeps it and Temporal busy.
_SHORTEST_PAUSE = 1.0


@asynccontextmanager
async def following_up(expense_id: str, most: int = MAX_FOLLOW_UPS) -> AsyncIterator[None]:
    """Wake the bot while the body waits, if the memo asks for it.

    The bot decides what is due and when to wake it again; the workflow only has the timers, which
    outlast everything. Follow-ups never fail the workflow: what goes wrong ends them with a
    warning. When the body ends, so does what is under way.

    Args:
        expense_id: the expense's id.
        most: how often the bot is woken at most.
    """
    pause = first_follow_up()
    if pause is None:
        yield
        return
    # It runs when the body waits for the first time: the body's commands come first.
    task = asyncio.create_task(_follow_up(expense_id, pause, most))
    is_dropped = False
    try:
        yield
    except GeneratorExit:
        # The worker drops the workflow from its memory, tasks and all: nothing can be awaited.
        is_dropped = True
        raise
    finally:
        if not is_dropped:
            task.cancel()
            # Ends within this workflow task, even if the bot hangs: see _wake().
            await workflow.wait([task])


async def _follow_up(expense_id: str, pause: timedelta, most: int) -> None:
    until = summary(f"Until the next follow-up: {brief(expense_id)}")
    try:
        for _ in range(most):
            await workflow.sleep(pause, summary=until)
            again = await _wake(expense_id)
            if again is None:
                return
            if not is_seconds(again):
                _warn(expense_id, f"after an impossible pause: {brief(repr(again), 50)}")
                return
            pause = timedelta(seconds=max(again, _SHORTEST_PAUSE))
        _warn(expense_id, f"after {most} of them")
    except Exception as error:
        # What is cancelled raises asyncio's CancelledError, which is no Exception, if it is a
        # timer, but ActivityError if it is an activity.
        if not is_cancelled_exception(error):
            _warn(expense_id, f"after a failure: {brief(str(error.__cause__ or error))}")


async def _wake(expense_id: str) -> object:
    # By name and without a result type: whatever an operator completes it with can be decoded.
    return await workflow.execute_activity(
        follow_up_activity.__name__,
        expense_id,
        start_to_close_timeout=timedelta(seconds=10),
        retry_policy=RetryPolicy(
            initial_interval=timedelta(seconds=1),
            backoff_coefficient=2,
            maximum_interval=timedelta(minutes=1),
            non_retryable_error_types=NEVER_HEALS,
        ),
        # No more retries then, and no waiting for an attempt that still runs.
        cancellation_type=ActivityCancellationType.TRY_CANCEL,
        summary=summary(f"Follow up: {brief(expense_id)}"),
    )


def _warn(expense_id: str, why: str) -> None:
    name = brief(expense_id)
    words = f"Expense {name}: no more follow-ups {why}"
    workflow.logger.warning(words, extra={"expense_id": name})
