"""Amounts as people write them."""

from contextlib import suppress
from decimal import Decimal

import pytest
from babel import Locale
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import InvalidInput
from bot.domain.expense import Money
from bot.domain.money.amounts import parse_line, parse_money
from bot.domain.money.currencies import currencies, minor_units
from bot.domain.money.formatting import MAX_AMOUNT, format_money, plain_number

EN, DE, FR, CH, IN = (Locale.parse(name) for name in ("en_US", "de_DE", "fr_FR", "de_CH", "hi_IN"))
# All the locales that Slack offers, and some that it does not.
LOCALES = [
    Locale.parse(name)
    for name in (
        *(
            "en_US",
            "en_GB",
            "de_DE",
            "es_ES",
            "es_419",
            "fr_FR",
            "it_IT",
            "pt_BR",
            "ja_JP",
            "ko_KR",
        ),
        *("zh_CN", "zh_TW", "sv_SE", "nb_NO", "da_DK", "pl_PL", "cs_CZ", "tr_TR", "ru_RU"),
        *(
            "hi_IN",
            "de_CH",
            "de_AT",
            "fr_CH",
            "en_CA",
            "nl_NL",
            "ar_EG",
            "he_IL",
            "th_TH",
            "hu_HU",
            "fi_FI",
        ),
    )
]
NBSP, NNBSP, THIN = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}", "\N{THIN SPACE}"


def refused(typed: str, currency: str, locale: Locale | None = EN) -> tuple[str, str]:
    with pytest.raises(InvalidInput) as refusal:
        parse_money(typed, currency, locale)
    return refusal.value.field, str(refusal.value)


@pytest.mark.parametrize(
    ("typed", "currency", "amount"),
    [
        ("42.50", "EUR", "42.50"),
        ("42.5", "EUR", "42.50"),
        ("42", "EUR", "42.00"),
        (" 5 ", "EUR", "5.00"),
        ("00012.50", "EUR", "12.50"),
        ("0.01", "EUR", "0.01"),
        ("99999999999", "EUR", "99999999999.00"),
        ("10", "JPY", "10"),
        ("10.0", "JPY", "10"),
        ("10.00", "JPY", "10"),
        ("1.234", "KWD", "1.234"),
        ("1.2340", "KWD", "1.234"),
        ("3", " eur ", "3.00"),
        ("3", "uSd", "3.00"),
        ("42.50", "RSD", "42.50"),
        ("90000000000", "IRR", "90000000000.00"),
    ],
)
def test_an_amount_is_read_exactly(typed: str, currency: str, amount: str) -> None:
    money = parse_money(typed, currency, EN)
    assert money == Money(Decimal(amount), currency.strip().upper())
    assert str(money.amount) == amount


@pytest.mark.parametrize(
    ("typed", "locale", "amount"),
    [
        ("42,50", DE, "42.50"),
        ("1.234,56", DE, "1234.56"),
        ("1.234", DE, "1234.00"),
        ("1.000", DE, "1000.00"),
        ("1.234.567", DE, "1234567.00"),
        ("1,234", EN, "1234.00"),
        ("1,234.56", EN, "1234.56"),
        ("1 234,56", FR, "1234.56"),
        (f"1{NBSP}234,56", FR, "1234.56"),
        (f"1{NNBSP}234,56", FR, "1234.56"),
        (f"12{THIN}345{THIN}678,9", FR, "12345678.90"),
        ("1'234.50", CH, "1234.50"),
        ("1’234.50", CH, "1234.50"),
        ("1,23,456.50", IN, "123456.50"),
        ("12,34,56,789", IN, "123456789.00"),
        # Written by the way of another country, where it can mean nothing else.
        ("42.50", DE, "42.50"),
        ("1,234.56", DE, "1234.56"),
        ("42,50", EN, "42.50"),
        ("42,5", EN, "42.50"),
        ("1.234,56", EN, "1234.56"),
        ("1.234.567", EN, "1234567.00"),
        ("1 234.56", EN, "1234.56"),
        ("1.234,56", None, "1234.56"),
        ("42,50", None, "42.50"),
        ("1000", None, "1000.00"),
        ("42,-", DE, "42.00"),
        ("1'234.–", CH, "1234.00"),
        ("42:-", Locale("sv", "SE"), "42.00"),
    ],
)
def test_amounts_are_read_as_people_write_them(
    typed: str, locale: Locale | None, amount: str
) -> None:
    assert parse_money(typed, "EUR", locale) == Money(Decimal(amount), "EUR")


@pytest.mark.parametrize(
    ("typed", "currency", "locale", "ways"),
    [
        ("1.000", "EUR", EN, "1.00 for €1.00 or 1000.00 for €1,000.00"),
        ("12.345", "EUR", EN, "12.34 for €12.34 or 12345.00 for €12,345.00"),
        ("1.234", "JPY", EN, "1 for ¥1 or 1234 for ¥1,234"),
        ("1,000", "EUR", DE, f"1,00 for 1,00{NBSP}€ or 1000,00 for 1.000,00{NBSP}€"),
        ("1.000", "EUR", FR, f"1,00 for 1,00{NBSP}€ or 1000,00 for 1{NNBSP}000,00{NBSP}€"),
        ("1.000", "EUR", CH, "1.00 for EUR{NBSP}1.00 or 1000.00 for EUR{NBSP}1’000.00"),
        # Three decimals are as usual there as thousands.
        ("1,234", "KWD", EN, "1.234 for KWD{NBSP}1.234 or 1234.000 for KWD{NBSP}1,234.000"),
        ("1.234", "KWD", DE, "1,234 for 1,234{NBSP}KWD or 1234,000 for 1.234,000{NBSP}KWD"),
        # Nobody knows how this person writes.
        ("1,000", "EUR", None, "1.00 for €1.00 or 1000.00 for €1,000.00"),
        ("1.234", "KWD", None, "1.2340 for KWD{NBSP}1.234 or 1234.000 for KWD{NBSP}1,234.000"),
    ],
)
def test_what_can_be_read_in_two_ways_is_asked_about(
    typed: str, currency: str, locale: Locale | None, ways: str
) -> None:
    """With both readings, and each as it can be written so that it is read in one way."""
    ways = ways.replace("{NBSP}", NBSP)
    field, sentence = refused(typed, currency, locale)
    assert field == "amount"
    assert sentence == f"“{typed}” can be read in two ways. Please write {ways}."
    for way in ways.split(" or "):
        written, shown = way.split(" for ")
        money = parse_money(written, currency, locale)
        assert format_money(money, locale or EN) == shown


@pytest.mark.parametrize(
    ("typed", "currency", "locale", "amount"),
    [
        ("€42", "EUR", EN, "42.00"),
        ("42€", "EUR", DE, "42.00"),
        ("42,50 €", "EUR", DE, "42.50"),
        ("42.50EUR", "EUR", EN, "42.50"),
        ("EUR 42.50", "EUR", EN, "42.50"),
        ("eur 42.50", "EUR", EN, "42.50"),
        ("$12.50", "USD", EN, "12.50"),
        ("US$12.50", "USD", EN, "12.50"),
        ("$12.50", "CAD", EN, "12.50"),  # who chose Canada's means Canada's
        ("kr 42,50", "NOK", DE, "42.50"),
        ("Fr. 42.50", "CHF", CH, None),
    ],
)
def test_a_sign_beside_the_amount_agrees_with_the_currency(
    typed: str, currency: str, locale: Locale, amount: str | None
) -> None:
    if amount:
        assert parse_money(typed, currency, locale) == Money(Decimal(amount), currency)
    else:
        assert refused(typed, currency, locale)[0] == "amount"


@pytest.mark.parametrize(
    ("typed", "currency", "sign"),
    [("€42", "USD", "€"), ("42 GBP", "EUR", "GBP"), ("$5", "EUR", "$")],
)
def test_a_sign_of_another_currency_is_asked_about(typed: str, currency: str, sign: str) -> None:
    assert refused(typed, currency) == (
        "amount",
        f"The amount says {sign}, the currency {currency}; please make them agree.",
    )


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "-1", "-0.01", "+5", "1e3", "1E3", "1e999", "-1e999", "1e-2", "NaN", "nan"),
        *("sNaN", "Infinity", "-Infinity", "inf", "1_000", "0x10", "0b1", "0o7", "٣", "١٢", "１２"),
        *(
            "−5",
            "(5)",
            "5-",
            "5.00-",
            "½",
            "²",
            "10²",
            "1.2.3",
            ".5",
            "5.",
            "--5",
            "five",
            "💸",
            "1\x00",
            "1;2",
            "$-5",
            "5 bananas",
        ),
        *("'; DROP TABLE expenses; --", "<!channel>", "9" * 10_000, "1,2,3", "1.2,3.4", "42 50"),
        *("1,234 567", "12,34,5", "1..000", "0,123,456", "1.23.456,7.8", "1 23", "9" * 41),
    ],
)
def test_what_is_no_amount_is_refused_at_the_amount(typed: str) -> None:
    assert refused(typed, "EUR") == (
        "amount",
        "Please write the amount as a positive number in digits, like 42.50.",
    )


def test_the_example_is_written_as_the_reader_writes() -> None:
    assert refused("x", "EUR", DE)[1].endswith("like 42,50.")


@pytest.mark.parametrize("typed", ["0", "0.00", "000", "0.0000", "€0"])
def test_nothing_cannot_be_asked_for(typed: str) -> None:
    assert refused(typed, "EUR") == ("amount", "The amount must be more than zero.")


@pytest.mark.parametrize("typed", ["99999999999.01", "100000000000", "9" * 20])
def test_an_amount_has_an_upper_bound(typed: str) -> None:
    assert refused(typed, "EUR")[1] == "The amount can be at most 99,999,999,999."
    assert refused(typed, "EUR", DE)[1] == "The amount can be at most 99.999.999.999."


@pytest.mark.parametrize(
    ("typed", "currency", "sentence"),
    [
        ("12.3456", "EUR", "EUR has at most 2 decimals; please round the amount."),
        ("0.001", "EUR", "EUR has at most 2 decimals; please round the amount."),
        ("1234.567", "EUR", "EUR has at most 2 decimals; please round the amount."),
        ("10.5", "JPY", "JPY has no decimals; please round the amount."),
        ("10.5", "ISK", "ISK has no decimals; please round the amount."),
        ("1.2345", "KWD", "KWD has at most 3 decimals; please round the amount."),
    ],
)
def test_an_amount_is_no_finer_than_its_currency(typed: str, currency: str, sentence: str) -> None:
    assert refused(typed, currency) == ("amount", sentence)


@pytest.mark.parametrize("locale", [EN, DE, FR, CH, Locale("es", "419"), None])
@pytest.mark.parametrize(
    ("typed", "currency"),
    [
        # Thousands of somebody who left a mark out, and of those who write 1'000.000 for a million.
        *(("1234.500", "EUR"), ("1234,500", "EUR"), ("1234.000", "JPY"), ("1234.000", "EUR")),
        *(("1'000.000", "COP"), ("1'000,000", "MXN"), ("1 000.000", "EUR"), ("1,0000", "EUR")),
        *(("0.500", "EUR"), ("0,500", "EUR"), ("12.5000", "EUR")),
    ],
)
def test_zeros_that_may_be_thousands_are_not_taken_for_decimals(
    typed: str, currency: str, locale: Locale | None
) -> None:
    field, sentence = refused(typed, currency, locale)
    assert field == "amount"
    assert sentence.startswith(f"{currency} has ")
    assert sentence.endswith("; please round the amount.")


def test_what_people_read_they_may_write() -> None:
    """In every locale and currency, in full and as it stands in a field."""
    some = ("EUR", "USD", "GBP", "CHF", "JPY", "KWD", "INR", "SEK", "XOF", "RSD")
    for locale in LOCALES:
        for code in sorted(currencies()) if locale in (EN, DE, FR) else some:
            for value in ("1.234", "1234567.25"):
                amount = Decimal(value).quantize(Decimal(1).scaleb(-minor_units(code)))
                money = Money(amount, code)
                for written in (format_money(money, locale), plain_number(money, locale)):
                    assert parse_money(written, code, locale) == money, (written, code, locale)


@settings(deadline=None)  # the first use of a locale reads its file
@given(
    st.decimals(min_value=0, max_value=MAX_AMOUNT, allow_nan=False, places=4),
    st.sampled_from(["EUR", "JPY", "KWD", "CLF"]),
    st.sampled_from(LOCALES),
)
def test_what_is_written_is_read_again(value: Decimal, currency: str, locale: Locale) -> None:
    amount = value.quantize(Decimal(1).scaleb(-minor_units(currency)))
    if amount <= 0 or currency not in currencies():
        return
    money = Money(amount, currency)
    assert parse_money(format_money(money, locale), currency, locale) == money
    assert parse_money(plain_number(money, locale), currency, locale) == money


@settings(deadline=None)
@given(
    st.text() | st.text("0123456789.,' ’€$", max_size=12),
    st.text() | st.sampled_from(["EUR", "JPY", "KWD"]),
    st.sampled_from([None, EN, DE, FR, IN]),
)
def test_reading_fails_in_no_other_way(amount: str, currency: str, locale: Locale | None) -> None:
    with suppress(InvalidInput):
        assert 0 < parse_money(amount, currency, locale).amount <= MAX_AMOUNT


# In one line


@pytest.mark.parametrize(
    ("line", "locale", "amount", "currency", "rest"),
    [
        ("42.50 EUR Team lunch", EN, "42.50", "EUR", "Team lunch"),
        ("42,50 EUR Team lunch", DE, "42.50", "EUR", "Team lunch"),
        ("42.50EUR Team lunch", EN, "42.50", "EUR", "Team lunch"),
        ("EUR 42.50 Team lunch", EN, "42.50", "EUR", "Team lunch"),
        ("EUR42.50 Team lunch", EN, "42.50", "EUR", "Team lunch"),
        ("42.50 eur, Team lunch", EN, "42.50", "EUR", "Team lunch"),
        ("€42 Taxi", EN, "42.00", "EUR", "Taxi"),
        ("€ 42 Taxi", EN, "42.00", "EUR", "Taxi"),
        ("42 EUR gate 3,- x", EN, "42.00", "EUR", "gate 3,- x"),
        ("42,- € Taxi", DE, "42.00", "EUR", "Taxi"),
        ("CHF 42.– Taxi", CH, "42.00", "CHF", "Taxi"),
        ("42€ Taxi", EN, "42.00", "EUR", "Taxi"),
        ("42,50 € Taxi", DE, "42.50", "EUR", "Taxi"),
        ("$12.50 Tea", EN, "12.50", "USD", "Tea"),
        ("US$ 12.50 Tea", FR, "12.50", "USD", "Tea"),
        ("£5 Tea", EN, "5.00", "GBP", "Tea"),
        ("kr 42,50 Te", Locale("sv", "SE"), "42.50", "SEK", "Te"),
        ("R$ 42,50 Café", Locale("pt", "BR"), "42.50", "BRL", "Café"),
        ("1 234,56 EUR Zug", FR, "1234.56", "EUR", "Zug"),
        ("1 234 567 EUR Zug", FR, "1234567.00", "EUR", "Zug"),
        (f"1{NNBSP}234,56{NBSP}€ Zug", FR, "1234.56", "EUR", "Zug"),
        (f"EUR 1{NBSP}200 sheets", FR, "1200.00", "EUR", "sheets"),
        (f"500{NNBSP}F{NBSP}CFA thé", FR, "500", "XOF", "thé"),
        ("1'234.50 CHF Hotel", CH, "1234.50", "CHF", "Hotel"),
        ("CHF 1’234.50 Hotel", CH, "1234.50", "CHF", "Hotel"),
        ("₹1,23,456.50 Flight", IN, "123456.50", "INR", "Flight"),
        ("1 KWD 2 EUR", EN, "1.000", "KWD", "2 EUR"),
        ("€42 EUR Taxi", EN, "42.00", "EUR", "Taxi"),
        ("42 EUR all of it", EN, "42.00", "EUR", "all of it"),
        ("42 ALL Byrek", EN, "42.00", "ALL", "Byrek"),
        ("EUR 42 2 coffees", EN, "42.00", "EUR", "2 coffees"),
        ("EUR 42 cup cakes", EN, "42.00", "EUR", "cup cakes"),
    ],
)
def test_amount_and_currency_begin_a_line_in_either_order(
    line: str, locale: Locale, amount: str, currency: str, rest: str
) -> None:
    assert parse_line(line, locale) == (Money(Decimal(amount), currency), rest)


@pytest.mark.parametrize(
    ("line", "locale", "field", "sentence"),
    [
        ("1.000 EUR Tea", EN, "amount", "“1.000” can be read in two ways."),
        (
            "EUR 1 200 sheets",
            EN,
            "amount",
            "“1 200” can be read in two ways. Please write 1.00 ",
        ),
        ("EUR 1 200,50 sheets", FR, "amount", "“1 200,50” can be read in two ways."),
        ("$5 Tea", DE, "currency", None),
        ("$5 Tea", FR, "currency", "“$” can mean several currencies; please write its three "),
        ("$5 Tea", None, "currency", "“$” can mean several currencies; please write its three "),
        ("5 $ Tea", Locale("en", "GB"), "currency", "“$” can mean several currencies; please "),
        ("¥500 Tea", Locale("en", "GB"), "currency", "“¥” can mean several currencies; please "),
        ("42 all of it", EN, "currency", "Please write ALL in capitals if you mean the currency"),
        ("3 cup cakes", EN, "currency", "Please write CUP in capitals if you mean the currency"),
        ("EUR 42 USD Tea", EN, "currency", "You wrote EUR and USD; please write only one"),
        ("€42 $ Tea", EN, "currency", "You wrote € and $; please write only one"),
        ("42 bananas", EN, "currency", "Please give a currency by its three letters"),
    ],
)
def test_what_a_line_leaves_open_is_asked_about(
    line: str, locale: Locale | None, field: str, sentence: str | None
) -> None:
    if sentence is None:  # as it is shown to them
        assert parse_line(line, locale) == (Money(Decimal("5.00"), "USD"), "Tea")
        return
    with pytest.raises(InvalidInput) as refusal:
        parse_line(line, locale)
    assert str(refusal.value).startswith(sentence)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    "line",
    ["", "Tea", "Tea 42 EUR", "A4 paper", "-1 EUR Tea", "42.50", "1e9 EUR Tea", "42 5 EUR T"],
)
def test_a_line_that_begins_otherwise_is_none(line: str) -> None:
    assert parse_line(line, EN) is None


@settings(deadline=None)
@given(st.text() | st.text("0123456789.,' €$EURabc", max_size=20), st.sampled_from([None, EN, FR]))
def test_a_line_fails_in_no_other_way(line: str, locale: Locale | None) -> None:
    with suppress(InvalidInput):
        if found := parse_line(line, locale):
            assert 0 < found[0].amount <= MAX_AMOUNT
