"""What an expense is worth in the currency of the policy that judged it."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Worth:
    """An amount in the policy's base currency (ISO 4217), and the rate by which it came about."""

    amount: Decimal
    currency: str
    rate: Decimal  # what one unit of the expense's own currency was worth
