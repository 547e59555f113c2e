"""The published false alarms are what the flags of this version say of the same year."""

from pathlib import Path

from benchmarks.false_alarms import PEOPLE, PLANTED, company, table

POLICY = (Path(__file__).parents[2] / "docs/policy.md").read_text()


def test_the_published_figures_are_reproduced() -> None:
    assert table() in POLICY
    expenses = company()
    assert f"a made-up year of {PEOPLE} people" in POLICY
    assert f"{len(expenses):,} expenses, of which {4 * PLANTED} are" in POLICY
    assert sum(one.planted is not None for one in expenses) == 4 * PLANTED


def test_another_seed_is_another_year() -> None:
    assert company(1)[:100] != company()[:100]
