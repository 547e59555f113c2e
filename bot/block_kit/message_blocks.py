"""Block Kit messages: pure functions from an expense to what people see.

What people typed appears as plain_text only, where nothing in it can come alive.
"""

from collections.abc import Sequence

from babel import Locale
from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from bot.block_kit import mrkdwn, receipts, sentences
from bot.domain import audit_events
from bot.domain.audit_events import AuditEntry
from bot.domain.expense import RESUBMITTABLE, WITHDRAWABLE, Expense
from bot.domain.locale import Reader
from bot.domain.money import format_money
from bot.domain.text import shorten

APPROVE_ACTION = "approve_expense"
REJECT_ACTION = "reject_expense"
ASK_ACTION = "ask_about_expense"
ANSWER_ACTION = "answer_question"
WITHDRAW_ACTION = "withdraw_expense"
RESUBMIT_ACTION = "resubmit_expense"
NEW_EXPENSE_ACTION = "new_expense"

# They stand below a request, and nowhere else.
REQUEST_ACTIONS = (APPROVE_ACTION, REJECT_ACTION, ASK_ACTION)

# A screen reader says them without what stands around them.
_SPOKEN = {ASK_ACTION: "Ask about", ANSWER_ACTION: "Answer the question about"}

# Long enough for every description, far below the 3,000 characters of a section.
_LINE = 150


def approval_blocks(expense: Expense, locale: Locale, *, is_live: bool) -> list[Block]:
    """Build the message to the approvers: the request with its buttons, then the record.

    Args:
        expense: what is asked for.
        locale: how they read.
        is_live: whether it is these approvers' turn.
    """
    who = mrkdwn.mention(expense.requester) if expense.requester else "A workflow"
    money = f" for *{format_money(expense.claim.money, locale)}*" if expense.claim else ""
    buttons = [_decision_buttons(expense)] if is_live and expense.is_open else []
    pictures = receipts.pictures(expense.claim)
    return [_markdown(f"{who} asks{money}"), *_facts(expense, locale), *pictures, *buttons]


def record_blocks(expense: Expense, locale: Locale) -> list[Block]:
    """Build what `/expense status` shows: all facts, nothing to click."""
    money = f" · *{format_money(expense.claim.money, locale)}*" if expense.claim else ""
    who = f" of {mrkdwn.mention(expense.requester)}" if expense.requester else ""
    return [_markdown(f"Expense{who}{money}"), *_facts(expense, locale)]


def requester_blocks(expense: Expense, locale: Locale) -> list[Block]:
    """Build the message that stands on top of the requester's thread."""
    money = f": *{format_money(expense.claim.money, locale)}*" if expense.claim else ""
    pictures = receipts.pictures(expense.claim)
    return [
        _markdown(f"Your expense{money}"),
        *_facts(expense, locale),
        *pictures,
        *own_buttons(expense),
    ]


def own_buttons(expense: Expense) -> list[Block]:
    """Build what a requester can click below their own expense, also in the App Home."""
    buttons: list[ButtonElement] = []
    if expense.state in WITHDRAWABLE:
        sure = ConfirmObject(
            title=PlainTextObject(text="Withdraw this expense?"),
            text=PlainTextObject(text="It will not be paid. You can submit it again later."),
            confirm=PlainTextObject(text="Withdraw"),
            deny=PlainTextObject(text="Keep"),
            style="danger",
        )
        buttons.append(_button("Withdraw", WITHDRAW_ACTION, expense, confirm=sure))
    if expense.state in RESUBMITTABLE and expense.claim:
        buttons.append(_button("Edit and resubmit", RESUBMIT_ACTION, expense))
    return [ActionsBlock(block_id=f"own {expense.id}", elements=buttons)] if buttons else []


def answer_button(entry: AuditEntry, expense: Expense) -> list[Block]:
    """Build what the requester can click below a question in their thread."""
    if not (isinstance(entry.event, audit_events.Asked) and expense.is_open):
        return []
    answer = _button("Answer", ANSWER_ACTION, expense)
    answer.value = f"{entry.number} {expense.id}"
    return [ActionsBlock(block_id="answer", elements=[answer])]


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


def _decision_buttons(expense: Expense) -> Block:
    buttons = [
        _button("Approve", APPROVE_ACTION, expense, style="primary"),
        _button("Reject", REJECT_ACTION, expense, style="danger"),
    ]
    if expense.requester:
        buttons.append(_button("Ask", ASK_ACTION, expense))
    return ActionsBlock(block_id="decision", elements=buttons)


def _button(
    label: str,
    action: str,
    expense: Expense,
    *,
    style: str | None = None,
    confirm: ConfirmObject | None = None,
) -> ButtonElement:
    return ButtonElement(
        text=PlainTextObject(text=label),
        action_id=action,
        value=expense.id,
        style=style,
        confirm=confirm,
        accessibility_label=f"{_SPOKEN.get(action, label)} expense {expense.id}"[:75],
    )


def _facts(expense: Expense, locale: Locale) -> list[Block]:
    """Show what it is about, where it stands, and why it was rejected."""
    facts = f"Expense {expense.id}"
    what: list[Block] = []
    if expense.claim:
        what = [_plain(expense.claim.description)]
        facts = f"{sentences.particulars(expense.claim, locale)} · {facts}"
    if expense.previous_id:
        facts = f"{facts}, made from expense {expense.previous_id}"
    why = [_plain(f"Reason: {expense.reason}")] if expense.reason else []
    return [
        *what,
        ContextBlock(elements=[_text(facts)]),
        _markdown(sentences.headline(expense)),
        *why,
        *_rule(expense),
        *receipts.links(expense.claim),
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
    return f"{money} · {shorten(claim.description, _LINE)} · {when} · {expense.id}"


def _text(text: str) -> PlainTextObject:
    return PlainTextObject(text=text, emoji=False)


def _plain(text: str) -> Block:
    return SectionBlock(text=_text(text))


def _markdown(text: str) -> Block:
    return SectionBlock(text=MarkdownTextObject(text=text, verbatim=True))
