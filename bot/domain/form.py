"""What the form offers and takes: what somebody chose before, and how old an expense may be."""

from dataclasses import dataclass
from datetime import timedelta

# How long ago somebody may have spent what they ask for.
MAX_AGE = timedelta(days=2 * 365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What a requester chose in their latest expenses, the newest first."""

    managers: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()
