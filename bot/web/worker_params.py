"""What the worker's calls say: query, form and headers, each read strictly.

What the caller has to mend is a 422 with a sentence that names it.
"""

import binascii
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, unquote

from aiohttp import web

from bot import logs
from bot.domain.errors import InvalidFormData
from bot.domain.expense import Caller

MAX_ID = 200
MAX_TASK_TOKEN = 4096
MAX_WORKFLOW_ID = 1000  # Temporal's own limit
MAX_RUN_ID = 100


def unprocessable(sentence: str) -> web.HTTPException:
    """Make the answer to a request that its caller has to mend."""
    return web.HTTPUnprocessableEntity(text=sentence)


def query(request: web.Request) -> dict[str, str]:
    """Read the query of a request."""
    return _parameters(request.rel_url.raw_query_string, "query")


def form(body: bytes) -> dict[str, str]:
    """Read the form in a body."""
    if not body.isascii():
        raise unprocessable("The form is not URL-encoded.")
    return _parameters(body.decode(), "form")


def _parameters(encoded: str, where: str) -> dict[str, str]:
    """Read parameters such as a=1&b=2, each of which may stand there once."""
    try:
        pairs = parse_qsl(
            encoded, keep_blank_values=True, errors="strict", max_num_fields=20, separator="&"
        )
    except UnicodeDecodeError:
        raise unprocessable(f"The {where} is not UTF-8.") from None
    except ValueError:
        raise unprocessable(f"The {where} has too many fields.") from None
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise unprocessable(f"{name[:40]} is given twice; give it once.")
        found[name] = value
    return found


def required(parameters: dict[str, str], name: str) -> str:
    """Return a parameter that has to be there."""
    value = parameters.get(name, "")
    if not value.strip():
        raise unprocessable(f"{name} is missing.")
    return value


def check_is_api_call(parameters: dict[str, str]) -> None:
    """See that the caller knows that this is no page."""
    if required(parameters, "is_api_call") != "true":
        raise unprocessable("is_api_call must be true.")


def expense_id(parameters: dict[str, str]) -> str:
    """Return the id, which may be any visible text that is not too long; the log has it, too."""
    text = required(parameters, "id")
    if len(text) > MAX_ID:
        raise unprocessable(f"id is longer than {MAX_ID} characters.")
    if not text.isprintable():
        raise unprocessable("id has characters that cannot be seen.")
    logs.about(expense_id=text)
    return text


def task_token(form: dict[str, str]) -> bytes:
    """Return the task token."""
    text = required(form, "task_token")
    try:
        token = binascii.unhexlify(text)
    except ValueError:
        raise InvalidFormData("task_token is not hex.") from None
    if len(token) > MAX_TASK_TOKEN:
        raise InvalidFormData("task_token is too long.")
    return token


def caller(request: web.Request) -> Caller:
    """Return the workflow run that calls, as far as its headers tell; the log names it, too."""
    workflow_id = _header(request, "X-Temporal-Workflow-Id", MAX_WORKFLOW_ID)
    logs.about(workflow_id=workflow_id)
    return Caller(workflow_id=workflow_id, run_id=_header(request, "X-Temporal-Run-Id", MAX_RUN_ID))


def _header(request: web.Request, name: str, limit: int) -> str | None:
    """Read a header that may hold any text, percent-encoded."""
    value = request.headers.get(name)
    if value is None:
        return None
    try:
        text = unquote(value, errors="strict")
        text.encode()  # bytes that are not UTF-8 arrive as lone surrogates
    except UnicodeError:
        text = ""
    if not 0 < len(text) <= limit or "\x00" in text:
        raise unprocessable(f"The header {name} is not an id.")
    return text


def decide_by(request: web.Request) -> datetime | None:
    """Read the instant (ISO 8601) at which Temporal ends the attempt; None if it is not given."""
    value = request.headers.get("X-Temporal-Decide-By")
    if value is None:
        return None
    try:
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is None:
            raise ValueError
        _ = instant + timedelta(days=366)  # the end of time leaves no room to look after it
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise unprocessable(
            "The header X-Temporal-Decide-By is not an instant such as 2026-01-31T12:00:00Z."
        ) from None
