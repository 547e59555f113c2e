"""`python -m bot paid` and `expenses pay-again`: payments by hand, and refused ones once more."""

import asyncio
import csv
from datetime import UTC, date, datetime, timedelta
from functools import partial
from hashlib import sha256
from io import StringIO
from pathlib import Path

import click

from bot.commands.console import Exit, print_json
from bot.commands.opening import NO_CIPHER, leave_to_bots, opened
from bot.database.engine.connection import Database
from bot.database.expenses import ExpenseStore
from bot.database.numbers import id_of
from bot.database.payment_runs import PaymentRuns
from bot.domain.errors import InvalidState, NotMarked
from bot.domain.form import MAX_AGE
from bot.domain.payments.payment import MOST_REFERENCE, PaidOn, Problem, read_reference
from bot.services.refused_payments import ask_again
from bot.setting_types import DatabaseSettings

COLUMNS = ("expense", "paid_on", "reference")
_WHY = {
    Problem.NOT_LEFT: "finance has nothing to pay for this expense",
    Problem.MARKED: "this expense is marked as paid already, and waits to be confirmed",
    Problem.PAID: "this expense is paid already",
}
# A minute for a hundred thousand of them.
_PATIENCE = 300.0


async def mark_paid(settings: DatabaseSettings, path: str, *, is_dry: bool, as_json: bool) -> Exit:
    """Mark as paid what a file says, every line or none, and print what came of it."""
    content = await asyncio.to_thread(Path(path).read_bytes)
    lines, wrong = read_file(content)
    async with opened(settings, patience=_PATIENCE) as database:
        wrong, count = await _mark(database, content, lines, wrong, is_dry=is_dry)
    code = Exit.REFUSED if wrong else Exit.DONE
    if as_json:
        said = [{"line": number, "why": why} for number, why in sorted(wrong)]
        print_json({"marked": count, "wrong": said, "dry_run": is_dry})
        return code
    for number, why in sorted(wrong):
        click.echo(f"{path} line {number}: {why}", err=True)
    if wrong:
        click.echo(f"nothing is marked: {len(wrong)} of its lines are wrong", err=True)
    elif is_dry:
        click.echo(f"{count} expenses would be marked as paid")
    else:
        click.echo(f"{count} expenses are marked as paid; somebody in finance confirms it in Slack")
    return code


def read_file(content: bytes) -> tuple[dict[int, tuple[str, PaidOn]], list[tuple[int, str]]]:
    """Read what was paid from a CSV file.

    Args:
        content: of the file: UTF-8, with commas or semicolons.

    Returns:
        By the number of its line, the id or number of each expense with when and by what reference
        it was paid; and the numbers of lines that are wrong, with why.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = content[: error.start].count(b"\n") + 1
        return {}, [(number, "this is not UTF-8; save the file as CSV UTF-8")]
    first = text.partition("\n")[0]
    rows = csv.DictReader(StringIO(text), delimiter=";" if ";" in first else ",", strict=True)
    try:
        names = [(name or "").strip().lower() for name in rows.fieldnames or ()]
        if not {"expense", "paid_on"} <= set(names) <= set(COLUMNS) or len(set(names)) < len(names):
            what = "the first line has to name the columns expense, paid_on and, if any, reference"
            return {}, [(1, what)]
        rows.fieldnames = names
        return _read_rows(rows)
    except csv.Error as error:
        return {}, [(rows.line_num, f"this is not CSV: {error}")]


def _read_rows(
    rows: "csv.DictReader[str]",
) -> tuple[dict[int, tuple[str, PaidOn]], list[tuple[int, str]]]:
    lines: dict[int, tuple[str, PaidOn]] = {}
    wrong: list[tuple[int, str]] = []
    for row in rows:
        number = rows.line_num
        if None in row or None in row.values():
            wrong.append((number, "this line has not as many columns as the first one"))
            continue
        named = row["expense"].strip()
        try:
            if not named:
                raise ValueError("expense is empty")
            lines[number] = named, PaidOn(_day(row["paid_on"]), _reference(row.get("reference")))
        except ValueError as error:
            wrong.append((number, str(error)))
    if not lines and not wrong:
        wrong.append((1, "there is no line below the first one"))
    return lines, wrong


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"write paid_on such as 2026-12-03, not {text.strip()!r}") from None
    # It is tomorrow already for people who live far in the east.
    today = datetime.now(UTC).date()
    if day > today + timedelta(days=1):
        raise ValueError("paid_on is still to come")
    if day < today - MAX_AGE:
        raise ValueError("paid_on is more than two years ago")
    return day


def _reference(text: str | None) -> str | None:
    try:
        return read_reference(text or "")
    except ValueError as error:
        if str(error) == "account":
            raise ValueError("reference is an account number, which is never stored") from None
        raise ValueError(f"reference has more than {MOST_REFERENCE} characters") from None


async def _mark(
    database: Database,
    content: bytes,
    lines: dict[int, tuple[str, PaidOn]],
    wrong: list[tuple[int, str]],
    *,
    is_dry: bool,
) -> tuple[list[tuple[int, str]], int]:
    """Mark what the lines name, unless one is wrong; return what is wrong, and how many it is."""
    first: dict[str, int] = {}
    by_id: dict[str, PaidOn] = {}
    for number, (named, how) in lines.items():
        expense_id = await id_of(database, named)
        if expense_id in first:
            wrong.append((number, f"this expense is in line {first[expense_id]}, too"))
            continue
        first[expense_id], by_id[expense_id] = number, how
    run = f"file {sha256(content).hexdigest()[:32]}"
    runs = PaymentRuns(database, ExpenseStore(database, NO_CIPHER, leave_to_bots))
    try:
        count, _ = await runs.mark(
            run, by_id, "operator", all_or_nothing=True, is_dry=is_dry or bool(wrong)
        )
    except NotMarked as refused:
        wrong += [(first[id], _WHY[why]) for id, why in refused.problems.items()]
        return wrong, 0 if wrong else len(by_id)
    return wrong, count


async def pay_again(database: Database, expense_id: str, place: str | None, *, is_dry: bool) -> str:
    """Have a refused payment asked for again by a new key; say what happens.

    Raises:
        InvalidId, InvalidState, TryAgain: it does not happen.
    """
    if place is None:
        raise InvalidState("there is no payment system; finance pays by hand")
    expenses = ExpenseStore(database, NO_CIPHER, leave_to_bots)
    if is_dry:
        return f"it is {(await expenses.get(expense_id)).state}, and would be asked for again"
    await ask_again(expenses, partial(expenses.get, expense_id), "operator", place)
    return "its payment is asked for again, with a new key: a bot that runs does so within seconds"
