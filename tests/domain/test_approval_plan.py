"""Plans: how far they have come, and when people are at work."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.approval_plan import (
    NOT_BEGUN,
    Approval,
    Plan,
    Progress,
    Stage,
    usual_plan,
)
from bot.domain.handover import Handover
from bot.domain.working_hours import WorkingDays, WorkingHours

NOW = datetime(2026, 1, 30, 12, tzinfo=UTC)
TWO_STAGES = Plan(
    rule="both",
    stages=(Stage(asked=("U0MAN",)), Stage(asked=("U0FIN", "U0FAY"), needed=2)),
)
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
    "America/St_Johns",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "UTC",
)


def agreed(
    progress: Progress, person: str, on_behalf_of: str | None = None
) -> tuple[Progress, bool]:
    given = Approval(
        person=person, on_behalf_of=on_behalf_of or person, stage=progress.stage, at=NOW
    )
    return progress.with_approval(TWO_STAGES, given)


def test_stages_follow_each_other_and_the_last_approval_completes() -> None:
    progress, is_complete = agreed(NOT_BEGUN, "U0MAN")
    assert (progress.stage, progress.since, is_complete) == (1, NOW, False)
    assert progress.may_decide(TWO_STAGES) == ("U0FIN", "U0FAY")
    assert progress.missing(TWO_STAGES) == 2
    progress, is_complete = agreed(progress, "U0FIN")
    assert (progress.stage, progress.missing(TWO_STAGES), is_complete) == (1, 1, False)
    progress, is_complete = agreed(progress, "U0FAY")
    assert is_complete
    assert [line.person for line in progress.approvals] == ["U0MAN", "U0FIN", "U0FAY"]


def test_a_seat_and_who_sat_in_it_have_both_approved() -> None:
    progress, _ = agreed(NOT_BEGUN, "U0DEL", on_behalf_of="U0MAN")
    assert progress.has_approved("U0MAN")
    assert progress.has_approved("U0DEL")
    assert not progress.has_approved("U0FIN")


def test_a_new_stage_begins_without_reminders_and_escalation() -> None:
    before = Progress(since=NOW - timedelta(days=3), escalated=True)
    progress, _ = agreed(before, "U0MAN")
    assert progress == Progress(stage=1, since=NOW, approvals=progress.approvals)


def test_the_first_follow_up_is_the_soonest_of_the_stage() -> None:
    first = Stage(
        asked=("U0A",),
        remind_after=timedelta(hours=4),
        escalate_after=timedelta(hours=3),
        escalate_to=("U0B",),
    )
    plan = Plan(rule="r", stages=(first, Stage(asked=("U0C",))))
    assert Progress(since=NOW).first_follow_up(plan) == NOW + timedelta(hours=3)
    assert Progress(since=NOW, stage=1).first_follow_up(plan) is None
    assert NOT_BEGUN.first_follow_up(plan) is None


@pytest.mark.parametrize(
    ("zone", "instant", "expected"),
    [
        # Friday evening waits for Monday morning, each in their own zone.
        ("Europe/Berlin", "2026-01-30T18:00+01:00", "2026-02-02T09:00+01:00"),
        ("America/New_York", "2026-01-30T18:00+01:00", "2026-01-30T12:00-05:00"),
        # Early, late and exactly.
        ("Europe/Berlin", "2026-01-28T03:00+01:00", "2026-01-28T09:00+01:00"),
        ("Europe/Berlin", "2026-01-28T09:00+01:00", "2026-01-28T09:00+01:00"),
        ("Europe/Berlin", "2026-01-28T17:00+01:00", "2026-01-29T09:00+01:00"),
        # Clocks are put forward on the Sunday between, and back in October.
        ("Europe/Berlin", "2026-03-27T20:00+01:00", "2026-03-30T09:00+02:00"),
        ("Europe/Berlin", "2026-10-23T20:00+02:00", "2026-10-26T09:00+01:00"),
        # Elsewhere it is Monday already.
        ("Pacific/Auckland", "2026-02-01T21:00+00:00", "2026-02-02T10:00+13:00"),
    ],
)
def test_the_next_working_hour(zone: str, instant: str, expected: str) -> None:
    found = WorkingHours().next(datetime.fromisoformat(instant), ZoneInfo(zone))
    assert found == datetime.fromisoformat(expected)


def handed(of: str | None, to: str, stage: int = 0) -> Handover:
    return Handover(stage=stage, of=of, to=to, by=of or "operator", at=NOW)


def test_who_is_asked_after_handovers() -> None:
    plan = Plan(rule="", stages=(Stage(asked=("S0FIN", "U0MAN"), escalate_to=("U0LEA",)),) * 2)
    one = Progress(handovers=(handed("U0MAN", "U0KIM"), handed("U0FAY", "U0LEE")))
    assert one.may_decide(plan) == ("S0FIN", "U0KIM", "U0LEE")
    assert one.released() == {"U0MAN", "U0FAY"}
    assert one.released(1) == frozenset()
    # What comes back is theirs again, and what an admin gives to somebody takes it from nobody.
    back = replace(one, handovers=(*one.handovers, handed("U0KIM", "U0MAN"), handed(None, "U0X")))
    assert back.may_decide(plan) == ("S0FIN", "U0LEE", "U0MAN", "U0X")
    assert back.released() == {"U0FAY", "U0KIM"}
    # Whom a stage asks later may be changed before it begins.
    later = replace(one, handovers=(handed("U0LEA", "U0KIM", stage=1),))
    assert later.may_decide(plan) == ("S0FIN", "U0MAN")
    assert later.asked_in(plan, 1, is_escalated=True) == ("S0FIN", "U0MAN", "U0KIM")


@pytest.mark.parametrize(
    ("asked", "days", "expected"),
    [
        ("2026-01-29T15:00+00:00", 1, "2026-01-30T15:00+00:00"),  # Thursday, Friday
        ("2026-01-30T15:00+00:00", 1, "2026-02-02T15:00+00:00"),  # Friday, Monday
        ("2026-01-30T18:00+00:00", 1, "2026-02-03T09:00+00:00"),  # work begins on Monday
        ("2026-01-31T12:00+00:00", 1, "2026-02-03T09:00+00:00"),
        ("2026-01-29T15:00+00:00", 3, "2026-02-03T15:00+00:00"),
        # The clock is put forward on Sunday.
        ("2026-03-27T15:00+00:00", 1, "2026-03-30T15:00+01:00"),
    ],
)
def test_a_working_day_is_one_on_which_people_work(asked: str, days: int, expected: str) -> None:
    pause, london = timedelta(days=days), ZoneInfo("Europe/London")
    found = WorkingDays().after(datetime.fromisoformat(asked), pause, london)
    assert found == datetime.fromisoformat(expected)


def test_what_no_rule_matches_is_reminded_of_after_a_working_day_and_then_daily() -> None:
    [stage] = usual_plan(("U0MAN",), "C0APPROVALS").stages
    assert (stage.asked, stage.needed, stage.channel) == (("U0MAN",), 1, "C0APPROVALS")
    day = timedelta(days=1)
    assert (stage.remind_after, stage.remind_every, stage.remind_at_most) == (day, day, 5)
    assert isinstance(stage.working_hours, WorkingDays)


def test_hours_that_a_night_leaves_out_wait_for_the_next_day() -> None:
    nights = WorkingHours(start=time(2, 30), end=time(3, 15), days=tuple(range(7)))
    berlin = ZoneInfo("Europe/Berlin")
    found = nights.next(datetime(2026, 3, 29, 0, 30, tzinfo=berlin), berlin)
    assert found == datetime(2026, 3, 30, 2, 30, tzinfo=berlin)


def test_without_working_days_any_instant_will_do() -> None:
    assert WorkingHours(days=()).next(NOW, UTC) == NOW


# A policy says no fold, of which Hypothesis thinks.
times = st.times(max_value=time(23, 59)).map(lambda moment: moment.replace(fold=0))
hours = st.builds(
    lambda a, b, days: WorkingHours(start=min(a, b), end=max(a, b), days=tuple(days)),
    times,
    times,
    st.sets(st.integers(0, 6), min_size=1),
).filter(lambda hours: hours.start < hours.end)
START = datetime(2020, 1, 1, tzinfo=UTC)
instants = st.timedeltas(timedelta(0), timedelta(days=7300)).map(lambda ahead: START + ahead)


@given(hours, instants, st.sampled_from(ZONES))
def test_it_is_the_first_instant_from_then_on_in_working_hours(
    hours: WorkingHours, instant: datetime, name: str
) -> None:
    zone = ZoneInfo(name)
    found = hours.next(instant, zone)
    assert found >= instant
    windows = list(_windows(hours, instant, zone))
    assert any(begin <= found < end for begin, end in windows)
    # Nothing before it would have done.
    assert not any(max(begin, instant) < min(end, found) for begin, end in windows)
    # Whoever is reminded then is not asked to wait any longer.
    assert hours.next(found, zone) == found


@given(hours, instants, st.sampled_from(ZONES))
def test_people_see_a_working_hour_on_their_clock(
    hours: WorkingHours, instant: datetime, name: str
) -> None:
    """Except in the hour that a clock put forward leaves out, which is read as an hour later."""
    clock = hours.next(instant, ZoneInfo(name)).astimezone(ZoneInfo(name))
    assert clock.weekday() in hours.days
    shift = timedelta(hours=1)
    begin, end = (datetime.combine(clock.date(), t) for t in (hours.start, hours.end))
    assert begin <= clock.replace(tzinfo=None) < end + shift


def _windows(
    hours: WorkingHours, instant: datetime, zone: ZoneInfo
) -> list[tuple[datetime, datetime]]:
    today = instant.astimezone(zone).date()
    days = (today + timedelta(days=ahead) for ahead in range(-2, 20))
    return [
        (
            datetime.combine(day, hours.start, zone).astimezone(UTC),
            datetime.combine(day, hours.end, zone).astimezone(UTC),
        )
        for day in days
        if day.weekday() in hours.days
    ]
