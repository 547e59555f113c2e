"""Counts and shortens what people wrote, and takes out what nobody sees."""

import unicodedata


def length(text: str) -> int:
    """Return how long a text is at worst, in whichever way a reader counts it.

    In UTF-16 units, of which most emoji have two and more, and with &, < and > as entities.
    """
    units = len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
    return units + 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))


def shorten(text: str, limit: int) -> str:
    """Return a text of at most `limit` by `length`, the last one an ellipsis if it was cut."""
    return text if length(text) <= limit else f"{text[: _fitting(text, limit - 1)]}…"


def pieces(text: str, limit: int) -> list[str]:
    """Split a text into parts of at most `limit` by `length`, between two words if there are."""
    found = []
    while length(text) > limit:
        end = _fitting(text, limit)
        end = text.rfind(" ", 1, end) + 1 or end
        found.append(text[:end])
        text = text[end:]
    return [*found, text]


def _fitting(text: str, limit: int) -> int:
    """Return how many characters fit into a limit."""
    for number, character in enumerate(text):
        limit -= length(character)
        if limit < 0:
            return number
    return len(text)


def without_marks(text: str) -> str:
    """Take out invisible marks, such as of writing direction, and write each space alike."""
    seen = (c for c in text if unicodedata.category(c) != "Cf")
    return " ".join("".join(seen).split())
