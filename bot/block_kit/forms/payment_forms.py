"""The forms in which finance marks what it has paid, and confirms what somebody else has marked."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from babel import Locale
from slack_sdk.models import blocks
from slack_sdk.models.views import View

from bot.block_kit import sentences
from bot.block_kit.bulk_approval import value_of
from bot.block_kit.components import MAX_TEXTS, confirm, plain, section, small
from bot.block_kit.inputs import MAX_OPTION, VALUE, InvalidForm, field, selected_day, typed
from bot.block_kit.message_blocks import line
from bot.block_kit.mrkdwn import mention, quote, units
from bot.block_kit.payment_words import with_reference, written
from bot.catalogue import say
from bot.domain.expense import Expense
from bot.domain.money.formatting import format_money
from bot.domain.payment_runs import PaymentRun
from bot.domain.payments.payment import MOST_REFERENCE, PaidOn, Problem
from bot.domain.people.slack_ids import is_user_id
from bot.domain.text import shorten

MARK_ACTION = "mark_paid"
CONFIRM_ACTION = "look_at_payments"
TAKE_BACK_ACTION = "take_back_payments"
PAID_MODAL = "paid_modal"
CONFIRM_MODAL = "confirm_payments_modal"
EXPENSES, ALL = "expenses", "all"
# A section takes 3,000 characters; a line at most 400.
_SECTION = 2500


def run_blocks(runs: Sequence[PaymentRun], person: str, locale: Locale) -> list[blocks.Block]:
    """Build what waits to be confirmed, for the Home of somebody in finance."""
    built = [section(say("runs-to-confirm"))] if runs else []
    for run in runs:
        is_own = run.marked_by == person
        said = f"{_run(run, locale)} {say('run-is-yours')}" if is_own else _run(run, locale)
        look = blocks.ButtonElement(
            text=say("run-confirm"),
            action_id=CONFIRM_ACTION,
            value=run.id,
            style="primary",
            accessibility_label=say("run-confirm.heard", count=run.tally.count),
        )
        not_right = blocks.ButtonElement(
            text=say("run-not-right"),
            action_id=TAKE_BACK_ACTION,
            value=run.id,
            accessibility_label=say("run-not-right.heard", count=run.tally.count),
            confirm=confirm("run-not-right-sure", "danger"),
        )
        elements = [not_right] if is_own else [look, not_right]
        built += [section(said), blocks.ActionsBlock(block_id=f"run {run.id}", elements=elements)]
    return built


def mark_button() -> blocks.Block:
    """Build the button that opens the form of what was paid."""
    button = blocks.ButtonElement(
        text=say("mark-paid"),
        action_id=MARK_ACTION,
        accessibility_label=say("mark-paid.heard"),
    )
    return blocks.ActionsBlock(block_id="mark_paid", elements=[button])


def paid_modal(expenses: Sequence[Expense], today: date, locale: Locale) -> View:
    """Build the form in which somebody in finance says what was paid, when, and by what reference.

    Args:
        expenses: what may be marked, at most a hundred.
        today: where they are.
        locale: how they read.
    """
    options = [
        blocks.Option(value=expense.id, text=plain(_label(expense, locale), MAX_OPTION))
        for expense in expenses
        if value_of(expense.id) == expense.id  # others' ids may be longer than Slack takes
    ]
    if not options:
        return View(
            type="modal",
            title=say("paid-form"),
            close=say("close"),
            blocks=[section(say("paid-form.none"))],
        )
    everything = blocks.Option(value=ALL, text=plain(say("paid-form-all", count=len(options))))
    reference = blocks.PlainTextInputElement(action_id=VALUE, max_length=MOST_REFERENCE)
    day = blocks.DatePickerElement(action_id=VALUE, initial_date=today.isoformat())
    return View(
        type="modal",
        callback_id=PAID_MODAL,
        title=say("paid-form"),
        submit=say("paid-form.submit"),
        close=say("cancel"),
        blocks=[
            section(say("paid-form.above")),
            blocks.InputBlock(
                block_id=EXPENSES,
                label=say("paid-form.expenses"),
                element=blocks.StaticMultiSelectElement(
                    action_id=VALUE, placeholder=say("paid-form.choose"), options=options
                ),
                optional=True,
            ),
            blocks.InputBlock(
                block_id=ALL,
                label=say("paid-form.or-all"),
                element=blocks.CheckboxesElement(action_id=VALUE, options=[everything]),
                optional=True,
            ),
            blocks.InputBlock(block_id="paid_on", label=say("paid-form.day"), element=day),
            blocks.InputBlock(
                block_id="reference",
                label=say("paid-form.reference"),
                element=reference,
                hint=say("paid-form.hint"),
                optional=True,
            ),
        ],
    )


def parse_paid_modal(view: Mapping[str, Any]) -> tuple[list[str], date, str]:
    """Read the ids of what was paid, when, and the reference as it was typed."""
    values = view["state"]["values"]
    chosen = field(values, EXPENSES).get("selected_options") or []
    if field(values, ALL).get("selected_options"):
        chosen = next(
            block["element"]["options"]
            for block in view["blocks"]
            if block.get("block_id") == EXPENSES
        )
    day = selected_day(values, "paid_on")
    if chosen and day:
        return [str(option["value"]) for option in chosen], day, typed(values, "reference")
    missing = {} if day else {"paid_on": say("paid-form.no-day")}
    if not chosen:
        missing[EXPENSES] = say("paid-form.nothing")
    raise InvalidForm(missing)


def marked(count: int, problems: Mapping[str, Problem], paid: PaidOn) -> str:
    """Tell what was marked, and of what was not, why."""
    said = with_reference(say("marked", count=count, day=written(paid.day)), paid.reference)
    lines = [
        say("not-marked", id=quote(id, 100), problem=say("mark-problem", problem=why))
        for id, why in problems.items()
    ]
    return shorten("\n".join([said, *lines] if count else lines), MAX_TEXTS)


def confirm_modal(run: PaymentRun, expenses: Sequence[Expense], locale: Locale) -> View:
    """Build the form in which somebody in finance confirms what somebody else has marked.

    Args:
        run: what was marked together.
        expenses: the first of them.
        locale: how they read.
    """
    lines: list[str] = [""]
    for expense in expenses:
        said = f"• {line(expense, locale, 60)}"
        if expense.payment and expense.payment.reference != run.reference:
            said = with_reference(said, expense.payment.reference)
        if units(lines[-1]) + units(said) > _SECTION:
            lines.append("")
        lines[-1] = f"{lines[-1]}\n{said}".strip()
    more = run.tally.count - len(expenses)
    return View(
        type="modal",
        callback_id=CONFIRM_MODAL,
        private_metadata=run.id,
        title=say("run-form"),
        submit=say("run-form.submit"),
        close=say("cancel"),
        blocks=[
            section(say("run-form.above")),
            section(_run(run, locale)),
            *map(section, filter(None, lines)),
            *([small(say("run-more", count=more))] if more > 0 else []),
        ],
    )


def _run(run: PaymentRun, locale: Locale) -> str:
    who = mention(run.marked_by) if is_user_id(run.marked_by) else say("people-who-run-it")
    worth, day = sentences.tally(run.tally, locale), written(run.first_day)
    if run.first_day == run.last_day:
        said = say("run-marked", who=who, expenses=worth, day=day)
    else:
        last = written(run.last_day)
        said = say("run-marked-over", who=who, expenses=worth, day=day, last=last)
    return with_reference(said, run.reference)


def _label(expense: Expense, locale: Locale) -> str:
    """Name an expense in plain text, where Slack shows no people."""
    if expense.claim is None:
        return expense.name
    about = f"{format_money(expense.claim.money, locale)} · {expense.name} · "
    return about + shorten(expense.claim.description, max(10, MAX_OPTION - len(about)))
