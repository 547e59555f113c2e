"""A failed attempt takes one line in the log; other errors keep their traceback."""

import logging

from expense_workflow.logs import ShortFailures


def record(error: Exception | None, attempt: int = 3) -> logging.LogRecord:
    exc_info = (type(error), error, error.__traceback__) if error else None
    entry = logging.LogRecord("a", logging.WARNING, "f", 1, "Completing %s", ("x",), exc_info)
    entry.temporal_activity = {
        "activity_type": "payment_activity",
        "workflow_id": "expense_1",
        "attempt": attempt,
    }
    return entry


def test_a_failed_attempt_is_one_line_that_says_what_failed_and_why() -> None:
    entry = record(ConnectionError("no\nroute"))
    assert ShortFailures().filter(entry)
    assert entry.exc_info is None
    assert entry.getMessage() == (
        "payment_activity of expense_1 failed in attempt 3: ConnectionError: no route"
    )


def test_what_goes_on_failing_is_told_when_it_changes_and_then_counted() -> None:
    failures = ShortFailures()

    def told(words: str, attempts: range) -> list[int]:
        every = [(n, record(ConnectionError(words), n)) for n in attempts]
        return [n for n, entry in every if failures.filter(entry)]

    assert told("no route", range(1, 70)) == [1, 2, 4, 8, 16, 32, 64]
    assert told("no name", range(70, 140)) == [70, 128]


def test_everything_else_stays_as_it_is() -> None:
    entry = record(None)
    assert ShortFailures().filter(entry)
    assert entry.getMessage() == "Completing x"
