"""Handovers: who is asked about an expense in somebody's place, or as well."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """A change of who is asked in a stage.

    Attributes:
        stage: number of the stage, from 0.
        of: Slack user id of the person who is not asked any more; None if everybody still is.
        to: Slack user id of the person who is asked from then on.
        by: who did it: a Slack user id, or "operator".
        at: in UTC.
        is_forwarded: whether somebody who was asked did it, and not an admin or the operator.
    """

    stage: int
    of: str | None
    to: str
    by: str
    at: datetime
    is_forwarded: bool = False


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What is recorded of a handover.

    Attributes:
        of: Slack user id of the person who is not asked any more; None if everybody still is.
        to: Slack user id of the person who is asked from then on.
        note: what they were told with it.
    """

    of: str | None
    to: str
    note: str | None = None

    def __str__(self) -> str:
        """Return the stored form: "U0123 U0456 a note", with - for nobody."""
        return " ".join((self.of or "-", self.to, *([self.note] if self.note else [])))

    @classmethod
    def read(cls, stored: str | None) -> "HandedOver":
        """Read it from its stored form."""
        of, to, note = (*(stored or "").split(" ", 2), "", "", "")[:3]
        return cls(None if of == "-" else of, to, note or None)
