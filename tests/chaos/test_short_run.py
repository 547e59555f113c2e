"""A short run of the whole harness; `make chaos` is the long one."""

from pathlib import Path

import pytest

from chaos.run import Options, run

pytestmark = pytest.mark.long


async def test_a_short_run_loses_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    options = Options(
        seed=1,
        expenses=8,
        kills=4,
        faults=8,
        misfortunes=3,
        short=True,
        folder=tmp_path,
        quiet_seconds=300,
    )
    told: list[str] = []
    outcome = await run(options, told.append)
    caplog.clear()  # the stand-in for Slack has much to say of unanswered clicks
    assert outcome.is_clean, "\n".join([*told[-20:], outcome.table])
    assert sum(outcome.facts.logbook.kills.values()) >= 3
    assert len(outcome.facts.expenses) >= 8
