"""Tests that need today wait while a day ends somewhere."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from tests.support.days import LAST_SECONDS, seconds_to_wait


@pytest.mark.parametrize("before", [LAST_SECONDS - 1, 10, 0.5])
@pytest.mark.parametrize("day", [datetime(2027, 2, 28), datetime(2026, 7, 31)])  # noqa: DTZ001
def test_no_day_ends_in_any_zone_within_what_a_test_takes(day: datetime, before: float) -> None:
    for zone in map(ZoneInfo, available_timezones()):
        midnight = (day.replace(tzinfo=zone) + timedelta(days=1)).astimezone(UTC)
        now = midnight - timedelta(seconds=before)
        then = now + timedelta(seconds=seconds_to_wait(now.timestamp()))
        assert midnight <= then < midnight + timedelta(seconds=1), zone


def test_otherwise_nobody_waits() -> None:
    assert seconds_to_wait(0) == seconds_to_wait(15 * 60 - LAST_SECONDS) == 0
