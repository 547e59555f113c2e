"""Runs the harness: `python -m chaos --help`."""

import argparse
import asyncio
import logging
import sys
import time
from pathlib import Path

from chaos.recovery import recover
from chaos.run import Options, run
from sandbox.programs import ROOT


def main() -> int:
    """Run what the command line asks for; the exit code is 1 if anything was lost."""
    parser = argparse.ArgumentParser(
        prog="python -m chaos",
        description="Runs the whole system under a crowd of employees and managers, kills it "
        "again and again, and counts what was lost.",
    )
    parser.add_argument(
        "what",
        nargs="?",
        choices=("run", "recovery"),
        default="run",
        help="run (the default), or measure how soon killed bots are back",
    )
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same plan")
    parser.add_argument("--expenses", type=int, help="how many are asked for (1000, short: 30)")
    parser.add_argument("--kills", type=int, help="at least how many kills (130, short: 14)")
    parser.add_argument("--faults", type=int, help="at least how many faults (620, short: 40)")
    parser.add_argument("--misfortunes", type=int, help="how many misfortunes (114, short: 19)")
    parser.add_argument("--short", action="store_true", help="less of everything, in two minutes")
    parser.add_argument("--folder", type=Path, help="where logs and databases are left")
    given = parser.parse_args()
    folder = given.folder or ROOT / ".chaos" / f"seed-{given.seed}-{time.strftime('%H%M%S')}"
    folder.mkdir(parents=True)
    options = Options(
        seed=given.seed,
        expenses=given.expenses or (30 if given.short else 1000),
        kills=given.kills or (14 if given.short else 130),
        faults=given.faults or (40 if given.short else 620),
        misfortunes=given.misfortunes or (19 if given.short else 114),
        short=given.short,
        folder=folder.resolve(),
        quiet_seconds=100 if given.short else 300,
    )
    # What the stand-in Slack refuses is part of the run, and not of its report.
    logging.basicConfig(filename=folder / "harness.txt", level=logging.WARNING)
    began = time.monotonic()

    def tell(line: str) -> None:
        sys.stdout.write(f"{time.monotonic() - began:6.1f} s  {line}\n")
        sys.stdout.flush()

    if given.what == "recovery":
        recovery = asyncio.run(recover(options.folder, tell))
        sys.stdout.write(f"\n{recovery}\n")
        return 0 if recovery.is_quick else 1
    tell(f"seed {options.seed}; everything is left in {options.folder}")
    outcome = asyncio.run(run(options, tell))
    sys.stdout.write(f"\n{outcome.table}\n\nLogs and databases: {options.folder}\n")
    return 0 if outcome.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
