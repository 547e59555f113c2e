"""The form for an expense, filled in with what is known of it, and how it is read again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from slack_sdk.models.blocks import Block, DatePickerElement, InputBlock, PlainTextInputElement
from slack_sdk.models.views import View

from bot.block_kit import inputs
from bot.block_kit.components import plain, section
from bot.block_kit.inputs import VALUE, InvalidForm, selected, typed
from bot.block_kit.receipts import parse_receipts, receipts_fields
from bot.block_kit.sentences import categories
from bot.catalogue import say
from bot.domain.amounts import parse_money
from bot.domain.currencies import check_legal
from bot.domain.errors import InvalidInput
from bot.domain.expense import MAX_AGE, Category, Chosen, Claim, Expense, Money, Receipt
from bot.domain.locale import Reader
from bot.domain.money import plain_number
from bot.domain.slack_ids import is_user_id
from bot.domain.text import length, shorten

EXPENSE_MODAL = "expense_modal"
MAX_DESCRIPTION = 500
# Slack's limits for what is typed into a field and for the hint below it.
_MAX_TYPED, _MAX_HINT = 3000, 2000

_LABELS = {
    "amount": "expense-form-amount",
    "currency": "expense-form-currency",
    "description": "expense-form-description",
    "category": "expense-form-category",
    "spent_on": "expense-form-day",
    "manager": "expense-form-manager",
}
_NOTHING = Chosen()
_EXAMPLE = Money(Decimal("42.50"), "EUR")


Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is known of an expense before somebody fills in the form for it."""

    amount: str = ""  # as they typed it, or would
    currency: str | None = None
    description: str = ""
    category: str | None = None
    spent_on: date | None = None
    manager: str | None = None
    receipts: tuple[Receipt, ...] = ()
    doubts: Mapping[str, str] = field(default_factory=dict)  # sentences by block_id


def expense_modal(
    reader: Reader,
    managers: Mapping[str, str] | None = None,
    previous: Expense | None = None,
    draft: Draft | None = None,
    *,
    chosen: Chosen = _NOTHING,
    taken: frozenset[str] = frozenset(),
    are_all_known: bool = True,
) -> View:
    """Build the form for an expense, ready for this reader.

    Args:
        managers: names by ids of whom they may choose as their manager; without any, nobody asks.
        previous: what is submitted once more.
        draft: what is known of a new one.
        chosen: what they chose before, which is chosen again in a new one.
        taken: the currencies that the policy takes; without any, it takes every one.
        are_all_known: whether all managers are among `managers`.
    """
    draft = draft or _again(previous.claim if previous else None, reader)
    amount = _text(draft.amount, 40, placeholder=plain_number(_EXAMPLE, reader.writes))
    description = _text(
        draft.description, MAX_DESCRIPTION, placeholder=say("expense-form-description.example")
    )
    currency = inputs.currency_select(
        reader.locale,
        draft.currency,
        chosen.currencies,
        taken,
        is_in_doubt="currency" in draft.doubts,
    )
    category = inputs.select(say("expense-form-category.choose"), categories(), draft.category)
    spent_on = draft.spent_on or _today(reader)
    day = DatePickerElement(action_id=VALUE, initial_date=spent_on.isoformat())
    manager: list[Block] = []
    if not are_all_known:
        manager.append(section(say("expense-form-manager.not-all-known")))
    if managers:
        before = next((one for one in chosen.managers if one in managers), None)
        choose = say("expense-form-manager.choose")
        choice = inputs.select(choose, managers, draft.manager if previous else before)
        hint = say("expense-form-manager.hint")
        manager.append(_field("manager", choice, hint=hint, optional=True))
    return View(
        type="modal",
        callback_id=EXPENSE_MODAL,
        private_metadata=previous.id if previous else None,
        title=say("expense-form-again" if previous else "expense-form-new"),
        submit=say("expense-form-submit"),
        close=say("cancel"),
        blocks=_with_doubts(
            draft.doubts,
            [
                _field("amount", amount),
                _field("currency", currency),
                _field("description", description),
                _field("category", category),
                _field("spent_on", day),
                *manager,
                *receipts_fields(draft.receipts),
            ],
        ),
    )


def _field(block_id: str, element: Any, **given: Any) -> InputBlock:
    """Build a field, with more that is `given` of it."""
    label = say(_LABELS[block_id])
    return InputBlock(block_id=block_id, label=label, element=element, **given)


def _again(claim: Claim | None, reader: Reader) -> Draft:
    if claim is None:
        return Draft()
    return Draft(
        amount=plain_number(claim.money, reader.writes),
        currency=claim.money.currency,
        description=claim.description,
        category=claim.category,
        spent_on=claim.spent_on,
        manager=claim.manager,
        receipts=claim.receipts,
    )


def _text(known: str, most: int, placeholder: str) -> PlainTextInputElement:
    known = shorten(known, _MAX_TYPED)
    # What was typed elsewhere can be longer, and Slack may count what was taken before as longer.
    return PlainTextInputElement(
        action_id=VALUE,
        placeholder=placeholder,
        max_length=max(most, length(known)),
        initial_value=known or None,
    )


def _with_doubts(doubts: Mapping[str, str], blocks: list[Block]) -> list[Block]:
    """Say each doubt below its field; Slack takes errors only of a form that is submitted."""
    for block in blocks:
        if isinstance(block, InputBlock) and (doubt := doubts.get(block.block_id or "")):
            block.hint = plain(say("doubt", doubt=doubt), _MAX_HINT)
    return blocks


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


def parse_description(text: str) -> str:
    """Read what an expense was for."""
    description = inputs.visible(text)
    if not description:
        raise InvalidInput("description", say("expense-form-description.missing"))
    if len(description) > MAX_DESCRIPTION:
        raise InvalidInput("description", say("text-too-long", most=MAX_DESCRIPTION))
    return description


def _parse_category(name: str) -> Category:
    try:
        return Category(name)
    except ValueError as error:
        raise InvalidInput("category", say("expense-form-category.missing")) from error


def _parse_manager(person: str) -> str | None:
    if person and not is_user_id(person):
        raise InvalidInput("manager", say("expense-form-manager.not-offered"))
    return person or None


def _check_day(day: date | None, today: date) -> date:
    if day is None:
        raise InvalidInput("spent_on", say("expense-form-day.missing"))
    if day > today:
        raise InvalidInput("spent_on", say("expense-form-day.to-come"))
    if day < today - MAX_AGE:
        raise InvalidInput("spent_on", say("expense-form-day.long-ago"))
    return day


def _today(reader: Reader) -> date:
    return datetime.now(reader.timezone).date()
