"""`python -m bot migrate`: brings the database to a schema, and says which one it has."""

import click

from bot.commands.console import Exit, as_json, dry_run, print_json, with_settings
from bot.database import migrate as schemas
from bot.database.engine.sqlite import check_file
from bot.setting_types import DatabaseSettings


@click.command()
@click.argument("action", type=click.Choice(["status"]), required=False)
@click.option("--to", metavar="REV", help="A schema, such as 0006; also back, where one can go.")
@dry_run
@as_json
@with_settings(DatabaseSettings)
async def migrate(
    settings: DatabaseSettings, action: str | None, to: str | None, *, dry_run: bool, as_json: bool
) -> Exit:
    """Bring the database up to date, or to another schema; or say with status which it has.

    It needs DATABASE_URL. A newer schema that only adds stays as it is, and earlier versions work
    with it. Going back loses what the newer schema has recorded: stop the bots and take a backup
    before. The exit code of status is 1 if migrations are missing.
    """
    url = settings.database_url
    if action and (to or dry_run):
        raise click.UsageError("status changes nothing", click.get_current_context())
    if not settings.is_postgres and (action or dry_run):
        await check_file(url)
    before, head, missing = await schemas.schema_of(url)
    if not (action or dry_run):
        before = await (schemas.move_to(url, to) if to else schemas.migrate(url))
        missing = [one for one in missing if one > before]
    elif to:
        await schemas.move_to(url, to, is_dry=True)
    if as_json:
        print_json({"schema": before, "newest": head, "missing": missing})
    elif dry_run:
        click.echo(f"the database would go from the schema {before or 'none'} to {to or head}")
    elif missing and not to:
        click.echo(
            f"the database has the schema {before or 'none'}, and lacks {', '.join(missing)}: "
            "run python -m bot migrate"
        )
    else:
        click.echo(f"the database has the schema {before}; this version makes {head}")
    return Exit.FOUND if action and missing else Exit.DONE
