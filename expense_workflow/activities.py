"""The workflow's activities: each is one HTTP call to the bot that is safe to repeat."""

import uuid
from contextlib import suppress
from datetime import UTC
from urllib.parse import quote

import httpx
from temporalio import activity
from temporalio.exceptions import ApplicationError

from expense_workflow import logs, tracing
from expense_workflow.bot_client import bot
from expense_workflow.memo import is_seconds
from expense_workflow.wording import brief

# These say that the request itself is wrong. The rest of 4xx (a wrong key, a wrong address) heals
# when the operator mends it, so it is retried like 5xx.
_REJECTIONS = frozenset({400, 413, 414, 422})
# Such as a website's that is none of the bot's.
_ELSEWHERE = "; is EXPENSE_SERVER_URL the bot's own address?"

# What the same request can never get over, for the workflow's retry policies. All else (no network,
# HTTP 5xx, a wrong key) passes or is mended, so it is retried with back-off and without limit.
# Refusals of the bot are not listed: they are raised as non-retryable.
NEVER_HEALS = ["ValueError", "RequestRejectedError", "InvalidURL", "UnicodeEncodeError"]

# Logged texts are f-strings: Temporal's loggers append the workflow id to the format, where a "%"
# in an id would be taken for a placeholder if there were arguments.


class RequestRejectedError(httpx.HTTPStatusError):
    """The bot says that the request itself is wrong, so that repeating it is no use."""


@activity.defn
async def create_expense_activity(expense_id: str) -> None:
    """Make the expense known to the bot.

    Args:
        expense_id: the expense's id, not blank.

    Raises:
        ValueError: the id is blank.
        ApplicationError: the bot refused; the message contains its answer. Never retried.
        httpx.HTTPError: no answer, or not HTTP 200. Retried.
    """
    _begin(expense_id)
    async with bot() as client:
        response = await client.get(
            "/create", params={"id": expense_id, "is_api_call": "true"}, headers=_identity()
        )
    _expect_success(response, "create expense")
    activity.logger.info(f"Expense {brief(expense_id)}: created")


@activity.defn
async def wait_for_decision_activity(expense_id: str) -> str:
    """Register this activity's task token with the bot and leave its completion to people.

    The worker's slot is free again at once: raise_complete_async() tells Temporal that somebody
    else completes this activity, with the decision as its result.

    Args:
        expense_id: the expense's id, not blank.

    Returns:
        The decision with which the bot completes the activity; the function itself never returns.

    Raises:
        ValueError: the id is blank.
        ApplicationError: the bot refused; the message contains its answer. Never retried.
        httpx.HTTPError: no answer, or not HTTP 200. Retried, each time with a new task token.
    """
    _begin(expense_id)
    async with bot() as client:
        response = await client.post(
            "/registerCallback",
            params={"id": expense_id},
            data={"task_token": activity.info().task_token.hex()},
            headers=_identity() | _deadline(),
        )
    _expect_success(response, "register callback")
    activity.logger.info(f"Expense {brief(expense_id)}: registered, waiting for a decision")
    activity.raise_complete_async()


@activity.defn
async def payment_activity(expense_id: str) -> None:
    """Ask the bot to pay the approved expense.

    Args:
        expense_id: the expense's id, not blank.

    Raises:
        ValueError: the id is blank.
        ApplicationError: the payment was refused; the message contains the answer. Never retried.
        httpx.HTTPError: no answer, or not HTTP 200. Retried.
    """
    _begin(expense_id)
    async with bot() as client:
        # A POST although GET is allowed: nothing that follows links or warms caches moves money.
        response = await client.post(
            "/action",
            data={"type": "payment", "id": expense_id, "is_api_call": "true"},
            headers=_identity(),
        )
    _expect_success(response, "payment")
    activity.logger.info(f"Expense {brief(expense_id)}: the payment step is done")


@activity.defn
async def follow_up_activity(expense_id: str) -> float | None:
    """Wake the bot, which reminds or escalates if that is due.

    Args:
        expense_id: the expense's id, not blank.

    Returns:
        After how many seconds the bot wants to be woken again; None: never again.

    Raises:
        ValueError: the id is blank.
        ApplicationError: the bot refused, or its answer cannot be read. Never retried.
        httpx.HTTPError: no answer, or not HTTP 200. Retried.
    """
    _begin(expense_id)
    async with bot() as client:
        response = await client.post("/followUp", params={"id": expense_id}, headers=_identity())
    again = _expect_pause(response, "follow up")
    activity.logger.info(f"Expense {brief(expense_id)}: followed up")
    return again


def _begin(expense_id: str) -> None:
    """Begin an attempt: its lines in this log and in the bot's have the same names."""
    if not expense_id.strip():
        raise ValueError("expense id is empty")
    logs.about(expense_id=brief(expense_id), request_id=uuid.uuid4().hex)


def _identity() -> dict[str, str]:
    """Return headers that tell the bot a workflow run's repeated call from a stranger's.

    The bot's log names the call as this one does, and its trace goes on if there is one.
    """
    info = activity.info()
    headers = {
        "X-Temporal-Workflow-Id": info.workflow_id,
        "X-Temporal-Run-Id": info.workflow_run_id,
        "X-Request-ID": logs.request_id(),
    }
    # Header values are ASCII; workflow ids may be anything.
    return {name: quote(value) for name, value in headers.items() if value} | tracing.headers()


def _deadline() -> dict[str, str]:
    """Return the header by which the bot knows when Temporal ends this attempt."""
    info = activity.info()
    ends = [
        start + limit
        for start, limit in (
            (info.started_time, info.start_to_close_timeout),
            (info.scheduled_time, info.schedule_to_close_timeout),
        )
        if limit
    ]
    return {"X-Temporal-Decide-By": min(ends).astimezone(UTC).isoformat()} if ends else {}


def _expect_success(response: httpx.Response, step: str) -> None:
    _expect_ok(response, step)
    if response.text != "SUCCEED":
        raise _refusal(response.text, step)


def _expect_pause(response: httpx.Response, step: str) -> float | None:
    _expect_ok(response, step)
    # No JSON, no object, no such key, nested too deep.
    with suppress(ValueError, TypeError, LookupError, RecursionError):
        again = response.json()["again_in_seconds"]
        if again is None or is_seconds(again):
            return again
    raise _refusal(response.text, step)


def _expect_ok(response: httpx.Response, step: str) -> None:
    try:
        response.raise_for_status()
    except httpx.HTTPStatusError as error:
        # The bot's own sentence says why, and Temporal keeps it as the failure's.
        is_rejected = error.response.status_code in _REJECTIONS
        kind = RequestRejectedError if is_rejected else httpx.HTTPStatusError
        words = f"{step} failed with HTTP {response.status_code}: {brief(response.text)}"
        if response.status_code == 404 or response.is_redirect:
            words += _ELSEWHERE
        raise kind(words, request=error.request, response=response) from None


def _refusal(body: str, step: str) -> ApplicationError:
    shown = brief(body)
    words = f"{step} failed status: {shown}"
    if shown.startswith("ERROR:"):
        return ApplicationError(words, type=shown.removeprefix("ERROR:"), non_retryable=True)
    return ApplicationError(words + _ELSEWHERE, type="UNEXPECTED_ANSWER", non_retryable=True)
