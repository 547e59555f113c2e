"""Fuzzes one entrance in a process of its own: `python -m fuzz.one`, run by `python -m fuzz`."""

import argparse
import asyncio
import json
import os
import sys
import time
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fuzz.case import Entrance

ROUTES = ("slack", "worker", "wire")


def main() -> None:
    """Fuzz, and write the figures into a file."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.one", description=__doc__)
    parser.add_argument("entrance")
    parser.add_argument("--inputs", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--guided", action="store_true")
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    with _instrumented(options.guided):
        from fuzz.drive import guided, plainly
        from fuzz.findings import Findings

        findings = Findings(options.folder / "findings", options.entrance)
        started = time.monotonic()
        runner = asyncio.Runner()
        entrance, stack, figures = runner.run(_open(options))

    def end() -> None:
        runner.run(findings.guard(lambda _: stack.aclose(), "the whole run"))
        report = {
            "inputs": findings.inputs - 1,
            "seconds": time.monotonic() - started,
            "findings": sorted(map(str, findings.files)),
            **figures(),
        }
        name = f"{options.entrance.replace(' ', '-')}.json"
        (options.folder / name).write_text(json.dumps(report))
        sys.stdout.flush()
        # Temporal's threads outlive the loop, and libFuzzer would exit by itself.
        os._exit(0)

    common = (entrance, findings, options.inputs, options.seed, runner)
    if options.guided:
        guided(*common, end, options.folder / options.entrance.replace(" ", "-"))
    plainly(*common)
    end()


@contextmanager
def _instrumented(is_guided: bool) -> Any:
    """Let Atheris see which of our code an input reaches."""
    if not is_guided:
        yield
        return
    import atheris

    with atheris.instrument_imports(include=["bot", "slack_bolt"], enable_loader_override=False):
        yield


async def _open(options: argparse.Namespace) -> "tuple[Entrance, AsyncExitStack, Any]":
    stack = AsyncExitStack()
    if options.entrance not in ROUTES:
        from fuzz.parsers import PARSERS

        return PARSERS[options.entrance], stack, dict
    from fuzz.routes import open_routes

    target = await stack.enter_async_context(open_routes(options.folder, options.postgres))
    return target.entrance(options.entrance), stack, target.figures


if __name__ == "__main__":
    main()
