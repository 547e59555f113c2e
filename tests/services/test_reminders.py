"""Reminders and escalations, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from sqlalchemy import update

from bot.database.schema import audit, expenses
from bot.domain import audit_events
from bot.domain.approval_plan import Progress, Stage
from bot.domain.audit_events import write_detail
from bot.domain.errors import AlreadyDecided, InvalidId, InvalidState, TryAgain
from bot.domain.expense import Decision, Expense, State
from bot.domain.people.locale import ANYBODY, Reader
from bot.domain.working_hours import WorkingHours
from bot.services.handovers import Handovers
from bot.services.reminders import Reminders
from tests.support.plans import planned
from tests.support.rooms import (
    LUNCH,
    MANAGER,
    OTHER_MANAGER,
    REQUESTER,
    Rooms,
    SmallCompany,
    caller,
    rooms,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CROWD = frozenset(f"U0P{number:02}" for number in range(30))
GROUPS = {
    "S0FINANCE": frozenset({"U0FAY", "U0FIN", REQUESTER}),
    "S0CROWD": CROWD,
    "S0LEADS": frozenset({"U0LEA", "U0FAY"}),
}
REMINDING = Stage(
    asked=(MANAGER, "S0FINANCE"), needed=2, remind_after=HOUR, remind_every=HOUR, remind_at_most=2
)


class People(SmallCompany):
    """Everybody reads English; some live elsewhere."""

    def __init__(self) -> None:
        super().__init__(GROUPS)
        self.zones: dict[str, str] = {}

    async def reader(self, person: str) -> Reader:
        zone = self.zones.get(person)
        return Reader(Locale("en"), ZoneInfo(zone)) if zone else ANYBODY


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url, groups=GROUPS) as opened:
        yield opened


def follow_ups(here: Rooms, people: People | None = None) -> Reminders:
    return Reminders(here.expenses, people or People(), here.policy, here.delegations)


async def follow_up(
    here: Rooms, expense: Expense, people: People | None = None
) -> timedelta | None:
    """Do what is due, and return how soon something is due again."""
    now = await here.expenses.get(expense.id)
    at = await follow_ups(here, people).follow_up(now)
    return at - datetime.now(UTC) if at else None


async def begun(here: Rooms, ago: timedelta, *stages: Stage) -> Expense:
    """Make an expense about which people were asked some time ago."""
    expense = await planned(here, *stages)
    await turn_back(here, expense, ago)
    return expense


async def turn_back(here: Rooms, expense: Expense, by: timedelta) -> None:
    """Let time go by: what has happened, has happened so much earlier."""
    now = await here.expenses.get(expense.id)
    assert now.progress.since
    earlier: Progress = replace(
        now.progress,
        since=now.progress.since - by,
        reminded=tuple(replace(line, at=line.at - by) for line in now.progress.reminded),
    )
    changed = await here.expenses.change(
        expense,
        expected={State.CREATED},
        event=audit_events.Unknown("turn_back"),
        actor="test",
        progress=earlier,
    )
    assert changed


async def told(here: Rooms, expense: Expense, event: str = "remind") -> list[str | None]:
    history = await here.expenses.history(expense.id)
    return [write_detail(entry.event) for entry in history if entry.event.stored_as == event]


def about(found: timedelta | None, expected: timedelta) -> bool:
    return found is not None and abs(found - expected) < timedelta(seconds=20)


async def test_nobody_is_reminded_too_early(here: Rooms) -> None:
    expense = await begun(here, HOUR / 2, REMINDING)
    assert about(await follow_up(here, expense), HOUR / 2)
    assert await told(here, expense) == []


async def test_who_gets_it_after_the_last_reminder_is_reminded_too(here: Rooms) -> None:
    stage = replace(REMINDING, asked=(MANAGER,), needed=1, remind_at_most=1)
    expense = await begun(here, HOUR, stage)
    assert await follow_up(here, expense) is None
    handovers = Handovers(here.expenses, here.decisions, here.policy)
    await handovers.forward(expense.id, MANAGER, "U0KIM")
    assert about(await follow_up(here, expense), HOUR)


async def test_who_has_left_is_not_reminded(here: Rooms) -> None:
    class Left(People):
        async def is_full_member(self, person: str) -> bool:
            return person not in ("U0FAY", "U0DELEGATE")

    expense = await begun(here, HOUR, REMINDING)
    await here.delegations.begin("U0FIN", "U0DELEGATE", datetime.now(UTC) + DAY)
    assert about(await follow_up(here, expense, Left()), HOUR)
    assert await told(here, expense) == [f"U0FIN {MANAGER}"]


async def test_who_has_not_decided_is_reminded_so_often_and_no_more(here: Rooms) -> None:
    expense = await begun(here, HOUR, REMINDING)
    assert about(await follow_up(here, expense), HOUR)
    everybody = f"U0FAY U0FIN {MANAGER}"
    assert await told(here, expense) == [everybody]
    # An answer that was lost is asked for again, and nobody is reminded again.
    assert about(await follow_up(here, expense), HOUR)
    assert await told(here, expense) == [everybody]
    await here.decisions.decide(expense.id, Decision.APPROVED, "U0FAY")
    await turn_back(here, expense, HOUR)
    assert await follow_up(here, expense) is None
    assert await told(here, expense) == [everybody, f"U0FIN {MANAGER}"]
    await turn_back(here, expense, DAY)
    assert await follow_up(here, expense) is None
    assert len(await told(here, expense)) == 2


async def test_a_single_reminder(here: Rooms) -> None:
    expense = await begun(here, HOUR, Stage(asked=(MANAGER,), remind_after=HOUR))
    assert await follow_up(here, expense) is None
    await turn_back(here, expense, DAY)
    assert await follow_up(here, expense) is None
    assert await told(here, expense) == [MANAGER]


async def test_two_who_follow_up_at_once_remind_once(here: Rooms) -> None:
    stage = replace(REMINDING, escalate_after=HOUR, escalate_to=("S0LEADS",))
    expense = await begun(here, HOUR, stage)
    await asyncio.gather(*(follow_up(here, expense) for _ in range(10)))
    for _ in range(2):
        await follow_up(here, expense)
    assert await told(here, expense, "escalate") == ["S0LEADS"]
    assert await told(here, expense) == [f"U0FAY U0FIN {MANAGER}"]


async def test_others_are_asked_once_and_reminded_when_it_is_their_time(here: Rooms) -> None:
    stage = Stage(
        asked=(MANAGER,),
        remind_after=HOUR,
        escalate_after=3 * HOUR,
        escalate_to=("S0LEADS",),
    )
    expense = await begun(here, 3 * HOUR, stage)
    assert about(await follow_up(here, expense), HOUR)
    assert await told(here, expense, "escalate") == ["S0LEADS"]
    # Whoever has just been asked is not reminded in the same breath.
    assert await told(here, expense) == [MANAGER]
    assert (await here.expenses.get(expense.id)).progress.escalated
    await turn_back(here, expense, HOUR)
    assert await follow_up(here, expense) is None
    assert await told(here, expense) == [MANAGER, "U0FAY U0LEA"]
    approved = await here.decisions.decide(expense.id, Decision.APPROVED, "U0LEA")
    assert approved.state is State.APPROVED
    assert await told(here, expense, "escalate") == ["S0LEADS"]


async def test_substitutes_are_reminded_in_place_of_who_is_away(here: Rooms) -> None:
    tomorrow = datetime.now(UTC) + DAY
    await here.delegations.begin(MANAGER, "U0DEL", tomorrow)
    await here.delegations.begin("U0FIN", "U0DEL", tomorrow)
    expense = await begun(here, HOUR, REMINDING)
    await follow_up(here, expense)
    assert await told(here, expense) == ["U0FAY U0DEL"]
    # Who has agreed in one seat cannot take the other, so its owner is reminded.
    await here.decisions.decide(expense.id, Decision.APPROVED, "U0DEL")
    seat = (await here.expenses.get(expense.id)).progress.approvals[0].on_behalf_of
    await turn_back(here, expense, HOUR)
    await follow_up(here, expense)
    left = "U0FIN" if seat == MANAGER else MANAGER
    assert (await told(here, expense))[1] == " ".join(sorted(["U0FAY", left]))


async def test_requesters_are_not_reminded_of_their_own(here: Rooms) -> None:
    tomorrow = datetime.now(UTC) + DAY
    await here.delegations.begin(MANAGER, REQUESTER, tomorrow)  # they could decide nothing
    expense = await begun(here, HOUR, REMINDING)
    await follow_up(here, expense)
    assert await told(here, expense) == [f"U0FAY U0FIN {MANAGER}"]


async def test_whoever_stands_in_for_the_requester_is_not_reminded(here: Rooms) -> None:
    await here.delegations.begin(REQUESTER, OTHER_MANAGER, datetime.now(UTC) + DAY)
    stage = Stage(asked=(MANAGER, OTHER_MANAGER), remind_after=HOUR)
    expense = await begun(here, HOUR, stage)
    await follow_up(here, expense)
    assert await told(here, expense) == [MANAGER]


async def test_everybody_is_reminded_in_their_own_working_hours(here: Rooms) -> None:
    """Two zones between which it is always somebody's night."""
    people, now = People(), datetime.now(UTC)
    noon = [name for name in _ZONES if now.astimezone(ZoneInfo(name)).hour in (11, 12, 13)]
    night = [name for name in _ZONES if now.astimezone(ZoneInfo(name)).hour in (23, 0, 1)]
    people.zones = {MANAGER: noon[0], OTHER_MANAGER: night[0]}
    always = WorkingHours(start=time(9), end=time(17), days=tuple(range(7)))
    stage = Stage(asked=(MANAGER, OTHER_MANAGER), remind_after=HOUR, working_hours=always)
    expense = await begun(here, HOUR, stage)
    again = await follow_up(here, expense, people)
    assert await told(here, expense) == [MANAGER]
    assert again
    assert 7 * HOUR < again < 11 * HOUR
    # It is the hours of who is told that count.
    await here.delegations.begin(OTHER_MANAGER, "U0DEL", datetime.now(UTC) + DAY)
    people.zones["U0DEL"] = noon[0]
    assert await follow_up(here, expense, people) is None
    assert await told(here, expense) == [MANAGER, "U0DEL"]


_ZONES = [f"Etc/GMT{offset:+}" for offset in range(-14, 13)]


@pytest.mark.parametrize(("channel", "names"), [("C0CROWD", 1), (None, 30)])
async def test_a_large_group_is_named_as_one_in_a_channel_only(
    here: Rooms, channel: str | None, names: int
) -> None:
    stage = Stage(asked=("S0CROWD",), channel=channel, remind_after=HOUR)
    expense = await begun(here, HOUR, stage)
    assert await follow_up(here, expense) is None
    [detail] = await told(here, expense)
    assert len((detail or "").split()) == names


async def test_a_later_stage_begins_its_own_time(here: Rooms) -> None:
    second = Stage(asked=("U0FIN",), remind_after=2 * HOUR)
    expense = await begun(here, HOUR, Stage(asked=(MANAGER,), remind_after=HOUR), second)
    # Nobody looks for the next stage, whose beginning is a change.
    assert await follow_up(here, expense) is None
    await here.decisions.decide(expense.id, Decision.APPROVED, MANAGER)
    assert about(await follow_up(here, expense), 2 * HOUR)
    await turn_back(here, expense, 2 * HOUR)
    assert await follow_up(here, expense) is None
    assert await told(here, expense) == [MANAGER, "U0FIN"]


async def test_a_group_that_cannot_be_read_keeps_nobody_beside_it_from_being_reminded(
    here: Rooms,
) -> None:
    people = People()
    people.silent = {"S0FINANCE"}
    expense = await begun(here, HOUR, REMINDING)
    with pytest.raises(TryAgain):  # delivery comes back for the rest
        await follow_up(here, expense, people)
    assert await told(here, expense) == [MANAGER]
    people.silent, people.gone = set(), {"S0FINANCE"}
    assert about(await follow_up(here, expense, people), HOUR)


async def test_what_does_not_wait_needs_no_looks(here: Rooms) -> None:
    expense = await begun(here, HOUR, REMINDING)
    await here.decisions.decide(expense.id, Decision.REJECTED, MANAGER)
    assert await follow_up(here, expense) is None
    withdrawn = await begun(here, HOUR, REMINDING)
    await here.submissions.withdraw(withdrawn.id, REQUESTER)
    assert await follow_up(here, withdrawn) is None


async def test_without_a_rule_people_are_reminded_in_working_hours_five_times(here: Rooms) -> None:
    people, now = People(), datetime.now(UTC)
    noon = next(name for name in _ZONES if now.astimezone(ZoneInfo(name)).hour == 12)
    # All three whom the setting names are asked, as another service began this expense.
    everybody = (MANAGER, OTHER_MANAGER, REQUESTER)
    people.zones = dict.fromkeys(everybody, noon)
    is_weekend = now.astimezone(ZoneInfo(noon)).weekday() > 4
    expense = await here.waiting(now + 30 * DAY)
    again = await follow_up(here, expense, people)
    assert again
    assert again > DAY - timedelta(seconds=20)
    assert await told(here, expense) == []
    for _ in range(6):
        await turn_back(here, expense, 5 * DAY)
        again = await follow_up(here, expense, people)
    assert await told(here, expense) == [" ".join(everybody)] * (0 if is_weekend else 5)
    assert bool(again) == is_weekend  # then it is put off until Monday


async def nudge(here: Rooms, expense: Expense, who: str = REQUESTER) -> tuple[str, ...]:
    return await follow_ups(here).nudge(expense.id, who)


async def test_requesters_remind_those_who_have_not_decided(here: Rooms) -> None:
    expense = await begun(here, HOUR / 2, REMINDING)
    await here.delegations.begin("U0FIN", "U0DEL", datetime.now(UTC) + DAY)
    await here.decisions.decide(expense.id, Decision.APPROVED, "U0FAY")
    assert await nudge(here, expense) == ("U0DEL", MANAGER)
    assert await told(here, expense, "nudge") == [f"U0DEL {MANAGER}"]
    # It counts for nothing else.
    assert await told(here, expense) == []
    assert (await here.expenses.get(expense.id)).progress.reminded == ()


async def test_requesters_remind_of_what_a_bot_of_the_version_before_asked(here: Rooms) -> None:
    expense = await here.submissions.submit(REQUESTER, LUNCH, "view 1")
    await here.workflow_calls.create(expense.id, caller(expense.id))
    await here.workflow_calls.register_callback(expense.id, b"token", caller(expense.id))
    await here.database.execute(update(expenses).values(progress=None))
    assert await nudge(here, expense) == (MANAGER, OTHER_MANAGER)


async def test_requesters_remind_once_a_day_however_often_they_click(here: Rooms) -> None:
    expense = await begun(here, HOUR, REMINDING)
    clicks = (nudge(here, expense) for _ in range(8))
    answers = await asyncio.gather(*clicks, return_exceptions=True)
    assert sum(isinstance(answer, InvalidState) for answer in answers) == 7
    assert len(await told(here, expense, "nudge")) == 1
    line = update(audit).where(audit.c.event == "nudge")
    async with here.database.writing() as connection:
        await connection.execute(line.values(at=datetime.now(UTC) - DAY))
    assert await nudge(here, expense)


async def test_nobody_reminds_of_what_is_not_theirs_or_not_open(here: Rooms) -> None:
    expense = await begun(here, HOUR, REMINDING)
    with pytest.raises(InvalidId):
        await nudge(here, expense, MANAGER)
    await here.decisions.decide(expense.id, Decision.REJECTED, MANAGER)
    for closed in (expense, await here.submissions.submit(REQUESTER, LUNCH, "view 1")):
        with pytest.raises(AlreadyDecided):
            await nudge(here, closed)
    alone = await begun(here, HOUR, Stage(asked=("S0EMPTY",)))
    with pytest.raises(InvalidState, match="Nobody who may decide"):
        await nudge(here, alone)
    late = await planned(here, REMINDING, decide_by=datetime.now(UTC))
    with pytest.raises(AlreadyDecided):
        await nudge(here, late)


async def test_what_waited_before_there_were_such_reminders_has_none(here: Rooms) -> None:
    expense = await here.waiting()
    changed = await here.expenses.change(
        expense, event=audit_events.Unknown("older"), actor="test", progress=Progress()
    )
    assert changed
    assert await follow_up(here, changed) is None


async def test_nobody_is_reminded_before_they_are_asked_or_after_the_window(here: Rooms) -> None:
    created = [await here.created(), await here.submissions.submit(REQUESTER, LUNCH, "view 1")]
    assert [await follow_up(here, expense) for expense in created] == [None] * 2
    past = datetime.now(UTC) - timedelta(seconds=1)
    late = await planned(here, REMINDING, decide_by=past)
    await turn_back(here, late, DAY)
    assert await follow_up(here, late) is None
    assert await told(here, late) == []


async def test_a_reminder_against_an_approval(here: Rooms) -> None:
    for _ in range(5):
        expense = await begun(here, HOUR, REMINDING)
        await asyncio.gather(
            follow_up(here, expense),
            here.decisions.decide(expense.id, Decision.APPROVED, "U0FAY"),
            here.workflow_calls.register_callback(expense.id, b"again", caller(expense.id)),
        )
        await follow_up(here, expense)
        progress = (await here.expenses.get(expense.id)).progress
        assert [line.person for line in progress.approvals] == ["U0FAY"]
        assert {line.person for line in progress.reminded} >= {"U0FIN", MANAGER}
        assert all(line.count == 1 for line in progress.reminded)
