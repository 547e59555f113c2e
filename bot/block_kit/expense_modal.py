"""The form for an expense, filled in from an earlier one or not, and how it is read again.

An expense written in one line is read here, too.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from slack_sdk.models.blocks import Block, DatePickerElement, InputBlock, PlainTextInputElement
from slack_sdk.models.views import View

from bot.block_kit import inputs
from bot.block_kit.components import section
from bot.block_kit.inputs import VALUE, InvalidForm, selected, typed
from bot.block_kit.receipts import parse_receipts, receipts_fields
from bot.block_kit.sentences import CATEGORIES
from bot.domain.amounts import parse_line, parse_money
from bot.domain.currencies import check_legal
from bot.domain.errors import InvalidInput
from bot.domain.expense import MAX_AGE, Category, Claim, Expense, Money, Receipt
from bot.domain.locale import Reader
from bot.domain.money import plain_number
from bot.domain.slack_ids import is_user_id
from bot.domain.text import length

EXPENSE_MODAL = "expense_modal"
MAX_DESCRIPTION = 500

_EXAMPLE = Money(Decimal("42.50"), "EUR")

_NOT_ALL_KNOWN = (
    "Slack has not yet told me who all the managers are. If your expense needs one who is missing "
    "here, please open this form again in a minute."
)
FORM_DID_NOT_OPEN = (
    "The form could not be opened. Please try again, or write it in one line: "
    "`/expense submit 42.50 EUR Team lunch`"
)

Value = TypeVar("Value")


def expense_modal(
    reader: Reader,
    managers: Mapping[str, str] | None = None,
    previous: Expense | None = None,
    *,
    are_all_known: bool = True,
) -> View:
    """Build the form for an expense, ready for this reader.

    Args:
        managers: names by ids of whom they may choose as their manager; without any, nobody asks.
        are_all_known: whether all managers are among `managers`.
    """
    claim = previous.claim if previous else None
    amount = PlainTextInputElement(
        action_id=VALUE,
        placeholder=plain_number(_EXAMPLE, reader.writes),
        max_length=40,
        initial_value=plain_number(claim.money, reader.writes) if claim else None,
    )
    currency = inputs.currency_select(reader.locale, claim.money.currency if claim else None)
    description = PlainTextInputElement(
        action_id=VALUE,
        placeholder="Team lunch",
        # Slack may count what was taken before as longer.
        max_length=max(MAX_DESCRIPTION, length(claim.description) if claim else 0),
        initial_value=claim.description if claim else None,
    )
    category = inputs.select("Choose a category", CATEGORIES, claim.category if claim else None)
    spent_on = claim.spent_on if claim else _today(reader)
    day = DatePickerElement(action_id=VALUE, initial_date=spent_on.isoformat())
    manager: list[Block] = [] if are_all_known else [section(_NOT_ALL_KNOWN)]
    if managers:
        choice = inputs.select("Choose a person", managers, claim.manager if claim else None)
        hint = "Some expenses need one; the form says so if yours does."
        manager.append(
            InputBlock(
                block_id="manager", label="Your manager", element=choice, hint=hint, optional=True
            )
        )
    return View(
        type="modal",
        callback_id=EXPENSE_MODAL,
        private_metadata=previous.id if previous else None,
        title="Edit and resubmit" if previous else "New expense",
        submit="Submit",
        close="Cancel",
        blocks=[
            InputBlock(block_id="amount", label="Amount", element=amount),
            InputBlock(block_id="currency", label="Currency", element=currency),
            InputBlock(block_id="description", label="What was it for?", element=description),
            InputBlock(block_id="category", label="Category", element=category),
            InputBlock(block_id="spent_on", label="When was it spent?", element=day),
            *manager,
            *receipts_fields(claim.receipts if claim else ()),
        ],
    )


def parse_expense_modal(
    values: Mapping[str, Any], reader: Reader, before: Sequence[Receipt] = ()
) -> Claim:
    """Read what was typed into the form for an expense.

    Raises:
        InvalidForm: with a sentence for each field that cannot be taken.
    """
    errors: dict[str, str] = {}

    def read(parse: Callable[[], Value]) -> Value | None:
        try:
            return parse()
        except InvalidInput as error:
            errors[error.field] = str(error)
            return None

    amount, currency = typed(values, "amount"), selected(values, "currency")
    money = read(lambda: parse_money(amount, currency, reader.writes))
    description = read(lambda: parse_description(typed(values, "description")))
    category = read(lambda: _parse_category(selected(values, "category")))
    spent_on = read(lambda: _check_day(inputs.selected_day(values, "spent_on"), _today(reader)))
    if money and spent_on:
        read(lambda: check_legal(money.currency, spent_on, reader.locale))
    manager = read(lambda: _parse_manager(selected(values, "manager")))
    receipts = read(lambda: parse_receipts(values, before))
    if errors or not (money and description and category and spent_on):
        raise InvalidForm(errors)
    return Claim(
        money=money,
        description=description,
        category=category,
        spent_on=spent_on,
        manager=manager,
        receipts=tuple(receipts or ()),
    )


def parse_one_line(text: str, reader: Reader) -> Claim:
    """Read an expense written in one line, such as `42.50 EUR Team lunch`.

    Raises:
        InvalidInput: it cannot be taken; the message says what to write.
    """
    words, today = text.split(maxsplit=2), _today(reader)
    found = parse_line(text, reader.writes)
    if found is None and len(words) == 3:
        found = parse_money(words[0], words[1], reader.writes), words[2]
    if found is None or not found[1]:
        raise InvalidInput(
            "description",
            "Please write amount, currency and what it was for: "
            "`/expense submit 42.50 EUR Team lunch`",
        )
    money, description = found
    check_legal(money.currency, today, reader.locale)
    return Claim(
        money=money,
        description=parse_description(description),
        category=Category.OTHER,
        spent_on=today,
    )


def parse_description(text: str) -> str:
    """Read what an expense was for."""
    description = inputs.visible(text)
    if not description:
        raise InvalidInput("description", "Please say what the expense was for.")
    if len(description) > MAX_DESCRIPTION:
        raise InvalidInput("description", f"Please say it in at most {MAX_DESCRIPTION} characters.")
    return description


def _parse_category(name: str) -> Category:
    try:
        return Category(name)
    except ValueError as error:
        raise InvalidInput("category", "Please choose a category.") from error


def _parse_manager(person: str) -> str | None:
    if person and not is_user_id(person):
        raise InvalidInput("manager", "Please choose one of the managers in the list.")
    return person or None


def _check_day(day: date | None, today: date) -> date:
    if day is None:
        raise InvalidInput("spent_on", "Please choose the day on which it was spent.")
    if day > today:
        raise InvalidInput("spent_on", "This day is still to come; please choose a past one.")
    if day < today - MAX_AGE:
        raise InvalidInput("spent_on", "This is more than two years ago; please check the date.")
    return day


def _today(reader: Reader) -> date:
    return datetime.now(reader.timezone).date()
