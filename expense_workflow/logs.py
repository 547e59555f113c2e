"""How a process of this package logs: as the bot does (`bot/logs.py`), to standard output."""

import json
import logging
import re
import sys
import time
from contextvars import ContextVar
from functools import lru_cache
from types import MappingProxyType

from temporalio import activity, workflow
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    MetricBuffer,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from expense_workflow.wording import brief

# What a line may have besides its message, from the call's `extra` or from `about`.
FIELDS = ("expense_id", "workflow_id", "request_id", "trace_id", "actor", "state", "code")
_WORD = re.compile(r"[\w+/.:,@-]+", re.ASCII)

# Temporal's core names an activity whose completion comes too late by its task token, in clear:
# every reader of the log could complete the next one. Temporal's web UI tells the same without it.
_CORE_FILTER = (
    TelemetryFilter(core_level="WARN", other_level="ERROR").formatted()
    + ",temporalio_sdk_core::worker::activities=off"
)

# Of so many activities that fail at a time the log repeats nothing.
_MOST_TOLD = 10_000

_about: ContextVar[MappingProxyType[str, str]] = ContextVar(
    "expense_workflow_logs_about", default=MappingProxyType({})
)


class Formatter(logging.Formatter):
    """Writes a record as one line, which a traceback may follow.

    Args:
        is_json: whether as a JSON object; otherwise as text with `name=value` at its end.
    """

    def __init__(self, *, is_json: bool) -> None:
        super().__init__()
        self._is_json = is_json

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        seconds, milliseconds = divmod(int(record.created * 1000), 1000)
        at = f"{_second(seconds)}.{milliseconds:03}Z"
        own, about = vars(record), _about.get()
        fields = {
            name: str(value)
            for name in FIELDS
            if (value := own.get(name) or about.get(name)) is not None
        }
        message = _on_one_line(record.getMessage())
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        if self._is_json:
            line = {"time": at, "level": record.levelname, "logger": record.name}
            line |= {"message": message, **fields}
            return json.dumps(line | ({"traceback": trace} if trace else {}))
        text = f"{at} {record.levelname} {record.name}: {message}"
        for name, value in fields.items():
            text += f" {name}={_word(value)}"
        # Indented, as the error may have come from outside and look like a line of its own.
        return "\n  ".join([text, *map(_on_one_line, trace.splitlines())])


@lru_cache(maxsize=1)
def _second(at: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at))


def _on_one_line(text: str) -> str:
    """Keep what came from outside from looking like a line of its own."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def _word(value: str) -> str:
    return value if _WORD.fullmatch(value) else json.dumps(value)


class Details(logging.Filter):
    """Takes from what Temporal adds to a record what a line may have."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Name the workflow of a record."""
        for name in ("temporal_activity", "temporal_workflow"):
            if workflow_id := getattr(record, name, {}).get("workflow_id"):
                record.workflow_id = workflow_id
        return True


class ShortFailures(logging.Filter):
    """Puts an activity's failed attempt on one line, if it tells something new.

    An activity may fail for days, each minute once. Its attempts tell what is new in them, and
    otherwise ever more seldom how many they are. Temporal's web UI has them all, with the stack.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[tuple[object, object], str] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the traceback of a failed attempt by what failed and why."""
        if not (record.exc_info and record.exc_info[1]):
            return True
        error, of = record.exc_info[1], getattr(record, "temporal_activity", {})
        attempt = of.get("attempt", 1)
        why = f"{type(error).__name__}: {brief(str(error))}"
        record.msg = (
            f"{of.get('activity_type')} of {of.get('workflow_id')} failed in attempt {attempt}: "
            f"{why}"
        )
        record.args, record.exc_info = (), None
        which = of.get("workflow_run_id"), of.get("activity_id")
        is_new = self._told.pop(which, None) != why
        if len(self._told) >= _MOST_TOLD:
            del self._told[next(iter(self._told))]
        self._told[which] = why
        is_power_of_two = attempt & (attempt - 1) == 0
        return is_new or is_power_of_two


def configure(style: str, level: str, metrics: MetricBuffer | None = None) -> None:
    """Have everything logged in the same way, plainly and quietly.

    To be called before the first client is made: they share the core's one logger.
    httpx would log every URL, and Temporal's loggers would append a dictionary to each line:
    our lines name the expense already.

    Args:
        style: "text" or "json".
        level: the least level that is logged, such as "INFO".
        metrics: takes Temporal's own metrics; None for none.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Formatter(is_json=style == "json"))
    handler.addFilter(Details())
    logging.basicConfig(handlers=[handler])
    set_level(level)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # It warns of connections that others have closed, which nobody can mend.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    activity.logger.activity_info_on_message = False
    activity.logger.base_logger.addFilter(ShortFailures())
    workflow.logger.workflow_info_on_message = False
    core = LogForwardingConfig(
        logging.getLogger("temporalio.core"),
        append_target_to_name=False,
        prepend_target_on_message=False,
    )
    logging_config = LoggingConfig(filter=_CORE_FILTER, forwarding=core)
    telemetry = TelemetryConfig(logging=logging_config, metrics=metrics, attach_service_name=False)
    Runtime.set_default(Runtime(telemetry=telemetry), error_if_already_set=False)


def set_level(level: str) -> None:
    """Have records of a level and above logged; of libraries, none below INFO.

    At DEBUG they tell what people write, amounts, tokens and addresses that stand for tokens.
    """
    logging.getLogger("expense_workflow").setLevel(level)
    logging.getLogger().setLevel(max(logging.getLevelNamesMapping()[level], logging.INFO))


def about(**fields: str) -> None:
    """Add fields to what this task logs from now on.

    Args:
        **fields: some of `FIELDS`.
    """
    _about.set(MappingProxyType({**_about.get(), **fields}))


def request_id() -> str:
    """Return the name of the request that this task makes; "" if it has none."""
    return _about.get().get("request_id", "")
