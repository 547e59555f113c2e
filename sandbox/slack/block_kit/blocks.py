"""Block Kit's blocks and views, with Slack's limits written as types."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sandbox.slack.block_kit.composition import (
    Id,
    Kit,
    Picture,
    Plain24,
    Plain150,
    Plain2000,
    Text,
    Text2000,
    at_most,
    refuse,
)
from sandbox.slack.block_kit.elements import Accessory, Action, ContextElement, InputElement


class _Block(Kit):
    block_id: Id | None = None


class Section(_Block):
    """Text, or up to ten short fields, with something at its side."""

    type: Literal["section"]
    text: Text | None = None
    fields: Annotated[list[Text2000], Field(min_length=1, max_length=10)] | None = None
    accessory: Accessory | None = None
    expand: bool | None = None

    @model_validator(mode="after")
    def _has_words(self) -> "Section":
        if self.text is None and self.fields is None:
            raise refuse("must define either `text` or `fields`")
        return self


class Header(_Block):
    """A heading."""

    type: Literal["header"]
    text: Plain150


class Divider(_Block):
    """A line."""

    type: Literal["divider"]


class Context(_Block):
    """Small print."""

    type: Literal["context"]
    elements: Annotated[list[ContextElement], Field(min_length=1, max_length=10)]


class Actions(_Block):
    """A row of things to act on."""

    type: Literal["actions"]
    elements: Annotated[list[Action], Field(min_length=1, max_length=25)]


class ImageBlock(_Block, Picture):
    """A picture."""

    type: Literal["image"]
    title: Plain2000 | None = None


class InputBlock(_Block):
    """A field to fill in, with its label."""

    type: Literal["input"]
    label: Plain2000
    element: InputElement
    hint: Plain2000 | None = None
    optional: bool | None = None
    dispatch_action: bool | None = None


Block = Annotated[
    Section | Header | Divider | Context | Actions | ImageBlock | InputBlock,
    Field(discriminator="type"),
]


class _View(Kit):
    blocks: Annotated[list[Block], Field(min_length=1, max_length=100)]
    private_metadata: Annotated[str, at_most(3000)] | None = None
    callback_id: Annotated[str, at_most(255)] | None = None
    external_id: Annotated[str, at_most(255)] | None = None


class Modal(_View):
    """A form in front of everything else."""

    type: Literal["modal"]
    title: Plain24
    submit: Plain24 | None = None
    close: Plain24 | None = None
    clear_on_close: bool | None = None
    notify_on_close: bool | None = None
    submit_disabled: bool | None = None

    @model_validator(mode="after")
    def _can_be_submitted(self) -> "Modal":
        if self.submit is None and any(block.type == "input" for block in self.blocks):
            raise refuse("missing required field: submit (a view with input blocks needs one)")
        return self


class Home(_View):
    """The app's Home tab."""

    type: Literal["home"]


class Message(Kit):
    """The blocks of a message."""

    blocks: Annotated[list[Block], Field(max_length=50)]
