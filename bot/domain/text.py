"""Shortens what people wrote."""


def shorten(text: str, limit: int) -> str:
    """Return a text of at most `limit` characters, the last one an ellipsis if it was cut."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
