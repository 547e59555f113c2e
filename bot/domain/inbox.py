"""Lists of expenses, page by page, and what they come to in a month."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.domain.expense import Expense, Money

# A group of checkboxes in Slack has 10 options at most.
PAGE_LENGTH = 10
# Nobody pages further: the rest comes up as the oldest are decided.
MOST = 1_000

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item]):
    """Some lines of a list.

    Attributes:
        number: which page it is, from 0.
        total: how many lines the list has; `MOST` if it has more.
        is_more: whether it has more than `MOST`.
    """

    items: tuple[Item, ...]
    number: int
    total: int
    is_more: bool = False

    @property
    def is_last(self) -> bool:
        """Whether no page follows."""
        return (self.number + 1) * PAGE_LENGTH >= self.total


@dataclass(frozen=True, slots=True)
class Asked:
    """An expense that waits for an approver, and on whose behalf they may decide it."""

    expense: Expense
    on_behalf_of: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many expenses there were, and what they come to in each currency."""

    count: int = 0
    sums: tuple[Money, ...] = ()


@dataclass(frozen=True, slots=True)
class Month:
    """What there was in a month; `all` also counts what is neither approved nor rejected."""

    all: Tally
    approved: Tally
    rejected: Tally


def bounds(count: int, number: int) -> tuple[int, int]:
    """Return how many lines can be paged through, and the page nearest to a number."""
    total = min(count, MOST)
    return total, max(0, min(number, (total - 1) // PAGE_LENGTH))
