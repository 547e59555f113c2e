"""Fuzzes every public entrance: `python -m fuzz`."""

import argparse
import importlib.util
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

# The share of inputs for each entrance, in percent; the first three take most of the time.
SHARES = {
    "slack": 12,
    "worker": 12,
    "wire": 6,
    "expense form": 13,
    "one line": 13,
    "reject form": 6,
    "words forms": 4,
    "delegate form": 3,
    "money": 12,
    "policy": 4,
    "approvers": 6,
    "settings": 5,
    "reader": 4,
}


def main() -> int:
    """Fuzz one entrance after the other; the exit code is 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000, help="over all entrances")
    parser.add_argument("--seed", type=int, help="to repeat a run; chosen by chance otherwise")
    parser.add_argument("--only", choices=list(SHARES), help="one entrance")
    parser.add_argument("--folder", type=Path, help="for what is found")
    parser.add_argument("--plain", action="store_true", help="not guided by coverage")
    parser.add_argument("--postgres", action="store_true", help="instead of SQLite")
    options = parser.parse_args()
    number = random.randrange(2**31) if options.seed is None else options.seed
    folder = options.folder or Path(tempfile.mkdtemp(prefix="fuzz-"))
    is_guided = not options.plain and importlib.util.find_spec("atheris") is not None
    print(f"seed {number}; findings go to {folder}/findings", flush=True)
    print("guided by coverage" if is_guided else "by Hypothesis alone", flush=True)
    shares = {options.only: 100} if options.only else SHARES
    reports = {}
    for name, share in shares.items():
        arguments = [
            *("--inputs", str(-(-options.inputs * share // 100))),
            *("--seed", str(number), "--folder", str(folder)),
            *(["--guided"] if is_guided else []),
            *(["--postgres"] if options.postgres else []),
        ]
        reports[name] = _fuzz(name, arguments, folder)
    return _summary(reports, number)


def _fuzz(name: str, arguments: list[str], folder: Path) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    slug = name.replace(" ", "-")
    with (folder / f"{slug}.log").open("w") as log:
        code = subprocess.run(
            [sys.executable, "-m", "fuzz.one", name, *arguments], stderr=log, check=False
        ).returncode
    report = folder / f"{slug}.json"
    if code or not report.exists():
        died = f"the process ended with {code}: {folder}/{slug}.log"
        return {"inputs": 0, "seconds": 0.0, "findings": [died]}
    read: dict[str, Any] = json.loads(report.read_text())
    return read


def _summary(reports: dict[str, dict[str, Any]], number: int) -> int:
    print(f"\n{'entrance':<14}{'inputs':>9}{'seconds':>9}{'findings':>10}")
    for name, report in reports.items():
        found = len(report["findings"])
        print(f"{name:<14}{report['inputs']:>9,}{report['seconds']:>9.0f}{found:>10}")
        more = {key: report[key] for key in report.keys() - {"inputs", "seconds", "findings"}}
        for key in sorted(more):
            print(f"    {key}: {more[key]}")
    findings = [one for report in reports.values() for one in report["findings"]]
    total = sum(report["inputs"] for report in reports.values())
    print(f"\n{total:,} inputs, {len(findings)} findings, seed {number}")
    for one in findings:
        print(f"  {one}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
