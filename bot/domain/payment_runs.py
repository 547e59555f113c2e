"""Payment runs: what finance, or the operator for finance, has marked as paid together."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.domain.inbox import Tally

MOST_MARKED = 100  # Slack's limit for what one field offers
MOST_RUNS = 5  # how many the Home shows at once


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRun:
    """One form or file of payments that nobody has confirmed yet."""

    id: str
    marked_by: str  # Slack user id, or "operator"
    marked_at: datetime  # in UTC
    first_day: date
    last_day: date
    reference: str | None  # if all have the same
    tally: Tally
