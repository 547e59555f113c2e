"""The modals, and the way back from what people typed into them."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.views import View

from bot import forms
from bot.errors import InvalidInput
from bot.expense import Category, Money
from bot.forms import InvalidForm
from bot.reader import ANYBODY, make_reader
from bot.sandbox.block_kit import check_view
from bot.sandbox.form import client_errors, filled
from tests.claims import TEXTS

TODAY = datetime.now(ANYBODY.timezone).date()
LOCALES = ("en-US", "en-GB", "de-DE", "de-CH", "fr-FR", "ja", "ja-JP", "ar-EG", "pt-BR", "zh-CN")
BIDI = "\u202e\u202d\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u202a\u202b\u202c"


def checked(view: View) -> dict[str, Any]:
    """A view as Slack gets it, if Slack would take it."""
    return check_view(json.loads(json.dumps(view.to_dict())), "modal")


def values(**changes: Any) -> dict[str, Any]:
    """What Slack sends of a well-filled form, but for some changes."""
    given = {
        "amount": "42.50",
        "currency": "EUR",
        "description": "Team lunch",
        "category": "meals",
        "spent_on": TODAY.isoformat(),
    }
    return filled(checked(forms.expense_modal(ANYBODY))["blocks"], given | changes)


def errors(**changes: Any) -> dict[str, str]:
    with pytest.raises(InvalidForm) as refusal:
        forms.parse_expense_modal(values(**changes), ANYBODY)
    return refusal.value.errors


@pytest.mark.parametrize("locale", LOCALES)
def test_slack_takes_the_form_in_every_language(locale: str) -> None:
    view = checked(forms.expense_modal(make_reader(locale, None)))
    assert [block["block_id"] for block in view["blocks"]] == [
        *("amount", "currency", "description", "category", "spent_on")
    ]


@pytest.mark.parametrize(
    ("locale", "currency"), [("en-US", "USD"), ("de-DE", "EUR"), ("ja-JP", "JPY"), ("ja", None)]
)
def test_the_form_offers_the_currency_of_the_reader_s_country(
    locale: str, currency: str | None
) -> None:
    select = checked(forms.expense_modal(make_reader(locale, None)))["blocks"][1]["element"]
    assert select.get("initial_option", {}).get("value") == currency


def test_a_well_filled_form_is_a_claim() -> None:
    claim = forms.parse_expense_modal(values(), ANYBODY)
    assert claim.money == Money(Decimal("42.50"), "EUR")
    assert claim.description == "Team lunch"
    assert claim.category is Category.MEALS
    assert claim.spent_on == TODAY


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("amount", "1,50", "Please write the amount with a point, like 1.50."),
        ("amount", "-1", "Please write the amount as a positive number in digits, like 42.50."),
        ("amount", "0", "The amount must be more than zero."),
        ("amount", "1000000000", "The amount can be at most 999,999,999."),
        ("amount", "12.345", "EUR has at most 2 decimals; please round the amount."),
        ("description", " \n ", "Please say what the expense was for."),
        ("description", "x" * 501, "Please say it in at most 500 characters."),
        ("description", "x" * 10_000, "Please say it in at most 500 characters."),
        ("description", "\u200b\u200d\ufe0f", "Please say what the expense was for."),
        ("description", BIDI, "Please say what the expense was for."),
        ("description", "\x00\x07", "Please say what the expense was for."),
        ("spent_on", None, "Please choose the day on which it was spent."),
        ("spent_on", "2026-02-30", "Please choose the day on which it was spent."),
        ("spent_on", "yesterday", "Please choose the day on which it was spent."),
        ("spent_on", "9999-12-31", "This day is still to come; please choose a past one."),
        ("spent_on", "0001-01-01", "This is more than two years ago; please check the date."),
        ("currency", None, "Please give a currency by its three letters, such as EUR or USD."),
        ("category", None, "Please choose a category."),
    ],
)
def test_wrong_input_gets_a_sentence_at_its_field(
    field: str, typed: str | None, sentence: str
) -> None:
    assert errors(**{field: typed}) == {field: sentence}


def test_every_wrong_field_gets_its_sentence_at_once() -> None:
    found = errors(amount="NaN", description="", category=None, spent_on="9999-12-31")
    assert list(found) == ["amount", "description", "category", "spent_on"]


@pytest.mark.parametrize(
    "hostile",
    [
        {},
        {"amount": None},
        {"amount": {"value": None}},
        {"amount": {"value": {"value": 5}}},
        {"amount": {"value": "5"}, "currency": {"value": {"selected_option": {"value": 7}}}},
        {"category": {"value": {"selected_option": {"value": ["meals"]}}}},
        {"category": {"value": {"selected_option": "meals"}}, "spent_on": 5},
        {"spent_on": {"value": {"selected_date": 20260131}}},
        {"description": []},
    ],
)
def test_a_form_of_another_shape_is_only_wrong(hostile: dict[str, Any]) -> None:
    with pytest.raises(InvalidForm):
        forms.parse_expense_modal(hostile, ANYBODY)


def test_a_day_is_judged_where_the_person_is() -> None:
    east = make_reader(None, "Pacific/Kiritimati")  # 14 hours ahead
    west = make_reader(None, "Pacific/Niue")  # 11 hours behind: always the day before
    there = datetime.now(ZoneInfo("Pacific/Kiritimati")).date().isoformat()
    assert forms.parse_expense_modal(values(spent_on=there), east).spent_on.isoformat() == there
    with pytest.raises(InvalidForm) as refusal:
        forms.parse_expense_modal(values(spent_on=there), west)
    assert list(refusal.value.errors) == ["spent_on"]
    picker = checked(forms.expense_modal(east))["blocks"][4]["element"]
    assert picker["initial_date"] == there


@pytest.mark.parametrize(("days", "accepted"), [(0, True), (730, True), (731, False), (-1, False)])
def test_a_day_is_neither_to_come_nor_two_years_ago(days: int, accepted: bool) -> None:
    day = (TODAY - timedelta(days=days)).isoformat()
    if accepted:
        assert forms.parse_expense_modal(values(spent_on=day), ANYBODY).spent_on.isoformat() == day
    else:
        assert list(errors(spent_on=day)) == ["spent_on"]


@pytest.mark.parametrize("typed", TEXTS)
def test_what_is_typed_is_kept_as_it_is(typed: str) -> None:
    assert forms.parse_description(typed) == typed
    rejection = filled(checked(forms.reject_modal("e-1"))["blocks"], {"reason": typed})
    assert forms.parse_reject_modal(rejection) == typed


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  a \n\t b \r\n", "a b"),
        ("a\u2028b\u0085c\u00a0d", "a b c d"),
        (f"1{BIDI}2", "12"),
        ("a\x00b\x1b[31m", "ab[31m"),
        ("a\ud800b", "ab"),
        ("x" * 500, "x" * 500),
        (f" {'x' * 500} ", "x" * 500),
    ],
)
def test_white_space_is_folded_and_what_cannot_be_seen_dropped(typed: str, kept: str) -> None:
    assert forms.parse_description(typed) == kept


@given(st.text())
def test_a_description_is_always_one_visible_line(typed: str) -> None:
    try:
        description = forms.parse_description(typed)
    except InvalidInput:
        return
    assert description
    assert description == " ".join(description.split())
    assert not set(description) & {*BIDI, "\x00", "\n", "\u2028"}
    assert forms.parse_description(description) == description


@pytest.mark.parametrize(
    ("line", "amount", "currency", "description"),
    [
        ("42.50 EUR Team lunch", "42.50", "EUR", "Team lunch"),
        ("  42.5   eur    Team   lunch  ", "42.50", "EUR", "Team lunch"),
        ("7 JPY\nTea", "7", "JPY", "Tea"),
        ("1 KWD 2 EUR", "1.000", "KWD", "2 EUR"),
    ],
)
def test_one_line_is_a_claim(line: str, amount: str, currency: str, description: str) -> None:
    claim = forms.parse_one_line(line, ANYBODY)
    assert claim.money == Money(Decimal(amount), currency)
    assert claim.description == description
    assert claim.category is Category.OTHER
    assert claim.spent_on == TODAY


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("", "description"),
        ("42.50", "description"),
        ("42.50 EUR", "description"),
        ("42.50 EUR \u200b", "description"),
        ("Team lunch 42.50 EUR", "currency"),
        ("EUR 42.50 lunch", "currency"),
        ("42.50 DEM lunch", "currency"),
        ("1,50 EUR lunch", "amount"),
        ("-1 EUR lunch", "amount"),
    ],
)
def test_a_wrong_line_says_what_to_write(line: str, field: str) -> None:
    with pytest.raises(InvalidInput, match=r"^Please .*[.`]$") as refusal:
        forms.parse_one_line(line, ANYBODY)
    assert refusal.value.field == field


@given(st.text())
def test_a_line_fails_in_no_other_way(line: str) -> None:
    try:
        claim = forms.parse_one_line(line, ANYBODY)
    except InvalidInput:
        return
    assert claim.description


def test_slack_takes_the_form_for_a_reason_with_the_longest_id() -> None:
    view = checked(forms.reject_modal("&" * 200))
    assert view["private_metadata"] == "&" * 200
    assert not view.get("notify_on_close")


@pytest.mark.parametrize("typed", [None, "", " ", "\n", "\u200b", "\x00"])
def test_a_rejection_needs_a_reason(typed: str | None) -> None:
    with pytest.raises(InvalidForm) as refusal:
        forms.parse_reject_modal({"reason": {"value": {"value": typed}}})
    assert list(refusal.value.errors) == ["reason"]


def test_a_reason_has_a_longest_length() -> None:
    assert forms.parse_reject_modal({"reason": {"value": {"value": "x" * 1000}}}) == "x" * 1000
    with pytest.raises(InvalidForm, match="at most 1,000 characters"):
        forms.parse_reject_modal({"reason": {"value": {"value": "x" * 1001}}})


def test_slack_s_own_client_stops_what_is_too_long() -> None:
    blocks = checked(forms.expense_modal(ANYBODY))["blocks"]
    assert list(client_errors(blocks, values(description="x" * 501))) == ["description"]
    assert list(client_errors(blocks, values(amount="1" * 41))) == ["amount"]


@pytest.mark.parametrize("title", ["Sorry", "Not rejected", "x" * 24])
def test_slack_takes_a_notice(title: str) -> None:
    assert checked(forms.notice_modal(title, "<@U0MINA> was first."))["title"]["text"] == title
