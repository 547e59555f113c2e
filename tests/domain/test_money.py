"""Amounts as people write and read them."""

from contextlib import suppress
from decimal import Decimal

import pytest
from babel import Locale
from babel.numbers import get_currency_precision
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import InvalidInput
from bot.domain.expense import Money
from bot.domain.money import MAX_AMOUNT, currencies, format_money, parse_currency, parse_money

LOCALES = ("en-US", "en-GB", "de-DE", "fr-FR", "ja-JP", "ar-EG", "hi-IN", "de-CH")


@pytest.mark.parametrize(
    ("typed", "currency", "amount"),
    [
        ("42.50", "EUR", "42.50"),
        ("42.5", "EUR", "42.50"),
        ("42", "EUR", "42.00"),
        (" 5 ", "EUR", "5.00"),
        ("00012.50", "EUR", "12.50"),
        ("12.500", "EUR", "12.50"),
        ("0.01", "EUR", "0.01"),
        ("999999999", "EUR", "999999999.00"),
        ("10", "JPY", "10"),
        ("10.0", "JPY", "10"),
        ("1.234", "KWD", "1.234"),
        ("3", " eur ", "3.00"),
        ("3", "uSd", "3.00"),
    ],
)
def test_an_amount_is_read_exactly(typed: str, currency: str, amount: str) -> None:
    money = parse_money(typed, currency)
    assert money == Money(Decimal(amount), currency.strip().upper())
    assert str(money.amount) == amount


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "-1", "-0.01", "+5", "1e3", "1E3", "1e999", "-1e999", "1e-2", "NaN", "nan"),
        *("sNaN", "Infinity", "-Infinity", "inf", "1_000", "0x10", "0b1", "0o7", "٣", "١٢", "１２"),
        *("½", "²", "1 000", "1,000", "1.000,50", "1,234.50", "1.2.3", ".5", "5.", "--5", "€5"),
        *("5€", "5 EUR", "five", "💸", "1\x00", "1\n2", "'; DROP TABLE expenses; --", "1;2"),
        *("9" * 21, "9" * 10_000, "0." + "1" * 21, "<!channel>"),
    ],
)
def test_what_is_no_plain_number_is_refused_at_the_amount(typed: str) -> None:
    with pytest.raises(InvalidInput, match=r"^Please write the amount as a positive") as refusal:
        parse_money(typed, "EUR")
    assert refusal.value.field == "amount"


@pytest.mark.parametrize("typed", ["0", "0.00", "000", "0.0000"])
def test_nothing_cannot_be_asked_for(typed: str) -> None:
    with pytest.raises(InvalidInput, match=r"^The amount must be more than zero\.$"):
        parse_money(typed, "EUR")


@pytest.mark.parametrize("typed", ["999999999.01", "1000000000", "9" * 20])
def test_an_amount_has_an_upper_bound(typed: str) -> None:
    with pytest.raises(InvalidInput, match=r"^The amount can be at most 999,999,999\.$"):
        parse_money(typed, "EUR")


@pytest.mark.parametrize(("typed", "meant"), [("1,50", "1.50"), ("12,5", "12.5"), ("0,01", "0.01")])
def test_a_decimal_comma_is_not_guessed_at(typed: str, meant: str) -> None:
    with pytest.raises(InvalidInput, match=f"with a point, like {meant}"):
        parse_money(typed, "EUR")


@pytest.mark.parametrize(
    ("typed", "currency", "sentence"),
    [
        ("12.345", "EUR", "EUR has at most 2 decimals; please round the amount."),
        ("0.001", "EUR", "EUR has at most 2 decimals; please round the amount."),
        ("10.5", "JPY", "JPY has no decimals; please round the amount."),
        ("1.2345", "KWD", "KWD has at most 3 decimals; please round the amount."),
    ],
)
def test_an_amount_is_no_finer_than_its_currency(typed: str, currency: str, sentence: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse_money(typed, currency)
    assert (refusal.value.field, str(refusal.value)) == ("amount", sentence)


@pytest.mark.parametrize(
    "typed", ["", " ", "DEM", "XXX", "XAU", "BTC", "EU", "EURO", "€", "ЕUR", "E\x00R", "<!channel>"]
)
def test_a_currency_nobody_pays_with_is_refused_at_the_currency(typed: str) -> None:
    with pytest.raises(InvalidInput, match=r"^Please give a currency by its three") as refusal:
        parse_money("1", typed)
    assert refusal.value.field == "currency"


def test_there_are_the_currencies_of_today() -> None:
    assert {"EUR", "USD", "GBP", "JPY", "KWD", "CHF", "INR"} <= currencies()
    assert not {"DEM", "FRF", "ITL"} & currencies()


@given(st.text(), st.text() | st.sampled_from(["EUR", "JPY", "KWD"]))
def test_reading_fails_in_no_other_way(amount: str, currency: str) -> None:
    with suppress(InvalidInput):
        assert 0 < parse_money(amount, currency).amount <= MAX_AMOUNT


@given(st.text())
def test_reading_a_currency_fails_in_no_other_way(typed: str) -> None:
    with suppress(InvalidInput):
        assert parse_currency(typed) in currencies()


@given(
    st.decimals(min_value=0, max_value=MAX_AMOUNT, allow_nan=False, places=4),
    st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_what_is_written_is_read_again(value: Decimal, currency: str) -> None:
    amount = value.quantize(Decimal(1).scaleb(-get_currency_precision(currency)))
    if amount <= 0:
        return
    assert parse_money(f"{amount:f}", currency) == Money(amount, currency)


@pytest.mark.parametrize(
    ("locale", "written"),
    [
        ("en-GB", "€1,234.50"),
        ("en-US", "€1,234.50"),
        ("de-DE", "1.234,50\N{NO-BREAK SPACE}€"),
        ("fr-FR", "1\N{NARROW NO-BREAK SPACE}234,50\N{NO-BREAK SPACE}€"),
        ("ja-JP", "€1,234.50"),
    ],
)
def test_money_is_written_as_the_reader_s_locale_has_it(locale: str, written: str) -> None:
    money = Money(Decimal("1234.50"), "EUR")
    assert format_money(money, Locale.parse(locale, sep="-")) == written


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "written"),
    [
        ("1234", "JPY", "ja-JP", "￥1,234"),
        ("1234", "JPY", "en-GB", "JP¥1,234"),
        ("1.234", "KWD", "en-US", "KWD\N{NO-BREAK SPACE}1.234"),
        ("999999999.00", "USD", "en-US", "$999,999,999.00"),
        ("42.50", "CHF", "en-GB", "CHF\N{NO-BREAK SPACE}42.50"),
        ("42.50", "CHF", "fr-FR", "42,50\N{NO-BREAK SPACE}CHF"),
    ],
)
def test_a_currency_keeps_its_own_decimals(
    amount: str, currency: str, locale: str, written: str
) -> None:
    money = Money(Decimal(amount), currency)
    assert format_money(money, Locale.parse(locale, sep="-")) == written


@settings(deadline=None)  # the first use of a locale reads its file
@given(
    st.decimals(min_value=Decimal("0.01"), max_value=MAX_AMOUNT, allow_nan=False, places=2),
    st.sampled_from(LOCALES),
)
def test_writing_rounds_nothing(amount: Decimal, locale: str) -> None:
    written = format_money(Money(amount, "EUR"), Locale.parse(locale, sep="-"))
    assert "".join(c for c in written if c.isdecimal()).lstrip("0") == (
        f"{amount:f}".replace(".", "").lstrip("0")
    )
