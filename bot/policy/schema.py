"""The tables and values of a policy file, each with the message that says what to write instead."""

import re
from collections.abc import Callable
from datetime import time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from bot.domain.approval_plan import WorkingHours
from bot.domain.durations import parse_duration
from bot.domain.expense import Category
from bot.domain.money import MAX_AMOUNT, currencies
from bot.domain.slack_ids import check_channel_id, is_group_id, is_user_id
from bot.policy.rules import MANAGER

MAX_IDS, MAX_STAGES, MAX_COUNT, MAX_NAME = 100, 10, 20, 60
AUTOMATICALLY = "automatically"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DECIMALS = 9
_NUMBER = re.compile(rf"[0-9]{{1,12}}(\.[0-9]{{1,{_DECIMALS}}})?")
_HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")
_GROUP_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")


def _number(value: object) -> Decimal:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_AMOUNT:
        return Decimal(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = Decimal(value)
    if isinstance(value, Decimal) and value.is_finite() and 0 <= value <= MAX_AMOUNT:
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and -_DECIMALS <= exponent <= _DECIMALS:
            return value
    raise ValueError("write a number in plain digits, such as 500 or 12.50")


def _positive(value: object) -> Decimal:
    if not (number := _number(value)):
        raise ValueError("write a number above 0, or leave it out")
    return number


def _count(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_COUNT:
        raise ValueError(f"write a whole number from 1, such as 2, and at most {MAX_COUNT}")
    return value


def _duration(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError('write a whole number and s, m, h or d in quotes, such as "72h"')
    return parse_duration(value)


def _currency(value: object) -> object:
    if isinstance(value, str) and value in currencies():
        return value
    code = value.strip().upper() if isinstance(value, str) else ""
    example = code if code in currencies() else "EUR"
    raise ValueError(f'write a currency by its three letters, such as "{example}"')


def _category(value: object) -> object:
    names = [category.value for category in Category]
    if value not in names:
        raise ValueError(f"write one of {', '.join(names)}")
    return Category(value)


def _name(value: object) -> object:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError('write a few words in quotes, such as "small lunches"')
    if len(value) > MAX_NAME:
        raise ValueError(f"write at most {MAX_NAME} characters")
    return value.strip()


def _id(value: object) -> object:
    if isinstance(value, str) and (is_user_id(value) or is_group_id(value)):
        return value
    raise ValueError('write the id of a user or a user group, such as "U0123456789"')


def _person(value: object) -> object:
    if isinstance(value, str) and value.startswith("@") and _GROUP_NAME.fullmatch(value[1:]):
        return value
    try:
        return _id(value)
    except ValueError as error:
        raise ValueError(f'{error}, or a name of [groups], such as "@finance"') from None


def _asked(value: object) -> object:
    try:
        return value if value == MANAGER else _person(value)
    except ValueError as error:
        raise ValueError(f'{error}, or "{MANAGER}"') from None


def _working_hours(value: object) -> object:
    match = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise ValueError('write from when to when, such as "09:00-17:00"')
    start, end = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
    if start >= end:
        raise ValueError('write an end that is later on the same day, such as "09:00-17:00"')
    return WorkingHours(start=start, end=end)


def _day(value: object) -> object:
    if value not in DAYS:
        raise ValueError(f"write some of {', '.join(DAYS)}")
    return DAYS.index(str(value))


def _list(example: str) -> Callable[[object], object]:
    def check(value: object) -> object:
        if not isinstance(value, list):
            raise ValueError(f"write a list, such as [{example}]")
        if not value:
            raise ValueError(f"name at least one, such as [{example}], or leave it out")
        if len(value) > MAX_IDS:
            raise ValueError(f"name at most {MAX_IDS}; a user group can hold more")
        return value

    return check


def _tables(header: str) -> Callable[[object], object]:
    def check(value: object) -> object:
        if not isinstance(value, list):
            raise ValueError(f"write {header} in double brackets above each of them")
        return value

    return check


def _table(value: object) -> object:
    if not isinstance(value, dict):
        raise ValueError("write its name in brackets on a line of its own, and its keys below")
    return value


def _group_name(value: str) -> str:
    if not _GROUP_NAME.fullmatch(value):
        raise ValueError("write a name of at most 40 letters, digits, _ and -, such as finance")
    return value


def _rate_of(value: str) -> str:
    if value in PolicyTable.model_fields:
        raise ValueError("write it above the first line in [brackets]")
    if value not in currencies():
        raise ValueError("write a currency by its three letters, such as USD")
    return value


def _automatically(value: object) -> object:
    if value != AUTOMATICALLY:
        raise ValueError(f'write "{AUTOMATICALLY}", or [[rules.stages]] with who is asked')
    return value


_People = Annotated[
    list[Annotated[str, BeforeValidator(_person)]], BeforeValidator(_list('"U0123456789"'))
]
_Ids = Annotated[
    list[Annotated[str, BeforeValidator(_id)]], BeforeValidator(_list('"U0123456789"'))
]
_Amount = Annotated[Decimal, BeforeValidator(_number)]
_PositiveAmount = Annotated[Decimal, BeforeValidator(_positive)]
_Count = Annotated[int, BeforeValidator(_count)]
_Duration = Annotated[timedelta, BeforeValidator(_duration)]


class Table(BaseModel):
    """A table of a policy file; unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StageTable(Table):
    """One `[[rules.stages]]`."""

    ask: Annotated[
        list[Annotated[str, BeforeValidator(_asked)]], BeforeValidator(_list('"manager"'))
    ]
    needed: _Count = 1
    channel: Annotated[str, AfterValidator(check_channel_id)] | None = None
    remind_after: _Duration | None = None
    remind_every: _Duration | None = None
    remind_at_most: _Count = 3
    escalate_after: _Duration | None = None
    escalate_to: _People | None = None


class RuleTable(Table):
    """One `[[rules]]`."""

    name: Annotated[str, BeforeValidator(_name)] | None = None
    over: _Amount | None = None
    up_to: _PositiveAmount | None = None
    categories: (
        Annotated[
            list[Annotated[Category, BeforeValidator(_category)]],
            BeforeValidator(_list('"meals"')),
        ]
        | None
    ) = None
    requesters: _People | None = None
    approve: Annotated[Literal["automatically"], BeforeValidator(_automatically)] | None = None
    monthly_ceiling: _PositiveAmount | None = None
    receipt_over: _Amount | None = None
    window: _Duration | None = None
    stages: Annotated[list[StageTable], BeforeValidator(_tables("[[rules.stages]]"))] = []


class PolicyTable(Table):
    """The whole file; rules are validated one by one, so that one mistake hides no other."""

    base_currency: Annotated[str, BeforeValidator(_currency)]
    managers: _People | None = None
    working_hours: Annotated[WorkingHours, BeforeValidator(_working_hours)] | None = None
    working_days: (
        Annotated[
            list[Annotated[int, BeforeValidator(_day)]], BeforeValidator(_list('"mon", "tue"'))
        ]
        | None
    ) = None
    rates: Annotated[
        dict[Annotated[str, AfterValidator(_rate_of)], _PositiveAmount], BeforeValidator(_table)
    ] = {}
    groups: Annotated[
        dict[Annotated[str, AfterValidator(_group_name)], _Ids], BeforeValidator(_table)
    ] = {}
    rules: Annotated[list[Any], BeforeValidator(_tables("[[rules]]"))] = []
