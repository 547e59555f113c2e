"""Slack's mrkdwn: how texts, people and instants are written in it."""

from collections.abc import Collection
from datetime import UTC, datetime

from bot.domain.slack_ids import is_group

_MOST_NAMED = 50


def escape(text: str) -> str:
    """Write what a person typed so that Slack shows it as it is.

    Slack's mrkdwn makes mentions and links of what stands between < and >.
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quote(text: str, limit: int = 1500) -> str:
    """Escape, and shorten so that Slack's limit of 4,000 characters a text holds.

    Args:
        text: what a person typed.
        limit: characters after escaping.
    """
    if len(escape(text)) <= limit:
        return escape(text)
    kept = text[:limit]
    while len(escape(kept)) >= limit:
        kept = kept[: -max(1, (len(escape(kept)) - limit) // 5)]
    return f"{escape(kept)}…"


def mention(whom: str) -> str:
    """Name a person or a user group so that Slack shows their current name."""
    return f"<!subteam^{whom}>" if is_group(whom) else f"<@{whom}>"


def mentions(ids: Collection[str]) -> str:
    """Name people and user groups; each takes some 20 characters, so 50 of them at most."""
    named = [mention(id) for id in [*ids][:_MOST_NAMED]]
    more = [f"{len(ids) - _MOST_NAMED} more"] if len(ids) > _MOST_NAMED else []
    return ", ".join([*named, *more]) or "nobody"


def moment(instant: datetime) -> str:
    """Write an instant so that Slack shows it in each reader's own time zone."""
    fallback = instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(instant.timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>"
