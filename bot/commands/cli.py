"""The command line of what the operator does: arguments in, results out, and an exit code.

Modules are imported by the commands that use them, so that the others start fast.
"""

from datetime import timedelta
from functools import partial

import click

from bot.commands.audit import audit
from bot.commands.console import Exit, as_json, dry_run, for_each, print_json, report, with_settings
from bot.commands.expense_commands import GROUP
from bot.commands.export import export
from bot.commands.migration import migrate
from bot.domain.people.slack_ids import is_user_id
from bot.setting_groups import KeySettings, ReconcileSettings
from bot.setting_types import DatabaseSettings


@click.command()
@click.pass_context
@as_json
def stuck(context: click.Context, *, as_json: bool) -> None:
    """List what is stuck: the same as `expenses list --stuck`."""
    context.invoke(GROUP.commands["list"], stuck=True, as_json=as_json)


@click.command()
@click.argument("expense_id", metavar="ID")
@click.argument("outcome", type=click.Choice(["paid", "unpaid", "ask-again"]))
@dry_run
@as_json
@with_settings(DatabaseSettings)
async def settle(
    settings: DatabaseSettings, expense_id: str, outcome: str, *, dry_run: bool, as_json: bool
) -> Exit:
    """Record what became of an expense's payment.

    It needs DATABASE_URL; and EXPENSE_PAYMENT_URL for ask-again.
    """
    from bot.commands.opening import opened
    from bot.commands.repair import settle

    async with opened(settings) as database:
        work = partial(settle, database, outcome=outcome, is_dry=dry_run)
        return await report(for_each(database, [expense_id], work), as_json=as_json)


@click.command()
@click.option(
    "--file",
    "path",
    required=True,
    type=click.Path(exists=True, dir_okay=False),
    help="CSV with the columns expense, paid_on and reference.",
)
@dry_run
@as_json
@with_settings(DatabaseSettings)
async def paid(settings: DatabaseSettings, path: str, *, dry_run: bool, as_json: bool) -> Exit:
    """Mark as paid what finance has paid by hand: every line of a file, or none.

    Somebody in finance then confirms it in the app's Home. It needs DATABASE_URL.
    """
    from bot.commands.payments import mark_paid

    return await mark_paid(settings, path, is_dry=dry_run, as_json=as_json)


@click.command()
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    default=30,
    show_default=True,
    help="How far to look back.",
)
@click.option("--fix", is_flag=True, help="Mend what is proven; otherwise nothing is changed.")
@click.option(
    "--lost",
    is_flag=True,
    help="With --fix: start anew what Temporal does not know, as it has lost its data.",
)
@as_json
@with_settings(ReconcileSettings)
async def reconcile(
    settings: ReconcileSettings, days: int, *, fix: bool, lost: bool, as_json: bool
) -> Exit:
    """Compare the database with Temporal and the payment system.

    It needs DATABASE_URL, EXPENSE_ENCRYPTION_KEY, EXPENSE_PAYMENT_URL with its key, and what the
    bot has of TEMPORAL_*. The exit code is 1 if a difference is left. While bots run, what they are
    just doing may be among them.
    """
    from bot.commands.repair import reconcile

    if lost and not fix:
        raise click.UsageError("--lost needs --fix", click.get_current_context())
    back = timedelta(days=days)
    return await reconcile(settings, back, is_lost=lost, mend=fix, as_json=as_json)


@click.command()
@dry_run
@as_json
@with_settings(KeySettings)
async def rotate_keys(settings: KeySettings, *, dry_run: bool, as_json: bool) -> Exit:
    """Encrypt task tokens with the newest key.

    It needs DATABASE_URL and EXPENSE_ENCRYPTION_KEY, with the new key first.
    """
    from bot.commands.opening import opened
    from bot.database.encryption import Cipher, rotate_keys

    async with opened(settings) as database:
        cipher = Cipher(settings.encryption_secrets())
        count, unreadable = await rotate_keys(database, cipher, is_dry=dry_run)
    if as_json:
        print_json({"encrypted": count, "unreadable": unreadable, "dry_run": dry_run})
        return Exit.DONE
    are = "would be" if dry_run else "are"
    click.echo(f"{count} task tokens {are} encrypted with the first EXPENSE_ENCRYPTION_KEY")
    if unreadable:
        click.echo(
            f"{unreadable} task tokens fit no key; these decisions are delivered by the "
            "activity's id"
        )
    return Exit.DONE


def _user_id(_: click.Context, __: click.Parameter, value: str) -> str:
    if not is_user_id(value):
        raise click.BadParameter("give a Slack user id, such as U0123456789")
    return value


@click.command()
@click.argument("person", metavar="USER", callback=_user_id)
@dry_run
@as_json
@with_settings(KeySettings)
async def forget(settings: KeySettings, person: str, *, dry_run: bool, as_json: bool) -> Exit:
    """Replace a person by a pseudonym in every expense that is over.

    Amounts, days, accounts, receipts and decisions stay. It needs DATABASE_URL and
    EXPENSE_ENCRYPTION_KEY. The exit code is 1 if the person is left in open or unpaid expenses.
    """
    from bot.commands.forgetting import forget
    from bot.commands.opening import opened
    from bot.database.encryption import Cipher

    async with opened(settings, patience=60) as database:
        cipher = Cipher(settings.encryption_secrets())
        return await forget(database, cipher, person, is_dry=dry_run, as_json=as_json)


COMMANDS = (
    *(GROUP, export, audit, stuck, settle, paid, reconcile),
    *(migrate, rotate_keys, forget),
)
