"""The App Home: what waits for somebody, ready to approve, and what they asked for themselves."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from babel import Locale
from slack_sdk.models import blocks
from slack_sdk.models.views import View

from bot.block_kit import message_blocks, sentences
from bot.block_kit.bulk_approval import CHOOSE_ACTION, Pages, can_be_chosen, option, write_metadata
from bot.block_kit.components import confirm, plain, section, small
from bot.block_kit.finance import finance_section
from bot.block_kit.forms.delegation_modal import DELEGATE_ACTION
from bot.block_kit.mrkdwn import mention, moment
from bot.block_kit.stuck_list import stuck_list
from bot.catalogue import say
from bot.domain.expense import Expense
from bot.domain.finance import Desk
from bot.domain.inbox import MOST, PAGE_LENGTH, Asked, Month, Page, Stuck
from bot.domain.people.locale import Reader

APPROVE_SELECTED_ACTION = "approve_selected"
PAGE_ACTION = re.compile("home_(waiting|mine)_(previous|next)")

# Lists that could be endless, in one line.
_MOST_COLLEAGUES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What one person finds."""

    person: str
    mine: Page[Expense]
    asked: Month  # what that comes to in this month
    waiting: Page[Asked] | None = None  # what waits for them; None for who is no approver
    is_known: bool = True  # whether it could be found out what waits
    decided: Month | None = None  # what they decided in this month
    delegate: tuple[str, datetime] | None = None  # who stands in for them, and until when
    # Who stands in for them later, from when and until when.
    coming: tuple[str, datetime, datetime] | None = None
    delegators: Sequence[tuple[str, datetime]] = ()  # for whom they stand in, and until when
    stuck: Sequence[Stuck] | None = None  # None for who is no admin
    desk: Desk | None = None  # None for who is neither finance nor an auditor


def home_view(home: Home, reader: Reader) -> View:
    """Build the App Home."""
    waiting = home.waiting.items if home.waiting else ()
    pages = Pages(home.waiting.number if home.waiting else 0, home.mine.number)
    ids = [asked.expense.id for asked in waiting]
    offered = can_be_chosen(ids)
    return View(
        type="home",
        private_metadata=write_metadata(pages, [id for id in ids if id in offered]),
        blocks=[
            *([] if home.stuck is None else stuck_list(home.stuck, home.person, reader.locale)),
            *_for_finance(home, reader.locale),
            *_for_approvers(home, reader.locale),
            *_for_requesters(home, reader.locale),
        ],
    )


def _for_finance(home: Home, locale: Locale) -> list[blocks.Block]:
    if home.desk is None:
        return []
    return finance_section(home.desk, home.person, locale, is_admin=home.stuck is not None)


def _for_approvers(home: Home, locale: Locale) -> list[blocks.Block]:
    if home.waiting is None and home.is_known:
        return []
    built: list[blocks.Block] = [
        blocks.HeaderBlock(text=say("home-waiting")),
        *_delegation(home),
    ]
    if home.waiting is None:
        return [*built, section(say("home-unknown")), blocks.DividerBlock()]
    nothing = "home-nothing-waits" if home.waiting.is_complete else "home-nothing-found"
    built.append(section(_extent(home.waiting) or say(nothing)))
    if not home.waiting.is_complete:
        built.append(small(say("home-incomplete")))
    if home.waiting.items:
        built += _choice(home.waiting, home.person, locale)
    if home.decided:
        approved = sentences.tally(home.decided.approved, locale)
        rejected = sentences.tally(home.decided.rejected, locale)
        # Who agreed and left the last word to others has not decided.
        built.append(small(say("home-you-decided", approved=approved, rejected=rejected)))
    delegate = blocks.ButtonElement(
        text=say("home-delegate"),
        action_id=DELEGATE_ACTION,
        accessibility_label=say("home-delegate.label"),
    )
    return [
        *built,
        blocks.ActionsBlock(block_id="delegation", elements=[delegate]),
        blocks.DividerBlock(),
    ]


def _choice(waiting: Page[Asked], person: str, locale: Locale) -> list[blocks.Block]:
    """Build the checkboxes, with the button that approves and those that turn pages below."""
    now = datetime.now(UTC)
    offered = can_be_chosen([asked.expense.id for asked in waiting.items])
    options = [
        option(asked, person, locale, now) for asked in waiting.items if asked.expense.id in offered
    ]
    others = [asked.expense.name for asked in waiting.items if asked.expense.id not in offered]
    approve = blocks.ButtonElement(
        text=say("home-approve-selected"),
        action_id=APPROVE_SELECTED_ACTION,
        style="primary",
        confirm=confirm("home-sure", "primary"),
        accessibility_label=say("home-approve-selected.label"),
    )
    pager = _pager("waiting", waiting)
    choice = blocks.CheckboxesElement(action_id=CHOOSE_ACTION, options=options)
    return [
        blocks.ActionsBlock(block_id="waiting", elements=[choice]),
        *(small(plain(say("home-in-its-message", id=id))) for id in others),
        blocks.ActionsBlock(block_id="approve", elements=[approve, *pager]),
    ]


def _for_requesters(home: Home, locale: Locale) -> list[blocks.Block]:
    new = blocks.ButtonElement(
        text=say("home-new-expense"), action_id=message_blocks.NEW_EXPENSE_ACTION, style="primary"
    )
    built: list[blocks.Block] = [
        blocks.HeaderBlock(text=say("home-yours")),
        blocks.ActionsBlock(block_id="home_actions", elements=[new]),
    ]
    if not home.mine.items:
        return [*built, section(say("home-none-yet"))]
    month = home.asked
    approved, rejected = (
        sentences.tally(month.approved, locale),
        sentences.tally(month.rejected, locale),
    )
    asked = sentences.tally(month.all, locale)
    built += [
        small(say("home-you-asked", all=asked, approved=approved, rejected=rejected)),
        section(_extent(home.mine)),
    ]
    for expense in home.mine.items:
        built += message_blocks.list_blocks(expense, locale)
        built += message_blocks.own_buttons(expense)
    pager = _pager("mine", home.mine)
    return [*built, *([blocks.ActionsBlock(block_id="mine", elements=pager)] if pager else [])]


def _delegation(home: Home) -> list[blocks.Block]:
    lines = []
    if home.delegate:
        delegate, until = home.delegate
        who = mention(delegate)
        lines.append(say("home-decides-for-you", delegate=who, until=moment(until)))
    if home.coming:
        delegate, since, until = home.coming
        who, later = mention(delegate), moment(since)
        lines.append(
            say("home-decides-for-you-later", delegate=who, since=later, until=moment(until))
        )
    for whom, until in home.delegators[:_MOST_COLLEAGUES]:
        lines.append(say("home-you-decide-for", whom=mention(whom), until=moment(until)))
    if (more := len(home.delegators) - _MOST_COLLEAGUES) > 0:
        lines.append(say("home-you-decide-for-more", count=more))
    return [small("\n".join(lines))] if lines else []


def _extent(page: Page[Asked] | Page[Expense]) -> str:
    """Say how many there are, and which of them are shown."""
    if page.total <= PAGE_LENGTH:
        return say("home-total", count=page.total) if page.total else ""
    first = page.number * PAGE_LENGTH + 1
    last = first + len(page.items) - 1
    if page.is_more:
        return say("home-from-to-of-many", first=first, last=last, total=MOST)
    return say("home-from-to", first=first, last=last, total=page.total)


def _pager(which: str, page: Page[Asked] | Page[Expense]) -> list[blocks.ButtonElement]:
    """Build the buttons that lead to the pages before and behind this one."""
    ways = []
    if page.number > 0:
        ways.append(("home-previous", "previous", page.number - 1))
    if not page.is_last:
        ways.append(("home-next", "next", page.number + 1))
    return [
        blocks.ButtonElement(
            text=say(name),
            action_id=f"home_{which}_{way}",
            value=str(number),
            accessibility_label=say(f"{name}.spoken-{which}"),
        )
        for name, way, number in ways
    ]
