"""Block Kit's elements with Slack's limits written as types, and the blocks that take each."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from sandbox.slack.block_kit.composition import (
    Address,
    Confirm,
    Id,
    Kit,
    LinkOption,
    MarkedOption,
    Mrkdwn,
    Option,
    OptionGroup,
    Picture,
    Plain75,
    Plain150,
    PlainText,
    at_most,
    check_date,
    refuse,
    unique_values,
)
from sandbox.slack.block_kit.typed import (
    EmailInput,
    FileInput,
    NumberInput,
    PlainTextInput,
    UrlInput,
)


class Element(Kit):
    """Something a person can act on."""

    action_id: Id | None = None
    confirm: Confirm | None = None


class Input(Element):
    """Something a person can fill in."""

    placeholder: Plain150 | None = None
    focus_on_load: bool | None = None


class Image(Picture):
    """A picture inside a section or a context."""

    type: Literal["image"]


class Button(Element):
    """A button."""

    type: Literal["button"]
    text: Plain75
    value: Annotated[str, at_most(2000)] | None = None
    url: Address | None = None
    style: Literal["primary", "danger"] | None = None
    accessibility_label: Annotated[str, at_most(75)] | None = None


class Overflow(Element):
    """A menu behind three dots."""

    type: Literal["overflow"]
    options: Annotated[list[LinkOption], Field(min_length=1, max_length=5)]


class _Menu(Input):
    options: (
        Annotated[list[Option], Field(min_length=1, max_length=100), AfterValidator(unique_values)]
        | None
    ) = None
    option_groups: Annotated[list[OptionGroup], Field(min_length=1, max_length=100)] | None = None

    @model_validator(mode="after")
    def _one_list(self) -> "_Menu":
        if (self.options is None) == (self.option_groups is None):
            raise refuse("must define either `options` or `option_groups`")
        chosen = getattr(self, "initial_option", None)
        initial = [chosen] if chosen else getattr(self, "initial_options", None) or []
        groups = self.option_groups or []
        offered = self.options or [option for group in groups for option in group.options]
        if any(option not in offered for option in initial):
            raise refuse("initial option must be one of the options")
        return self


class StaticSelect(_Menu):
    """A menu of which one option is chosen."""

    type: Literal["static_select"]
    initial_option: Option | None = None


class ExternalSelect(Input):
    """A menu whose options the app is asked for, while somebody types."""

    type: Literal["external_select"]
    initial_option: Option | None = None
    min_query_length: Annotated[int, Field(ge=0)] | None = None


class MultiStaticSelect(_Menu):
    """A menu of which several options are chosen."""

    type: Literal["multi_static_select"]
    initial_options: Annotated[list[Option], Field(max_length=100)] | None = None
    max_selected_items: Annotated[int, Field(ge=1)] | None = None


class UsersSelect(Input):
    """A menu of the workspace's people."""

    type: Literal["users_select"]
    initial_user: str | None = None


class MultiUsersSelect(Input):
    """A menu of the workspace's people, of which several are chosen."""

    type: Literal["multi_users_select"]
    initial_users: list[str] | None = None
    max_selected_items: Annotated[int, Field(ge=1)] | None = None


class Datepicker(Input):
    """A calendar."""

    type: Literal["datepicker"]
    initial_date: Annotated[str, AfterValidator(check_date)] | None = None


class Timepicker(Input):
    """A clock."""

    type: Literal["timepicker"]
    initial_time: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] | None = None
    timezone: str | None = None


class _Choices(Element):
    options: Annotated[
        list[MarkedOption], Field(min_length=1, max_length=10), AfterValidator(unique_values)
    ]
    focus_on_load: bool | None = None

    @model_validator(mode="after")
    def _offered(self) -> "_Choices":
        chosen = getattr(self, "initial_option", None)
        initial = [chosen] if chosen else getattr(self, "initial_options", None) or []
        if any(option not in self.options for option in initial):
            raise refuse("initial option must be one of the options")
        return self


class RadioButtons(_Choices):
    """Choices of which one is taken."""

    type: Literal["radio_buttons"]
    initial_option: MarkedOption | None = None


class Checkboxes(_Choices):
    """Choices of which any are taken."""

    type: Literal["checkboxes"]
    initial_options: Annotated[list[MarkedOption], Field(min_length=1)] | None = None


Menu = StaticSelect | ExternalSelect | UsersSelect | Overflow
Picker = Datepicker | Timepicker | RadioButtons | Checkboxes
MultiMenu = MultiStaticSelect | MultiUsersSelect

# Which element fits where: https://docs.slack.dev/reference/block-kit/block-elements
Accessory = Annotated[Button | Image | Menu | MultiMenu | Picker, Field(discriminator="type")]
Action = Annotated[Button | Menu | Picker, Field(discriminator="type")]
InputElement = Annotated[
    PlainTextInput
    | NumberInput
    | EmailInput
    | UrlInput
    | FileInput
    | StaticSelect
    | ExternalSelect
    | UsersSelect
    | MultiMenu
    | Picker,
    Field(discriminator="type"),
]
ContextElement = Annotated[Image | PlainText | Mrkdwn, Field(discriminator="type")]
