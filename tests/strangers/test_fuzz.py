"""The short run of the fuzzing; `make fuzz` is the long one."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import strategies as st
from temporalio.testing import WorkflowEnvironment

from bot.domain import audit_events
from fuzz.case import Entrance
from fuzz.drive import plainly
from fuzz.findings import Findings
from fuzz.parsers import PARSERS
from fuzz.routes import open_routes

SEED = 1


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    # Hypothesis calls what is not async; the loop of the other tests stays as it is.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as made:
        yield made


def said(findings: Findings) -> str:
    return "\n\n".join(file.read_text() for file in findings.files)


@pytest.mark.parametrize("name", PARSERS)
def test_nothing_that_is_typed_breaks_a_parser(
    name: str, runner: asyncio.Runner, tmp_path: Path
) -> None:
    findings = Findings(tmp_path, name)
    plainly(PARSERS[name], findings, 200, SEED, runner)
    assert not findings.files, said(findings)
    assert findings.inputs >= 200


def test_no_request_breaks_the_bot_or_changes_what_it_may_not(
    temporal: WorkflowEnvironment, runner: asyncio.Runner, tmp_path: Path
) -> None:
    routes = open_routes(tmp_path, False, temporal)
    opened = runner.run(routes.__aenter__())
    try:
        for name, inputs in {"slack": 120, "worker": 100, "wire": 30}.items():
            findings = Findings(tmp_path, name)
            plainly(opened.entrance(name), findings, inputs, SEED, runner)
            assert not findings.files, said(findings)
    finally:
        runner.run(routes.__aexit__(None, None, None))
    assert opened.figures()["audit lines"] > 14


def test_what_goes_wrong_is_written_down_with_its_input(
    runner: asyncio.Runner, tmp_path: Path
) -> None:
    async def check(number: int) -> None:
        assert number < 1000

    findings = Findings(tmp_path / "new", "a number")
    plainly(Entrance("a number", st.integers(0, 2000), check), findings, 200, SEED, runner)
    [file] = findings.files
    assert "AssertionError" in file.read_text()


async def test_a_change_without_a_right_to_it_is_found(sqlite_url: str) -> None:
    """The oracle itself is tried: an approval of a stranger must not pass it."""
    from fuzz.watch import Watch
    from tests.support.rooms import MANAGER, rooms

    async with rooms(sqlite_url) as here:
        expense = await here.waiting()
        watch = Watch(here.database, {MANAGER})
        await watch.check(is_worker=True)
        for actor, people in (("U0STR", {"U0STR"}), (MANAGER, {"U0STR"})):
            await here.expenses.note(expense, event=audit_events.Decided("x"), actor=actor)
            with pytest.raises(AssertionError, match="without a right"):
                await watch.check(people)
        await here.expenses.note(expense, event=audit_events.Decided("x"), actor=MANAGER)
        await watch.check({MANAGER})
