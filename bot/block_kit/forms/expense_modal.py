"""The form for an expense, filled in with what is known of it, and how it is read again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from slack_sdk.models.blocks import Block, DatePickerElement, InputBlock, PlainTextInputElement
from slack_sdk.models.views import View

from bot.block_kit import inputs
from bot.block_kit.components import plain, section
from bot.block_kit.forms.own_fields import Company, answer_fields, category_field, dimension_fields
from bot.block_kit.inputs import VALUE
from bot.block_kit.mrkdwn import escape
from bot.block_kit.receipts import receipts_fields
from bot.catalogue import say
from bot.domain.coding import UNCODED, Coding
from bot.domain.expense import Claim, Expense, Money, Receipt
from bot.domain.form import Chosen
from bot.domain.money.formatting import plain_number
from bot.domain.people.locale import Reader
from bot.domain.text import length, shorten

EXPENSE_MODAL = "expense_modal"
MAX_DESCRIPTION = 500
# Slack's limits for what is typed into a field and for the hint below it.
_MAX_TYPED, _MAX_HINT = 3000, 2000

_LABELS = {
    "amount": "expense-form-amount",
    "currency": "expense-form-currency",
    "description": "expense-form-description",
    "spent_on": "expense-form-day",
    "manager": "expense-form-manager",
}
_NOTHING, _NO_COMPANY = Chosen(), Company()
_EXAMPLE = Money(Decimal("42.50"), "EUR")


Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is known of an expense before somebody fills in the form for it."""

    amount: str = ""  # as they typed it, or would
    currency: str | None = None
    description: str = ""
    category: str | None = None
    coding: Coding = UNCODED  # what they chose and answered in the company's own fields
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
    company: Company = _NO_COMPANY,
) -> View:
    """Build the form for an expense, ready for this reader.

    Args:
        managers: names by ids of whom they may choose as their manager; without any, nobody asks.
        previous: what is submitted once more.
        draft: what is known of a new one.
        chosen: what they chose before, which is chosen again in a new one.
        taken: the currencies that the policy takes; without any, it takes every one.
        are_all_known: whether all managers are among `managers`.
        company: what its policy says of the form.
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
    spent_on = draft.spent_on or today(reader)
    day = DatePickerElement(action_id=VALUE, initial_date=spent_on.isoformat())
    before = next((one for one in chosen.managers if one in (managers or ())), None)
    before = draft.manager if previous else before
    answers, values = (
        {one.key: one.value for one in details}
        for details in (draft.coding.answers, draft.coding.dimensions)
    )
    values = values if previous else {**company.person.dimensions, **values}
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
                category_field(company.words, draft.category),
                *answer_fields(company.words, draft.category, answers),
                _field("spent_on", day),
                *dimension_fields(company.words, values),
                *_manager_fields(company, managers or {}, before, are_all_known=are_all_known),
                *receipts_fields(draft.receipts),
            ],
        ),
    )


def _manager_fields(
    company: Company, managers: Mapping[str, str], chosen: str | None, *, are_all_known: bool
) -> list[Block]:
    if company.manager:
        return [section(say("listed-manager", manager=company.manager))]
    fields: list[Block] = [section(escape(company.problem))] if company.problem else []
    if not are_all_known:
        fields.append(section(say("expense-form-manager.not-all-known")))
    if managers:
        choice = inputs.select(say("expense-form-manager.choose"), managers, chosen)
        hint = say("expense-form-manager.hint")
        fields.append(_field("manager", choice, hint=hint, optional=True))
    return fields


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
        coding=claim.coding,
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


def today(reader: Reader) -> date:
    """Return the day where a reader is."""
    return datetime.now(reader.timezone).date()
