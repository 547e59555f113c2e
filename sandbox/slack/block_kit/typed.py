"""Block Kit's elements into which people type or drop something."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sandbox.slack.block_kit.composition import Id, Kit, Plain150, refuse, units


class DispatchConfig(Kit):
    """When typing sends block_actions."""

    trigger_actions_on: Annotated[
        list[Literal["on_enter_pressed", "on_character_entered"]], Field(min_length=1, max_length=2)
    ]


class _Typed(Kit):
    action_id: Id | None = None
    placeholder: Plain150 | None = None
    focus_on_load: bool | None = None
    dispatch_action_config: DispatchConfig | None = None
    initial_value: str | None = None


class PlainTextInput(_Typed):
    """A line or box to type into."""

    type: Literal["plain_text_input"]
    multiline: bool | None = None
    min_length: Annotated[int, Field(ge=0, le=3000)] | None = None
    max_length: Annotated[int, Field(ge=1, le=3000)] | None = None

    @model_validator(mode="after")
    def _fits(self) -> "PlainTextInput":
        if units(self.initial_value or "") > (self.max_length or 3000):
            raise refuse("initial_value must not be longer than max_length")
        return self


class NumberInput(_Typed):
    """A line for a number."""

    type: Literal["number_input"]
    is_decimal_allowed: bool
    min_value: str | None = None
    max_value: str | None = None


class EmailInput(_Typed):
    """A line for an e-mail address."""

    type: Literal["email_text_input"]


class UrlInput(_Typed):
    """A line for an address of the web."""

    type: Literal["url_text_input"]


class FileInput(Kit):
    """A place to drop files."""

    type: Literal["file_input"]
    action_id: Id | None = None
    filetypes: Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)] | None = (
        None
    )
    max_files: Annotated[int, Field(ge=1, le=10)] | None = None
