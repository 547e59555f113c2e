"""What of a line of the audit trail, and of its expense, is hashed under a salt of its own."""

import secrets
from collections.abc import Iterable
from typing import Any

# What a requester asked for, and how it was judged: columns that nobody changes any more. Flags may
# be added later, and each has a line of its own.
CLAIMED = (
    *("requester", "amount", "currency", "description", "category", "spent_on", "manager"),
    *("receipts", "coding", "plan", "policy_sha256", "previous_id"),
)
CLAIM = "claim."


def personal_values(row: Any) -> dict[str, str | None]:
    """Return what names people in a line, or was written by them."""
    return {"actor": row.actor, "detail": row.detail}


def claimed_values(
    row: Any, names: Iterable[str] = CLAIMED, prefix: str = ""
) -> dict[str, str | None]:
    """Return what a requester asked for, as it is hashed.

    Args:
        row: has the columns of the table of expenses, with a prefix.
    """
    found = {name: getattr(row, f"{prefix}{name}") for name in names}
    return {
        f"{CLAIM}{name}": None if value is None else str(value) for name, value in found.items()
    }


def new_salts(count: int) -> list[str]:
    """Make so many salts."""
    digits = secrets.token_hex(16 * count)
    return [digits[start : start + 32] for start in range(0, len(digits), 32)]
