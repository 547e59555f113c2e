"""Runs the bot: `python -m bot [serve | migrate | check | expenses | settle | … | policy]`."""

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import click

from bot import __version__, logs
from bot.database.migrate import migrate as migrate_database
from bot.domain.errors import ExpenseError, SettingsError, TryAgain
from bot.domain.outages import with_cause
from bot.inspection import expenses
from bot.policy.cli import USER, policy
from bot.settings import Settings, load_settings

logger = logging.getLogger("bot")
P = ParamSpec("P")
T = TypeVar("T")

# Out within 10 s of SIGTERM: 2 s of farewell, these, 3 s for deliveries and 2 s for the background.
SHUTDOWN_SECONDS = 3.0
PROGRAM = "python -m bot"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that was asked for, and return the process's exit code.

    It is 0 if the command did its work, 1 if that failed, and 2 if it was called wrongly.

    Args:
        arguments: of the command line; None stands for the process's own.
    """
    try:
        code = cli.main(arguments, prog_name=PROGRAM, standalone_mode=False)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        place = context.command_path if context else PROGRAM
        words = " ".join(error.format_message().split()).rstrip(".")
        click.echo(f"{place}: {words}; --help says more", err=True)
        return 2
    except click.Abort:
        return 130
    except (SettingsError, ExpenseError) as error:
        words = with_cause(error) if isinstance(error, TryAgain) else str(error)
        click.echo(f"bot: {words}", err=True)
        return 1
    return code or 0


def with_settings(
    work: Callable[Concatenate[Settings, P], Coroutine[Any, Any, T]],
) -> Callable[P, T]:
    """Make a command of what needs the settings, and an event loop."""

    @wraps(work)
    def run(*given: P.args, **named: P.kwargs) -> T:
        settings = load_settings()
        # What a command has to say is no matter of LOG_LEVEL, which `serve` heeds.
        logs.configure(settings.log_format, "INFO")
        return asyncio.run(work(settings, *given, **named))

    return run


@click.group(invoke_without_command=True)
@click.version_option(__version__, message="%(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Run the expense approval bot, or do something with its expenses."""
    if context.invoked_subcommand is None:
        context.invoke(serve)


cli.add_command(expenses)
cli.add_command(policy)


@cli.command()
@with_settings
async def migrate(settings: Settings) -> None:
    """Bring the database up to date."""
    await migrate_database(settings.database_url)
    logger.info("the database is up to date")


@cli.command()
@click.option("--release", is_flag=True, help="Before the processes start: no worker need run.")
@with_settings
async def check(settings: Settings, *, release: bool) -> int:
    """Look whether everything that an expense needs works.

    The exit code is 1 if something does not.
    """
    from bot.diagnostics.checks import diagnose
    from bot.domain.findings import Level, worst

    # Everything that would be logged is among the findings.
    logging.disable(logging.ERROR)
    findings = await diagnose(settings)
    if release:
        findings = [finding.before_the_start() for finding in findings]
    for finding in findings:
        click.echo(f"{finding.level.name.lower():8} {finding.part}: {finding.what}")
        if finding.do:
            click.echo(f"{'':8} → {finding.do}")
    return int(worst(findings) is Level.ERROR)


@cli.command()
@with_settings
async def serve(settings: Settings) -> None:
    """Run the bot; so does no command at all."""
    # It takes a second or two to read, and the other commands need none of it.
    from bot.app import DIAGNOSTICS, create_app
    from bot.web.health import HEALTH
    from bot.web.server import serving

    logs.set_level(settings.log_level)
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
        watching.cancel()
        logger.info("stopping")
        await app[HEALTH].leave()


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


@cli.command()
@with_settings
async def rotate_keys(settings: Settings) -> None:
    """Encrypt task tokens with the newest key."""
    from bot.database.encryption import Cipher, rotate_keys
    from bot.repair import opened

    async with opened(settings) as database:
        count, unreadable = await rotate_keys(database, Cipher(settings.encryption_secrets()))
    logger.info("%s task tokens are encrypted with the first EXPENSE_ENCRYPTION_KEY", count)
    if unreadable:
        logger.warning(
            "%s task tokens fit no key; these decisions are delivered by the activity's id",
            unreadable,
        )


@cli.command()
@click.pass_context
def stuck(context: click.Context) -> None:
    """List what is stuck: the same as `expenses list --stuck`."""
    context.invoke(expenses.commands["list"], stuck=True)


@cli.command()
@click.argument("expense_id", metavar="ID")
@click.argument("outcome", type=click.Choice(["paid", "unpaid", "ask-again"]))
@with_settings
async def settle(settings: Settings, expense_id: str, outcome: str) -> None:
    """Record what became of an expense's payment."""
    from bot.repair import settle

    await settle(settings, expense_id, outcome)


@cli.command()
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    default=30,
    show_default=True,
    help="How far to look back.",
)
@click.option(
    "--lost",
    is_flag=True,
    help="Start anew what Temporal does not know: it is another one, or has lost its data.",
)
@with_settings
async def reconcile(settings: Settings, days: int, *, lost: bool) -> None:
    """Compare the database with Temporal, after one of them was restored."""
    from bot.repair import reconcile

    await reconcile(settings, timedelta(days=days), is_lost=lost)


@expenses.command("reassign")
@click.option("--from", "person", required=True, type=USER, help="Who has left.")
@click.option("--to", "colleague", required=True, type=USER, help="Who is asked instead.")
@click.option("--dry-run", is_flag=True, help="Only name the expenses.")
@with_settings
async def reassign(settings: Settings, person: str, colleague: str, *, dry_run: bool) -> int:
    """Have a colleague asked wherever open expenses name somebody who has left.

    The exit code is 1 if some could not be reassigned.
    """
    from bot.repair import reassign

    return int(await reassign(settings, person, colleague, is_dry_run=dry_run) > 0)


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of Temporal's core outlive the loop, and one that meets a finalizing interpreter
    # crashes the process (https://github.com/temporalio/sdk-python/issues/300).
    os._exit(code)
