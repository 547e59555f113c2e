"""The form in which finance and auditors ask for an export, and what they are told of it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from babel import Locale
from slack_sdk.models.blocks import (
    ButtonElement,
    DatePickerElement,
    InputBlock,
    Option,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from bot.block_kit.components import section
from bot.block_kit.inputs import VALUE, InvalidForm, field, selected_day
from bot.block_kit.sentences import day as write_day
from bot.catalogue import say
from bot.domain.export.columns import VERSION, By, Period
from bot.domain.export.formats import Format

EXPORT_ACTION = "export"
EXPORT_MODAL = "export_modal"


def export_button() -> ButtonElement:
    """Build the button that opens the form."""
    return ButtonElement(text=say("export-button"), action_id=EXPORT_ACTION)


def export_modal(today: date) -> View:
    """Build the form, for the month before unless something else is chosen.

    Args:
        today: in UTC.
    """
    last = today.replace(day=1) - timedelta(days=1)
    return View(
        type="modal",
        callback_id=EXPORT_MODAL,
        title=say("export-form"),
        submit=say("export-form.submit"),
        close=say("cancel"),
        blocks=[
            section(say("export-form.above")),
            _day("first", say("export-form.first"), last.replace(day=1)),
            _day("last", say("export-form.last"), last),
            _choice("by", say("export-form.by"), {one: say("export-by", by=one) for one in By}),
            _choice(
                "format",
                say("export-form.format"),
                {one: say("export-format", format=one) for one in Format},
            ),
        ],
    )


def _day(name: str, label: str, day: date) -> InputBlock:
    element = DatePickerElement(action_id=VALUE, initial_date=day.isoformat())
    return InputBlock(block_id=name, label=label, element=element)


def _choice(name: str, label: str, values: Mapping[str, str]) -> InputBlock:
    options = [Option(value=value, text=text) for value, text in values.items()]
    select = StaticSelectElement(action_id=VALUE, options=options, initial_option=options[0])
    return InputBlock(block_id=name, label=label, element=select)


def parse_export_modal(values: Mapping[str, Any]) -> tuple[Period, Format]:
    """Read what is asked for."""
    first, last = selected_day(values, "first"), selected_day(values, "last")
    errors = {
        name: say("export-form.no-day")
        for name, day in (("first", first), ("last", last))
        if day is None
    }
    if first and last and first > last:
        errors["last"] = say("export-form.wrong-order")
    if errors:
        raise InvalidForm(errors)
    chosen = [field(values, name).get("selected_option") or {} for name in ("by", "format")]
    by, format = (str(one.get("value")) for one in chosen)
    return Period(by=By(by), first=first, last=last), Format(format)


def name_of(period: Period, format: Format) -> str:
    """Return the name of the file."""
    return f"expenses-{period.first}-{period.last}-by-{period.by}.v{VERSION}.{format}"


def what(period: Period, locale: Locale) -> str:
    """Name what an export has in it."""
    first, last = (write_day(day, locale) if day else "" for day in (period.first, period.last))
    return say("export-of", by=period.by, first=first, last=last)
