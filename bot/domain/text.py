"""Texts of people, shortened."""


def shorten(text: str, limit: int) -> str:
    """Cut a text that is longer than so many characters, and show that it was."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
