"""`python -m bot export`: the expenses of a period, for finance."""

import io
import sys
from datetime import date

import click

from bot.commands.console import Exit, with_settings
from bot.domain.export.columns import VERSION, By, Period
from bot.domain.export.formats import Format, write
from bot.setting_types import DatabaseSettings


def _day(_: click.Context, __: click.Parameter, given: str | None) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError as error:
        raise click.BadParameter("write a day as 2026-11-30") from error


@click.command(
    epilog=f"The columns are in docs/export.md; these are version {VERSION}. What was printed is "
    "whole if the exit code is 0."
)
@click.option("--from", "first", callback=_day, metavar="DAY", help="The first day, 2026-11-01.")
@click.option("--to", "last", callback=_day, metavar="DAY", help="The last day, 2026-11-30.")
@click.option(
    "--by",
    type=click.Choice([str(one) for one in By]),
    default=str(By.SUBMITTED),
    show_default=True,
    help="Which of an expense's days has to be in the period (UTC).",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice([str(one) for one in Format]),
    default=str(Format.CSV),
    show_default=True,
    help="CSV for spreadsheets, or JSON Lines for programs.",
)
@with_settings(DatabaseSettings)
async def export(
    settings: DatabaseSettings, first: date | None, last: date | None, by: str, format_: str
) -> Exit:
    """Print the expenses of a period, in the order of their numbers.

    It needs DATABASE_URL.
    """
    from bot.commands.opening import opened
    from bot.database.queries.exports import read_pages

    if first and last and first > last:
        raise click.UsageError("--from is after --to", click.get_current_context())
    if isinstance(sys.stdout, io.TextIOWrapper):
        # UTF-8 and its own line ends, whatever the terminal has.
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    wanted, period = Format(format_), Period(by=By(by), first=first, last=last)
    async with opened(settings) as database:
        is_first = True
        async for lines in read_pages(database, period):
            click.echo(write(wanted, lines, is_first=is_first), nl=False)
            is_first = False
        if is_first:
            click.echo(write(wanted, (), is_first=True), nl=False)
    return Exit.DONE
