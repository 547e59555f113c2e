"""Makes inputs for an entrance: by Hypothesis, and guided by coverage where Atheris runs."""

import asyncio
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from fuzz.case import Entrance
from fuzz.findings import Findings

PROGRESS_SECONDS = 5.0
# Hypothesis draws its choices from these many bytes.
MAX_BYTES = 4096
FIRST_BYTES = 200

Report = Callable[[], None]


def plainly(
    entrance: Entrance, findings: Findings, inputs: int, number: int, runner: asyncio.Runner
) -> None:
    """Throw inputs that Hypothesis makes from a seed.

    Args:
        entrance: what they are thrown at.
        findings: keeps what goes wrong.
        inputs: how many.
        number: the seed; the same one makes the same inputs.
        runner: runs the checks.
    """
    tell = _progress(entrance, findings, inputs)

    def one(thrown: Any) -> None:
        if not findings.is_full:
            runner.run(findings.guard(entrance.check, thrown))
            tell()

    # Hypothesis stops sooner when it believes that it has seen every input.
    while findings.inputs < inputs and not findings.is_full:
        number += 1
        _test(entrance, one, inputs - findings.inputs, number)()


def guided(
    entrance: Entrance,
    findings: Findings,
    inputs: int,
    number: int,
    runner: asyncio.Runner,
    end: Report,
    folder: Path,
) -> None:
    """Throw inputs that Atheris makes where they reach new code; ends the process.

    Args:
        entrance: what they are thrown at.
        findings: keeps what goes wrong.
        inputs: how many.
        number: the seed.
        runner: runs the checks.
        end: called at the end, to leave the process.
        folder: for the inputs that reached new code.
    """
    import atheris

    tell = _progress(entrance, findings, inputs)

    def one(thrown: Any) -> None:
        runner.run(findings.guard(entrance.check, thrown))
        tell()

    test = _test(entrance, one, 1, number)

    def from_bytes(data: bytes) -> None:
        test.hypothesis.fuzz_one_input(data)
        if findings.inputs >= inputs or findings.is_full:
            end()

    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    dice = random.Random(number)
    for place in range(FIRST_BYTES):
        (corpus / f"first-{place}").write_bytes(dice.randbytes(dice.randint(64, MAX_BYTES)))
    options = [
        f"-seed={number or 1}",
        f"-max_len={MAX_BYTES}",
        "-len_control=0",
        "-rss_limit_mb=4096",
        f"-artifact_prefix={folder}/",
        str(corpus),
    ]
    atheris.Setup([sys.argv[0], *options], from_bytes)
    atheris.Fuzz()


def _test(entrance: Entrance, one: Callable[[Any], None], inputs: int, number: int) -> Any:
    limits = settings(
        max_examples=inputs,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    def throw(thrown: Any) -> None:
        one(thrown)

    return seed(number)(limits(given(entrance.inputs)(throw)))


def _progress(entrance: Entrance, findings: Findings, inputs: int) -> Report:
    started = told = time.monotonic()

    def tell() -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= PROGRESS_SECONDS:
            told = now
            rate = findings.inputs / (now - started)
            print(
                f"  {entrance.name}: {findings.inputs:,} of {inputs:,} inputs, "
                f"{rate:,.0f}/s, {len(findings.files)} findings",
                flush=True,
            )

    return tell
