"""Days, for tests of what people can say of them."""

import os
import time
from datetime import UTC, date, datetime

import pytest

LAST_SECONDS = 20
# Every zone of today is a number of quarters of an hour away from UTC.
QUARTER = 15 * 60

by_temporal_s_clock = pytest.mark.skipif(
    "CLOCK_AHEAD" in os.environ,
    reason="tests/clock/at cannot change the clock of Temporal's server, which ends windows",
)


def today() -> date:
    """Return the day it is in UTC."""
    return datetime.now(UTC).date()


def seconds_to_wait(now: float) -> float:
    """Return how long to wait so that soon no day ends anywhere."""
    left = QUARTER - now % QUARTER
    return left + 0.01 if left < LAST_SECONDS else 0


def let_days_end() -> None:
    """Wait while a day is about to end in some zone."""
    time.sleep(seconds_to_wait(time.time()))
