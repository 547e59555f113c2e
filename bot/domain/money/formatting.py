"""Writes amounts of money."""

import re
from copy import copy
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import NumberPattern, get_decimal_symbol

from bot.domain.expense import Money
from bot.domain.money.currencies import minor_units

# Large enough for a flight in rials or dongs, and small enough that SQLite, whose numbers have 53
# bits, adds ten-thousandths of it exactly.
MAX_AMOUNT = Decimal(99_999_999_999)

_LETTER_BESIDE_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")

# The database adds whole ten-thousandths of a currency, because SQLite adds fractions inexactly.
PARTS = 10_000


def parts_of(amount: Decimal) -> int:
    """Return an amount in ten-thousandths of its currency."""
    return int((amount * PARTS).to_integral_value())


def rounded(value: Decimal, code: str) -> Decimal:
    """Return a value with as many decimals as its currency has."""
    return value.quantize(Decimal(1).scaleb(-minor_units(code)))


def format_money(money: Money, locale: Locale) -> str:
    """Return an amount in the locale's format, with all decimals, such as €42.50 or CHF 42.50."""
    pattern = _pattern(locale, minor_units(money.currency))
    written = pattern.apply(money.amount, locale, currency=money.currency, currency_digits=False)
    # CLDR wants a space between letters and digits, which Babel leaves out.
    return _LETTER_BESIDE_DIGIT.sub("\N{NO-BREAK SPACE}", written)


def plain_number(money: Money, locale: Locale | None) -> str:
    """Return an amount in digits and the locale's decimal mark alone, as in a field to fill in.

    Args:
        locale: None for a decimal point.
    """
    point = f"{rounded(money.amount, money.currency):f}"
    return point.replace(".", get_decimal_symbol(locale)) if locale else point


@lru_cache(maxsize=256)
def _pattern(locale: Locale, decimals: int) -> NumberPattern:
    # Babel's own way to another number of decimals than CLDR's is deprecated.
    pattern: NumberPattern = copy(locale.currency_formats["standard"])
    pattern.frac_prec = (decimals, decimals)
    return pattern
