"""The tables of a policy file."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from bot.domain.approval_plan import USUAL_REMINDERS
from bot.domain.money.currencies import currencies
from bot.domain.people.slack_ids import check_channel_id
from bot.domain.working_hours import WorkingHours
from bot.policy.file.flags_schema import FlagsTable, Share
from bot.policy.file.schema_types import (
    PEOPLE,
    TABLE,
    Account,
    Approvers,
    Ask,
    Asked,
    Automatically,
    CategoryKey,
    Count,
    Day,
    DimensionKey,
    Duration,
    FileName,
    Flag,
    GroupName,
    Id,
    Label,
    Name,
    Person,
    PositiveSum,
    Rate,
    Sum,
    Value,
    check_currency,
    is_a,
    list_like,
    read_working_hours,
)
from bot.policy.rules import MANAGER

MAX_CATEGORIES, MAX_DIMENSIONS, MAX_ASKS, MAX_LISTED = 100, 5, 5, 1000


def _rate_of(value: str) -> str:
    if value in PolicyTable.model_fields:
        raise ValueError("write it above the first line in [brackets]")
    if value not in currencies():
        raise ValueError("write a currency by its three letters, such as USD")
    return value


_RateOf = Annotated[str, AfterValidator(_rate_of)]


class Table(BaseModel):
    """A table of a policy file; unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StageTable(Table):
    """One `[[rules.stages]]`."""

    ask: Annotated[list[Asked], list_like(f'"{MANAGER}"')]
    needed: Count = 1
    channel: Annotated[str, AfterValidator(check_channel_id)] | None = None
    remind_after: Duration | None = None
    remind_every: Duration | None = None
    remind_at_most: Count = USUAL_REMINDERS
    escalate_after: Duration | None = None
    escalate_to: Annotated[list[Person], PEOPLE] | None = None


class RuleTable(Table):
    """One `[[rules]]`."""

    name: Name | None = None
    over: Sum | None = None
    up_to: PositiveSum | None = None
    categories: Annotated[list[str], list_like('"meals"')] | None = None
    requesters: Annotated[list[Person], PEOPLE] | None = None
    approve: Automatically | None = None
    monthly_ceiling: PositiveSum | None = None
    receipt_over: Sum | None = None
    window: Duration | None = None
    stages: Annotated[
        list[StageTable],
        is_a(list, "write [[rules.stages]] in double brackets above each of them"),
    ] = []


class RolesTable(Table):
    """The table `[roles]`: a key for each `Role`."""

    admin: Annotated[list[Person], PEOPLE] | None = None
    finance: Annotated[list[Person], PEOPLE] | None = None
    auditor: Annotated[list[Person], PEOPLE] | None = None


class CategoryTable(Table):
    """One `[categories.…]`."""

    label: Label | None = None
    account: Account | None = None
    receipt_over: Sum | None = None
    asks: (
        Annotated[list[Ask], list_like('"attendees"', MAX_ASKS, "a form takes no more")] | None
    ) = None


class DimensionTable(Table):
    """One `[dimensions.…]`."""

    label: Label | None = None
    values: (
        Annotated[list[Value], list_like('"4711"', MAX_LISTED, "a file can hold more")] | None
    ) = None
    file: FileName | None = None
    required: Flag = False


class PeopleTable(Table):
    """The table `[people]`."""

    file: FileName


class PolicyTable(Table):
    """The whole file; rules are validated one by one, so that one mistake hides no other."""

    base_currency: Annotated[str, BeforeValidator(check_currency)]
    managers: Annotated[list[Person], PEOPLE] | None = None
    working_hours: Annotated[WorkingHours, BeforeValidator(read_working_hours)] | None = None
    working_days: Annotated[list[Day], list_like('"mon", "tue"')] | None = None
    delegates: Approvers | None = None
    spot_check: Share | None = None
    flags: Annotated[FlagsTable, TABLE] | None = None
    roles: Annotated[RolesTable, TABLE] = RolesTable()
    rates: Annotated[dict[_RateOf, Rate], TABLE] = {}
    groups: Annotated[dict[GroupName, Annotated[list[Id], PEOPLE]], TABLE] = {}
    categories: Annotated[dict[CategoryKey, CategoryTable], TABLE] = {}
    dimensions: Annotated[dict[DimensionKey, DimensionTable], TABLE] = {}
    people: Annotated[PeopleTable, TABLE] | None = None
    rules: Annotated[
        list[Any], is_a(list, "write [[rules]] in double brackets above each of them")
    ] = []
