"""What finance and auditors see: their section of the Home, what they find, and histories."""

from collections.abc import Sequence

from babel import Locale
from babel.dates import format_date
from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    DividerBlock,
    HeaderBlock,
    SectionBlock,
)
from slack_sdk.models.views import View

from bot.block_kit import sentences
from bot.block_kit.components import id_within, mrkdwn, section, small
from bot.block_kit.forms.export_modal import export_button
from bot.block_kit.forms.payment_forms import mark_button, run_blocks
from bot.block_kit.history import history_blocks
from bot.block_kit.message_blocks import line, record_blocks
from bot.block_kit.mrkdwn import mention, quote
from bot.block_kit.stuck_list import pay_again_button
from bot.catalogue import listed, say
from bot.domain.audit_events import AuditEntry
from bot.domain.expense import Expense
from bot.domain.finance import MOST_LISTED, MOST_SUMMED, STATES, Desk, Found, Search
from bot.domain.text import shorten

HISTORY_ACTION = "show_history"
OLDER_ACTION = "find_older"

# Ten of them fit into a message.
_ENTRY = 850


def finance_section(desk: Desk, person: str, locale: Locale, *, is_admin: bool) -> list[Block]:
    """Build the section of the Home.

    Args:
        desk: what it shows.
        person: Slack user id of whose Home it is.
        locale: how they read.
        is_admin: whether they have a list of refused payments and of what is stuck anyway.
    """
    built: list[Block] = [HeaderBlock(text=say("finance-home")), section(_to_pay(desk, locale))]
    built += [_entry(expense, locale) for expense in desk.waiting]
    built += [mark_button()] if desk.can_mark else []
    if desk.is_finance:
        built += run_blocks(desk.unconfirmed, person, locale)
    if not is_admin:
        # Nobody helps their own expense on, and auditors change nothing.
        asker = person if desk.is_finance else None
        more = say("finance-more-refused")
        built += _list(say("finance-refused"), desk.refused, more, locale, asker)
        built += _list(say("finance-stuck"), desk.stuck, say("finance-more-stuck"), locale)
        if not (desk.refused or desk.stuck):
            built.append(section(say("finance-nothing-wrong")))
    built.append(ActionsBlock(block_id="export", elements=[export_button()]))
    return [*built, small(say("finance-how-to-find")), DividerBlock()]


def _to_pay(desk: Desk, locale: Locale) -> str:
    count = desk.to_pay.count
    if not count:
        return say("finance-nothing-to-pay")
    said = say("finance-to-pay", expenses=sentences.tally(desk.to_pay, locale))
    if count > MOST_SUMMED:
        said = say("finance-to-pay-many", count=MOST_SUMMED)
    return f"{said} {say('finance-oldest')}" if count > len(desk.waiting) else said


def _list(
    title: str, expenses: Sequence[Expense], more: str, locale: Locale, asker: str | None = None
) -> list[Block]:
    """Build a list of the first expenses.

    Args:
        title: stands above it.
        expenses: what it lists.
        more: is said if there are more.
        locale: how they read.
        asker: Slack user id of somebody who may have their payments asked for again.
    """
    if not expenses:
        return []
    entries: list[Block] = []
    for expense in expenses[:MOST_LISTED]:
        entries.append(_entry(expense, locale))
        if asker and expense.requester != asker:
            block_id = id_within(255, f"refused {expense.id}")
            button = pay_again_button(expense)
            entries.append(ActionsBlock(block_id=block_id, elements=[button]))
    rest = [small(more)] if len(expenses) > MOST_LISTED else []
    return [section(title), *entries, *rest]


def _entry(expense: Expense, locale: Locale) -> Block:
    """Build an expense of a list, with the button that opens its history."""
    button = ButtonElement(
        text=say("finance-history"),
        action_id=HISTORY_ACTION,
        value=expense.id,
        accessibility_label=shorten(say("finance-history.spoken", id=expense.name), 75),
    )
    text = f"{line(expense, locale)}\n{sentences.headline(expense)}"
    return SectionBlock(text=mrkdwn(text, _ENTRY), accessory=button)


def found(search: Search, written: str, page: Found, locale: Locale) -> tuple[str, list[Block]]:
    """Build the answer to a search: its text for screen readers, and its blocks.

    Args:
        search: what was looked for.
        written: the same as a command takes it, for the button that shows older ones.
        page: what was found.
        locale: how they read.
    """
    what = _criteria(search, locale)
    if not page.expenses:
        text = say("find-nothing", what=what)
        if search.ids:
            text = say("find-nothing-by-id", what=what, states=states())
        return text, [section(text)]
    title = say("find-title", what=what)
    built = [section(title), *(_entry(expense, locale) for expense in page.expenses)]
    if page.is_more:
        older = ButtonElement(
            text=say("find-show-older"),
            action_id=OLDER_ACTION,
            value=f"{page.expenses[-1].id} {written}",
            accessibility_label=say("find-show-older.label"),
        )
        built += [small(say("find-older")), ActionsBlock(block_id="older", elements=[older])]
    return sentences.overview(page.expenses, locale, title), built


def _criteria(search: Search, locale: Locale) -> str:
    words = [f"“{quote(search.ids[0], 100)}”"] if search.ids else []
    if search.requester:
        words.append(mention(search.requester))
    if search.month:
        month = format_date(search.month, "LLLL yyyy", locale=locale)
        words.append(say("find-in-month", month=month))
    words += [word for word, state in STATES.items() if state is search.state]
    return ", ".join(words)


def states() -> str:
    """List the words for states that a search takes."""
    return listed([*STATES], "or")


def history_modal(expense: Expense, history: Sequence[AuditEntry], locale: Locale) -> View:
    """Build the window with an expense's facts and its history, oldest line first."""
    return View(
        type="modal",
        title=say("finance-history"),
        close=say("close"),
        blocks=[
            *record_blocks(expense, locale),
            DividerBlock(),
            *history_blocks(expense, history),
        ],
    )
