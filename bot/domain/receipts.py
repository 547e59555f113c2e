"""Copies of receipts: what the bot keeps of the files that a claim names in Slack."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MAX_BYTES = 10 * 1024 * 1024  # as large as Slack lets a file in a form be
HEIC = "image/heic"
# What may be kept, by what is in it; of these, Slack shows all but HEIC.
TYPES = frozenset({"application/pdf", "image/png", "image/jpeg", "image/gif", HEIC})
# After a decision, a payment waits for a copy for so long, and no longer.
LONGEST_WAIT = timedelta(days=1)
# The code of a refusal by the bot itself: a receipt is required, and none could be kept.
NOT_KEPT = "RECEIPT_NOT_KEPT"


class CopyState(StrEnum):
    """Whether the bot has a copy of a receipt."""

    AWAITED = "AWAITED"  # it is not copied yet
    KEPT = "KEPT"
    FLAWED = "FLAWED"  # it cannot be copied, and never will be


class Flaw(StrEnum):
    """Why a receipt cannot be copied."""

    DELETED = "deleted"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    WRONG_TYPE = "wrong_type"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptCopy:
    """What is recorded of the copy of one receipt of one expense."""

    expense_id: str
    file_id: str  # Slack's id of the file that was copied, F…
    name: str
    is_required: bool  # whether the policy wanted a receipt for this expense
    state: CopyState
    created_at: datetime
    settled_at: datetime | None = None  # when it was kept, or found to be flawed
    flaw: Flaw | None = None
    # Of what is in it: these are known once it is kept.
    sha256: str | None = None  # hexadecimal
    type: str | None = None  # by what is in it, such as application/pdf
    size: int | None = None  # bytes
    place: str | None = None  # where it is kept, as EXPENSE_RECEIPTS named it

    @property
    def needs_a_word(self) -> bool:
        """Whether requester and approvers are told that they cannot see it as it is."""
        return self.flaw is not None or self.type == HEIC
