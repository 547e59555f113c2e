"""The plan: the same for the same seed, and as much as was asked for."""

import pytest

from chaos.misfortunes import MISFORTUNES
from chaos.schedule import STEPS, Befall, Kill, SlackFault, plan


def test_the_same_seed_makes_the_same_plan() -> None:
    assert plan(7, 120, 620) == plan(7, 120, 620)
    assert plan(7, 120, 620) != plan(8, 120, 620)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_there_is_as_much_as_was_asked_for_and_every_step_is_struck(seed: int) -> None:
    strikes = plan(seed, 120, 620, 100, kinds=[*MISFORTUNES])
    kills = [strike for strike in strikes if isinstance(strike, Kill)]
    faults = [strike for strike in strikes if not isinstance(strike, Kill | Befall)]
    misfortunes = [strike.misfortune for strike in strikes if isinstance(strike, Befall)]
    assert len(misfortunes) == 100
    assert {*misfortunes} == {*MISFORTUNES}
    assert sum(len(kill.victims) + bool(kill.step) for kill in kills) >= 120
    assert sum(f.times if isinstance(f, SlackFault) else 1 for f in faults) >= 620
    assert {kill.step for kill in kills} >= set(STEPS)
    assert [strike.at for strike in strikes] == sorted(strike.at for strike in strikes)
    assert all(str(strike) for strike in strikes)
