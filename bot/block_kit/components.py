"""The parts of messages, forms and the App Home.

What people typed is plain text, in which nothing comes alive. Our own sentences are mrkdwn, and
verbatim: Slack makes no links of what looks like names and addresses in them.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models import blocks

from bot.block_kit.mrkdwn import clip, quote, units
from bot.catalogue import say
from bot.domain.text import length, pieces, shorten

# Slack's limit for a text in a block.
MAX_TEXT = 3000
# For all texts of a message together Slack documents no limit, but people met one at some 11,000:
# https://github.com/slackapi/bolt-js/issues/2867
MAX_TEXTS = 10_000
# More than anybody can type into one of our forms, however it is counted.
_MOST_TYPED = 6000


def plain(text: str, limit: int = MAX_TEXT) -> blocks.PlainTextObject:
    """Build a text that shows exactly what somebody typed, shortened to a limit of Slack's."""
    return blocks.PlainTextObject(text=shorten(text, limit), emoji=False)


def mrkdwn(text: str, limit: int = MAX_TEXT) -> blocks.MarkdownTextObject:
    """Build a text of our own in Slack's mrkdwn, shortened to a limit of Slack's."""
    return blocks.MarkdownTextObject(text=clip(text, limit), verbatim=True)


def paragraphs(text: str, limit: int = _MOST_TYPED) -> list[blocks.Block]:
    """Build what somebody typed, in as many paragraphs as Slack's limit asks for."""
    return [section(plain(piece)) for piece in pieces(shorten(text, limit), MAX_TEXT)]


def weight(built: Iterable[blocks.Block]) -> int:
    """Return how long all texts of some blocks are together at worst."""
    return sum(_weight(block.to_dict()) for block in built)


def _weight(thing: Any) -> int:
    if isinstance(thing, dict):
        if isinstance(text := thing.get("text"), str):
            return units(text) if thing["type"] == "mrkdwn" else length(text)
        return sum(map(_weight, thing.values()))
    return sum(map(_weight, thing)) if isinstance(thing, list) else 0


def id_within(limit: int, id: str) -> str:
    """Return an id, or a digest of one that is longer than Slack allows where it has to stand."""
    return id if length(id) <= limit else f"#{hashlib.sha256(id.encode()).hexdigest()}"


def section(text: str | blocks.PlainTextObject) -> blocks.Block:
    """Build a paragraph of at most 3,000 characters; a `str` is our own."""
    return blocks.SectionBlock(text=mrkdwn(text) if isinstance(text, str) else text)


def small(text: str | blocks.PlainTextObject) -> blocks.Block:
    """Build a line in small grey letters; a `str` is our own."""
    return blocks.ContextBlock(elements=[mrkdwn(text) if isinstance(text, str) else text])


def confirm(name: str, style: str) -> blocks.ConfirmObject:
    """Ask whether somebody is sure, in the words of a name of the catalogue."""
    return blocks.ConfirmObject(
        title=say(name),
        text=plain(say(f"{name}.text")),
        confirm=say(f"{name}.confirm"),
        deny=say(f"{name}.deny"),
        style=style,
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an expense, as people are told of it."""

    sentence: str  # our own, in mrkdwn
    typed: str | None = None  # what somebody typed that belongs to it
    buttons: Sequence[blocks.Block] = ()  # what can be clicked below it

    @property
    def text(self) -> str:
        """The step in mrkdwn, for screen readers and alerts."""
        return f"{self.sentence} {quote(self.typed)}" if self.typed else self.sentence

    @property
    def body(self) -> list[blocks.Block]:
        """The step with what somebody typed left as it is, but for what is too long."""
        typed = paragraphs(self.typed) if self.typed else []
        return [section(self.sentence), *typed, *self.buttons]
