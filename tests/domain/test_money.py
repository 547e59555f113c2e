"""Amounts as people read them."""

from decimal import Decimal

import pytest
from babel import Locale
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.expense import Money
from bot.domain.money.formatting import MAX_AMOUNT, PARTS, format_money, parts_of, plain_number

LOCALES = ("en-US", "en-GB", "de-DE", "fr-FR", "ja-JP", "ar-EG", "hi-IN", "de-CH")


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
        # These have decimals that CLDR does not print.
        ("42.50", "RSD", "en-GB", "RSD\N{NO-BREAK SPACE}42.50"),
        ("1.234", "IQD", "en-GB", "IQD\N{NO-BREAK SPACE}1.234"),
        # Recorded by a version that had no decimals for it.
        ("1200", "LBP", "de-DE", "1.200,00\N{NO-BREAK SPACE}LBP"),
    ],
)
def test_a_currency_keeps_its_own_decimals(
    amount: str, currency: str, locale: str, written: str
) -> None:
    money = Money(Decimal(amount), currency)
    assert format_money(money, Locale.parse(locale, sep="-")) == written


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "written"),
    [
        ("1234.50", "EUR", "en-GB", "1234.50"),
        ("1234.50", "EUR", "de-DE", "1234,50"),
        ("1234", "JPY", "de-DE", "1234"),
        ("1.234", "KWD", "fr-FR", "1,234"),
        ("42.50", "EUR", None, "42.50"),
        ("1200", "LBP", "en-US", "1200.00"),
    ],
)
def test_in_a_field_money_is_a_plain_number(
    amount: str, currency: str, locale: str | None, written: str
) -> None:
    money = Money(Decimal(amount), currency)
    assert plain_number(money, Locale.parse(locale, sep="-") if locale else None) == written


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


def test_sqlite_adds_the_largest_amount_exactly() -> None:
    assert float(MAX_AMOUNT * PARTS) == parts_of(MAX_AMOUNT)
    assert parts_of(MAX_AMOUNT) + 1 < 2**53
