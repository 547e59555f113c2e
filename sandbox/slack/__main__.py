"""python -m sandbox.slack: run the stand-in Slack without a payment endpoint."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sandbox.slack.config import WorkspaceConfig
from sandbox.slack.manifest import MANIFEST, Manifest
from sandbox.slack.server import FakeSlack

Server = TypeVar("Server", bound=FakeSlack)


def main(
    server: type[Server], module: str, prepare: Callable[[Server], None] = lambda _: None
) -> None:
    """Run a workspace until SIGTERM or Ctrl-C.

    Args:
        server: the class of the workspace.
        module: the module that is run, for the help.
        prepare: is called once the server listens, before its address is printed.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=server.__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--state", type=Path, help="file that keeps the workspace over restarts")
    parser.add_argument("--app-url", help="where the app is, such as http://localhost:8099")
    parser.add_argument("--manifest", type=Path, default=MANIFEST)
    parser.add_argument(
        "--link",
        action="append",
        nargs=2,
        default=[],
        metavar=("TITLE", "URL"),
        help="what else the page links to",
    )
    parser.add_argument("--rate-limits", action="store_true", help="answer 429 as often as Slack")
    options = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(name)s %(message)s")
    try:
        asyncio.run(_serve(server, options, prepare))
    except OSError as error:
        sys.exit(f"The sandbox cannot start: {error}")


async def _serve(
    server: type[Server], options: argparse.Namespace, prepare: Callable[[Server], None]
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with server.start(
        _configuration(options.manifest, rate_limits=options.rate_limits),
        app_url=options.app_url,
        host=options.host,
        port=options.port,
        state_file=options.state,
    ) as slack:
        prepare(slack)
        slack.page.state.panels["links"] = lambda: dict(options.link)
        sys.stdout.write(f"The sandbox is at {slack.base_url}\n")
        sys.stdout.flush()
        await stop.wait()


def _configuration(manifest: Path, *, rate_limits: bool) -> WorkspaceConfig:
    """Read the secrets from the environment, or exit naming those that are missing."""
    names = {
        "bot_token": "SLACK_BOT_TOKEN",
        "signing_secret": "SLACK_SIGNING_SECRET",
        "app_token": "SLACK_APP_TOKEN",
    }
    given = {field: os.environ[name] for field, name in names.items() if os.environ.get(name)}
    missing = [names[field] for field in ("bot_token", "signing_secret") if field not in given]
    if missing:
        sys.exit(f"Set {' and '.join(missing)}: the app's own values, made up for the sandbox.")
    return WorkspaceConfig(manifest=Manifest.load(manifest), rate_limits=rate_limits, **given)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(FakeSlack, "sandbox.slack")
