"""The App Home: what waits for somebody, ready to approve, and what they asked for themselves.

What people typed appears as plain_text only, as in `bot.block_kit.message_blocks`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from babel import Locale
from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    CheckboxesElement,
    ConfirmObject,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)
from slack_sdk.models.views import View

from bot.block_kit import message_blocks
from bot.block_kit.bulk_approval import CHOOSE_ACTION, Pages, option, write_metadata
from bot.block_kit.delegation_modal import DELEGATE_ACTION
from bot.block_kit.mrkdwn import mention, moment
from bot.domain.expense import Expense
from bot.domain.inbox import MOST, PAGE_LENGTH, Asked, Month, Page, Tally
from bot.domain.locale import Reader
from bot.domain.money import format_money

APPROVE_SELECTED_ACTION = "approve_selected"
PAGE_ACTION = re.compile("home_(waiting|mine)_(previous|next)")

# Lists that could be endless, in one line.
_MOST_CURRENCIES = _MOST_COLLEAGUES = 10

_SURE = ConfirmObject(
    title=PlainTextObject(text="Approve what you selected?"),
    text=PlainTextObject(
        text="Every selected expense is approved in your name. Nobody can take that back, and what "
        "needs nobody else is paid at once."
    ),
    confirm=PlainTextObject(text="Approve"),
    deny=PlainTextObject(text="Cancel"),
    style="primary",
)


UNKNOWN = (
    "It cannot be found out just now what waits for you. Please open this page again in a minute."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What one person finds.

    Attributes:
        person: their Slack user id.
        mine: what they asked for.
        asked: what that comes to in this month.
        waiting: what waits for them; None for who is no approver.
        is_known: whether it could be found out what waits.
        decided: what they decided in this month.
        delegate: who stands in for them, and until when.
        delegators: for whom they stand in, and until when.
    """

    person: str
    mine: Page[Expense]
    asked: Month
    waiting: Page[Asked] | None = None
    is_known: bool = True
    decided: Month | None = None
    delegate: tuple[str, datetime] | None = None
    delegators: Sequence[tuple[str, datetime]] = ()


def home_view(home: Home, reader: Reader) -> View:
    """Build the App Home.

    Args:
        home: what is on it.
        reader: how its person reads.
    """
    waiting = home.waiting.items if home.waiting else ()
    pages = Pages(home.waiting.number if home.waiting else 0, home.mine.number)
    return View(
        type="home",
        private_metadata=write_metadata(pages, [asked.expense.id for asked in waiting]),
        blocks=[*_for_approvers(home, reader.locale), *_for_requesters(home, reader)],
    )


def _for_approvers(home: Home, locale: Locale) -> list[Block]:
    if home.waiting is None and home.is_known:
        return []
    built: list[Block] = [_header("Waiting for you")]
    built += [_small(line) for line in _delegation(home)]
    if home.waiting is None:
        return [*built, _markdown(UNKNOWN), DividerBlock()]
    built.append(_markdown(_extent(home.waiting) or "Nothing waits for you."))
    if home.waiting.items:
        now = datetime.now(UTC)
        options = [option(asked, home.person, locale, now) for asked in home.waiting.items]
        choice = CheckboxesElement(action_id=CHOOSE_ACTION, options=options)
        approve = ButtonElement(
            text=PlainTextObject(text="Approve selected"),
            action_id=APPROVE_SELECTED_ACTION,
            style="primary",
            confirm=_SURE,
            accessibility_label="Approve selected expenses",
        )
        pager = _pager("waiting", "what waits for you", home.waiting)
        built.append(ActionsBlock(block_id="waiting", elements=[choice]))
        built.append(ActionsBlock(block_id="approve", elements=[approve, *pager]))
    if home.decided:
        approved, rejected = (
            _tally(tally, locale) for tally in (home.decided.approved, home.decided.rejected)
        )
        built.append(_small(f"This month you approved {approved} and rejected {rejected}."))
    delegate = ButtonElement(
        text=PlainTextObject(text="Delegate"),
        action_id=DELEGATE_ACTION,
        accessibility_label="Delegate your approvals to a colleague",
    )
    return [*built, ActionsBlock(block_id="delegation", elements=[delegate]), DividerBlock()]


def _for_requesters(home: Home, reader: Reader) -> list[Block]:
    new = ButtonElement(
        text=PlainTextObject(text="New expense"),
        action_id=message_blocks.NEW_EXPENSE_ACTION,
        style="primary",
    )
    built: list[Block] = [
        _header("Your expenses"),
        ActionsBlock(block_id="home_actions", elements=[new]),
    ]
    if not home.mine.items:
        return [*built, _markdown("You have not submitted any expense yet.")]
    asked, approved, rejected = (
        _tally(tally, reader.locale)
        for tally in (home.asked.all, home.asked.approved, home.asked.rejected)
    )
    built.append(
        _small(
            f"This month you asked for {asked}. Approved or paid: {approved}. Rejected: {rejected}."
        )
    )
    built.append(_markdown(_extent(home.mine)))
    for expense in home.mine.items:
        built += [
            *message_blocks.list_blocks([expense], reader),
            *message_blocks.own_buttons(expense),
        ]
    pager = _pager("mine", "your expenses", home.mine)
    return [*built, *([ActionsBlock(block_id="mine", elements=pager)] if pager else [])]


def _delegation(home: Home) -> list[str]:
    lines = []
    if home.delegate:
        delegate, until = home.delegate
        lines.append(f"{mention(delegate)} decides for you until {moment(until)}.")
    shown = home.delegators[:_MOST_COLLEAGUES]
    lines += [f"You decide for {mention(whom)} until {moment(until)}." for whom, until in shown]
    if more := len(home.delegators) - len(shown):
        lines.append(f"You decide for {more} more.")
    return lines


def _extent(page: Page[Asked] | Page[Expense]) -> str:
    """Say how many there are, and which of them are shown."""
    if page.total <= PAGE_LENGTH:
        return f"*{_count(page.total)}*" if page.total else ""
    first = page.number * PAGE_LENGTH + 1
    of = f"more than {MOST:,}" if page.is_more else f"{page.total:,}"
    return f"*{first:,}–{first + len(page.items) - 1:,} of {of}*"


def _count(number: int) -> str:
    return f"{number:,} expense{'s' if number != 1 else ''}"


def _tally(tally: Tally, locale: Locale) -> str:
    """Count expenses, with their sum in each currency."""
    sums = [format_money(money, locale) for money in tally.sums[:_MOST_CURRENCIES]]
    if more := len(tally.sums) - len(sums):
        sums.append(f"{more} more currencies")
    return f"{_count(tally.count)} ({', '.join(sums)})" if sums else _count(tally.count)


def _pager(
    which: str, what: str, page: Page[Asked] | Page[Expense]
) -> list[ButtonElement | CheckboxesElement]:
    """Build the buttons that lead to the pages before and behind this one."""
    ways = []
    if page.number > 0:
        ways.append(("Previous", page.number - 1))
    if not page.is_last:
        ways.append(("Next", page.number + 1))
    return [
        ButtonElement(
            text=PlainTextObject(text=label),
            action_id=f"home_{which}_{label.lower()}",
            value=str(number),
            accessibility_label=f"{label} page of {what}",
        )
        for label, number in ways
    ]


def _header(text: str) -> Block:
    return HeaderBlock(text=PlainTextObject(text=text))


def _markdown(text: str) -> Block:
    return SectionBlock(text=MarkdownTextObject(text=text, verbatim=True))


def _small(text: str) -> Block:
    return ContextBlock(elements=[MarkdownTextObject(text=text, verbatim=True)])
