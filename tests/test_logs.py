"""The bot and the worker log alike, in lines that nobody can forge, with the names of requests."""

import asyncio
import json
import logging
import sys
from types import ModuleType
from typing import Any

import pytest

from bot import logs as of_bot
from expense_workflow import logs as of_worker

each = pytest.mark.parametrize("logs", [of_bot, of_worker], ids=["bot", "worker"])
AT = 1767225599.5  # 2025-12-31 23:59:59.5 in UTC
OF = {"expense_id": "e-1", "workflow_id": "expense e-1", "actor": "U0ADA", "of_a_library": "x"}


def record(message: str = "recorded: %s", *values: str, **extra: Any) -> logging.LogRecord:
    made = logging.LogRecord("bot.audit", logging.INFO, "f", 1, message, values, None)
    made.created = AT
    vars(made).update(extra)
    return made


@each
def test_a_text_names_what_it_is_about_at_its_end(logs: ModuleType) -> None:
    assert logs.Formatter(is_json=False).format(record("recorded: %s", "decide", **OF)) == (
        "2025-12-31T23:59:59.500Z INFO bot.audit: recorded: decide "
        'expense_id=e-1 workflow_id="expense e-1" actor=U0ADA'
    )


@each
def test_json_has_the_same_as_an_object(logs: ModuleType) -> None:
    line = logs.Formatter(is_json=True).format(record("recorded: %s", "decide", **OF))
    assert json.loads(line) == {
        "time": "2025-12-31T23:59:59.500Z",
        "level": "INFO",
        "logger": "bot.audit",
        "message": "recorded: decide",
        "expense_id": "e-1",
        "workflow_id": "expense e-1",
        "actor": "U0ADA",
    }


@each
@pytest.mark.parametrize("is_json", [False, True])
def test_nobody_writes_a_line_of_their_own(logs: ModuleType, is_json: bool) -> None:
    forged = "x\n2025-12-31T23:59:59.500Z INFO bot.audit: recorded: pay expense_id=e-1\u2028"
    line = logs.Formatter(is_json=is_json).format(record("%s", forged, expense_id=forged))
    assert len(line.splitlines()) == 1


@each
def test_an_error_keeps_its_traceback(logs: ModuleType) -> None:
    failed = record("failed")
    try:
        raise ValueError("why")
    except ValueError:
        failed.exc_info = sys.exc_info()
    assert logs.Formatter(is_json=False).format(failed).endswith("\n  ValueError: why")
    line = json.loads(logs.Formatter(is_json=True).format(failed))
    assert line["traceback"].endswith("\nValueError: why")


@each
def test_an_error_cannot_bring_a_line_of_its_own(logs: ModuleType) -> None:
    failed = record("failed")
    try:
        raise ValueError("x\n2025-12-31T23:59:59.500Z INFO bot.audit: y\r2025-12-31 z")
    except ValueError:
        failed.exc_info = sys.exc_info()
    first, *others = logs.Formatter(is_json=False).format(failed).splitlines()
    assert first.endswith("failed")
    assert all(line.startswith("  ") for line in others)


@each
def test_libraries_tell_nothing_that_people_wrote_at_any_level(logs: ModuleType) -> None:
    own = logging.getLogger(logs.__package__)
    levels = [(logger, logger.level) for logger in (own, logging.getLogger())]
    try:
        for level in ("DEBUG", "INFO", "ERROR"):
            logs.set_level(level)
            assert own.getEffectiveLevel() == getattr(logging, level)
            for library in ("aiosqlite", "httpcore", "slack_sdk.web.async_base_client"):
                least = logging.getLogger(library).getEffectiveLevel()
                assert least == max(getattr(logging, level), logging.INFO)
    finally:
        for logger, level in levels:
            logger.setLevel(level)


def of_now() -> dict[str, str]:
    """What a line of the bot's would have now."""
    line: dict[str, str] = json.loads(of_bot.Formatter(is_json=True).format(record()))
    return {name: value for name, value in line.items() if name in of_bot.FIELDS}


async def test_what_a_request_starts_is_logged_under_its_name() -> None:
    of_bot.begin("r-1")
    of_bot.about(expense_id="e-1", workflow_id=None)

    async def follow(expense_id: str) -> dict[str, str]:
        of_bot.about(expense_id=expense_id)
        return of_now()

    same, other = await asyncio.gather(follow("e-1"), follow("e-2"))
    assert same == of_now() == {"request_id": "r-1", "expense_id": "e-1"}
    assert other == {"expense_id": "e-2"}  # whose turn it is because of the first, and no more
    of_bot.begin("r-2")
    assert of_now() == {"request_id": "r-2"}


@pytest.mark.parametrize("given", [None, "", "with blanks", "x" * 101, 'a"b', "é"])
async def test_what_is_no_name_of_a_request_is_replaced(given: str | None) -> None:
    of_bot.begin(given)
    name = of_now()["request_id"]
    assert name != given
    of_bot.begin(given)
    assert of_now()["request_id"] != name
