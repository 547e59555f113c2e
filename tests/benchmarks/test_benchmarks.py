"""The benchmark runs and says what it should; how fast anything is, is not asked here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.checkout import HERE
from benchmarks.figures import Figure, Results
from benchmarks.picture import draw
from tests.support.stopwatch import PATIENCE

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]


def test_the_smallest_run_has_a_table_a_picture_and_every_figure() -> None:
    """Beside another checkout, which here is the same one."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks", "click", "--smallest"]
    command += ["--connections", "1", "--databases", "sqlite", "--beside", "."]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=10 * PATIENCE)
    assert run.returncode == 0, run.stderr
    assert "| click | SQLite, 1 connection: p50 |" in run.stdout
    assert (
        "| click | SQLite, 1 connection: bot's processor time for a click, with metrics"
        in run.stdout
    )
    commit = HERE.commit
    assert f"| click | SQLite, 1 connection: p50, beside {commit} |" in run.stdout
    written = run.stderr.rpartition("written: ")[2].partition("/latest.json")[0]
    results = json.loads(Path(written, "latest.json").read_text())
    assert results["about"]["rounds"] == 1
    assert all(figure["values"] for figure in results["figures"])
    assert Path(written, "benchmark.svg").read_text().startswith("<svg")


@pytest.mark.parametrize(
    ("target", "value", "verdict"),
    [("<= 2", 1.9, "reached"), ("<= 2", 2.1, "MISSED"), (">= 2", 2.1, "reached"), ("", 1, "")],
)
def test_a_target_stands_beside_its_figure(target: str, value: float, verdict: str) -> None:
    figure = Figure("click", "clicks", "/s", [value * 10], "floor", [10.0], target, "what we want")
    assert figure.verdict == verdict


def test_ratios_are_taken_round_by_round() -> None:
    results = Results()
    for value, floor in ((10, 5), (30, 10), (100, 25)):
        results.add("click", "clicks", "/s", value, ("floor", floor), ">= 3", "at least 3×")
    assert (
        "| click | clicks | 30.0 (10.0–100) /s | floor: 10.0 | 3.00× | at least 3× | reached |"
        in results.table()
    )
    assert "clicks" in draw(results, "today")
