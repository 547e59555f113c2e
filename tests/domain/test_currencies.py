"""The world's currencies."""

from contextlib import suppress
from datetime import date, timedelta

import iso4217
import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import InvalidInput
from bot.domain.form import MAX_AGE
from bot.domain.money import currencies as known
from bot.domain.money.currencies import check_legal, currencies, minor_units, parse_currency
from tests.support.days import today

pytestmark = pytest.mark.usefixtures("same_day")

EN = Locale("en", "GB")


@pytest.mark.parametrize(
    "typed", ["", " ", "DEM", "XXX", "XAU", "BTC", "EU", "EURO", "€", "ЕUR", "E\x00R", "<!channel>"]
)
def test_a_currency_nobody_pays_with_is_refused_at_the_currency(typed: str) -> None:
    with pytest.raises(InvalidInput, match=r"^Please give a currency by its three") as refusal:
        parse_currency(typed)
    assert refusal.value.field == "currency"


@given(st.text())
def test_reading_a_currency_fails_in_no_other_way(typed: str) -> None:
    with suppress(InvalidInput):
        assert parse_currency(typed) in currencies()


def test_there_are_the_currencies_of_today() -> None:
    assert {"EUR", "USD", "GBP", "JPY", "KWD", "CHF", "INR"} <= currencies()
    assert not {"DEM", "FRF", "ITL", "HRK"} & currencies()


def test_decimals_are_the_minor_units_of_iso_4217() -> None:
    of_iso = {
        code: int(str(line["CcyMnrUnts"]))
        for code, line in iso4217.raw_table.items()
        if code in currencies() and line["CcyMnrUnts"] != "N.A."
    }
    assert len(of_iso) > 140
    assert {code: minor_units(code) for code in of_iso} == of_iso


@pytest.mark.parametrize(
    ("code", "decimals"),
    # Of the first five, CLDR's decimals for printing are others.
    [
        *(("RSD", 2), ("IRR", 2), ("LBP", 2), ("IQD", 3), ("AFN", 2)),
        *(("ISK", 0), ("HUF", 2), ("VND", 0), ("IDR", 2), ("KWD", 3), ("JPY", 0), ("HRK", 2)),
    ],
)
def test_a_currency_has_the_decimals_that_can_be_paid(code: str, decimals: int) -> None:
    assert minor_units(code) == decimals


def test_a_currency_that_ended_is_good_for_the_days_on_which_it_was_legal() -> None:
    """ISO 4217 dropped Bulgaria's at the begin of 2026; CLDR did not know yet."""
    check_legal("BGN", date(2025, 12, 31), EN)
    with pytest.raises(InvalidInput) as refusal:
        check_legal("BGN", date(2026, 3, 1), EN)
    assert refusal.value.field == "currency"
    assert str(refusal.value).startswith("BGN was legal tender until ")
    assert "2026" in str(refusal.value) or "2025" in str(refusal.value)
    assert str(refusal.value).endswith("; please check the currency and the day.")
    check_legal("EUR", date(2026, 3, 1), EN)


def test_a_currency_is_not_good_for_the_days_before_it() -> None:
    with pytest.raises(InvalidInput, match=r"^XCG is legal tender since 31 Mar 2025; please check"):
        check_legal("XCG", date(2025, 3, 30), EN)
    check_legal("XCG", date(2025, 3, 31), EN)


def test_currencies_of_the_last_two_years_are_offered() -> None:
    """So that an expense of a day on which they were legal can still be submitted."""
    ends = {code: max(last for _, last in days) for code, days in known._tender().items()}
    lately = {code for code, last in ends.items() if today() - MAX_AGE <= last}
    assert lately == currencies()
    assert not {code for code, last in ends.items() if last < today() - MAX_AGE} & currencies()
    assert all(last < date.max - timedelta(days=1) for code, last in ends.items() if code == "BGN")
