"""Delegating to a colleague: the form, and what both sides are told."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from slack_sdk.models import blocks
from slack_sdk.models.views import View

from bot.block_kit.components import section
from bot.block_kit.inputs import VALUE, InvalidForm, field, selected_day
from bot.block_kit.mrkdwn import mention, moment
from bot.catalogue import say
from bot.domain.people.locale import Reader

DELEGATE_ACTION = "delegate"
DELEGATE_MODAL = "delegate_modal"

END = "end"


def delegate_modal(
    reader: Reader, present: tuple[str, datetime] | None, proposed: str | None = None
) -> View:
    """Build the form in which somebody names who stands in for them.

    Args:
        present: who stands in now, and until when.
    """
    delegate, until = present or (None, None)
    colleague = blocks.UserSelectElement(
        action_id=VALUE, placeholder=say("choose-colleague"), initial_user=proposed or delegate
    )
    ends = until.astimezone(reader.timezone).date().isoformat() if until else None
    day = blocks.DatePickerElement(action_id=VALUE, initial_date=ends)
    back = blocks.Option(value=END, text=say("delegate-form.end"))
    ticked = blocks.CheckboxesElement(action_id=VALUE, options=[back])
    end = blocks.InputBlock(
        block_id=END, label=say("delegate-form.back"), element=ticked, optional=True
    )
    return View(
        type="modal",
        callback_id=DELEGATE_MODAL,
        title=say("delegate-form"),
        submit=say("delegate-form.submit"),
        close=say("cancel"),
        blocks=[
            section(say("delegate-form.above")),
            blocks.InputBlock(
                block_id="delegate", label=say("delegate-form.colleague"), element=colleague
            ),
            blocks.InputBlock(
                block_id="since",
                label=say("delegate-form.since"),
                element=blocks.DatePickerElement(action_id=VALUE),
                optional=True,
            ),
            blocks.InputBlock(block_id="until", label=say("delegate-form.until"), element=day),
            *([end] if present else []),
        ],
    )


def parse_delegate_modal(values: Mapping[str, Any]) -> tuple[str, date] | None:
    """Read who stands in until which day; None if the delegation is to end now."""
    if field(values, END).get("selected_options"):
        return None
    chosen = field(values, "delegate").get("selected_user")
    delegate = chosen if isinstance(chosen, str) else ""
    day = selected_day(values, "until")
    if delegate and day:
        return delegate, day
    missing = {} if day else {"until": say("delegate-form.no-day")}
    if not delegate:
        missing["delegate"] = say("please-choose-colleague")
    raise InvalidForm(missing)


def parse_begin(values: Mapping[str, Any]) -> date | None:
    """Read from which day on a colleague stands in; None for at once."""
    return selected_day(values, "since")


def delegated(delegate: str, until: datetime, since: datetime | None = None) -> str:
    """Confirm to somebody that a colleague stands in for them."""
    if since:
        return say(
            "delegated-later", who=mention(delegate), since=moment(since), until=moment(until)
        )
    return say("delegated", who=mention(delegate), until=moment(until))


def stands_in(person: str, until: datetime, since: datetime | None = None) -> str:
    """Tell a colleague for whom they stand in, and what that means."""
    if since:
        return say(
            "you-stand-in-later", who=mention(person), since=moment(since), until=moment(until)
        )
    return say("you-stand-in", who=mention(person), until=moment(until))


def came_back(delegate: str) -> str:
    """Confirm to somebody that they decide themselves again."""
    return say("delegation-ended", who=mention(delegate))


def is_relieved(person: str) -> str:
    """Tell a colleague that they stand in no more."""
    return say("you-no-longer-stand-in", who=mention(person))
