"""Block Kit messages: pure functions from an expense to what people see.

What people typed appears as plain_text only, where nothing in it can come alive.
"""

from collections.abc import Sequence

from babel import Locale
from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)
from slack_sdk.models.views import View

from bot import sentences
from bot.expense import Expense
from bot.money import format_money
from bot.reader import Reader

APPROVE_ACTION = "approve_expense"
REJECT_ACTION = "reject_expense"
NEW_EXPENSE_ACTION = "new_expense"

# Long enough for every description, far below the 3,000 characters of a section.
_LINE = 150


def approval_blocks(expense: Expense, locale: Locale, *, is_live: bool) -> list[Block]:
    """Build the message to the approvers: the request with its buttons, then the record.

    Args:
        expense: what is asked for.
        locale: how they read.
        is_live: whether it is these approvers' turn.
    """
    who = sentences.mention(expense.requester) if expense.requester else "A workflow"
    money = f" for *{format_money(expense.claim.money, locale)}*" if expense.claim else ""
    buttons = [_decision_buttons(expense)] if is_live and expense.is_open else []
    return [_markdown(f"{who} asks{money}"), *_facts(expense, locale), *buttons]


def record_blocks(expense: Expense, locale: Locale) -> list[Block]:
    """Build what `/expense status` shows: all facts, nothing to click."""
    money = f" · *{format_money(expense.claim.money, locale)}*" if expense.claim else ""
    who = f" of {sentences.mention(expense.requester)}" if expense.requester else ""
    return [_markdown(f"Expense{who}{money}"), *_facts(expense, locale)]


def requester_blocks(expense: Expense, locale: Locale) -> list[Block]:
    """Build the message that stands on top of the requester's thread."""
    money = f": *{format_money(expense.claim.money, locale)}*" if expense.claim else ""
    return [_markdown(f"Your expense{money}"), *_facts(expense, locale)]


def news_blocks(sentence: str, expense: Expense, locale: Locale) -> list[Block]:
    """Build a direct message about an expense to somebody who decided it."""
    return [_markdown(sentence), *record_blocks(expense, locale)]


def step_blocks(sentence: str, typed: str | None) -> list[Block]:
    """Build one step in the requester's thread, with what somebody typed left as it is."""
    return [_markdown(sentence), *([_plain(typed)] if typed else [])]


def list_blocks(expenses: Sequence[Expense], reader: Reader) -> list[Block]:
    """Build the list of a requester's expenses, two blocks each."""
    blocks: list[Block] = []
    for expense in expenses:
        blocks.append(_markdown(sentences.headline(expense)))
        blocks.append(ContextBlock(elements=[_text(_line(expense, reader.locale))]))
    return blocks


def home_view(expenses: Sequence[Expense], reader: Reader) -> View:
    """Build the App Home: a button for a new expense, and mine, newest first."""
    button = ButtonElement(
        text=PlainTextObject(text="New expense"), action_id=NEW_EXPENSE_ACTION, style="primary"
    )
    nothing: list[Block] = [_markdown("You have not submitted any expense yet.")]
    return View(
        type="home",
        blocks=[
            HeaderBlock(text=PlainTextObject(text="Your expenses")),
            ActionsBlock(block_id="home_actions", elements=[button]),
            *(list_blocks(expenses, reader) or nothing),
        ],
    )


def _decision_buttons(expense: Expense) -> Block:
    return ActionsBlock(
        block_id="decision",
        elements=[
            ButtonElement(
                text=PlainTextObject(text="Approve"),
                action_id=APPROVE_ACTION,
                value=expense.id,
                style="primary",
                accessibility_label=f"Approve expense {expense.id}"[:75],
            ),
            ButtonElement(
                text=PlainTextObject(text="Reject"),
                action_id=REJECT_ACTION,
                value=expense.id,
                style="danger",
                accessibility_label=f"Reject expense {expense.id}"[:75],
            ),
        ],
    )


def _facts(expense: Expense, locale: Locale) -> list[Block]:
    """Show what it is about, where it stands, and why it was rejected."""
    facts = f"Expense {expense.id}"
    what: list[Block] = []
    if expense.claim:
        what = [_plain(expense.claim.description)]
        facts = f"{sentences.particulars(expense.claim, locale)} · {facts}"
    why = [_plain(f"Reason: {expense.reason}")] if expense.reason else []
    return [
        *what,
        ContextBlock(elements=[_text(facts)]),
        _markdown(sentences.headline(expense)),
        *why,
        *_rule(expense),
    ]


def _rule(expense: Expense) -> list[Block]:
    rule = sentences.why_asked(expense)
    shown = MarkdownTextObject(text=rule, verbatim=True)
    return [ContextBlock(elements=[shown])] if rule else []


def _line(expense: Expense, locale: Locale) -> str:
    if expense.claim is None:
        return expense.id
    claim = expense.claim
    money, when = format_money(claim.money, locale), sentences.day(claim.spent_on, locale)
    what = claim.description
    short = what if len(what) <= _LINE else f"{what[: _LINE - 1]}…"
    return f"{money} · {short} · {when} · {expense.id}"


def _text(text: str) -> PlainTextObject:
    return PlainTextObject(text=text, emoji=False)


def _plain(text: str) -> Block:
    return SectionBlock(text=_text(text))


def _markdown(text: str) -> Block:
    return SectionBlock(text=MarkdownTextObject(text=text, verbatim=True))
