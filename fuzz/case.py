"""One input of the HTTP entrances, and what all entrances have in common."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from hypothesis import strategies as st

# How a request is signed as if by Slack; only "right" opens.
Signature = Literal["right", "wrong", "old", "future", "other secret", "garbled", "none"]
# Stand for expenses whose ids are known only once they exist; replaced wherever they appear.
OPEN, DECIDED, PAID, SUBMITTED = "VICTIMOPEN00", "VICTIMDECID0", "VICTIMPAID00", "VICTIMSUBM00"
# Stands for an address at which Slack takes an answer.
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
# What is thrown at each of several entrances, and what throws it, by the entrance's name.
Inputs = dict[str, tuple[st.SearchStrategy[Any], Check]]


@dataclass(frozen=True)
class Entrance:
    """Something that takes input from outside.

    Attributes:
        inputs: what is thrown at it.
        check: throws one input at it; raises AssertionError, or whatever it should not raise.
    """

    name: str
    inputs: st.SearchStrategy[Any]
    check: Check
