"""Tells the operator of refused strangers, without letting them fill the log."""

import logging
import time

# One line for each kind of refusal in this time, however many there are.
SECONDS = 1.0


class LogThrottle:
    """Logs refusals, one line a second for each kind, with a count of those between the lines."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._last: dict[str, float] = {}
        self._untold: dict[str, int] = {}

    def note(self, what: str) -> None:
        """Count one refusal, and tell of it if none like it was told just now.

        Args:
            what: its kind, in our own words; never what the stranger sent.
        """
        now = time.monotonic()
        if now - self._last.get(what, -SECONDS) < SECONDS:
            self._untold[what] = self._untold.get(what, 0) + 1
            return
        self._last[what] = now
        if untold := self._untold.pop(what, 0):
            self._logger.warning("%s (and %s times more since this was last said)", what, untold)
        else:
            self._logger.warning("%s", what)
