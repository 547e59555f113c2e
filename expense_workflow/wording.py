"""How texts from outside are shown in logs, summaries and failures."""


def brief(text: str, limit: int = 200) -> str:
    """Shorten a text that came from outside to one line of printable characters.

    Args:
        text: anything, such as an expense id or the body of an HTTP answer.
        limit: the most characters that are shown.
    """
    line = "".join(char if char.isprintable() else " " for char in text[: limit + 1]).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"


def summary(words: str) -> str:
    """Shorten a line for Temporal's web UI to what Temporal accepts.

    Temporal documents a limit of 400 bytes, and a refused summary would fail its workflow task
    again and again. Sent as JSON, an emoji takes 12 bytes.

    Args:
        words: the line; it may contain an expense id of any length.
    """
    return brief(words, 120 if words.isascii() else 30)
