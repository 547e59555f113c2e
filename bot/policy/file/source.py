"""Reads the text of a policy from a file or a setting, and parses it as TOML."""

import re
import tomllib
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

MAX_BYTES = 1_000_000


class PolicyError(Exception):
    """A policy cannot be used.

    Args:
        mistakes: a line for each, with the file, the line in it, and what to write instead.
    """

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


def read_file(path: Path) -> bytes:
    """Read a policy's file.

    Raises:
        PolicyError: it cannot be read.
    """
    name = one_line(path)
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise PolicyError([f"{name}: there is no such file"]) from None
    except IsADirectoryError:
        raise PolicyError([f"{name}: that is a folder; name the file in it"]) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "that is no name of a file"
        raise PolicyError([f"{name}: it cannot be read: {reason}"]) from None


def decode(name: str, content: bytes) -> str:
    """Return the text of a policy, with line breaks as TOML has them.

    Args:
        name: of the file, or of the setting that holds the policy.

    Raises:
        PolicyError: it is too large, or no UTF-8.
    """
    if len(content) > MAX_BYTES:
        raise PolicyError([f"{name}: it is larger than 1 MB; a policy takes a few pages"])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PolicyError([f"{name}:{line}: not UTF-8; save the file as UTF-8"]) from None
    return text.replace("\r\n", "\n")


def parse(name: str, text: str) -> dict[str, Any]:
    """Parse a policy's text as TOML, with exact numbers.

    Raises:
        PolicyError: it is no TOML; the message has the line.
    """
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except RecursionError:
        raise PolicyError([f"{name}: lists within lists, too many of them"]) from None
    except ValueError as error:
        # Python's own error about integers with thousands of digits comes without a line.
        message = str(error)
        found = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
        if not found:
            raise PolicyError([f"{name}: not TOML: {one_line(message)}"]) from None
        line = int(found[1] or text.rstrip("\n").count("\n") + 1)
        words = one_line(message[: found.start()])
        raise PolicyError([f"{name}:{line}: not TOML: {words}"]) from None


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text) or Decimal(0)  # also of 0e999999999, which nobody could write out
    except InvalidOperation:
        return Decimal("NaN")  # the schema refuses it


def one_line(text: object) -> str:
    """Show a text on one line, and not all of a long one."""
    shown = str(text)[:200]
    return shown if shown.isprintable() else repr(shown)[1:-1]
