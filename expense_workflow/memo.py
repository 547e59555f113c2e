"""What a starter asks of the workflow in its memo.

The memo stays as it is for the whole run, so that a replay reads the same values.
"""

from datetime import timedelta
from typing import TypeGuard

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from expense_workflow import (
    DECISION_WINDOW,
    DECISION_WINDOW_MEMO,
    FOLLOW_UP_MEMO,
    MAX_DECISION_WINDOW,
)
from expense_workflow.wording import brief

# Temporal counts in milliseconds.
_SHORTEST = 0.001


def decision_window() -> timedelta:
    """Read from the memo how long people have to decide.

    Raises:
        ApplicationError: it is not a number of seconds between 0.001 and MAX_DECISION_WINDOW.
            Any other exception would fail the workflow task, which Temporal retries for ever.
    """
    seconds = workflow.memo_value(DECISION_WINDOW_MEMO, default=DECISION_WINDOW.total_seconds())
    if is_seconds(seconds) and seconds >= _SHORTEST:
        return timedelta(seconds=seconds)
    raise ApplicationError(
        f"the memo's {DECISION_WINDOW_MEMO} must be {_wanted(seconds)}",
        type="InvalidDecisionWindow",
        non_retryable=True,
    )


def first_follow_up() -> timedelta | None:
    """Read from the memo after what time to follow up first; None: never.

    Nonsense is ignored with a warning: a reminder must never fail an expense.
    """
    try:
        seconds = workflow.memo_value(FOLLOW_UP_MEMO, default=None)
    except Exception as error:
        # Whatever the converter says of what it cannot read.
        workflow.logger.warning(f"No follow-ups: {FOLLOW_UP_MEMO}: {brief(repr(error))}")
        return None
    if seconds is None:
        return None
    if is_seconds(seconds) and seconds >= _SHORTEST:
        return timedelta(seconds=seconds)
    workflow.logger.warning(f"No follow-ups: {FOLLOW_UP_MEMO} must be {_wanted(seconds)}")
    return None


def is_seconds(value: object) -> TypeGuard[float]:
    """Tell whether a value from outside is a time to reckon with: no huge number, not NaN."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value) <= MAX_DECISION_WINDOW.total_seconds()


def _wanted(given: object) -> str:
    days = MAX_DECISION_WINDOW.days
    return f"a positive number of seconds, at most {days} days, not {brief(repr(given), 50)}"
