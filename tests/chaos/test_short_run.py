"""A short run of the whole harness; `make chaos` is the long one."""

from pathlib import Path

from chaos.run import Options, run


async def test_a_short_run_loses_nothing(tmp_path: Path) -> None:
    options = Options(
        seed=1,
        expenses=20,
        kills=8,
        faults=20,
        short=True,
        folder=tmp_path,
        quiet_seconds=70,
    )
    told: list[str] = []
    outcome = await run(options, told.append)
    assert outcome.is_clean, "\n".join([*told[-20:], outcome.table])
    assert sum(outcome.facts.ledger.kills.values()) >= 6
    assert len(outcome.facts.expenses) >= 15
