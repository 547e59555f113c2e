"""What people fill in and type: modals, and an expense in one line."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from bot.block_kit import modals
from bot.block_kit.forms.delegation_modal import parse_delegate_modal
from bot.block_kit.forms.expense_claim import parse_expense_modal
from bot.block_kit.forms.expense_modal import MAX_DESCRIPTION
from bot.block_kit.forms.one_line import parse_one_line
from bot.block_kit.inputs import InvalidForm
from bot.block_kit.message_blocks import approval_blocks
from bot.block_kit.receipts import MAX_RECEIPTS
from bot.domain.errors import InvalidInput
from bot.domain.expense import Claim, Expense, Receipt, State
from bot.domain.money.formatting import MAX_AMOUNT, format_money
from bot.domain.people.locale import ANYBODY, make_reader
from fuzz.case import Inputs
from fuzz.values import json_values, mutated, texts
from sandbox.slack.block_kit import check_blocks

FORM = {
    "amount": {"value": {"type": "plain_text_input", "value": "42.50"}},
    "currency": {"value": {"selected_option": {"value": "EUR"}}},
    "description": {"value": {"value": "Team lunch"}},
    "category": {"value": {"selected_option": {"value": "meals"}}},
    "spent_on": {"value": {"selected_date": "2026-01-31"}},
    "manager": {"value": {"selected_option": {"value": "U0MNA5LRT9W"}}},
    "kept_receipts": {"value": {"selected_options": [{"value": "F0OLD"}]}},
    "receipts": {
        "value": {
            "files": [
                {
                    "id": "F0NEW",
                    "name": "r.png",
                    "mimetype": "image/png",
                    "permalink": "https://sandbox.slack.com/files/r.png",
                }
            ]
        }
    },
}
OLD = Receipt(id="F0OLD", name="old.pdf", permalink="https://sandbox.slack.com/files/old.pdf")
REASON = {"reason": {"value": {"value": "Not this month"}}}
DELEGATION = {
    "delegate": {"value": {"selected_user": "U0PRY7NRX2K"}},
    "until": {"value": {"selected_date": "2026-12-24"}},
    "end": {"value": {"selected_options": []}},
}
QUESTION = {"question": {"value": {"value": "Who was there?"}}}
ANSWER = {"answer": {"value": {"value": "Ada and Bruno"}}}


def _is_right(claim: Claim) -> None:
    assert 0 < claim.money.amount <= MAX_AMOUNT
    assert 0 < len(claim.description) <= MAX_DESCRIPTION
    assert claim.description.isprintable() or not claim.description.isascii()
    assert claim.spent_on <= datetime.now(UTC).date()
    format_money(claim.money, ANYBODY.locale)
    assert claim.manager is None or (claim.manager.isascii() and len(claim.manager) <= 32)
    assert len({receipt.id for receipt in claim.receipts}) == len(claim.receipts) <= MAX_RECEIPTS
    message = Expense(
        id="E", state=State.CREATED, version=1, created_at=datetime.now(UTC), claim=claim
    )
    built = approval_blocks(message, ANYBODY.locale, is_live=True)
    check_blocks(json.loads(json.dumps([block.to_dict() for block in built])))


async def expense_form(values: Any) -> None:
    """A form is a claim, or has a short sentence at each wrong field."""
    try:
        given = values if isinstance(values, Mapping) else {}
        _is_right(parse_expense_modal(given, ANYBODY, [OLD]))
    except InvalidForm as error:
        assert error.errors
        assert all(0 < len(sentence) < 200 for sentence in error.errors.values())
        assert set(error.errors) <= set(FORM)


async def one_line(text: str) -> None:
    """A line is a claim, or refused in a sentence."""
    try:
        for reader in (ANYBODY, make_reader("de-DE", None), make_reader("en-US", None)):
            _is_right(parse_one_line(text, reader))
    except InvalidInput as error:
        assert 0 < len(str(error)) < 200


async def reject_form(values: Any) -> None:
    """A reason can be read, or there is a sentence at its field."""
    try:
        reason = modals.REJECT.parse(values if isinstance(values, Mapping) else {})
        assert 0 < len(reason) <= 1000
    except InvalidForm as error:
        assert set(error.errors) == {"reason"}


async def words_forms(values: Any) -> None:
    """A question or an answer can be read, or there is a sentence at its field."""
    for field, parse in (("question", modals.ASK.parse), ("answer", modals.ANSWER.parse)):
        try:
            words = parse(values if isinstance(values, Mapping) else {})
            assert 0 < len(words) <= 1000
        except InvalidForm as error:
            assert set(error.errors) == {field}


async def delegate_form(values: Any) -> None:
    """A delegation can be read, or there is a sentence at each wrong field."""
    try:
        parse_delegate_modal(values if isinstance(values, Mapping) else {})
    except InvalidForm as error:
        assert set(error.errors) <= {"delegate", "until"}


_lines = st.one_of(
    st.tuples(texts, texts, texts).map(" ".join),
    st.builds(
        "{} {} {}".format,
        st.decimals(allow_nan=True).map(str) | texts,
        st.sampled_from(["EUR", "jpy", "KWD", "XXX", "eur ", "€", "$"]),
        texts,
    ),
    st.text("0123456789.,' ’€$EURCFA\u00a0\u202f", max_size=20),
)

FORMS: Inputs = {
    "expense form": (mutated(FORM) | json_values, expense_form),
    "one line": (_lines, one_line),
    "reject form": (mutated(REASON) | json_values, reject_form),
    "words forms": (mutated(QUESTION | ANSWER) | json_values, words_forms),
    "delegate form": (mutated(DELEGATION) | json_values, delegate_form),
}
