"""Block Kit forms: the modals, and the way back from what people typed into them."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.numbers import get_currency_name, get_territory_currencies
from slack_sdk.models.blocks import (
    Block,
    DatePickerElement,
    InputBlock,
    MarkdownTextObject,
    Option,
    OptionGroup,
    PlainTextInputElement,
    PlainTextObject,
    SectionBlock,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from bot.expense import Category, Claim, InvalidInput
from bot.money import currencies, parse_money
from bot.reader import Reader
from bot.sentences import CATEGORIES

EXPENSE_MODAL = "expense_modal"
REJECT_MODAL = "reject_modal"

MAX_DESCRIPTION = 500
MAX_REASON = 1000
MAX_AGE = timedelta(days=2 * 365)

_VALUE = "value"  # the action_id of every input; Slack keys errors by block_id
_COMMON = ("EUR", "USD", "GBP", "CHF", "JPY", "CAD", "AUD", "SEK", "PLN", "INR")
_NOT_SEEN_ALONE = ("Cf", "Mn", "Me", "Zs", "Cn", "Co")
# They turn around what is read after them: "€1.00" could be made to look like "€00.1".
_BIDI_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


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
            _input(
                "amount",
                "Amount",
                PlainTextInputElement(
                    action_id=_VALUE, placeholder=PlainTextObject(text="42.50"), max_length=40
                ),
            ),
            _input("currency", "Currency", _currency_select(reader.locale)),
            _input(
                "description",
                "What was it for?",
                PlainTextInputElement(
                    action_id=_VALUE,
                    placeholder=PlainTextObject(text="Team lunch"),
                    max_length=MAX_DESCRIPTION,
                ),
            ),
            _input(
                "category",
                "Category",
                StaticSelectElement(
                    action_id=_VALUE,
                    placeholder=PlainTextObject(text="Choose a category"),
                    options=[
                        Option(value=category, text=PlainTextObject(text=label))
                        for category, label in CATEGORIES.items()
                    ],
                ),
            ),
            _input(
                "spent_on",
                "When was it spent?",
                DatePickerElement(action_id=_VALUE, initial_date=_today(reader).isoformat()),
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
        money = parse_money(_typed(values, "amount"), _selected(values, "currency"))
    except InvalidInput as error:
        errors[error.field] = str(error)
    try:
        description = parse_description(_typed(values, "description"))
    except InvalidInput as error:
        errors[error.field] = str(error)
    try:
        category = Category(_selected(values, "category"))
    except ValueError:
        errors["category"] = "Please choose a category."
    try:
        spent_on = _parse_day(_field(values, "spent_on").get("selected_date"), _today(reader))
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
    description = _visible(text)
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
            _input(
                "reason",
                "Why?",
                PlainTextInputElement(action_id=_VALUE, multiline=True, max_length=MAX_REASON),
                hint="The requester and the other approvers can read it.",
            )
        ],
    )


def parse_reject_modal(values: Mapping[str, Any]) -> str:
    """Read the reason of a rejection.

    Raises:
        InvalidForm: it is empty or too long.
    """
    reason = _visible(_typed(values, "reason"))
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


def _input(block_id: str, label: str, element: Any, hint: str | None = None) -> Block:
    return InputBlock(
        block_id=block_id,
        label=PlainTextObject(text=label),
        element=element,
        hint=PlainTextObject(text=hint) if hint else None,
    )


@lru_cache(maxsize=64)
def _currency_options(locale: Locale) -> dict[str, Option]:
    return {
        code: Option(
            value=code,
            text=PlainTextObject(text=f"{code} – {get_currency_name(code, locale=locale)}"[:75]),
        )
        for code in sorted(currencies())
    }


def _currency_select(locale: Locale) -> StaticSelectElement:
    options = _currency_options(locale)
    others = [code for code in options if code not in _COMMON]
    # Slack allows 100 options a group.
    groups = {"Common": _COMMON, "A–L": [], "M–Z": []} | {
        "A–L": [code for code in others if code < "M"],
        "M–Z": [code for code in others if code >= "M"],
    }
    home = get_territory_currencies(locale.territory) if locale.territory else []
    return StaticSelectElement(
        action_id=_VALUE,
        placeholder=PlainTextObject(text="Choose a currency"),
        option_groups=[
            OptionGroup(label=PlainTextObject(text=label), options=[options[c] for c in codes])
            for label, codes in groups.items()
        ],
        initial_option=options.get(home[-1]) if home else None,
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


def _visible(text: str) -> str:
    """Fold white space, and drop what cannot be seen or turns the text around."""
    folded = " ".join(_BIDI_CONTROLS.sub("", text).split())
    kept = "".join(c for c in folded if unicodedata.category(c) not in ("Cc", "Cs"))
    # Joiners and variation selectors belong into emoji, but alone they leave nothing to read.
    return kept if any(unicodedata.category(c) not in _NOT_SEEN_ALONE for c in kept) else ""


def _field(values: Mapping[str, Any], block_id: str) -> Mapping[str, Any]:
    field = values.get(block_id, {}).get(_VALUE, {})
    return field if isinstance(field, Mapping) else {}


def _typed(values: Mapping[str, Any], block_id: str) -> str:
    return str(_field(values, block_id).get("value") or "")


def _selected(values: Mapping[str, Any], block_id: str) -> str:
    return str((_field(values, block_id).get("selected_option") or {}).get("value") or "")
