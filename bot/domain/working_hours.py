"""When people work, by the clock of their own time zone."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingHours:
    """When people may be reminded, by the clock of their own time zone.

    Attributes:
        start: when work begins.
        end: when it ends, on the same day.
        days: weekdays, where Monday is 0.
    """

    start: time = time(9)
    end: time = time(17)
    days: tuple[int, ...] = (0, 1, 2, 3, 4)

    def next(self, instant: datetime, zone: tzinfo) -> datetime:
        """Return `instant` if it lies in working hours, else the next instant that does.

        Args:
            instant: aware of its time zone.
            zone: the time zone of the person who works.
        """
        today = instant.astimezone(zone).date()
        for ahead in range(15):
            day = today + timedelta(days=ahead)
            # In UTC, because Python compares two times of one zone by their wall clocks. On the day
            # on which clocks go forward, these hours may end before they begin.
            begin, end = (
                datetime.combine(day, time, zone).astimezone(UTC) for time in (self.start, self.end)
            )
            if day.weekday() in self.days and max(instant, begin) < end:
                return max(instant, begin)
        return instant

    def after(self, since: datetime, pause: timedelta, zone: tzinfo) -> datetime:
        """Return the first instant in working hours that is at least a pause later."""
        return self.next(since + pause, zone)


class WorkingDays(WorkingHours):
    """Working hours by which a day is a working day: others do not count for a pause."""

    def after(self, since: datetime, pause: timedelta, zone: tzinfo) -> datetime:
        """Return the same time of day so many working days later."""
        day, at = timedelta(days=1), self.next(since, zone).astimezone(zone)
        for _ in range(pause // day):
            at += day
            while at.weekday() not in self.days:
                at += day
        return self.next(at, zone)
