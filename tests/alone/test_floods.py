"""The short run of the floods; `make flood` is the long one."""

from pathlib import Path

from fuzz.flood import MAX_GROWTH_MB, SLACK_SECONDS, running


async def test_managers_are_acknowledged_while_strangers_flood(
    temporal_address: str, tmp_path: Path
) -> None:
    async with running(tmp_path, temporal_address) as target:
        before = target.megabytes()
        for name in ("unsigned", "right key", "slow bodies", "idle"):
            figures = await target.attack(name, 0.6)
            assert figures.clicks, name
            assert figures.lost == 0, figures.row()
            assert max(figures.clicks) < SLACK_SECONDS, figures.row()
            assert "500" not in figures.answers, figures.row()
        assert target.megabytes() - before < MAX_GROWTH_MB
    # A flood of refusals is a few lines.
    assert (tmp_path / "bot.log").stat().st_size < 500_000
