"""Flags: what is unusual about an expense, so that an approver looks twice.

They refuse nothing. Approvers read them, the requester is asked why, and nothing that is flagged is
approved automatically. `bot.domain.flags.judging` raises them.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kind of flag: the first word of a flag as it is stored."""

    DUPLICATE = "duplicate"  # the same person asked for the same amount of the same day before
    SPLIT = "split"  # with others just under a limit it is over it, and it is just under it, too
    OLD = "old"  # spent long before it was submitted
    WEEKEND = "weekend"  # spent on a day off
    RECEIPT = "receipt"  # a receipt of it came with another expense of the requester's, too
    OTHERS_RECEIPT = "others_receipt"  # a receipt of it came with an expense of somebody else
    SPOT_CHECK = "spot_check"  # picked among those that would have been approved automatically
    UNKNOWN = "unknown"  # a newer version of the bot raised it


# What the requester can explain, and reads; what they may not learn is `OTHERS_RECEIPT`.
ASKED_WHY = frozenset({Kind.DUPLICATE, Kind.SPLIT, Kind.OLD, Kind.WEEKEND, Kind.RECEIPT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One thing that is unusual about an expense."""

    kind: Kind
    limit: str | None = None  # of the policy, such as "500 EUR"; for `SPLIT` only
    others: tuple[str, ...] = ()  # ids of the expenses that it is about besides its own

    def __str__(self) -> str:
        """Return the stored form: "split 500/EUR ABC DEF", with - for no limit."""
        return " ".join((self.kind, (self.limit or "-").replace(" ", "/"), *self.others))

    @classmethod
    def read(cls, stored: str | None) -> "Flag":
        """Read a flag from its stored form."""
        kind, _, rest = (stored or "").partition(" ")
        limit, *others = rest.split(" ")
        if kind not in {*Kind}:
            return cls(kind=Kind.UNKNOWN)
        of = None if limit == "-" else limit.replace("/", " ")
        return cls(kind=Kind(kind), limit=of, others=tuple(others))
