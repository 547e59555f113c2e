"""Runs the benchmark: python -m benchmarks [click] [paid] [waiting] [--quick] ..."""

import asyncio
import importlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.checkout import HERE
from benchmarks.figures import Results
from benchmarks.options import Options, read_options, tell
from benchmarks.picture import draw
from sandbox.supervisor import StartError

RESULTS = Path(__file__).parent / "results"
PICTURE = Path(__file__).parents[1] / "docs" / "images" / "benchmark.svg"


async def run(options: Options, results: Results, write: Callable[[], None]) -> None:
    """Take every figure that is asked for, and write the results after each measure."""
    for name in options.measures:
        with tempfile.TemporaryDirectory(prefix="bench", ignore_cleanup_errors=True) as folder:
            measure = importlib.import_module(f"benchmarks.{name}").measure
            await measure(options, results, Path(folder))
        write()


def main() -> int:
    """Measure, print the table and write the files."""
    options, results = read_options(), Results()
    about: dict[str, object] = {
        "date": datetime.now(UTC).date().isoformat(),
        "rounds": options.rounds,
        "size": options.scale,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "commit": HERE.commit,
        **({"beside": options.beside.commit} if options.beside else {}),
        "load when it began": round(os.getloadavg()[0], 1),
    }
    heading = " · ".join(f"{name} {value}" for name, value in about.items())
    folder, picture = RESULTS, PICTURE
    if not options.publish:
        folder = Path(tempfile.mkdtemp(prefix="bench-results-"))
        picture = folder / "benchmark.svg"

    def write() -> None:
        (folder / "latest.json").write_text(results.to_json(about) + "\n")
        (folder / "latest.md").write_text(f"{heading}\n\n{results.table()}\n")
        picture.write_text(draw(results, heading))

    try:
        asyncio.run(run(options, results, write))
    except StartError as error:
        sys.exit(str(error))
    sys.stdout.write(f"\n{heading}\n\n{results.table()}\n\n")
    tell(f"written: {folder}/latest.json, latest.md and {picture}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
