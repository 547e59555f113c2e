"""What is measured, how often and how large."""

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.checkout import Checkout

MEASURES = ("click", "paid", "waiting")
_BEGAN = time.monotonic()


@dataclass(frozen=True)
class Options:
    """What the command line asks for.

    Attributes:
        measures: which of the three.
        rounds: how often each figure is taken.
        scale: share of the full size.
        connections: at once, for clicks.
        databases: sqlite, postgresql.
        pending: numbers of waiting expenses.
        stores: of Temporal's server, memory or file.
        beside: another checkout, whose clicks and expenses are measured in the same rounds.
        publish: whether the committed results are replaced.
    """

    measures: tuple[str, ...] = MEASURES
    rounds: int = 3
    scale: float = 1.0
    connections: tuple[int, ...] = (1, 16, 64)
    databases: tuple[str, ...] = ("sqlite", "postgresql")
    pending: tuple[int, ...] = (0, 1_000, 10_000, 100_000)
    stores: tuple[str, ...] = ("memory", "file")
    beside: Checkout | None = None
    publish: bool = False

    def scaled(self, count: int) -> int:
        """Shrink a number of requests."""
        return max(4, round(count * self.scale))


def read_options(arguments: list[str] | None = None) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("measures", nargs="*", metavar="|".join(MEASURES), default=[])
    parser.add_argument("--quick", action="store_true", help="one round of a third of the size")
    parser.add_argument("--smallest", action="store_true", help="only see that everything works")
    parser.add_argument("--rounds", type=int, help="how often each figure is taken")
    parser.add_argument("--connections", help="such as 1,64")
    parser.add_argument("--databases", help="sqlite,postgresql")
    parser.add_argument("--pending", help="such as 0,1000,100000")
    parser.add_argument("--stores", help="of Temporal's server: memory,file")
    parser.add_argument("--beside", type=Path, help="a folder with another checkout to measure")
    parser.add_argument("--publish", action="store_true", help="replace the committed results")
    given = parser.parse_args(arguments)
    if unknown := set(given.measures) - set(MEASURES):
        parser.error(f"there is no measure called {unknown.pop()}; there are {', '.join(MEASURES)}")
    if given.beside and not (given.beside / "Procfile").is_file():
        parser.error(f"there is no Procfile in {given.beside}")
    rounds, scale, pending = 3, 1.0, Options.pending
    if given.quick:
        rounds, scale, pending = 1, 0.34, (0, 1_000, 10_000)
    if given.smallest:
        rounds, scale, pending = 1, 0.01, (0, 20)
    if given.pending:
        pending = tuple(int(number) for number in given.pending.split(","))
    return Options(
        measures=tuple(given.measures) or MEASURES,
        rounds=given.rounds or rounds,
        scale=scale,
        connections=_numbers(given.connections) or Options.connections,
        databases=_words(given.databases) or Options.databases,
        pending=pending,
        stores=_words(given.stores) or Options.stores,
        beside=Checkout(given.beside.resolve()) if given.beside else None,
        publish=given.publish,
    )


def _numbers(text: str | None) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(",")) if text else ()


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def tell(line: str) -> None:
    """Show progress."""
    sys.stderr.write(f"[{time.monotonic() - _BEGAN:6.1f} s] {line}\n")
    sys.stderr.flush()
