"""Ids as opaque as Slack's."""

import random
import string


def new_id(prefix: str) -> str:
    """Make an id, whose prefix says what it identifies: `F` a file, `V` a view."""
    letters = string.ascii_uppercase + string.digits
    return f"{prefix}0" + "".join(random.choices(letters, k=9))  # noqa: S311 - not a secret
