"""One input of the HTTP entrances, and what all entrances have in common."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from hypothesis import strategies as st

# How a request to /slack/events is signed; the bot accepts only "right".
Signature = Literal["right", "wrong", "old", "future", "other secret", "garbled", "none"]
# Placeholders for the ids of expenses, which are known only once they exist.
OPEN, DECIDED, PAID, SUBMITTED = "VICTIMOPEN00", "VICTIMDECID0", "VICTIMPAID00", "VICTIMSUBM00"
# A placeholder for a response_url.
RESPONSE_URL = "http://RESPONSEURL"
VICTIMS = (OPEN, DECIDED, PAID, SUBMITTED)


@dataclass(frozen=True)
class Case:
    """One HTTP request.

    Attributes:
        target: path and query, percent-encoded.
        signature: for /slack/events.
        has_key: whether it carries the worker's key.
    """

    method: str
    target: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    signature: Signature = "none"
    has_key: bool = False


Check = Callable[[Any], Awaitable[None]]
# The inputs and the check of each entrance, by its name.
Inputs = dict[str, tuple[st.SearchStrategy[Any], Check]]


@dataclass(frozen=True)
class Entrance:
    """Something that takes input from outside.

    Attributes:
        inputs: what is thrown at it.
        check: throws one input at it; any error that it raises is a finding.
    """

    name: str
    inputs: st.SearchStrategy[Any]
    check: Check
