"""Runs the bot: `python -m bot [serve | migrate | check | expenses | … | policy | people]`."""

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any, TextIO, TypeVar

import click

from bot import __version__, logs
from bot.commands.cli import COMMANDS
from bot.commands.console import PROGRAM, Exit, as_json, ended, print_json, with_settings
from bot.policy.cli import policy
from bot.policy.people_cli import people
from bot.settings import Settings

logger = logging.getLogger("bot")
T = TypeVar("T")

# Out within 10 s of SIGTERM: 2 s of farewell, these, 3 s for deliveries and 2 s for the background.
SHUTDOWN_SECONDS = 3.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that was asked for, and return the process's exit code.

    `Exit` has what each code means.

    Args:
        arguments: of the command line; None stands for the process's own.
    """
    try:
        code = cli.main(arguments, prog_name=PROGRAM, standalone_mode=False)
        sys.stdout.flush()
    except (Exception, SystemExit) as error:
        if (how := ended(error)) is None:
            raise
        code, words = how
        if code is Exit.UNWRITTEN:
            _give_up(sys.stdout)
        with suppress(OSError):
            click.echo(words, err=True, nl=bool(words))
    return int(code or Exit.DONE)


def _give_up(stream: TextIO) -> None:
    """Let what nobody takes go nowhere, or the interpreter would try once more at its end."""
    with suppress(OSError, ValueError), open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())


@click.group(invoke_without_command=True)
@click.version_option(__version__, message="%(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Run the expense approval bot, or do something with its expenses."""
    if context.invoked_subcommand is None:
        context.invoke(serve)


for command in (*COMMANDS, policy, people):
    cli.add_command(command)


@cli.command()
@click.option("--release", is_flag=True, help="Before the processes start: no worker need run.")
@as_json
@with_settings(Settings)
async def check(settings: Settings, *, release: bool, as_json: bool) -> Exit:
    """Look whether everything that an expense needs works.

    The exit code is 1 if something does not.
    """
    from bot.diagnostics.checks import diagnose
    from bot.domain.health.findings import Level, worst

    # Everything that would be logged is among the findings.
    logging.disable(logging.ERROR)
    findings = await diagnose(settings)
    if release:
        findings = [finding.before_the_start() for finding in findings]
    if as_json:
        print_json([asdict(one) | {"level": one.level.name} for one in findings])
    for finding in [] if as_json else findings:
        click.echo(f"{finding.level.name.lower():8} {finding.part}: {finding.what}")
        if finding.do:
            click.echo(f"{'':8} → {finding.do}")
    return Exit.FOUND if worst(findings) is Level.ERROR else Exit.DONE


@cli.command()
@with_settings(Settings, to_errors=False)
async def serve(settings: Settings) -> None:
    """Run the bot; so does no command at all."""
    # It takes a second or two to read, and the other commands need none of it.
    from bot import catalogue
    from bot.app.application import DIAGNOSTICS, create_app
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
    catalogue.get_ready()
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


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of Temporal's core outlive the loop, and one that meets a finalizing interpreter
    # crashes the process (https://github.com/temporalio/sdk-python/issues/300).
    os._exit(code)
