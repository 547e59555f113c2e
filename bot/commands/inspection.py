"""`python -m bot expenses list` and `show`, which change nothing."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import click

from bot.commands.console import as_json, print_json
from bot.database.audit import HISTORY, entry_of
from bot.database.engine.connection import Database
from bot.database.engine.sqlite import check_file
from bot.database.messages import MessageStore
from bot.database.migrate import check_usable
from bot.database.numbers import id_of
from bot.database.queries.stuck import Found, find_expenses
from bot.domain.audit_events import AuditEntry
from bot.domain.durations import parse_duration
from bot.domain.errors import InvalidId
from bot.domain.expense import Expense, State
from bot.setting_types import DatabaseSettings
from bot.settings import load

_STATES = click.Choice([*State], case_sensitive=False)
T = TypeVar("T")


@click.group(no_args_is_help=False)
def expenses() -> None:
    """List expenses, show one, or mend what does not go on.

    Of all settings, list and show need DATABASE_URL only. They show no text that people wrote.
    """


def _duration(_: click.Context, __: click.Parameter, given: str | None) -> timedelta:
    try:
        found = parse_duration(given or timedelta(0))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return found if isinstance(found, timedelta) else timedelta(0)


@expenses.command("list")
@click.option("--stuck", is_flag=True, help="Only those that do not go on, with the reason.")
@click.option("--state", "states", type=_STATES, multiple=True, help="Only those in this state.")
@click.option("--older", callback=_duration, metavar="2d", help="Only those made so long ago.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000_000),
    default=1000,
    show_default=True,
    help="How many at most.",
)
@as_json
def list_expenses(
    *, stuck: bool, states: tuple[str, ...], older: timedelta, limit: int, as_json: bool
) -> None:
    """List expenses, the oldest first, with what keeps those that are stuck."""

    async def find(database: Database) -> list[Found]:
        asked = {State(state) for state in states}
        return await find_expenses(
            database, only_stuck=stuck, states=asked, older=older, limit=limit
        )

    found, now = _read(find)
    if as_json:
        print_json([_described(one) for one in found])
        return
    wide = max((len(one.expense.id) for one in found), default=0)
    numbers = max((len(one.expense.number or "-") for one in found), default=0)
    for one in found:
        expense = one.expense
        why = one.stuck.words(expense) if one.stuck else _paid(expense)
        age, who = _age(now - expense.created_at), expense.requester or "-"
        name = f"{expense.id:{wide}}  {expense.number or '-':{numbers}}"
        click.echo(f"{name}  {expense.state:14}  {age:>4}  {who:11}  {why}".rstrip())
    if not found:
        click.echo("no expense is stuck" if stuck else "there is no such expense")


@expenses.command("show")
@click.argument("expense_id", metavar="ID")
@as_json
def show(*, expense_id: str, as_json: bool) -> None:
    """Show one expense: how it stands, what keeps it, its messages and its audit trail.

    The exit code is 3 if no expense has this ID.
    """

    async def find(database: Database) -> dict[str, Any]:
        # Databases refuse some of what no id has.
        is_id = expense_id.isprintable()
        id = await id_of(database, expense_id)
        found = await find_expenses(database, id=id) if is_id else []
        if not found:
            raise InvalidId(f"there is no expense {expense_id}")
        messages = await MessageStore(database).of_expense(id)
        rows = await database.execute(HISTORY, {"which": id, "after": 0})
        return {
            **_described(found[0]),
            "messages": [
                {
                    "audience": str(audience),
                    "channel": message.channel,
                    "ts": message.ts,
                    "shown_version": message.shown_version,
                }
                for audience, message in messages.items()
            ],
            "audit": [_entry(entry_of(row)) for row in rows],
        }

    record, _ = _read(find)
    if as_json:
        print_json(record)
        return
    stuck, payment = record.pop("stuck"), record.pop("payment") or {}
    for name, value in record.items():
        if value is not None and not isinstance(value, list):
            click.echo(f"{name:18} {value}")
    if payment:
        known = {name: value for name, value in payment.items() if value is not None}
        click.echo(f"{'payment':18} {', '.join(f'{name} {known[name]}' for name in known)}")
    if stuck:
        click.echo(f"{'stuck':18} since {stuck['since']}: {stuck['why']}")
    for name in ("messages", "audit"):
        click.echo(f"{name}:")
        for line in record[name]:
            click.echo("  " + "  ".join(str(value) for value in line.values()))


def _described(found: Found) -> dict[str, Any]:
    """Describe an expense without what people wrote."""
    expense, stuck = found.expense, found.stuck
    claim = expense.claim
    return {
        "id": expense.id,
        "number": expense.number,
        "state": expense.state,
        "version": expense.version,
        "requester": expense.requester,
        "amount": str(claim.money.amount) if claim else None,
        "currency": claim.money.currency if claim else None,
        "created_at": _at(expense.created_at),
        "asked": _asked(expense),
        "decide_by": _at(expense.decide_by),
        "decided_by": expense.decided_by,
        "decided_at": _at(expense.decided_at),
        "delivered_at": _at(expense.delivered_at),
        "payment_asked_at": _at(expense.payment_asked_at),
        "payment_refusal": expense.payment_refusal,
        "payment": expense.payment
        and {
            "how": _paid(expense),
            "by_hand": expense.payment.is_by_hand,
            "marked_by": expense.payment.marked_by,
            "paid_on": expense.payment.paid_on and expense.payment.paid_on.isoformat(),
            "reference": expense.payment.reference,
            "confirmed_by": expense.payment.confirmed_by,
        },
        "workflow_id": expense.workflow_id,
        "run_id": expense.caller.run_id,
        "next_look": _at(found.due_at),
        "attempts": found.attempts,
        "stuck": stuck
        and {
            "reason": stuck.reason,
            "since": _at(stuck.since),
            "why": stuck.words(expense),
        },
    }


def _paid(expense: Expense) -> str:
    """Say whether an expense is paid, or finance pays it; nothing if nothing is recorded of that.

    Its state is COMPLETED in both cases, as workers know it.
    """
    payment = expense.payment
    if payment is None:
        return ""
    if payment.is_made:
        return f"paid on {payment.paid_on}"
    return "approved; finance pays it" + (", and marked it as paid" if payment.marked_by else "")


def _asked(expense: Expense) -> str | None:
    """Name who is asked now; those of EXPENSE_APPROVERS are in no record."""
    if expense.plan is None or not expense.plan.stages or not expense.is_open:
        return None
    return ", ".join(expense.progress.may_decide(expense.plan))


def _entry(entry: AuditEntry) -> dict[str, Any]:
    return {
        "at": _at(entry.at),
        "event": entry.event.stored_as,
        "actor": entry.actor,
        "state": entry.state,
    }


def _at(instant: datetime | None) -> str | None:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}" if instant else None


def _age(age: timedelta) -> str:
    seconds = int(age.total_seconds())
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


def _read(find: Callable[[Database], Any]) -> tuple[Any, datetime]:
    """Read from the database; return what is found, and the instant by its clock.

    Raises:
        SettingsError: the database is not there, or has another schema.
        TryAgain: it does not answer.
    """
    settings = load(DatabaseSettings)

    async def read() -> tuple[Any, datetime]:
        if not settings.is_postgres:
            await check_file(settings.database_url)
        await check_usable(settings.database_url, to_write=False)
        database = Database(settings.database_url, connections=1)
        try:
            return await find(database), await database.now()
        finally:
            await database.close()

    return asyncio.run(read())
