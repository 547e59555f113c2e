"""How the bot logs: a line for each event on standard output, in UTC, as text or as JSON.

`expense_workflow/logs.py` writes the same lines, so that those about one expense can be joined.
"""

import json
import logging
import os
import re
import sys
import time
from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache
from itertools import count
from types import MappingProxyType

# What a line may have besides its message, from the call's `extra` or from `about`.
FIELDS = ("expense_id", "workflow_id", "request_id", "trace_id", "actor", "state", "code")
# Programs on the way may have named a request already; the log takes over what looks like a name.
_REQUEST_ID = re.compile(r"[\w+/=.:-]{1,100}", re.ASCII)
_WORD = re.compile(r"[\w+/.:,@-]+", re.ASCII)

# So that no two processes give requests the same names.
_PROCESS, _numbers = os.urandom(6).hex(), count(1)

_about: ContextVar[MappingProxyType[str, str]] = ContextVar(
    "bot_logs_about", default=MappingProxyType({})
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


def configure(style: str, level: str, *, to_errors: bool = False) -> None:
    """Have everything logged in the same way.

    Args:
        style: "text" or "json".
        level: the least level that is logged, such as "INFO".
        to_errors: to the standard error output, as the other one has what a command prints.
    """
    handler = logging.StreamHandler(sys.stderr if to_errors else sys.stdout)
    handler.setFormatter(Formatter(is_json=style == "json"))
    logging.basicConfig(handlers=[handler])
    set_level(level)
    # A full disk would have a stack trace printed for each line.
    logging.raiseExceptions = False
    # It warns of connections that others have closed, which nobody can mend.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    # No line shows these, and finding them out takes a third of the time of a line:
    # https://docs.python.org/3/howto/logging.html#optimization
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.logAsyncioTasks = False  # type: ignore[attr-defined]  # since Python 3.12


def set_level(level: str) -> None:
    """Have records of a level and above logged; of libraries, none below INFO.

    At DEBUG they tell what people write, amounts, tokens and addresses that stand for tokens.
    """
    logging.getLogger("bot").setLevel(level)
    logging.getLogger().setLevel(max(logging.getLevelNamesMapping()[level], logging.INFO))


def begin(request_id: str | None) -> None:
    """Name the request to which what this task logs from now on belongs, and what it starts.

    Args:
        request_id: as the caller names it; None for a new name.
    """
    is_named = request_id and _REQUEST_ID.fullmatch(request_id)
    named = request_id if request_id and is_named else f"{_PROCESS}-{next(_numbers)}"
    _about.set(MappingProxyType({"request_id": named}))


def known() -> Mapping[str, str]:
    """Return the fields that this task has added."""
    return _about.get()


def about(**fields: str | None) -> None:
    """Add fields to what this task logs from now on, and what it starts.

    Args:
        **fields: some of `FIELDS`; None for what is not known. Another expense replaces all.
    """
    before, known = _about.get(), {name: value for name, value in fields.items() if value}
    name = "expense_id"
    is_other = name in known and known[name] != before.get(name, known[name])
    _about.set(MappingProxyType(known if is_other else {**before, **known}))
