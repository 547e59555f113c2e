"""Delegating to a colleague: the form, and what both sides are told."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from slack_sdk.models import blocks
from slack_sdk.models.views import View

from bot.block_kit.components import section
from bot.block_kit.inputs import VALUE, InvalidForm, field, selected_day
from bot.block_kit.mrkdwn import mention, moment
from bot.domain.locale import Reader

DELEGATE_ACTION = "delegate"
DELEGATE_MODAL = "delegate_modal"

END = "end"

FORM_DID_NOT_OPEN = (
    "The form could not be opened. Please try again, or write it in one line: "
    "`/expense delegate @colleague until Friday`"
)
NOBODY_STANDS_IN = "Nobody stands in for you just now."
NO_MEMBER = "Only a full member of the workspace can stand in; guests, bots and strangers cannot."
NO_MEMBER_YOURSELF = "Only full members of the workspace can delegate."


def delegate_modal(
    reader: Reader, present: tuple[str, datetime] | None, proposed: str | None = None
) -> View:
    """Build the form in which somebody names who stands in for them.

    Args:
        present: who stands in now, and until when.
    """
    delegate, until = present or (None, None)
    colleague = blocks.UserSelectElement(
        action_id=VALUE, placeholder="Choose a colleague", initial_user=proposed or delegate
    )
    ends = until.astimezone(reader.timezone).date().isoformat() if until else None
    day = blocks.DatePickerElement(action_id=VALUE, initial_date=ends)
    back = blocks.Option(value=END, text="End the delegation now")
    ticked = blocks.CheckboxesElement(action_id=VALUE, options=[back])
    end = blocks.InputBlock(block_id=END, label="Are you back?", element=ticked, optional=True)
    return View(
        type="modal",
        callback_id=DELEGATE_MODAL,
        title="Delegate",
        submit="Save",
        close="Cancel",
        blocks=[
            section(
                "While you are away, a colleague can decide expenses in your place. "
                "They cannot decide your own requests, or theirs."
            ),
            blocks.InputBlock(
                block_id="delegate", label="Who stands in for you?", element=colleague
            ),
            blocks.InputBlock(block_id="until", label="Until the end of", element=day),
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
    missing = {} if day else {"until": "Please choose a day."}
    if not delegate:
        missing["delegate"] = "Please choose a colleague."
    raise InvalidForm(missing)


def delegated(delegate: str, until: datetime) -> str:
    """Confirm to somebody that a colleague stands in for them."""
    return (
        f"{mention(delegate)} decides in your place from now until {moment(until)}; "
        "I will tell them. They cannot decide your own requests, or theirs. "
        "To end it sooner, type `/expense delegate stop`."
    )


def stands_in(person: str, until: datetime) -> str:
    """Tell a colleague for whom they stand in, and what that means."""
    who = mention(person)
    return (
        f":wave: You stand in for {who} from now until {moment(until)}: what they are asked to "
        f"decide, you may decide in their place. New requests come to you here; what waits "
        f"already is in my Home. You cannot decide requests of {who}, or your own."
    )


def came_back(delegate: str) -> str:
    """Confirm to somebody that they decide themselves again."""
    return f"{mention(delegate)} no longer stands in for you; I will tell them."


def is_relieved(person: str) -> str:
    """Tell a colleague that they stand in no more."""
    return f"You no longer stand in for {mention(person)} any more."
