"""The three seconds that Slack gives for an interaction, and what they are spent on.

Slack counts from the click until the acknowledgement is back, and a trigger_id opens a form within
the same time. A call to Slack takes 0.2 to 0.5 s, so what can be done without is given up first:
names, and how a person reads. To open the form comes next, and to tell the person what happened
comes last; each has time of its own, however long what came before it took.
"""

import asyncio

# Seconds since the bot got the request. What is left of the three is for the way to us and back.
NAMES_UNTIL = READER_UNTIL = 1.1
OPENED_UNTIL = 2.2
TOLD_UNTIL = 2.8
# A call with less time than this is not even tried, or gets this much if nothing comes after it.
LEAST_SECONDS = 0.3

# How long one question to Slack may take on which a decision depends.
LOOK_UP_SECONDS = 1.5
# How long a private sentence may take of which nobody knows when its click came.
WHISPER_SECONDS = 1.2


class TimeBudget:
    """Tells how much time is left of an interaction that begins now."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()

    def left(self, until: float) -> float:
        """Return the seconds that are left, 0 if none are.

        Args:
            until: seconds after the interaction began.
        """
        return max(0.0, self._began + until - self._loop.time())
