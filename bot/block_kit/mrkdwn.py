"""Slack's mrkdwn: how texts, people and instants are written in it."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from bot.catalogue import listed, say
from bot.domain.people.slack_ids import is_group, is_pseudonym
from bot.domain.text import shorten

_MOST_NAMED = 50
# What cannot be cut in two: mentions, dates and links, entities, and characters.
_PART = re.compile("<[^<>]*>|&[a-z]+;|.", re.DOTALL)


def escape(text: str) -> str:
    """Write what a person typed so that Slack shows it as it is.

    Slack's mrkdwn makes mentions and links of what stands between < and >.
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """Read what Slack sends back of a text."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def quote(text: str, limit: int = 1500) -> str:
    """Escape, and shorten so that Slack's limit of 4,000 characters a text holds.

    Args:
        limit: UTF-16 units after escaping.
    """
    return escape(shorten(text, limit))


def units(text: str) -> int:
    """Return how long a text in mrkdwn is at worst: in UTF-16 units, as it is escaped already."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def clip(text: str, limit: int) -> str:
    """Shorten a text in mrkdwn where it can be cut, to at most `limit` units."""
    if units(text) <= limit:
        return text
    kept, room = [], limit - 1
    for part in _PART.findall(text):
        room -= units(part)
        if room < 0:
            break
        kept.append(part)
    return f"{''.join(kept)}…"


def mention(whom: str) -> str:
    """Name a person or a user group so that Slack shows their current name."""
    if is_pseudonym(whom):
        return whom
    return f"<!subteam^{whom}>" if is_group(whom) else f"<@{whom}>"


def mentions(ids: Sequence[str], most: int = _MOST_NAMED) -> str:
    """Name people and user groups, `most` of them, and count the others.

    A name takes some 20 characters, so 50 of them can stand in a sentence.
    """
    return _named(ids, most, "standard") or say("nobody")


def alternatives(ids: Sequence[str], most: int) -> str:
    """Name people and user groups of whom any will do; `most` of them, and count the others."""
    return _named(ids, most, "or")


def _named(ids: Sequence[str], most: int, how: Literal["standard", "or"]) -> str:
    more = [say("others-too", count=len(ids) - most)] if len(ids) > most else []
    return listed([*map(mention, ids[:most]), *more], how)


def moment(instant: datetime) -> str:
    """Write an instant so that Slack shows it in each reader's own time zone."""
    fallback = instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(instant.timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>"
