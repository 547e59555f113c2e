"""The form for an expense: how it is built, filled in from an earlier one, and read again."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    DatePickerElement,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from bot.block_kit.inputs import (
    VALUE,
    currency_select,
    field,
    input_block,
    people_select,
    selected,
    typed,
)
from bot.block_kit.modals import (
    EXPENSE_MODAL,
    MAX_DESCRIPTION,
    InvalidForm,
    parse_description,
    today,
)
from bot.block_kit.receipts import parse_receipts, receipts_fields
from bot.block_kit.sentences import CATEGORIES
from bot.domain.errors import InvalidInput
from bot.domain.expense import Category, Claim, Expense, Receipt
from bot.domain.locale import Reader
from bot.domain.money import parse_money
from bot.domain.slack_ids import is_user_id

MAX_AGE = timedelta(days=2 * 365)


def expense_modal(
    reader: Reader, managers: Mapping[str, str] | None = None, previous: Expense | None = None
) -> View:
    """Build the form for an expense, ready for this reader.

    Args:
        reader: tells which day it is for them, and which currency they use.
        managers: names by ids of whom they may choose as their manager; without any, nobody asks.
        previous: an expense of theirs to submit once more; the form is filled in from it.
    """
    claim = previous.claim if previous else None
    spent_on = claim.spent_on if claim else today(reader)
    amount = f"{claim.money.amount:f}" if claim else None
    manager: list[Block] = []
    if managers:
        choice = people_select(managers, claim.manager if claim else None)
        hint = "Some expenses need one; the form says so if yours does."
        manager = [input_block("manager", "Your manager", choice, hint=hint, optional=True)]
    return View(
        type="modal",
        callback_id=EXPENSE_MODAL,
        private_metadata=previous.id if previous else None,
        title=PlainTextObject(text="Edit and resubmit" if previous else "New expense"),
        submit=PlainTextObject(text="Submit"),
        close=PlainTextObject(text="Cancel"),
        blocks=[
            input_block(
                "amount",
                "Amount",
                PlainTextInputElement(
                    action_id=VALUE,
                    placeholder=PlainTextObject(text="42.50"),
                    max_length=40,
                    initial_value=amount,
                ),
            ),
            input_block(
                "currency",
                "Currency",
                currency_select(reader.locale, claim.money.currency if claim else None),
            ),
            input_block(
                "description",
                "What was it for?",
                PlainTextInputElement(
                    action_id=VALUE,
                    placeholder=PlainTextObject(text="Team lunch"),
                    max_length=MAX_DESCRIPTION,
                    initial_value=claim.description if claim else None,
                ),
            ),
            input_block("category", "Category", _categories(claim)),
            input_block(
                "spent_on",
                "When was it spent?",
                DatePickerElement(action_id=VALUE, initial_date=spent_on.isoformat()),
            ),
            *manager,
            *receipts_fields(claim.receipts if claim else ()),
        ],
    )


def parse_expense_modal(
    values: Mapping[str, Any], reader: Reader, before: Sequence[Receipt] = ()
) -> Claim:
    """Read what was typed into the form for an expense.

    Args:
        values: the view's state.values, as Slack sends them.
        reader: tells which day it is for them.
        before: the receipts of the expense that is submitted once more.

    Raises:
        InvalidForm: with a sentence for each field that cannot be taken.
    """
    errors: dict[str, str] = {}
    money = description = category = spent_on = manager = None
    receipts: list[Receipt] = []
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
        spent_on = _parse_day(field(values, "spent_on").get("selected_date"), today(reader))
    except InvalidInput as error:
        errors[error.field] = str(error)
    try:
        manager = _parse_manager(selected(values, "manager"))
    except InvalidInput as error:
        errors[error.field] = str(error)
    try:
        receipts = parse_receipts(values, before)
    except InvalidInput as error:
        errors[error.field] = str(error)
    if errors or not (money and description and category and spent_on):
        raise InvalidForm(errors)
    return Claim(
        money=money,
        description=description,
        category=category,
        spent_on=spent_on,
        manager=manager,
        receipts=tuple(receipts),
    )


def _categories(claim: Claim | None) -> StaticSelectElement:
    options = {
        category: Option(value=category, text=PlainTextObject(text=label))
        for category, label in CATEGORIES.items()
    }
    return StaticSelectElement(
        action_id=VALUE,
        placeholder=PlainTextObject(text="Choose a category"),
        options=list(options.values()),
        initial_option=options[claim.category] if claim else None,
    )


def _parse_manager(person: str) -> str | None:
    if person and not is_user_id(person):
        raise InvalidInput("manager", "Please choose one of the managers of the list.")
    return person or None


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
