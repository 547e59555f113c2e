"""The shape of Slack's ids: U… and W… for users, S… for user groups, C… and G… for channels.

A pseudonym stands where a user's id stood, once that person is forgotten.
"""

import re

_USER = re.compile(r"[UW][A-Z0-9]{2,30}")
_GROUP = re.compile(r"S[A-Z0-9]{2,30}")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,30}")
PSEUDONYM = "person-"


def is_user_id(text: str) -> bool:
    """Return whether a text has the shape of a user's id."""
    return _USER.fullmatch(text) is not None


def is_group_id(text: str) -> bool:
    """Return whether a text has the shape of a user group's id."""
    return _GROUP.fullmatch(text) is not None


def is_pseudonym(text: str) -> bool:
    """Return whether a text stands for somebody who is forgotten."""
    return text.startswith(PSEUDONYM)


def check_channel_id(text: str) -> str:
    """Return a channel's id; for another text, raise a ValueError that says what to write."""
    if not _CHANNEL.fullmatch(text):
        raise ValueError("give the channel's id, such as C0123456789, not its name")
    return text


def is_group(id: str) -> bool:
    """Return whether a valid id belongs to a user group rather than to a user."""
    return id.startswith("S")
