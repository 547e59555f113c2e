"""Reads amounts of money as people write them: each in the way of their own country.

A point or a comma before three digits separates thousands in one country, decimals in another. What
the reader's locale writes is read; what could be meant otherwise is asked about, never guessed.
Babel's `parse_decimal` guesses: to it, 42.50 is 4250 in German, even if it is strict.
"""

import re
from contextlib import suppress
from decimal import Decimal

from babel import Locale
from babel.numbers import format_decimal, get_decimal_symbol, get_group_symbol

from bot.catalogue import listed, say
from bot.domain.errors import InvalidInput
from bot.domain.expense import Money
from bot.domain.money.currencies import (
    could_mean,
    currencies,
    currencies_by_sign,
    is_sign_of,
    minor_units,
    parse_currency,
)
from bot.domain.money.formatting import MAX_AMOUNT, format_money, plain_number, rounded
from bot.domain.people.locale import ANYBODY
from bot.domain.text import without_marks

_LONGEST = 40
# How many digits separate thousands, and how many decimals people write of any currency.
_THOUSANDS, _USUAL = 3, 2
_SAME = str.maketrans("’ʼ´`＇", "'" * 5)
# By the decimal mark: groups are of three digits, or of two and at last three as in India.
_NUMBERS = {
    mark: re.compile(
        r"(?:[0-9]+|[1-9][0-9]{0,2}(?:(?P<three>[GROUP])[0-9]{3})(?:(?P=three)[0-9]{3})*"
        r"|[1-9][0-9]?(?:(?P<two>[GROUP])[0-9]{2})(?:(?P=two)[0-9]{2})*(?P=two)[0-9]{3})"
        r"(?:[MARK][0-9]+)?".replace("GROUP", f"{other}' ").replace("MARK", mark)
    )
    for mark, other in ((".", ","), (",", "."))
}
# Many people write whole amounts as 42,- or 42:- or with a longer dash.
_NO_CENTS = "(?:[.,:][-–—]+)?"
_AROUND = re.compile(
    rf"(?P<before>[^0-9]*)(?P<number>[0-9](?:.*[0-9])?){_NO_CENTS}(?P<after>[^0-9]*)"
)

_IN_LINE = r"[0-9](?:[0-9.,'’\u00a0\u2007\u2009\u202f]*[0-9])?"
_GROUPED = r"[0-9]{3}(?: [0-9]{3})*(?:[.,][0-9]+)?(?![0-9])"
_SIGN = r"(?P<sign>F\sCFA|[^\s0-9]+)"
# Before its currency, a number may be grouped by blanks; behind it, a new one may begin there.
_AMOUNT_FIRST = re.compile(
    rf"(?P<number>[0-9]{{1,3}} {_GROUPED}|{_IN_LINE}){_NO_CENTS}\s*{_SIGN}(?:\s+|$)(?P<rest>.*)",
    re.DOTALL,
)
_CURRENCY_FIRST = re.compile(
    rf"{_SIGN}\s*(?P<number>{_IN_LINE}){_NO_CENTS}(?:\s+|$)(?P<rest>.*)", re.DOTALL
)
_MORE = re.compile(_GROUPED)

# Codes that are words, too: “42 all of it”, “3 cup cakes”.
_WORDS = ("ALL", "BAM", "BOB", "COP", "CUP", "GEL", "MAD", "MOP", "PEN", "SOS", "TOP", "TRY")


def parse_money(amount: str, currency: str, locale: Locale | None) -> Money:
    """Read an amount that a person typed, beside the currency that they chose.

    Args:
        amount: such as 42.50, 1.234,56 or €42; at most `MAX_AMOUNT`.
        locale: in which they write; None if that is not known.

    Raises:
        InvalidInput: the amount can be read in two ways, is not a positive number of at most that
            size, has more decimals than the currency, or names another one; or the currency does
            not exist.
    """
    code = parse_currency(currency)
    found = _AROUND.fullmatch(without_marks(amount)) if len(amount) <= 2 * _LONGEST else None
    if not found:
        raise _no_amount(code, locale)
    for sign in filter(None, map(str.strip, found.group("before", "after"))):
        if is_sign_of(sign, code, locale):
            continue
        if _may_be_a_currency(sign, locale):
            said = say("expense-form-amount.other-currency", sign=sign, currency=code)
            raise InvalidInput("amount", said)
        raise _no_amount(code, locale)
    return _money(found["number"], code, locale)


def parse_line(line: str, locale: Locale | None) -> tuple[Money, str] | None:
    """Read the amount and the currency at the begin of a line, in either order.

    Args:
        line: such as `42.50 EUR Team lunch`, `€42 Taxi` or `1 234,56 € Zug`.

    Returns:
        The amount, and what follows; None if the line begins otherwise.

    Raises:
        InvalidInput: as for `parse_money`, or the currency can be read in two ways.
    """
    line = line.strip()
    if found := _AMOUNT_FIRST.match(line):
        money = _money(found["number"], _currency(found["sign"], locale), locale)
        return money, found["rest"]
    found = _CURRENCY_FIRST.match(line)
    if not found or not _may_be_a_currency(found["sign"], locale):
        return None
    code, number, rest = _currency(found["sign"], locale), found["number"], found["rest"]
    money = _money(number, code, locale)
    if number.isdigit() and len(number) <= 3 and (more := _MORE.match(rest)):
        # EUR 1 200 sheets: one euro, or 1,200?
        number = f"{number} {more[0]}"
        values = [money.amount, _money(number, code, locale).amount]
        raise _two_ways(number, values, code, locale)
    word, _, following = rest.partition(" ")
    again = {word} & currencies() or currencies_by_sign(word, locale)
    if again == {code}:
        return money, following
    if again:
        said = say("expense-form-currency.written-twice", first=found["sign"], second=word)
        raise InvalidInput("currency", said)
    return money, rest


def split_line(line: str, locale: Locale | None) -> tuple[str, str | None, str]:
    """Split a line that `parse_line` may not take into what can be understood of it.

    Returns:
        The amount as it is typed, its currency, and what follows; "" and None for what is missing
        or nobody can tell.
    """
    line = line.strip()
    found = _AMOUNT_FIRST.match(line) or _CURRENCY_FIRST.match(line)
    if found and _may_be_a_currency(found["sign"], locale):
        number, rest = found["number"], found["rest"]
        if found.start("number") and number.isdigit() and (more := _MORE.match(rest)):
            number, rest = f"{number} {more[0]}", rest[more.end() :].strip()
        with suppress(InvalidInput):
            return number, _currency(found["sign"], locale), rest
        if currencies_by_sign(found["sign"], locale) or could_mean(found["sign"]):
            return number, None, rest
    first, second, rest = (*line.split(maxsplit=2), "", "", "")[:3]
    if any(map(str.isdigit, first)):
        if second.upper() in currencies() and second.upper() not in _WORDS:
            return first, second.upper(), rest
        if not any(map(str.isalpha, first)):
            return first, None, line[len(first) :].strip()
    return "", None, line


def _money(number: str, code: str, locale: Locale | None) -> Money:
    number = without_marks(number)
    meant = _meant(number, minor_units(code), locale)
    if not meant:
        raise _no_amount(code, locale)
    if len(meant) > 1:
        raise _two_ways(number, meant, code, locale)
    value = meant[0]
    if value <= 0:
        raise InvalidInput("amount", say("expense-form-amount.not-positive"))
    if value > MAX_AMOUNT:
        most = format_decimal(MAX_AMOUNT, locale=locale or ANYBODY.locale)
        raise InvalidInput("amount", say("expense-form-amount.too-much", most=most))
    decimals = minor_units(code)
    # More zeros than that may be somebody's thousands, as in 1234.500 or 1'000.000. Only where
    # three decimals are usual, one more tells them from thousands.
    finest = decimals + 1 if decimals == _THOUSANDS else max(decimals, _USUAL)
    if _decimals(value) > finest or value != rounded(value, code):
        said = say("expense-form-amount.no-decimals", currency=code)
        if decimals:
            name = "expense-form-amount.too-many-decimals"
            said = say(name, currency=code, decimals=decimals)
        raise InvalidInput("amount", said)
    return Money(rounded(value, code), code)


def _meant(number: str, decimals: int, locale: Locale | None) -> list[Decimal]:
    """Return what a number can mean: nothing, one value, or two of which nobody knows which."""
    number = number.translate(_SAME)
    if len(number) > _LONGEST:
        return []
    read = {
        mark: Decimal(re.sub(rf"[^0-9{mark}]", "", number).replace(",", "."))
        for mark, pattern in _NUMBERS.items()
        if pattern.fullmatch(number)
    }
    # Nobody writes more decimals than a currency has by the way of another country.
    likely = {mark: value for mark, value in read.items() if _decimals(value) <= decimals}
    own = get_decimal_symbol(locale) if locale else ""
    if locale and own in likely and set(number) <= _signs_of(locale, own):
        is_as_shown = _decimals(likely[own]) == decimals > 0
        if is_as_shown or len({*likely.values()}) == 1:
            return [likely[own]]
    return sorted({*read.values()})


def _signs_of(locale: Locale, mark: str) -> set[str]:
    group = get_group_symbol(locale).translate(_SAME)
    return {*"0123456789", mark, " " if group.isspace() else group}


def _decimals(value: Decimal) -> int:
    return -int(value.as_tuple().exponent)


def _no_amount(code: str, locale: Locale | None) -> InvalidInput:
    example = plain_number(Money(Decimal("42.50"), code), locale)
    return InvalidInput("amount", say("expense-form-amount.no-number", example=example))


def _two_ways(number: str, values: list[Decimal], code: str, locale: Locale | None) -> InvalidInput:
    ways = []
    for value in values:
        money = Money(rounded(value, code), code)
        plain = plain_number(money, locale)
        # With three decimals, only one zero more tells them from thousands.
        is_clear = _meant(plain, minor_units(code), locale) == [money.amount]
        shown = format_money(money, locale or ANYBODY.locale)
        written = plain if is_clear else f"{plain}0"
        ways.append(say("expense-form-amount.way", written=written, money=shown))
    said = say("expense-form-amount.two-ways", number=number, ways=listed(ways, "or"))
    return InvalidInput("amount", said)


def _may_be_a_currency(sign: str, locale: Locale | None) -> bool:
    is_known = sign.upper() in currencies() or currencies_by_sign(sign, locale)
    return bool(is_known or could_mean(sign))


def _currency(sign: str, locale: Locale | None) -> str:
    """Read the currency in a line."""
    if len(found := currencies_by_sign(sign, locale)) == 1:
        return next(iter(found))
    sign = sign.rstrip(".,:;")
    code = sign.upper()
    if code in _WORDS and sign != code:
        raise InvalidInput("currency", say("expense-form-currency.in-capitals", currency=code))
    if code not in currencies() and (several := found or could_mean(sign)):
        names = listed(sorted(several), "or")
        said = say("expense-form-currency.several", sign=sign, currencies=names)
        raise InvalidInput("currency", said)
    return parse_currency(code)
