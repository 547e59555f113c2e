"""The list of findings: asked for by many, told to the log when it changes."""

import asyncio
import logging
from collections.abc import Sequence

import pytest

from bot.diagnostics.diagnostics import Check, Diagnostics
from bot.domain.errors import TryAgain
from bot.domain.health.findings import Finding, Level, well, worst
from tests.support.stopwatch import PATIENCE

WELL = [well("Slack", "the token is good")]
SECRET = "s3cr3t"


def wrong(what: str, level: Level = Level.ERROR, **more: object) -> list[Finding]:
    return [Finding(part="Slack", level=level, what=what, do="Mend it.", **more)]  # type: ignore[arg-type]


class Part:
    """Something that is looked at."""

    def __init__(self, *answers: Sequence[Finding] | Exception) -> None:
        self.answers = list(answers)
        self.looks = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def look(self) -> Sequence[Finding]:
        self.looks += 1
        await self.gate.wait()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def check(self, good_for: float = 0) -> Check:
        return Check(part="Slack", look=self.look, good_for=good_for)


async def told(caplog: pytest.LogCaptureFixture, *answers: Sequence[Finding] | Exception) -> str:
    """What the log says of answers that come one after the other."""
    caplog.set_level(logging.INFO)
    diagnostics = Diagnostics([Part(*answers).check()])
    for _ in answers:
        await diagnostics.tell()
    return "\n".join(f"{r.levelname} {r.message}" for r in caplog.records)


async def test_what_is_wrong_is_told_once_and_that_it_is_mended_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert await told(caplog, wrong("no scope"), wrong("no scope"), WELL, WELL) == (
        "ERROR Slack: no scope. Mend it.\n"
        "INFO Slack: no longer: no scope\n"
        "INFO everything that an expense needs works"
    )


async def test_a_number_that_grows_is_not_told_again(caplog: pytest.LogCaptureFixture) -> None:
    answers = [wrong(f"{n} wait", Level.WARNING, key="wait") for n in range(3)]
    assert await told(caplog, *answers) == "WARNING Slack: 0 wait. Mend it."


async def test_what_cannot_be_looked_at_is_not_mended_by_that(
    caplog: pytest.LogCaptureFixture,
) -> None:
    said = await told(caplog, wrong("no scope"), TryAgain("Wait."), wrong("no scope"))
    assert said == "ERROR Slack: no scope. Mend it."


async def test_a_process_that_starts_at_the_same_time_is_not_missed_at_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    late = wrong("no worker", comes_later=True)
    assert await told(caplog, late) == ""
    assert await told(caplog, late, late) == "ERROR Slack: no worker. Mend it."


async def test_a_part_that_fails_in_a_way_that_nobody_foresaw_takes_nothing_from_the_others() -> (
    None
):
    broken, sound = Part(RuntimeError(SECRET)), Part(WELL)
    findings = await Diagnostics([broken.check(), sound.check()]).findings()
    assert findings[1:] == WELL
    assert findings[0].level is Level.UNKNOWN
    assert SECRET not in findings[0].what
    assert worst(findings) is Level.UNKNOWN


async def test_what_takes_long_is_shown_to_the_next_who_asks() -> None:
    slow, quick = Part(wrong("gone")), Part(WELL)
    slow.gate.clear()
    diagnostics = Diagnostics([slow.check(PATIENCE), quick.check()])
    first = await diagnostics.findings(patience=0.01)
    assert [finding.level for finding in first] == [Level.UNKNOWN, Level.OK]
    slow.gate.set()
    assert await diagnostics.findings() == [*wrong("gone"), *WELL]
    assert slow.looks == 1


async def test_many_who_ask_make_one_look() -> None:
    part = Part(WELL)
    diagnostics = Diagnostics([part.check(PATIENCE)])
    await asyncio.gather(*(diagnostics.findings() for _ in range(20)))
    await diagnostics.findings()
    assert part.looks == 1


async def test_a_look_under_way_ends_with_the_bot() -> None:
    part = Part(WELL)
    part.gate.clear()
    diagnostics = Diagnostics([part.check()])
    await diagnostics.findings(patience=0.01)
    diagnostics.close()
    [finding] = await diagnostics.findings(patience=0.01)
    assert finding.level is Level.UNKNOWN
    diagnostics.close()


def test_before_the_start_what_comes_later_is_no_error() -> None:
    [late], [now] = wrong("no worker", comes_later=True), wrong("no scope")
    assert late.before_the_start().level is Level.WARNING
    assert now.before_the_start().level is Level.ERROR
