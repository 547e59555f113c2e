"""The command line of what `python -m bot expenses` mends."""

from functools import partial

import click

from bot.commands.console import Exit, as_json, dry_run, for_each, report, with_settings
from bot.commands.inspection import expenses
from bot.domain.people.slack_ids import check_channel_id
from bot.policy.cli import USER
from bot.setting_groups import PaymentSettings, ReassignSettings, SlackSettings, TemporalSettings
from bot.setting_types import DatabaseSettings

GROUP = expenses  # with what follows
MOST_REASON = 500
_ids = click.argument("ids", metavar="ID...", nargs=-1, required=True)


def _channel(_: click.Context, __: click.Parameter, given: str | None) -> str | None:
    try:
        return check_channel_id(given) if given else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _reason(_: click.Context, __: click.Parameter, given: str) -> str:
    text = " ".join(given.split())
    if not text or len(text) > MOST_REASON:
        raise click.BadParameter(f"write 1 to {MOST_REASON} characters, which the requester reads")
    return text


@expenses.command()
@click.argument("ids", metavar="[ID...]", nargs=-1)
@click.option("--stuck", is_flag=True, help="Instead of IDs: everything that is stuck.")
@dry_run
@as_json
@with_settings(DatabaseSettings)
async def retry(
    settings: DatabaseSettings,
    ids: tuple[str, ...],
    *,
    stuck: bool,
    dry_run: bool,
    as_json: bool,
) -> Exit:
    """Have what waits done now: delivered, asked for, or paid.

    It needs DATABASE_URL; and EXPENSE_PAYMENT_URL with its key for what waits for the answer about
    its payment, which is asked for again with the same key, so that nothing is paid twice.
    """
    from bot.commands.mending import retry
    from bot.commands.opening import opened
    from bot.database.queries.stuck import find_expenses

    if stuck == bool(ids):
        raise click.UsageError("name IDs, or say --stuck", click.get_current_context())
    async with opened(settings) as database:
        if stuck:
            found = await find_expenses(database, only_stuck=True)
            ids = tuple(one.expense.id for one in found)
        work = partial(retry, database, is_dry=dry_run)
        return await report(for_each(database, ids, work), as_json=as_json)


@expenses.command("pay-again")
@_ids
@dry_run
@as_json
@with_settings(PaymentSettings)
async def pay_again(
    settings: PaymentSettings, ids: tuple[str, ...], *, dry_run: bool, as_json: bool
) -> Exit:
    """Have refused payments asked for again, each with a new key; never what may be paid.

    It needs DATABASE_URL, and EXPENSE_PAYMENT_URL with its key.
    """
    from bot.commands.opening import opened
    from bot.commands.payments import pay_again
    from bot.database.audit import InForce
    from bot.payment_system import host_of

    async with opened(settings) as database:
        settings.check_payments(await InForce.read(database))
        place = host_of(settings.expense_payment_url)
        work = partial(pay_again, database, place=place, is_dry=dry_run)
        return await report(for_each(database, ids, work), as_json=as_json)


@expenses.command()
@_ids
@click.option(
    "--channel", callback=_channel, metavar="C…", help="Post there; otherwise where they were."
)
@dry_run
@as_json
@with_settings(SlackSettings)
async def resend(
    settings: SlackSettings,
    ids: tuple[str, ...],
    *,
    channel: str | None,
    dry_run: bool,
    as_json: bool,
) -> Exit:
    """Post the approvers' messages again, as after one was deleted or its channel was lost.

    It needs DATABASE_URL and SLACK_BOT_TOKEN. What was posted before is deleted, and has no effect.
    """
    from bot.commands.mending import Resending
    from bot.commands.opening import opened
    from bot.slack.web_client import make_session

    async with opened(settings) as database, make_session() as session:
        resending = Resending(database, settings, session, channel)
        work = partial(resending.resend, is_dry=dry_run)
        return await report(for_each(database, ids, work), as_json=as_json)


@expenses.command()
@_ids
@click.option(
    "--reason", required=True, callback=_reason, help="Why; the requester reads this sentence."
)
@dry_run
@as_json
@with_settings(TemporalSettings)
async def close(
    settings: TemporalSettings,
    ids: tuple[str, ...],
    *,
    reason: str,
    dry_run: bool,
    as_json: bool,
) -> Exit:
    """End what nobody can decide, and its workflow; never what may be paid.

    It needs DATABASE_URL, EXPENSE_ENCRYPTION_KEY, and what the bot has of TEMPORAL_*.
    """
    from bot.commands.ending import close
    from bot.commands.opening import following

    async with following(settings) as (database, records):
        work = partial(close, records, reason=reason, is_dry=dry_run)
        return await report(for_each(database, ids, work), as_json=as_json)


@expenses.command()
@_ids
@dry_run
@as_json
@with_settings(TemporalSettings)
async def restart(
    settings: TemporalSettings, ids: tuple[str, ...], *, dry_run: bool, as_json: bool
) -> Exit:
    """Start a workflow for an expense that Temporal has none for any more.

    What Temporal does not know is taken for lost: see that it is the right one. It needs
    DATABASE_URL, EXPENSE_ENCRYPTION_KEY, EXPENSE_TASK_QUEUE, and what the bot has of TEMPORAL_*.
    """
    from bot.commands.ending import restart
    from bot.commands.opening import following

    async with following(settings, is_lost=True) as (database, records):
        work = partial(restart, records, is_dry=dry_run)
        return await report(for_each(database, ids, work), as_json=as_json)


@expenses.command()
@click.option("--from", "person", required=True, type=USER, help="Who has left.")
@click.option("--to", "colleague", required=True, type=USER, help="Who is asked instead.")
@dry_run
@as_json
@with_settings(ReassignSettings)
async def reassign(
    settings: ReassignSettings, person: str, colleague: str, *, dry_run: bool, as_json: bool
) -> Exit:
    """Have a colleague asked wherever open expenses name somebody who has left.

    It needs DATABASE_URL, SLACK_BOT_TOKEN, EXPENSE_APPROVERS and EXPENSE_POLICY. The exit code is 1
    if some could not be reassigned.
    """
    from bot.commands.repair import reassign

    done = reassign(settings, person, colleague, is_dry=dry_run)
    return await report(done, as_json=as_json)
