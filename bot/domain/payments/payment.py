"""How an approved expense is paid: by finance, by hand, or by a payment system with a reference.

Finance marks what it has paid, and somebody else in finance confirms it: only then it is paid.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.domain.text import without_marks

MOST_REFERENCE = 140  # what a SEPA transfer carries to the payee
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What is recorded of a payment; people are Slack user ids, or parts such as "operator"."""

    is_by_hand: bool = False  # whether it was left to finance
    marked_by: str | None = None  # who says that it is paid; None while nobody does
    paid_on: date | None = None
    reference: str | None = None  # such as the number of a bank's transaction
    confirmed_by: str | None = None  # None while it may yet turn out not to be paid

    @property
    def is_made(self) -> bool:
        """Whether it is certain that it was paid."""
        return self.confirmed_by is not None


@dataclass(frozen=True, slots=True)
class PaidOn:
    """The day on which something was paid, and the reference, if there is one."""

    day: date
    reference: str | None = None

    def __str__(self) -> str:
        """Return the stored form: "2026-12-03 a reference"."""
        return f"{self.day.isoformat()} {self.reference or ''}".rstrip()

    @classmethod
    def read(cls, stored: str | None) -> "PaidOn":
        """Read it from its stored form."""
        day, _, reference = (stored or "").partition(" ")
        return cls(date.fromisoformat(day), reference or None)


class Problem(StrEnum):
    """Why an expense cannot be marked as paid."""

    NOT_LEFT = "not_left"  # finance has nothing to pay for it
    MARKED = "marked"  # somebody has marked it already
    PAID = "paid"
    OWN = "own"  # it is the expense of the person who marks


def read_reference(text: str) -> str | None:
    """Return a reference as it is kept, in one line; None for an empty one.

    Raises:
        ValueError: it is too long, or the number of a bank account, which is never kept; the
            message says "long" or "account".
    """
    reference = without_marks(text)
    if len(reference) > MOST_REFERENCE or not reference.isprintable():
        raise ValueError("long")
    if any(map(_is_iban, (reference.replace(" ", ""), *reference.split()))):
        raise ValueError("account")
    return reference or None


def _is_iban(text: str) -> bool:
    """Return whether a text is an IBAN, by its check digits (ISO 13616)."""
    text = text.upper()
    if not _IBAN.fullmatch(text):
        return False
    return int("".join(str(int(one, 36)) for one in text[4:] + text[:4])) % 97 == 1
