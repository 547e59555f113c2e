"""Block Kit forms: the modals, and the way back from what people typed into them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from slack_sdk.models.blocks import (
    DatePickerElement,
    MarkdownTextObject,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    SectionBlock,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from bot.errors import InvalidInput
from bot.expense import Category, Claim
from bot.fields import VALUE, currency_select, field, input_block, selected, typed, visible
from bot.money import parse_money
from bot.reader import Reader
from bot.sentences import CATEGORIES

EXPENSE_MODAL = "expense_modal"
REJECT_MODAL = "reject_modal"

MAX_DESCRIPTION = 500
MAX_REASON = 1000
MAX_AGE = timedelta(days=2 * 365)


class InvalidForm(Exception):
    """Fields that cannot be taken; `errors` has a sentence for each block_id."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


def expense_modal(reader: Reader) -> View:
    """Build the form for a new expense, as empty as can be and ready for this reader."""
    return View(
        type="modal",
        callback_id=EXPENSE_MODAL,
        title=PlainTextObject(text="New expense"),
        submit=PlainTextObject(text="Submit"),
        close=PlainTextObject(text="Cancel"),
        blocks=[
            input_block(
                "amount",
                "Amount",
                PlainTextInputElement(
                    action_id=VALUE, placeholder=PlainTextObject(text="42.50"), max_length=40
                ),
            ),
            input_block("currency", "Currency", currency_select(reader.locale)),
            input_block(
                "description",
                "What was it for?",
                PlainTextInputElement(
                    action_id=VALUE,
                    placeholder=PlainTextObject(text="Team lunch"),
                    max_length=MAX_DESCRIPTION,
                ),
            ),
            input_block(
                "category",
                "Category",
                StaticSelectElement(
                    action_id=VALUE,
                    placeholder=PlainTextObject(text="Choose a category"),
                    options=[
                        Option(value=category, text=PlainTextObject(text=label))
                        for category, label in CATEGORIES.items()
                    ],
                ),
            ),
            input_block(
                "spent_on",
                "When was it spent?",
                DatePickerElement(action_id=VALUE, initial_date=_today(reader).isoformat()),
            ),
        ],
    )


def parse_expense_modal(values: Mapping[str, Any], reader: Reader) -> Claim:
    """Read what was typed into the form for a new expense.

    Args:
        values: the view's state.values, as Slack sends them.
        reader: tells which day it is for them.

    Raises:
        InvalidForm: with a sentence for each field that cannot be taken.
    """
    errors: dict[str, str] = {}
    money = description = category = spent_on = None
    try:
        money = parse_money(typed(values, "amount"), selected(values, "currency"))
    except InvalidInput as error:
        errors[error.field] = str(error)
    try:
        description = parse_description(typed(values, "description"))
    except InvalidInput as error:
        errors[error.field] = str(error)
    try:
        category = Category(selected(values, "category"))
    except ValueError:
        errors["category"] = "Please choose a category."
    try:
        spent_on = _parse_day(field(values, "spent_on").get("selected_date"), _today(reader))
    except InvalidInput as error:
        errors[error.field] = str(error)
    if money and description and category and spent_on:
        return Claim(money=money, description=description, category=category, spent_on=spent_on)
    raise InvalidForm(errors)


def parse_one_line(text: str, reader: Reader) -> Claim:
    """Read an expense written in one line, such as `42.50 EUR Team lunch`.

    Raises:
        InvalidInput: it cannot be taken; the message says what to write.
    """
    words = text.split(maxsplit=2)
    if len(words) < 3:
        raise InvalidInput(
            "description",
            "Please write amount, currency and what it was for: "
            "`/expense submit 42.50 EUR Team lunch`",
        )
    amount, currency, description = words
    return Claim(
        money=parse_money(amount, currency),
        description=parse_description(description),
        category=Category.OTHER,
        spent_on=_today(reader),
    )


def parse_description(text: str) -> str:
    """Read what an expense was for.

    Raises:
        InvalidInput: it is empty or too long.
    """
    description = visible(text)
    if not description:
        raise InvalidInput("description", "Please say what the expense was for.")
    if len(description) > MAX_DESCRIPTION:
        raise InvalidInput("description", f"Please say it in at most {MAX_DESCRIPTION} characters.")
    return description


def reject_modal(expense_id: str) -> View:
    """Build the form that asks why an expense is rejected; closing it decides nothing."""
    return View(
        type="modal",
        callback_id=REJECT_MODAL,
        private_metadata=expense_id,
        title=PlainTextObject(text="Reject this expense"),
        submit=PlainTextObject(text="Reject"),
        close=PlainTextObject(text="Cancel"),
        blocks=[
            input_block(
                "reason",
                "Why?",
                PlainTextInputElement(action_id=VALUE, multiline=True, max_length=MAX_REASON),
                hint="The requester and the other approvers can read it.",
            )
        ],
    )


def parse_reject_modal(values: Mapping[str, Any]) -> str:
    """Read the reason of a rejection.

    Raises:
        InvalidForm: it is empty or too long.
    """
    reason = visible(typed(values, "reason"))
    if not reason:
        raise InvalidForm({"reason": "Please give a reason, so that the requester understands."})
    if len(reason) > MAX_REASON:
        raise InvalidForm({"reason": f"Please say it in at most {MAX_REASON:,} characters."})
    return reason


def notice_modal(title: str, text: str) -> View:
    """Build a modal that only says something.

    Args:
        title: at most 24 characters, Slack's limit.
        text: mrkdwn.
    """
    return View(
        type="modal",
        title=PlainTextObject(text=title),
        close=PlainTextObject(text="Close"),
        blocks=[SectionBlock(text=MarkdownTextObject(text=text, verbatim=True))],
    )


def _parse_day(text: object, today: date) -> date:
    try:
        day = date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        day = None
    if day is None:
        raise InvalidInput("spent_on", "Please choose the day on which it was spent.")
    if day > today:
        raise InvalidInput("spent_on", "This day is still to come; please choose a past one.")
    if day < today - MAX_AGE:
        raise InvalidInput("spent_on", "This is more than two years ago; please check the date.")
    return day


def _today(reader: Reader) -> date:
    return datetime.now(reader.timezone).date()
