"""Runs the bot: `python -m bot [serve | migrate | check | stuck | settle | … | policy]`."""

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, NoReturn, TypeVar

from bot import logs
from bot.database.migrate import migrate
from bot.domain.errors import SettingsError, TryAgain
from bot.domain.outages import with_cause
from bot.policy import cli as policy_cli
from bot.settings import Settings, load_settings

logger = logging.getLogger("bot")
T = TypeVar("T")

# Out within 10 s of SIGTERM: these, then 3 s for deliveries and 2 s for the background.
SHUTDOWN_SECONDS = 4.0


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with the arguments."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; --help says more\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that was asked for, and return the process's exit code.

    Args:
        arguments: of the command line; None stands for the process's own.
    """
    parser = _Parser(prog="python -m bot", description="The expense approval bot.")
    commands = parser.add_subparsers(dest="command", metavar="command")
    commands.add_parser("serve", help="run the bot (the default)")
    commands.add_parser("migrate", help="bring the database up to date")
    check = commands.add_parser("check", help="look whether everything that an expense needs works")
    check.add_argument(
        "--release",
        action="store_true",
        help="before the processes start: the worker need not run yet",
    )
    commands.add_parser("rotate-keys", help="encrypt task tokens with the newest key")
    commands.add_parser("stuck", help="list the expenses that nobody can decide, and what to do")
    settle = commands.add_parser("settle", help="record what became of an expense's payment")
    settle.add_argument("expense_id", metavar="ID")
    settle.add_argument("outcome", choices=["paid", "unpaid", "ask-again"])
    reconcile = commands.add_parser("reconcile", help="after a restore: compare with Temporal")
    reconcile.add_argument("--days", type=int, default=30, help="how far to look back (30)")
    lost = "start anew what Temporal does not know: it is another one, or has lost its data"
    reconcile.add_argument("--lost", action="store_true", help=lost)
    policy_cli.add_to(commands)
    options = parser.parse_args(arguments)
    command = options.command or "serve"
    if command == "policy":
        return policy_cli.run(options)
    try:
        settings = load_settings()
        logs.configure(settings.log_format, settings.log_level)
        if command == "check":
            return asyncio.run(_check(settings, is_release=options.release))
        if command == "settle":
            asyncio.run(_settle(settings, options))
        elif command == "reconcile":
            asyncio.run(_reconcile(settings, options))
        else:
            asyncio.run(_COMMANDS[command](settings))
    except SettingsError as error:
        print(f"bot: {error}", file=sys.stderr)  # noqa: T201
        return 1
    except TryAgain as away:
        print(f"bot: {with_cause(away)}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


async def _migrate(settings: Settings) -> None:
    await migrate(settings.database_url)
    logger.info("the database is up to date")


async def _check(settings: Settings, *, is_release: bool) -> int:
    """Print what was found out, and return 1 if there is an error among it."""
    from bot.diagnostics.checks import diagnose
    from bot.domain.findings import Level, worst

    # Everything that would be logged is among the findings.
    logging.disable(logging.ERROR)
    findings = await diagnose(settings)
    if is_release:
        findings = [finding.before_the_start() for finding in findings]
    for finding in findings:
        lines = [f"{finding.level.name.lower():8} {finding.part}: {finding.what}"]
        lines += [f"{'':8} → {finding.do}"] if finding.do else []
        print("\n".join(lines))  # noqa: T201
    return int(worst(findings) is Level.ERROR)


async def _serve(settings: Settings) -> None:
    # It takes a second or two to read, and the other commands need none of it.
    from bot.app import DIAGNOSTICS, create_app
    from bot.web.health import HEALTH
    from bot.web.server import serving

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    app = await _unless(stop, create_app(settings))
    if app is None:
        return
    # What is there by now stays: the collector would go through all of it while people wait.
    gc.collect()
    gc.freeze()
    listening = serving(app, settings.host, settings.port, shutdown_timeout=SHUTDOWN_SECONDS)
    async with listening as (host, port):
        off = "".join(f"; {what}" for what in settings.switched_off)
        place = f"[{host}]" if ":" in host else host
        logger.info("listening on http://%s:%s%s", place, port, off)
        watching = asyncio.create_task(app[DIAGNOSTICS].watch())
        await stop.wait()
        app[HEALTH].stop()
        watching.cancel()
        logger.info("stopping")


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """Do some work to its end, or until the process is asked to stop; then return None."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        stopping.cancel()
        working.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await working


async def _rotate_keys(settings: Settings) -> None:
    from bot.database.encryption import Cipher
    from bot.database.rotation import rotate_keys
    from bot.repair import opened

    async with opened(settings) as database:
        count, unreadable = await rotate_keys(database, Cipher(settings.encryption_secrets()))
    logger.info("%s task tokens are encrypted with the first EXPENSE_ENCRYPTION_KEY", count)
    if unreadable:
        logger.warning(
            "%s task tokens fit no key; these decisions are delivered by the activity's id",
            unreadable,
        )


async def _stuck(settings: Settings) -> None:
    from bot.database.assignments import stuck_expenses
    from bot.repair import opened
    from bot.services.watch import repair

    async with opened(settings) as database:
        found = await stuck_expenses(database)
    for expense in found:
        if expense.obstacle:
            print(f"{expense.id}: {repair(expense, expense.obstacle)}")  # noqa: T201
    if not found:
        print("no expense is stuck")  # noqa: T201


async def _settle(settings: Settings, options: argparse.Namespace) -> None:
    from bot.repair import settle

    await settle(settings, options.expense_id, options.outcome)


async def _reconcile(settings: Settings, options: argparse.Namespace) -> None:
    from bot.repair import reconcile

    await reconcile(settings, timedelta(days=options.days), is_lost=options.lost)


_COMMANDS = {"serve": _serve, "migrate": _migrate, "rotate-keys": _rotate_keys, "stuck": _stuck}

if __name__ == "__main__":
    code = main()
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of Temporal's core outlive the loop, and one that meets a finalizing interpreter
    # crashes the process (https://github.com/temporalio/sdk-python/issues/300).
    os._exit(code)
