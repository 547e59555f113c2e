"""Traces of the worker: what it does for a step of somebody's belongs to the trace of that step.

Temporal hands the context on: of who has started a workflow in its headers, and of who has decided
beside the decision. Nothing of OpenTelemetry is imported unless it is on.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from temporalio.client import Interceptor
from temporalio.common import RawValue

from expense_workflow.telemetry import is_pushed

if TYPE_CHECKING:
    from expense_workflow.spans import Spans

_spans: "Spans | None" = None


def headers() -> dict[str, str]:
    """Return the header that tells the bot where in a trace a call is made, if it is traced."""
    return _spans.headers() if _spans else {}


def follow(decided: RawValue | None) -> None:
    """Let what a workflow does from now on belong to the trace of who has decided.

    What somebody submitted perhaps days ago is in another trace, to which that one is linked.

    Args:
        decided: the decision; None to belong to no trace.
    """
    if _spans:
        _spans.follow(decided.payload.metadata if decided else {})


@contextmanager
def tracing() -> Iterator[Sequence[Interceptor]]:
    """Push the worker's spans until the end, and then those that are left, if that is on.

    Yields:
        What makes them, for Temporal's client.

    Raises:
        SettingsError: a variable of OTEL_* says what cannot be done.
    """
    global _spans
    if not is_pushed("traces"):
        yield ()
        return
    from expense_workflow.spans import Spans

    _spans = spans = Spans()
    try:
        yield (spans.interceptor,)
    finally:
        _spans = None
        spans.end()
