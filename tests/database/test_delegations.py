"""Who stands in for whom, on both databases."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.database.delegations import MAX_DAYS, Delegations
from bot.domain.errors import InvalidInput
from tests.support.rooms import Rooms, rooms

ADA, BEA, CAL, DAN = "U0ADA", "U0BEA", "U0CAL", "U0DAN"
CROWD = [f"U0C{number}" for number in range(8)]


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Rooms]:
    async with rooms(database_url) as opened:
        yield opened


@pytest.fixture
def delegations(here: Rooms) -> Delegations:
    return here.delegations


def later(**ahead: float) -> datetime:
    return datetime.now(UTC) + timedelta(**ahead or {"hours": 1})


async def test_a_colleague_stands_in_until_then(delegations: Delegations) -> None:
    until = later()
    assert await delegations.begin(ADA, BEA, until) is None
    assert await delegations.of(ADA) == (BEA, until)
    assert await delegations.delegators_of(BEA) == {ADA}
    assert await delegations.delegates_of([ADA, BEA, CAL]) == {ADA: BEA}
    assert await delegations.of(BEA) is None


async def test_one_colleague_may_stand_in_for_several(delegations: Delegations) -> None:
    await delegations.begin(ADA, CAL, later())
    await delegations.begin(BEA, CAL, later())
    assert await delegations.delegators_of(CAL) == {ADA, BEA}


async def test_the_latest_counts_and_the_former_is_named(delegations: Delegations) -> None:
    await delegations.begin(ADA, BEA, later())
    until = later(hours=2)
    assert await delegations.begin(ADA, CAL, until) == BEA
    assert await delegations.begin(ADA, CAL, until) == CAL
    assert await delegations.of(ADA) == (CAL, until)
    assert await delegations.delegators_of(BEA) == frozenset()


async def test_it_can_be_ended_once(delegations: Delegations) -> None:
    await delegations.begin(ADA, BEA, later())
    assert await delegations.end(ADA) == BEA
    assert await delegations.end(ADA) is None
    assert await delegations.of(ADA) is None


async def test_it_ends_by_itself(delegations: Delegations) -> None:
    await delegations.begin(ADA, BEA, later(seconds=0.3))
    await asyncio.sleep(0.4)
    assert await delegations.of(ADA) is None
    assert await delegations.delegators_of(BEA) == frozenset()
    assert await delegations.delegates_of([ADA]) == {}
    assert await delegations.end(ADA) is None
    # What is over makes no chain.
    await delegations.begin(BEA, CAL, later())
    await delegations.begin(DAN, ADA, later())


@pytest.mark.parametrize(
    ("until", "words"),
    [
        (later(seconds=-1), "over already"),
        (later(days=-1000), "over already"),
        (later(days=MAX_DAYS + 1.1), "at most 90 days"),
        (datetime.max.replace(tzinfo=UTC), "at most 90 days"),
    ],
)
async def test_it_ends_in_a_time_to_come_and_not_too_late(
    delegations: Delegations, until: datetime, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words) as refusal:
        await delegations.begin(ADA, BEA, until)
    assert refusal.value.field == "until"
    assert await delegations.of(ADA) is None


async def test_nobody_stands_in_for_themselves(delegations: Delegations) -> None:
    with pytest.raises(InvalidInput, match="somebody other than yourself"):
        await delegations.begin(ADA, ADA, later())


async def test_there_are_no_chains_and_no_circles(delegations: Delegations) -> None:
    await delegations.begin(ADA, BEA, later())
    for person, delegate, words in (
        (BEA, CAL, "You stand in for a colleague"),
        (BEA, ADA, "They have delegated themselves"),
        (CAL, ADA, "They have delegated themselves"),
    ):
        with pytest.raises(InvalidInput, match=words):
            await delegations.begin(person, delegate, later())
    assert await delegations.delegates_of([ADA, BEA, CAL]) == {ADA: BEA}


async def test_a_refused_change_leaves_what_was(delegations: Delegations) -> None:
    await delegations.begin(ADA, BEA, later())
    await delegations.begin(CAL, DAN, until := later())
    with pytest.raises(InvalidInput):
        await delegations.begin(CAL, ADA, later(hours=2))
    assert await delegations.of(CAL) == (DAN, until)


@pytest.mark.parametrize("seed", range(5))
async def test_many_at_the_same_instant_make_no_chain_either(
    delegations: Delegations, seed: int
) -> None:
    dice = random.Random(seed)
    attempts = []
    for _ in range(60):
        person, delegate = dice.sample(CROWD, 2)
        ends = dice.random() < 0.2
        attempts.append(
            delegations.end(person) if ends else delegations.begin(person, delegate, later())
        )
    results = await asyncio.gather(*attempts, return_exceptions=True)
    for result in results:
        assert result is None or isinstance(result, str | InvalidInput), result
    assert any(isinstance(result, InvalidInput) for result in results)
    present = await delegations.delegates_of(CROWD)
    assert present
    assert not set(present) & set(present.values())


async def test_of_two_who_would_make_a_circle_one_is_refused(delegations: Delegations) -> None:
    for _ in range(10):
        results = await asyncio.gather(
            delegations.begin(ADA, BEA, later()),
            delegations.begin(BEA, ADA, later()),
            return_exceptions=True,
        )
        assert sum(isinstance(result, InvalidInput) for result in results) == 1
        await delegations.end(ADA)
        await delegations.end(BEA)


async def test_a_delegation_can_begin_later(delegations: Delegations) -> None:
    since, until = later(seconds=0.5), later(hours=2)
    assert await delegations.begin(ADA, BEA, until, since) is None
    assert await delegations.of(ADA) is None
    assert await delegations.coming(ADA) == (BEA, since, until)
    assert await delegations.delegators_of(BEA) == frozenset()
    # No chains at that time, and no obstacle for others before it.
    with pytest.raises(InvalidInput):
        await delegations.begin(BEA, CAL, until)
    with pytest.raises(InvalidInput):
        await delegations.begin(DAN, ADA, until)
    while not await delegations.of(ADA):
        await asyncio.sleep(0.05)
    assert datetime.now(UTC) >= since
    assert await delegations.of(ADA) == (BEA, until)
    assert await delegations.to(BEA) == {ADA: until}
    assert await delegations.coming(ADA) is None
    assert await delegations.end(ADA) == BEA
    assert await delegations.begin(ADA, BEA, later(hours=3), later(hours=2)) is None
    assert await delegations.begin(BEA, CAL, later(hours=1)) is None
    assert await delegations.end(ADA) == BEA
    with pytest.raises(InvalidInput, match="over before it begins"):
        await delegations.begin(ADA, DAN, later(hours=1), later(hours=2))
