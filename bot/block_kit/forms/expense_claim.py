"""How what was filled into the form for an expense becomes a claim."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from bot.block_kit import inputs
from bot.block_kit.forms.expense_modal import MAX_DESCRIPTION, today
from bot.block_kit.forms.own_fields import parse_answers, parse_category, parse_dimensions
from bot.block_kit.inputs import InvalidForm, selected, typed
from bot.block_kit.receipts import parse_receipts
from bot.catalogue import say
from bot.domain.coding import Coding
from bot.domain.errors import InvalidInput
from bot.domain.expense import Claim, Receipt
from bot.domain.form import MAX_AGE
from bot.domain.money.amounts import parse_money
from bot.domain.money.currencies import check_legal
from bot.domain.people.locale import Reader
from bot.domain.people.slack_ids import is_user_id
from bot.domain.words import Words

Value = TypeVar("Value")
_NO_WORDS = Words()


def parse_expense_modal(
    values: Mapping[str, Any],
    reader: Reader,
    before: Sequence[Receipt] = (),
    words: Words = _NO_WORDS,
) -> Claim:
    """Read what was typed into the form for an expense.

    Args:
        before: receipts of the expense that is submitted again.
        words: the company's; what they say is added by `Words.coded`.

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
    category = read(lambda: parse_category(values, words))
    answers = read(lambda: parse_answers(values, words.asks(category or "")))
    spent_on = read(lambda: _check_day(inputs.selected_day(values, "spent_on"), today(reader)))
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
        coding=Coding(dimensions=parse_dimensions(values, words), answers=answers or ()),
    )


def parse_description(text: str) -> str:
    """Read what an expense was for."""
    description = inputs.visible(text)
    if not description:
        raise InvalidInput("description", say("expense-form-description.missing"))
    if len(description) > MAX_DESCRIPTION:
        raise InvalidInput("description", say("text-too-long", most=MAX_DESCRIPTION))
    return description


def _parse_manager(person: str) -> str | None:
    if person and not is_user_id(person):
        raise InvalidInput("manager", say("expense-form-manager.not-offered"))
    return person or None


def _check_day(day: date | None, latest: date) -> date:
    if day is None:
        raise InvalidInput("spent_on", say("expense-form-day.missing"))
    if day > latest:
        raise InvalidInput("spent_on", say("expense-form-day.to-come"))
    if day < latest - MAX_AGE:
        raise InvalidInput("spent_on", say("expense-form-day.long-ago"))
    return day
