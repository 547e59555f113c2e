"""Block Kit's composition objects, with Slack's limits written as types.

Limits: https://docs.slack.dev/reference/block-kit. Where Slack documents no limit, none is set;
keys Slack does not know are refused. Slack does not say how it counts: `at_most` takes the worst.
"""

import html
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError


class Kit(BaseModel):
    """A Block Kit object: no unknown keys, no silent conversions, no nulls for absent keys."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _no_nulls(cls, value: Any) -> Any:
        if isinstance(value, dict):
            for key, item in value.items():
                if item is None:
                    raise PydanticCustomError("null", "must not be null: {key}", {"key": key})
        return value


def refuse(message: str) -> PydanticCustomError:
    """Make the error for a rule that no type can express; a validator raises it."""
    return PydanticCustomError("rule", "{message}", {"message": message})


def units(text: str) -> int:
    """Count a text as JavaScript and Java do, to which an emoji is two characters or more."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def at_most(limit: int, *, escaped: bool = True) -> AfterValidator:
    """Refuse a text that is longer in any way in which Slack may count it.

    Args:
        limit: the most characters that Slack's reference allows.
        escaped: whether Slack may count &, < and > as entities; mrkdwn has them written so anyway.
    """

    def check(text: str) -> str:
        if units(html.escape(text, quote=False) if escaped else text) > limit:
            raise PydanticCustomError("string_too_long", "too long", {"max_length": limit})
        return text

    return AfterValidator(check)


_Some = Annotated[str, Field(min_length=1)]
Id = Annotated[_Some, at_most(255)]
Address = Annotated[str, at_most(3000, escaped=False)]


class PlainText(Kit):
    """Text without any markup."""

    type: Literal["plain_text"]
    text: Annotated[_Some, at_most(3000)]
    emoji: bool | None = None


class Mrkdwn(Kit):
    """Text with Slack's markup."""

    type: Literal["mrkdwn"]
    text: Annotated[_Some, at_most(3000, escaped=False)]
    verbatim: bool | None = None


class Plain24(PlainText):
    """A modal's title and buttons."""

    text: Annotated[_Some, at_most(24)]


class Plain30(PlainText):
    """A confirmation's buttons."""

    text: Annotated[_Some, at_most(30)]


class Plain75(PlainText):
    """A button's or an option's text."""

    text: Annotated[_Some, at_most(75)]


class Plain100(PlainText):
    """A confirmation's title."""

    text: Annotated[_Some, at_most(100)]


class Plain150(PlainText):
    """A header, or a placeholder."""

    text: Annotated[_Some, at_most(150)]


class Plain300(PlainText):
    """A confirmation's explanation."""

    text: Annotated[_Some, at_most(300)]


class Plain2000(PlainText):
    """A label, a hint, a field, or an image's title."""

    text: Annotated[_Some, at_most(2000)]


class Mrkdwn75(Mrkdwn):
    """The text of a checkbox or radio button."""

    text: Annotated[_Some, at_most(75, escaped=False)]


class Mrkdwn300(Mrkdwn):
    """A confirmation's explanation."""

    text: Annotated[_Some, at_most(300, escaped=False)]


class Mrkdwn2000(Mrkdwn):
    """A section's field."""

    text: Annotated[_Some, at_most(2000, escaped=False)]


Text = Annotated[PlainText | Mrkdwn, Field(discriminator="type")]
Text75 = Annotated[Plain75 | Mrkdwn75, Field(discriminator="type")]
Text300 = Annotated[Plain300 | Mrkdwn300, Field(discriminator="type")]
Text2000 = Annotated[Plain2000 | Mrkdwn2000, Field(discriminator="type")]


class SlackFile(Kit):
    """A file of the workspace, by its id or by its address."""

    id: _Some | None = None
    url: Annotated[_Some, at_most(3000, escaped=False)] | None = None

    @model_validator(mode="after")
    def _one_name(self) -> "SlackFile":
        if (self.id is None) == (self.url is None):
            raise refuse("must define either `id` or `url`")
        return self


class Picture(Kit):
    """What every image has: its address, and a description for people who cannot see it."""

    image_url: Annotated[_Some, at_most(3000, escaped=False)] | None = None
    slack_file: SlackFile | None = None
    alt_text: Annotated[_Some, at_most(2000)]

    @model_validator(mode="after")
    def _one_place(self) -> "Picture":
        if (self.image_url is None) == (self.slack_file is None):
            raise refuse("must define either `image_url` or `slack_file`")
        return self


class Confirm(Kit):
    """A question asked before an action is sent."""

    title: Plain100
    text: Text300
    confirm: Plain30
    deny: Plain30
    style: Literal["primary", "danger"] | None = None


class Option(Kit):
    """One choice of a menu."""

    text: Plain75
    value: Annotated[_Some, at_most(75)]
    description: Plain75 | None = None


class MarkedOption(Option):
    """One choice of checkboxes or radio buttons, whose text may be mrkdwn."""

    text: Text75  # type: ignore[assignment]
    description: Text75 | None = None  # type: ignore[assignment]


class LinkOption(Option):
    """One choice of an overflow menu, which may open a link."""

    url: Address | None = None


class OptionGroup(Kit):
    """Choices under one label."""

    label: Plain75
    options: Annotated[list[Option], Field(min_length=1, max_length=100)]


class Suggestions(Kit):
    """What an app answers when it is asked for the options of a menu."""

    options: Annotated[list[Option], Field(max_length=100)] | None = None
    option_groups: Annotated[list[OptionGroup], Field(max_length=100)] | None = None

    @model_validator(mode="after")
    def _one_list(self) -> "Suggestions":
        if (self.options is None) == (self.option_groups is None):
            raise refuse("must define either `options` or `option_groups`")
        return self


def unique_values(options: list[Any]) -> list[Any]:
    """Refuse options with the same value."""
    values = [option.value for option in options]
    if len(values) != len(set(values)):
        raise refuse("option values must be unique")
    return options


def check_date(value: str) -> str:
    """Refuse text that is no date as YYYY-MM-DD."""
    try:
        # isoformat back again, since fromisoformat takes more forms than Slack's one.
        if date.fromisoformat(value).isoformat() == value:
            return value
    except ValueError:
        pass
    raise refuse("must be a date as YYYY-MM-DD")
