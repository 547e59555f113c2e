"""What a policy file says of flags and spot checks."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from bot.domain.durations import parse_duration
from bot.domain.flags.judging import FlagRules

_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,2})?)%")
# Where the file does not name them.
_WORKING_DAYS = range(5)


def _choice(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("write true or false")
    return value


def _span(example: str) -> Callable[[object], object]:
    def check(value: object) -> object:
        if value is not False and not isinstance(value, str):
            raise ValueError(f'write a time, such as "{example}", or false')
        return parse_duration(value)

    return check


def _share(value: object) -> Decimal:
    match = _SHARE.fullmatch(value) if isinstance(value, str) else None
    share = Decimal(match[1]) / 100 if match else Decimal(0)
    if not 0 < share <= 1:
        raise ValueError('write a share above 0, such as "5%", and at most "100%"')
    return share


_Choice = Annotated[bool, BeforeValidator(_choice)]
Share = Annotated[Decimal, BeforeValidator(_share)]


class FlagsTable(BaseModel):
    """The table `[flags]`; where it stands, all are raised but those that it takes back."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    receipt: _Choice = True
    duplicate: _Choice = True
    split: Annotated[timedelta | Literal[False], BeforeValidator(_span("7d"))] = timedelta(days=7)
    old: Annotated[timedelta | Literal[False], BeforeValidator(_span("60d"))] = timedelta(days=60)
    weekend: _Choice = True


def flag_rules(
    table: FlagsTable | None, spot_check: Decimal | None, working_days: list[int] | None
) -> FlagRules:
    """Return what a policy flags; nothing without `[flags]`."""
    picked = spot_check or Decimal(0)
    if table is None:
        return FlagRules(spot_check=picked)
    days_off = tuple(day for day in range(7) if day not in (working_days or _WORKING_DAYS))
    return FlagRules(
        duplicate=table.duplicate,
        receipt=table.receipt,
        split_within=table.split or None,
        older_than=table.old or None,
        days_off=days_off if table.weekend else (),
        spot_check=picked,
    )
