"""Whether an expense can still be decided, and approved in all its stages."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.approval_plan import Approval, Plan, Progress, Stage
from bot.domain.errors import TryAgain
from bot.domain.expense import Expense, State
from bot.domain.obstacle import Kind, Obstacle
from bot.policy.approvers import Policy
from tests.support.rooms import SmallCompany

ADA, MINA, SAM, NOOR, GUS = "U0ADA", "U0MINA", "U0SAM", "U0NOOR", "U0GUS"
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Away:
    """Ada has delegated, perhaps; nobody else has."""

    def __init__(self, delegate: str | None) -> None:
        self._delegate = delegate

    async def delegators_of(self, person: str) -> frozenset[str]:
        return frozenset({ADA}) if person == self._delegate else frozenset()

    async def delegates_of(self, people: Collection[str]) -> dict[str, str]:
        return {ADA: self._delegate} if self._delegate and ADA in people else {}


def company() -> SmallCompany:
    groups = {
        "S0LEADS": frozenset({MINA, SAM}),
        "S0FINANCE": frozenset({NOOR, GUS, ADA}),
        "S0EMPTY": frozenset[str](),
    }
    known = SmallCompany(groups)
    known.gone = {"S0GONE"}
    return known


def asking(*stages: Stage, **changes: object) -> Expense:
    plan = Plan(rule="the rule", stages=stages) if stages else None
    known = Expense(
        id="e-1", state=State.CREATED, version=1, created_at=NOW, requester=ADA, plan=plan
    )
    return replace(known, decide_by=NOW + timedelta(days=3), **changes)


def stage(*asked: str, needed: int = 1, later: tuple[str, ...] = ()) -> Stage:
    after = timedelta(hours=1) if later else None
    return Stage(asked=asked, needed=needed, escalate_to=later, escalate_after=after)


def agreed(person: str, whose: str | None = None, number: int = 0) -> Approval:
    return Approval(person=person, on_behalf_of=whose or person, stage=number, at=NOW)


async def found(
    expense: Expense,
    known: SmallCompany | None = None,
    *,
    delegate: str | None = None,
    if_escalated: bool = False,
) -> Obstacle | None:
    policy = Policy((ADA,), known or company(), Away(delegate))
    return await policy.prospects.obstacle(expense, if_escalated=if_escalated)


@pytest.mark.parametrize(
    ("stages", "obstacle"),
    [
        ((stage(MINA),), None),
        ((), "nobody 0 0 1"),  # the only approver of the settings is the requester
        ((stage(ADA),), "nobody 0 0 1"),
        ((stage("S0EMPTY"),), "nobody 0 0 1"),
        ((stage("S0GONE"),), "nobody 0 0 1 S0GONE"),
        ((stage("S0GONE", MINA),), None),
        ((stage("S0LEADS", needed=2),), None),
        ((stage("S0LEADS", needed=3),), "too_few 0 2 3"),
        ((stage("S0FINANCE", needed=3),), "too_few 0 2 3"),  # Ada is one of them
        ((stage("S0LEADS", "S0GONE", needed=3),), "too_few 0 2 3 S0GONE"),
        ((stage("S0LEADS"), stage(MINA)), None),
        ((stage(MINA), stage(MINA)), "too_few_later 1 1 1"),
        ((stage(MINA), stage("S0EMPTY")), "too_few_later 1 0 1"),
        ((stage("S0LEADS", needed=2), stage("S0LEADS", NOOR, needed=2)), "too_few_later 1 3 2"),
        ((stage(MINA), stage("S0EMPTY", later=(SAM,))), None),
        ((stage(ADA, later=(SAM,)),), "nobody 0 0 1"),
    ],
)
async def test_people_are_counted_against_stages(
    stages: tuple[Stage, ...], obstacle: str | None
) -> None:
    read = await found(asking(*stages))
    assert (str(read) if read else None) == obstacle
    assert read is None or Obstacle.read(str(read)) == read


async def test_who_can_decide_after_an_escalation_counts_before_it_at_submission() -> None:
    expense = asking(stage(ADA, later=(SAM,)))
    assert await found(expense, if_escalated=True) is None
    escalated = replace(expense, progress=Progress(escalated=True))
    assert await found(escalated) is None


async def test_a_plan_that_asks_nobody_lacks_nobody() -> None:
    assert await found(replace(asking(), plan=Plan(rule="small"))) is None


async def test_who_has_left_does_not_count() -> None:
    known = company()
    known.former = {MINA}
    assert await found(asking(stage(MINA)), known) == Obstacle(kind=Kind.NOBODY)
    assert await found(asking(stage("S0LEADS")), known) is None
    assert await found(asking(stage("S0LEADS", needed=2)), known) == Obstacle(
        kind=Kind.TOO_FEW, left=1, needed=2
    )


async def test_as_few_people_are_looked_up_as_it_takes() -> None:
    known = company()
    known.groups["S0LEADS"] = frozenset(f"U0P{n:03}" for n in range(300))
    assert await found(asking(stage("S0LEADS", needed=2)), known) is None
    assert len(known.looked_up) == 2
    known.former = {f"U0P{n:03}" for n in range(10)}
    assert await found(asking(stage("S0LEADS", needed=2)), known) is None
    assert len(known.looked_up) < 20


@pytest.mark.parametrize(
    ("stages", "people"),
    [
        (("S0MANY", "S0LEADS", "S0FINANCE"), 3),
        (("S0MANY", "S0MANY", "S0MANY"), 3),
        (("S0LEADS", "S0LEADS"), 2),
        ((MINA, "S0LEADS"), 2),
        (("S0LEADS", MINA), 2),
    ],
)
async def test_people_of_all_stages_are_looked_up_at_the_same_time(
    stages: tuple[str, ...], people: int
) -> None:
    """A click waits for it, and Slack takes half a second for each answer."""
    known = company()
    known.groups["S0MANY"] = frozenset(f"U0A{number:03}" for number in range(30))
    assert await found(asking(*map(stage, stages)), known) is None
    assert (known.rounds, len(known.looked_up)) == (1, people)


async def test_who_stands_in_for_the_requester_does_not_count() -> None:
    assert await found(asking(stage(MINA)), delegate=MINA) == Obstacle(kind=Kind.NOBODY)
    assert await found(asking(stage("S0LEADS")), delegate=MINA) is None


async def test_nobody_counts_twice_neither_do_those_for_whom_somebody_decided() -> None:
    two = asking(stage("S0LEADS", needed=2))
    assert await found(replace(two, progress=Progress(approvals=(agreed(MINA),)))) is None
    for_mina = Progress(approvals=(agreed(SAM, MINA),))
    assert await found(replace(two, progress=for_mina)) == Obstacle(kind=Kind.NOBODY)


async def test_what_slack_does_not_tell_is_no_obstacle_and_no_way_out() -> None:
    known = company()
    known.silent = {"S0LEADS"}
    with pytest.raises(TryAgain):
        await found(asking(stage("S0LEADS")), known)


@pytest.mark.parametrize(
    ("stages", "person", "whose", "does"),
    [
        ((stage("S0LEADS"), stage(MINA)), MINA, MINA, True),
        ((stage("S0LEADS"), stage(MINA)), SAM, SAM, False),
        ((stage("S0LEADS"), stage(MINA)), GUS, MINA, True),  # for her, so she is used up, too
        ((stage("S0LEADS"), stage(MINA)), MINA, SAM, True),
        ((stage("S0LEADS"), stage(MINA, NOOR)), MINA, MINA, False),
        ((stage("S0LEADS"), stage("S0FINANCE", MINA, needed=3)), MINA, MINA, True),
        ((stage("S0LEADS"), stage("S0FINANCE", MINA, needed=2)), MINA, MINA, False),
        ((stage(MINA), stage(MINA)), MINA, MINA, False),  # it is stuck in any case
        ((stage(MINA, NOOR, needed=2), stage("S0FINANCE")), NOOR, NOOR, False),
    ],
)
async def test_an_approval_can_use_up_somebody_whom_a_later_stage_needs(
    stages: tuple[Stage, ...], person: str, whose: str, does: bool
) -> None:
    expense = asking(*stages)
    assert expense.plan
    progress, _ = expense.progress.with_approval(expense.plan, agreed(person, whose))
    prospects = Policy((), company(), Away(None)).prospects
    assert await prospects.uses_up(expense, progress) == does


async def test_an_obstacle_of_another_version_is_read_as_one_without_a_reason() -> None:
    assert Obstacle.read("eclipse of the moon") == Obstacle(kind=Kind.UNKNOWN)
