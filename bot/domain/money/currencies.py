"""The world's currencies: the days on which each is legal tender, its decimals and its signs.

Days and signs are CLDR's, by Babel. Decimals are the minor units of ISO 4217: CLDR's are how a
currency is mostly printed, which leaves out what can still be paid (RSD, IQD, LBP and others).
"""

import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache, lru_cache

import iso4217
from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date
from babel.numbers import get_currency_precision, get_currency_symbol, get_territory_currencies

from bot.catalogue import say
from bot.domain.errors import InvalidInput
from bot.domain.form import MAX_AGE
from bot.domain.text import without_marks

# Offered first.
COMMON = ("EUR", "USD", "GBP", "CHF", "JPY", "CAD", "AUD", "SEK", "PLN", "INR")
# The signs that English has for currencies of others, such as US$: they mean one each.
_INTERNATIONAL = Locale("en", "001")


def currencies() -> frozenset[str]:
    """Return the ISO 4217 codes of the currencies in which an expense can have been paid.

    These are legal tender today, or were on a day that is not too long ago for an expense.
    """
    today = date.today()  # noqa: DTZ011 - a day more or less does not matter here
    return _legal_between(today - MAX_AGE, today + timedelta(days=1))


def parse_currency(text: str) -> str:
    """Return a currency's ISO 4217 code in capitals.

    Raises:
        InvalidInput: the text is not one of `currencies()`.
    """
    code = text.strip().upper()
    if code not in currencies():
        raise InvalidInput("currency", say("expense-form-currency.unknown"))
    return code


def is_legal(code: str, day: date) -> bool:
    """Return whether one of `currencies()` was legal tender on a day."""
    return any(first <= day <= last for first, last in _tender()[code])


def check_legal(code: str, day: date, locale: Locale) -> None:
    """Check that a currency was legal tender on the day on which it was spent."""
    if is_legal(code, day):
        return
    days = _tender()[code]
    ended = max((last for _, last in days if last < day), default=None)
    begun = min((first for first, _ in days if first > day), default=None)
    name = "expense-form-currency.ended" if ended else "expense-form-currency.not-yet"
    said = say(name, currency=code, day=_day(ended or begun, locale))
    raise InvalidInput("currency", said)


@lru_cache(maxsize=256)
def minor_units(code: str) -> int:
    """Return how many decimals a currency has; CLDR's for one that ISO 4217 has dropped."""
    found = iso4217.Currency(code).exponent if code in iso4217.raw_table else None
    return get_currency_precision(code) if found is None else found


@lru_cache(maxsize=1024)
def currencies_by_sign(sign: str, locale: Locale | None) -> frozenset[str]:
    """Return the currencies that a sign means to a reader: those written so in their locale.

    Args:
        sign: such as $, kr or F CFA.
        locale: None if nobody knows how they write.
    """
    sign = _bare(sign)
    for one in (locale, _INTERNATIONAL):
        if one and (found := _signs(one).get(sign)):
            return found
    return frozenset()


def is_sign_of(sign: str, code: str, locale: Locale | None) -> bool:
    """Return whether a sign can mean a currency: to a reader, or where it is at home."""
    is_code = sign.upper() == code
    return is_code or code in currencies_by_sign(sign, locale) or _bare(sign) == _own(code)


def could_mean(sign: str) -> list[str]:
    """List those of the common currencies that are written with a sign where they are at home."""
    return [code for code in COMMON if _own(code) == _bare(sign)]


@lru_cache(maxsize=64)
def _signs(locale: Locale) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for code in currencies():
        found[_bare(get_currency_symbol(code, locale))].add(code)
    return {sign: frozenset(codes) for sign, codes in found.items()}


@lru_cache(maxsize=256)
def _own(code: str) -> str:
    # All but a few codes begin with the country of their currency.
    try:
        home = Locale.parse(f"und_{code[:2]}")
    except (ValueError, UnknownLocaleError):
        return code
    return _bare(get_currency_symbol(code, home))


def _bare(sign: str) -> str:
    # Japan's own yen is a wide one.
    return unicodedata.normalize("NFKC", without_marks(sign))


@lru_cache(maxsize=4)
def _legal_between(first: date, last: date) -> frozenset[str]:
    return frozenset(
        code
        for code, days in _tender().items()
        if any(begin <= last and end >= first for begin, end in days)
    )


@cache
def _tender() -> Mapping[str, list[tuple[date, date]]]:
    found: dict[str, list[tuple[date, date]]] = defaultdict(list)
    # What ISO 4217 has dropped has ended by then, even if CLDR does not say so yet.
    dropped = iso4217.__published__ - timedelta(days=1)
    for territory in get_global("territory_currencies"):
        for line in get_territory_currencies(
            territory, date.min, date.max, tender=True, include_details=True
        ):
            code = line["currency"]
            end = date.max if code in iso4217.raw_table else dropped
            found[code].append((line["from"] or date.min, line["to"] or end))
    return found


def _day(value: date | None, locale: Locale) -> str:
    return str(format_date(value, "medium", locale=locale))
