"""The parts of messages, forms and the App Home.

What people typed is plain text, in which nothing comes alive. Our own sentences are mrkdwn, and
verbatim: Slack makes no links of what looks like names and addresses in them.
"""

from slack_sdk.models.blocks import (
    Block,
    ContextBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)


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
