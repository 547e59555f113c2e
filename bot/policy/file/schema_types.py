"""The values of a policy file, each with the words that say what to write instead."""

import re
from collections.abc import Callable
from datetime import time, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from annotated_types import Predicate
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationError,
    WrapValidator,
)

from bot.domain.durations import parse_duration
from bot.domain.money.currencies import currencies
from bot.domain.money.formatting import MAX_AMOUNT
from bot.domain.people.slack_ids import is_group_id, is_user_id
from bot.domain.working_hours import WorkingHours
from bot.policy.rules import MANAGER

MAX_IDS, MAX_STAGES, MAX_COUNT, MAX_NAME = 100, 10, 20, 60
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = "((?:[01][0-9]|2[0-3]):[0-5][0-9])"
_HOURS = re.compile(f"{_TIME}-{_TIME}")
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")
_GROUP_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")


def or_else(words: str) -> WrapValidator:
    """Replace the messages of the type and the checks before it in an Annotated."""

    def check(value: object, validate: Callable[[object], object]) -> object:
        try:
            return validate(value)
        except ValidationError:
            raise ValueError(words) from None

    return WrapValidator(check)


def is_a(kind: type, words: str) -> BeforeValidator:
    """Check the kind of a table or list only, so that what stands in it has its own message."""

    def check(value: object) -> object:
        if not isinstance(value, kind):
            raise ValueError(words)
        return value

    return BeforeValidator(check)


def list_like(
    example: str, most: int = MAX_IDS, more: str = "a user group can hold more"
) -> BeforeValidator:
    """Check how many a list names, so that what stands in it has its own message."""

    def check(value: object) -> object:
        if not isinstance(value, list):
            raise ValueError(f"write a list, such as [{example}]")
        if not value:
            raise ValueError(f"name at least one, such as [{example}], or leave it out")
        if len(value) > most:
            raise ValueError(f"name at most {most}; {more}")
        return value

    return BeforeValidator(check)


def _digits(value: object) -> object:
    """Refuse texts that mean a number to Python, but not to everybody, such as 1e3."""
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise ValueError
    return value


def _above_zero(value: Decimal) -> Decimal:
    if not value:
        raise ValueError("write a number above 0, or leave it out")
    return value


def _no_thousands(value: Decimal) -> Decimal:
    """Refuse 1.000, which is one to TOML, and a thousand to who writes so in half of Europe."""
    if value >= 1 and value.as_tuple().exponent == -3:
        whole, exact = f"{value:f}".replace(".", ""), f"{value.normalize():f}"
        exact = f"{value:f}0" if len(exact) == len(f"{value:f}") else exact
        raise ValueError(f"write {whole} or {exact}; a point separates decimals, not thousands")
    return value


def check_currency(value: object) -> object:
    """Refuse what is no currency's code."""
    if isinstance(value, str) and value in currencies():
        return value
    code = value.strip().upper() if isinstance(value, str) else ""
    example = code if code in currencies() else "EUR"
    raise ValueError(f'write a currency by its three letters, such as "{example}"')


def _is_id(text: str) -> bool:
    return is_user_id(text) or is_group_id(text)


def _is_group_name(text: str) -> bool:
    return _GROUP_NAME.fullmatch(text) is not None


def _is_person(text: str) -> bool:
    return _is_id(text) or (text.startswith("@") and _is_group_name(text[1:]))


def read_working_hours(value: object) -> WorkingHours:
    """Read from when to when people work."""
    match = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise ValueError('write from when to when, such as "09:00-17:00"')
    start, end = map(time.fromisoformat, match.groups())
    if start >= end:
        raise ValueError('write an end that is later on the same day, such as "09:00-17:00"')
    return WorkingHours(start=start, end=end)


_ID = 'write the id of a user or a user group, such as "U0123456789"'
_PERSON = f'{_ID}, or a name of [groups], such as "@finance"'
Id = Annotated[str, Predicate(_is_id), or_else(_ID)]
Person = Annotated[str, Predicate(_is_person), or_else(_PERSON)]
Asked = Annotated[
    str,
    Predicate(lambda text: text == MANAGER or _is_person(text)),
    or_else(f'{_PERSON}, or "{MANAGER}"'),
]
_KEY = "write a name of at most 40 letters, digits, _ and -, such as"
GroupName = Annotated[str, Predicate(_is_group_name), or_else(f"{_KEY} finance")]
CategoryKey = Annotated[str, Predicate(_is_group_name), or_else(f"{_KEY} taxi")]
DimensionKey = Annotated[str, Predicate(_is_group_name), or_else(f"{_KEY} cost_center")]
_Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1), Predicate(str.isprintable)
]
_SHORT = Field(max_length=MAX_NAME)
Name = Annotated[_Words, or_else('write a few words in quotes, such as "small lunches"'), _SHORT]
Label = Annotated[_Words, or_else('write what people read, such as "Taxi and bus"'), _SHORT]
Account = Annotated[_Words, or_else('write the account in quotes, such as "6673"'), _SHORT]
Ask = Annotated[_Words, or_else('write what is asked, such as "attendees"'), _SHORT]
Value = Annotated[_Words, or_else('write the value in quotes, such as "4711"'), _SHORT]
FileName = Annotated[_Words, or_else('write the name of a file, such as "people.csv"')]
Flag = Annotated[bool, or_else("write true or false")]
_Amount = Annotated[
    Decimal,
    Field(ge=0, le=MAX_AMOUNT, max_digits=18, decimal_places=9, strict=False),
    BeforeValidator(_digits),
    or_else("write a number in plain digits, such as 500 or 12.50"),
]
Sum = Annotated[_Amount, AfterValidator(_no_thousands)]
PositiveSum = Annotated[Sum, AfterValidator(_above_zero)]
Rate = Annotated[_Amount, AfterValidator(_above_zero)]
Count = Annotated[
    int,
    Field(ge=1, le=MAX_COUNT),
    or_else(f"write a whole number from 1, such as 2, and at most {MAX_COUNT}"),
]
Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Day = Annotated[int, BeforeValidator(DAYS.index), or_else(f"write some of {', '.join(DAYS)}")]
Automatically = Annotated[
    Literal["automatically"],
    or_else('write "automatically", or [[rules.stages]] with who is asked'),
]
Approvers = Annotated[
    Literal["approvers"],
    or_else('write "approvers", or leave it out, so that everybody can stand in'),
]
PEOPLE = list_like('"U0123456789"')
TABLE = is_a(dict, "write its name in brackets on a line of its own, and its keys below")
