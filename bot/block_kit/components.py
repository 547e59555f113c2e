"""The parts of messages, forms and the App Home.

What people typed is plain text, in which nothing comes alive. Our own sentences are mrkdwn, and
verbatim: Slack makes no links of what looks like names and addresses in them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models import blocks

from bot.block_kit.mrkdwn import quote
from bot.domain.text import shorten

# A section has at most 3,000 characters.
_MOST_TYPED = 2900


def plain(text: str) -> blocks.PlainTextObject:
    """Build a text that shows exactly what somebody typed."""
    return blocks.PlainTextObject(text=text, emoji=False)


def mrkdwn(text: str) -> blocks.MarkdownTextObject:
    """Build a text of our own, in Slack's mrkdwn."""
    return blocks.MarkdownTextObject(text=text, verbatim=True)


def section(text: str | blocks.PlainTextObject) -> blocks.Block:
    """Build a paragraph of at most 3,000 characters; a `str` is our own."""
    return blocks.SectionBlock(text=mrkdwn(text) if isinstance(text, str) else text)


def small(text: str | blocks.PlainTextObject) -> blocks.Block:
    """Build a line in small grey letters; a `str` is our own."""
    return blocks.ContextBlock(elements=[mrkdwn(text) if isinstance(text, str) else text])


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an expense, as people are told of it.

    Attributes:
        sentence: our own, in mrkdwn.
        typed: what somebody typed that belongs to it.
        buttons: what can be clicked below it.
    """

    sentence: str
    typed: str | None = None
    buttons: Sequence[blocks.Block] = ()

    @property
    def text(self) -> str:
        """The step in mrkdwn, for screen readers and alerts."""
        return f"{self.sentence} {quote(self.typed)}" if self.typed else self.sentence

    @property
    def body(self) -> list[blocks.Block]:
        """The step with what somebody typed left as it is, but for what is too long."""
        typed = [section(plain(shorten(self.typed, _MOST_TYPED)))] if self.typed else []
        return [section(self.sentence), *typed, *self.buttons]
