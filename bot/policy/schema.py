"""The tables and values of a policy file, each with the words that say what to write instead."""

import re
from collections.abc import Callable
from datetime import time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from annotated_types import Predicate
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    WrapValidator,
)

from bot.domain.approval_plan import USUAL_REMINDERS
from bot.domain.currencies import currencies
from bot.domain.durations import parse_duration
from bot.domain.expense import Category
from bot.domain.money import MAX_AMOUNT
from bot.domain.slack_ids import check_channel_id, is_group_id, is_user_id
from bot.domain.working_hours import WorkingHours
from bot.policy.flags_schema import FlagsTable, Share
from bot.policy.rules import MANAGER

MAX_IDS, MAX_STAGES, MAX_COUNT, MAX_NAME = 100, 10, 20, 60
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = "((?:[01][0-9]|2[0-3]):[0-5][0-9])"
_HOURS = re.compile(f"{_TIME}-{_TIME}")
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")
_GROUP_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")


def _or_else(words: str) -> WrapValidator:
    """Replace the messages of the type and the checks before it in an Annotated."""

    def check(value: object, validate: Callable[[object], object]) -> object:
        try:
            return validate(value)
        except ValidationError:
            raise ValueError(words) from None

    return WrapValidator(check)


def _is_a(kind: type, words: str) -> BeforeValidator:
    """Check the kind of a table or list only, so that what stands in it has its own message."""

    def check(value: object) -> object:
        if not isinstance(value, kind):
            raise ValueError(words)
        return value

    return BeforeValidator(check)


def _list(example: str) -> BeforeValidator:
    def check(value: object) -> object:
        if not isinstance(value, list):
            raise ValueError(f"write a list, such as [{example}]")
        if not value:
            raise ValueError(f"name at least one, such as [{example}], or leave it out")
        if len(value) > MAX_IDS:
            raise ValueError(f"name at most {MAX_IDS}; a user group can hold more")
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


def _currency(value: object) -> object:
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


def _working_hours(value: object) -> WorkingHours:
    match = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise ValueError('write from when to when, such as "09:00-17:00"')
    start, end = map(time.fromisoformat, match.groups())
    if start >= end:
        raise ValueError('write an end that is later on the same day, such as "09:00-17:00"')
    return WorkingHours(start=start, end=end)


def _rate_of(value: str) -> str:
    if value in PolicyTable.model_fields:
        raise ValueError("write it above the first line in [brackets]")
    if value not in currencies():
        raise ValueError("write a currency by its three letters, such as USD")
    return value


_ID = 'write the id of a user or a user group, such as "U0123456789"'
_PERSON = f'{_ID}, or a name of [groups], such as "@finance"'
_Id = Annotated[str, Predicate(_is_id), _or_else(_ID)]
_Person = Annotated[str, Predicate(_is_person), _or_else(_PERSON)]
_Asked = Annotated[
    str,
    Predicate(lambda text: text == MANAGER or _is_person(text)),
    _or_else(f'{_PERSON}, or "{MANAGER}"'),
]
_GroupName = Annotated[
    str,
    Predicate(_is_group_name),
    _or_else("write a name of at most 40 letters, digits, _ and -, such as finance"),
]
_Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1),
    Predicate(str.isprintable),
    _or_else('write a few words in quotes, such as "small lunches"'),
    Field(max_length=MAX_NAME),
]
_Amount = Annotated[
    Decimal,
    Field(ge=0, le=MAX_AMOUNT, max_digits=18, decimal_places=9, strict=False),
    BeforeValidator(_digits),
    _or_else("write a number in plain digits, such as 500 or 12.50"),
]
_Sum = Annotated[_Amount, AfterValidator(_no_thousands)]
_PositiveSum = Annotated[_Sum, AfterValidator(_above_zero)]
_Rate = Annotated[_Amount, AfterValidator(_above_zero)]
_Count = Annotated[
    int,
    Field(ge=1, le=MAX_COUNT),
    _or_else(f"write a whole number from 1, such as 2, and at most {MAX_COUNT}"),
]
_Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
_Category = Annotated[
    Category, Field(strict=False), _or_else(f"write one of {', '.join(Category)}")
]
_Day = Annotated[int, BeforeValidator(DAYS.index), _or_else(f"write some of {', '.join(DAYS)}")]
_Automatically = Annotated[
    Literal["automatically"],
    _or_else('write "automatically", or [[rules.stages]] with who is asked'),
]
_Approvers = Annotated[
    Literal["approvers"],
    _or_else('write "approvers", or leave it out, so that everybody can stand in'),
]
_RateOf = Annotated[str, AfterValidator(_rate_of)]
_PEOPLE = _list('"U0123456789"')
_TABLE = _is_a(dict, "write its name in brackets on a line of its own, and its keys below")


class Table(BaseModel):
    """A table of a policy file; unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StageTable(Table):
    """One `[[rules.stages]]`."""

    ask: Annotated[list[_Asked], _list(f'"{MANAGER}"')]
    needed: _Count = 1
    channel: Annotated[str, AfterValidator(check_channel_id)] | None = None
    remind_after: _Duration | None = None
    remind_every: _Duration | None = None
    remind_at_most: _Count = USUAL_REMINDERS
    escalate_after: _Duration | None = None
    escalate_to: Annotated[list[_Person], _PEOPLE] | None = None


class RuleTable(Table):
    """One `[[rules]]`."""

    name: _Name | None = None
    over: _Sum | None = None
    up_to: _PositiveSum | None = None
    categories: Annotated[list[_Category], _list('"meals"')] | None = None
    requesters: Annotated[list[_Person], _PEOPLE] | None = None
    approve: _Automatically | None = None
    monthly_ceiling: _PositiveSum | None = None
    receipt_over: _Sum | None = None
    window: _Duration | None = None
    stages: Annotated[
        list[StageTable],
        _is_a(list, "write [[rules.stages]] in double brackets above each of them"),
    ] = []


class RolesTable(Table):
    """The table `[roles]`: a key for each `Role`."""

    admin: Annotated[list[_Person], _PEOPLE] | None = None
    finance: Annotated[list[_Person], _PEOPLE] | None = None
    auditor: Annotated[list[_Person], _PEOPLE] | None = None


class PolicyTable(Table):
    """The whole file; rules are validated one by one, so that one mistake hides no other."""

    base_currency: Annotated[str, BeforeValidator(_currency)]
    managers: Annotated[list[_Person], _PEOPLE] | None = None
    working_hours: Annotated[WorkingHours, BeforeValidator(_working_hours)] | None = None
    working_days: Annotated[list[_Day], _list('"mon", "tue"')] | None = None
    delegates: _Approvers | None = None
    spot_check: Share | None = None
    flags: Annotated[FlagsTable, _TABLE] | None = None
    roles: Annotated[RolesTable, _TABLE] = RolesTable()
    rates: Annotated[dict[_RateOf, _Rate], _TABLE] = {}
    groups: Annotated[dict[_GroupName, Annotated[list[_Id], _PEOPLE]], _TABLE] = {}
    rules: Annotated[
        list[Any], _is_a(list, "write [[rules]] in double brackets above each of them")
    ] = []
