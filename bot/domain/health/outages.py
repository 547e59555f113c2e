"""Tells the log why a service does not do what it is asked, and then that it does again."""

import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from bot.domain.errors import ExpenseError, TryAgain

# A service that answers one call and not the next has not come back.
CALM_SECONDS = 5.0
# What goes on for long is told again this often, with the number of calls that failed.
AGAIN_SECONDS = 60.0
MAX_LENGTH = 200
# Neighbours that name the time or a port in every answer do not fill the log with reasons.
MOST_REASONS = 10
# What no neighbour should repeat to us; the log does not keep it if one does.
_SECRETS = re.compile(r"(?<=://)[^\s/@]*@|\b(?:xox[a-z]|xapp|whsec|Bearer)[-_ ][\w./+=-]+")
# Temporal's core words its errors as nested values, with the reason innermost.
_INNERMOST = re.compile(r'(?:message|error): "([^"]+)"')
_TLS = re.compile(r"error: (Invalid\w+\(\w+)")


def cause_of(error: BaseException) -> str:
    """Describe why a call failed, in the words of whom was called; empty if nobody said why.

    The libraries' errors are read by what they have, so that each package keeps its library to
    itself. What an error of another kind says may hold anything, so only its name is told.
    """
    cause: BaseException | None = error
    while isinstance(cause, ExpenseError):
        cause = cause.__cause__
    if cause is None:
        return ""
    words = " ".join(_SECRETS.sub("…", _words(cause)).split())
    return words if len(words) <= MAX_LENGTH else f"{words[: MAX_LENGTH - 1]}…"


def with_cause(error: TryAgain) -> str:
    """Return an error's sentence together with its cause, for the log."""
    cause = cause_of(error)
    return f"{error} ({cause})" if cause else str(error)


def _words(error: BaseException) -> str:
    name, status = type(error).__name__, getattr(error, "status", None)
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if (response := getattr(error, "response", None)) is not None:  # Slack's
        data, http = getattr(response, "data", None), getattr(response, "status_code", 200)
        said = str(data.get("error", "")) if isinstance(data, dict) else ""
        return said or (f"HTTP {http}" if http != 200 else name)
    if isinstance(code := getattr(error, "code", None), str):  # Slack's, when we have read it
        return code
    if status is not None and hasattr(status, "name"):  # Temporal's
        return f"{status.name}: {getattr(error, 'message', '')}"
    if isinstance(status, int):  # HTTP's
        return f"HTTP {status}"
    if getattr(error, "sqlstate", None) or hasattr(error, "sqlite_errorname"):
        return str(error)
    if isinstance(error, OSError):
        inner = getattr(error, "os_error", error)
        return inner.strerror or str(inner.__cause__ or "") or name
    if found := _INNERMOST.findall(str(error)):
        return str(found[-1])
    if found := _TLS.findall(str(error)):
        return f"TLS: {found[-1]})"
    return name


class Outage:
    """Remembers whether a service does what it is asked; a context for each call.

    Args:
        besides: errors that say nothing about the service.
        do: what the operator has to look at, in one sentence that names the settings.
        calm: seconds without a failure after which an answer means that it is back.
    """

    def __init__(
        self,
        service: str,
        logger: logging.Logger,
        besides: tuple[type[TryAgain], ...] = (),
        do: str = "",
        calm: float = CALM_SECONDS,
    ) -> None:
        self.service = service
        self._logger = logger
        self._besides = besides
        self._do = do
        self._calm = calm
        self._reasons: set[str] = set()
        self._failures = 0
        self._failed_at = self._told_at = 0.0

    def __enter__(self) -> None:
        """Begin a call; several may run at a time."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Note how a call ended."""
        if error is None:
            if self._reasons:
                self._note_answer()
        elif isinstance(error, TryAgain) and not isinstance(error, self._besides):
            self._note_failure(with_cause(error))

    @contextmanager
    def noting_failures(self) -> Iterator[None]:
        """Note how a call fails, of which success says nothing about the others.

        A database whose disk is full goes on reading.
        """
        try:
            yield
        except TryAgain as error:
            self.__exit__(type(error), error, None)
            raise

    def _note_answer(self) -> None:
        if time.monotonic() - self._failed_at >= self._calm:
            self._logger.info("%s does what it is asked again%s", self.service, self._count())
            self._reasons.clear()
            self._failures = 0

    def _note_failure(self, reason: str) -> None:
        self._failed_at = now = time.monotonic()
        self._failures += 1
        is_new = reason not in self._reasons and len(self._reasons) < MOST_REASONS
        if is_new or now - self._told_at >= AGAIN_SECONDS:
            self._reasons.add(reason)
            self._told_at = now
            told = " ".join(filter(None, (reason, self._do)))
            self._logger.warning("%s: %s%s", self.service, told, self._count())

    def _count(self) -> str:
        return f" ({self._failures} calls have failed)" if self._failures > 1 else ""
