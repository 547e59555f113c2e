"""Pages of expenses and monthly totals, as the App Home shows them."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.domain.expense import Expense, Money

PAGE_LENGTH = 10  # Slack's limit for the options of a group of checkboxes
MOST = 1_000  # further pages are not offered: the rest moves up as the oldest are decided

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item]):
    """One page of a list."""

    items: tuple[Item, ...]
    number: int  # the page's number, from 0
    total: int  # the length of the list, but at most `MOST`
    is_more: bool = False  # whether the list is longer than `MOST`
    is_complete: bool = True  # whether everything could be looked up

    @property
    def is_last(self) -> bool:
        """Whether no page follows."""
        return (self.number + 1) * PAGE_LENGTH >= self.total


@dataclass(frozen=True, slots=True)
class Asked:
    """An expense that an approver may decide, and the Slack user id on whose behalf."""

    expense: Expense
    on_behalf_of: str


@dataclass(frozen=True, slots=True)
class Stuck:
    """An expense for an admin, and the Slack ids of the users and groups that it asks, if any."""

    expense: Expense
    asked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """A number of expenses, and the sum of their amounts in each currency."""

    count: int = 0
    sums: tuple[Money, ...] = ()


@dataclass(frozen=True, slots=True)
class Month:
    """The expenses of a month; `all` includes those that are neither approved nor rejected."""

    all: Tally
    approved: Tally
    rejected: Tally


def bounds(count: int, number: int) -> tuple[int, int]:
    """Return how many of `count` items have a page, and the existing page nearest to `number`."""
    total = min(count, MOST)
    return total, max(0, min(number, (total - 1) // PAGE_LENGTH))
