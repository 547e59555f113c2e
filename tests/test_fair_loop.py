"""The clock of the tests' event loop ignores what a busy machine does to it."""

import asyncio
import time

import pytest

from tests.support.fair_loop import GRACE, FairClock
from tests.support.stopwatch import Stopwatch


class Machine:
    """A machine on which this process works, waits, or is kept off the CPU."""

    def __init__(self) -> None:
        self.wall, self.worked = 100.0, 0.0
        self.clock = FairClock(lambda: self.wall, lambda: self.worked)
        self.began = self.clock.time()

    def work(self, seconds: float) -> None:
        self.wall, self.worked = self.wall + seconds, self.worked + seconds

    def starve(self, seconds: float) -> None:
        self.wall += seconds

    def wait(self, asked: float | None, took: float) -> None:
        self.clock.wait(lambda: self.starve(took), asked)

    @property
    def passed(self) -> float:
        return self.clock.time() - self.began


@pytest.mark.parametrize(
    ("asked", "took", "passed"),
    [
        (1.0, 1.0, 1.0),
        (1.0, 0.25, 0.25),  # something happened
        (1.0, 9.0, 1.0 + GRACE),  # and nobody was there to wake up
        (0.0, 9.0, GRACE),
        (None, 9.0, 9.0),
    ],
)
def test_no_more_than_was_asked_for_passes(asked: float | None, took: float, passed: float) -> None:
    machine = Machine()
    machine.wait(asked, took)
    assert machine.passed == pytest.approx(passed)


def test_between_waits_work_is_what_counts() -> None:
    machine = Machine()
    machine.work(2)
    machine.starve(5)
    machine.wait(1.0, 1.0)
    machine.work(3)
    machine.starve(5)
    assert machine.passed == pytest.approx(6)


def off_the_cpu(seconds: float) -> None:
    time.sleep(seconds)


async def test_every_test_has_such_a_loop() -> None:
    watch, began = Stopwatch(), time.monotonic()
    await asyncio.sleep(0.05)
    off_the_cpu(0.5)
    async with asyncio.timeout(0.3):
        await asyncio.sleep(0.05)
    assert 0.1 <= watch.seconds < 0.5 <= time.monotonic() - began
