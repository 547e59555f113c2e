"""The parts of messages, forms and the App Home.

What people typed is plain text, in which nothing comes alive. Our own sentences are mrkdwn, and
verbatim: Slack makes no links of what looks like names and addresses in them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import (
    Block,
    ContextBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from bot.block_kit.mrkdwn import quote

# A section has at most 3,000 characters.
_MOST_TYPED = 2900


def plain(text: str) -> PlainTextObject:
    """Build a text that shows exactly what somebody typed."""
    return PlainTextObject(text=text, emoji=False)


def mrkdwn(text: str) -> MarkdownTextObject:
    """Build a text of our own, in Slack's mrkdwn."""
    return MarkdownTextObject(text=text, verbatim=True)


def section(text: str) -> Block:
    """Build a paragraph of our own, of at most 3,000 characters."""
    return SectionBlock(text=mrkdwn(text))


def plain_section(text: str) -> Block:
    """Build a paragraph that shows exactly what somebody typed, of at most 3,000 characters."""
    return SectionBlock(text=plain(text))


def small(text: str) -> Block:
    """Build a line of our own in small grey letters."""
    return ContextBlock(elements=[mrkdwn(text)])


def plain_small(text: str) -> Block:
    """Build a line in small grey letters that shows exactly what somebody typed."""
    return ContextBlock(elements=[plain(text)])


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
    buttons: Sequence[Block] = ()

    @property
    def text(self) -> str:
        """The step in mrkdwn, for screen readers and alerts."""
        return f"{self.sentence} {quote(self.typed)}" if self.typed else self.sentence

    @property
    def blocks(self) -> list[Block]:
        """The step with what somebody typed left as it is, but for what is too long."""
        typed = self.typed or ""
        if len(typed) > _MOST_TYPED:
            typed = f"{typed[:_MOST_TYPED]}…"
        return [section(self.sentence), *([plain_section(typed)] if typed else []), *self.buttons]
