"""Reads and writes amounts of money."""

import re
from datetime import date
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.core import get_global
from babel.numbers import format_currency, get_currency_precision, get_territory_currencies

from bot.domain.errors import InvalidInput
from bot.domain.expense import Money

MAX_AMOUNT = Decimal("999999999")

_PLAIN_NUMBER = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?")
_LETTER_BESIDE_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_LOOKS_LIKE_A_COMMA_DECIMAL = re.compile(r"[0-9]{1,9},[0-9]{1,2}")

# The database adds whole ten-thousandths of a currency, because SQLite adds fractions inexactly.
PARTS = 10_000


def parts_of(amount: Decimal) -> int:
    """Return an amount in ten-thousandths of its currency."""
    return int((amount * PARTS).to_integral_value())


@cache
def currencies() -> frozenset[str]:
    """Return the ISO 4217 codes of all currencies that CLDR knows as legal tender today."""
    today = date.today()  # noqa: DTZ011 - a day more or less does not matter here
    return frozenset(
        code
        for territory in get_global("territory_currencies")
        for code in get_territory_currencies(territory, start_date=today, tender=True)
    )


def parse_currency(text: str) -> str:
    """Return a currency's ISO 4217 code in capitals.

    Raises:
        InvalidInput: the text is not one of `currencies()`.
    """
    code = text.strip().upper()
    if code not in currencies():
        raise InvalidInput(
            "currency", "Please give a currency by its three letters, such as EUR or USD."
        )
    return code


def parse_money(amount: str, currency: str) -> Money:
    """Read an amount that a person typed.

    Only digits with a decimal point are accepted: a comma separates decimals in some countries and
    thousands in others.

    Args:
        amount: such as 42.50; at most `MAX_AMOUNT`.
        currency: ISO 4217 code.

    Raises:
        InvalidInput: the amount is not a positive number of at most that size, or has more decimals
            than the currency; or the currency does not exist.
    """
    code = parse_currency(currency)
    text = amount.strip()
    if _LOOKS_LIKE_A_COMMA_DECIMAL.fullmatch(text):
        point = text.replace(",", ".")
        raise InvalidInput("amount", f"Please write the amount with a point, like {point}.")
    if not _PLAIN_NUMBER.fullmatch(text):
        raise InvalidInput(
            "amount", "Please write the amount as a positive number in digits, like 42.50."
        )
    value = Decimal(text)
    if value <= 0:
        raise InvalidInput("amount", "The amount must be more than zero.")
    if value > MAX_AMOUNT:
        raise InvalidInput("amount", f"The amount can be at most {MAX_AMOUNT:,}.")
    precision = get_currency_precision(code)
    quantum = Decimal(1).scaleb(-precision)
    if value != value.quantize(quantum):
        allowed = f"at most {precision}" if precision else "no"
        raise InvalidInput("amount", f"{code} has {allowed} decimals; please round the amount.")
    return Money(value.quantize(quantum), code)


def format_money(money: Money, locale: Locale) -> str:
    """Return an amount in the locale's format, such as €42.50 or CHF 42.50."""
    written = format_currency(money.amount, money.currency, locale=locale)
    # CLDR wants a space between letters and digits, which Babel leaves out.
    return _LETTER_BESIDE_DIGIT.sub("\N{NO-BREAK SPACE}", written)
