"""Messages: pure functions from an expense to what people see."""

from collections.abc import Sequence
from typing import Any

from babel import Locale
from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement

from bot.block_kit import attribution, receipts, sentences
from bot.block_kit.components import (
    MAX_TEXTS,
    confirm,
    id_within,
    paragraphs,
    plain,
    section,
    small,
    weight,
)
from bot.block_kit.flags import NO_LINKS, Links, flag_blocks, flag_texts
from bot.block_kit.mrkdwn import mention, quote
from bot.catalogue import say
from bot.domain.expense import RESUBMITTABLE, UNDECIDED, WITHDRAWABLE, Expense
from bot.domain.money.formatting import format_money
from bot.domain.people.audience import Audience
from bot.domain.text import shorten

APPROVE_ACTION = "approve_expense"
REJECT_ACTION = "reject_expense"
ASK_ACTION = "ask_about_expense"
FORWARD_ACTION = "forward_expense"
ANSWER_ACTION = "answer_question"
WITHDRAW_ACTION = "withdraw_expense"
RESUBMIT_ACTION = "resubmit_expense"
ASK_AGAIN_ACTION = "ask_again"
NUDGE_ACTION = "nudge_approvers"
NEW_EXPENSE_ACTION = "new_expense"

# They stand below a request, and nowhere else.
REQUEST_ACTIONS = (APPROVE_ACTION, REJECT_ACTION, ASK_ACTION, FORWARD_ACTION)

# Long enough for every description, far below the 3,000 characters of a section.
_LINE = 300
# What a message may have around the facts, and what of a reason is shown in any case.
_AROUND, _LEAST_REASON = 300, 200


def approval_message(
    expense: Expense,
    locale: Locale,
    audience: Audience,
    successor: str | None = None,
    links: Links = NO_LINKS,
) -> tuple[str, list[Block]]:
    """Build the message to approvers, and its text for screen readers and alerts.

    Args:
        expense: what is asked for.
        locale: how they read.
        audience: to whom it goes.
        successor: Slack user id of who is asked now in place of the colleague whose delegate it
            was sent to.
        links: addresses of messages about other expenses that they can see, by their ids.
    """
    is_turn = expense.is_open and audience.stage == expense.progress.stage
    successor = (attribution.successor(expense, audience.person) or successor) if is_turn else None
    is_live = is_turn and successor is None
    body = approval_blocks(expense, locale, is_live=is_live, successor=successor, links=links)
    if is_live:
        return sentences.request(expense, locale, *flag_texts(expense, links)), body
    return sentences.record(expense, locale), body


def approval_blocks(
    expense: Expense,
    locale: Locale,
    *,
    is_live: bool,
    successor: str | None = None,
    links: Links = NO_LINKS,
) -> list[Block]:
    """Build the message to the approvers: the request with its buttons, then the record.

    Args:
        expense: what is asked for.
        locale: how they read.
        is_live: whether it is these approvers' turn.
        successor: Slack user id of who has it now in their place.
        links: as in `approval_message`.
    """
    buttons = _decision_buttons(expense) if is_live and expense.is_open else []
    return [
        section(_asks(expense, locale)),
        *_facts(expense, locale, flag_blocks(expense, links)),
        *receipts.pictures(expense.claim),
        *([section(sentences.has_it_now(successor))] if successor else []),
        *buttons,
    ]


def record_blocks(expense: Expense, locale: Locale) -> list[Block]:
    """Build what `/expense status` shows: all facts, nothing to click."""
    money = format_money(expense.claim.money, locale) if expense.claim else ""
    match expense.requester, expense.claim:
        case None, None:
            title = say("title-expense")
        case None, _:
            title = say("title-expense-worth", money=money)
        case str(requester), None:
            title = say("title-expense-of", who=mention(requester))
        case str(requester), _:
            title = say("title-expense-of-worth", who=mention(requester), money=money)
    return [section(title), *_facts(expense, locale)]


def requester_blocks(expense: Expense, locale: Locale) -> list[Block]:
    """Build the message that stands on top of the requester's thread."""
    title = say("title-yours")
    if expense.claim:
        title = say("title-yours-worth", money=format_money(expense.claim.money, locale))
    return [
        section(title),
        *_facts(expense, locale),
        *receipts.pictures(expense.claim),
        *own_buttons(expense),
    ]


def own_buttons(expense: Expense) -> list[Block]:
    """Build what a requester can click below their own expense, also in the App Home."""
    buttons: list[ButtonElement] = []
    if expense.state in WITHDRAWABLE:
        sure = confirm("withdraw-sure", "danger")
        buttons.append(_button("button-withdraw", WITHDRAW_ACTION, expense, confirm=sure))
    if expense.is_asking and not expense.obstacle:
        buttons.append(_button("button-nudge", NUDGE_ACTION, expense))
    if expense.state in UNDECIDED and expense.claim:
        buttons.append(_button("button-ask-again", ASK_AGAIN_ACTION, expense, style="primary"))
    if expense.state in RESUBMITTABLE and expense.claim:
        buttons.append(_button("button-resubmit", RESUBMIT_ACTION, expense))
    block_id = id_within(255, f"own {expense.id}")
    return [ActionsBlock(block_id=block_id, elements=buttons)] if buttons else []


def answer_button(number: int, expense: Expense) -> list[Block]:
    """Build what the requester can click below a question in their thread.

    Args:
        number: of the question's line in the audit trail.
    """
    if not expense.is_open:
        return []
    answer = _button("button-answer", ANSWER_ACTION, expense, value=f"{number} {expense.id}")
    return [ActionsBlock(block_id="answer", elements=[answer])]


def list_blocks(expense: Expense, locale: Locale) -> list[Block]:
    """Build an entry in a list of a requester's expenses, two blocks."""
    line = sentences.named(expense, str)
    if claim := expense.claim:
        money, when = format_money(claim.money, locale), sentences.day(claim.spent_on, locale)
        line = f"{money} · {shorten(claim.description, _LINE)} · {when} · {expense.name}"
    return [section(sentences.headline(expense)), small(plain(line))]


def line(expense: Expense, locale: Locale, most: int = 200) -> str:
    """Name an expense in a line, with at most so much of what it was spent for."""
    who = mention(expense.requester) if expense.requester else say("another-system")
    if expense.claim is None:
        name = sentences.named(expense, lambda id: quote(id, 250))
        return say("finance-line-without-claim", id=name, who=who)
    money, what = format_money(expense.claim.money, locale), quote(expense.claim.description, most)
    return say("finance-line", money=money, who=who, what=what, id=quote(expense.name, 250))


def _decision_buttons(expense: Expense) -> list[Block]:
    buttons = [
        _button("button-approve", APPROVE_ACTION, expense, style="primary"),
        _button("button-reject", REJECT_ACTION, expense, style="danger"),
    ]
    if expense.requester:
        buttons.append(_button("button-ask", ASK_ACTION, expense))
    buttons.append(_button("button-forward", FORWARD_ACTION, expense))
    return [ActionsBlock(block_id="decision", elements=buttons)]


def _button(name: str, action: str, expense: Expense, **given: Any) -> ButtonElement:
    """Build a button, with more that is `given` of it, whose value is the expense's id."""
    # A screen reader says it without what stands around it.
    spoken = shorten(say(f"{name}.spoken", id=expense.name), 75)
    given = {"value": expense.id, **given}
    return ButtonElement(text=say(name), action_id=action, accessibility_label=spoken, **given)


def _asks(expense: Expense, locale: Locale) -> str:
    who = mention(expense.requester) if expense.requester else say("another-system")
    if expense.claim is None:
        return say("title-asks", who=who)
    return say("title-asks-for", who=who, money=format_money(expense.claim.money, locale))


def _facts(expense: Expense, locale: Locale, flags: Sequence[Block] = ()) -> list[Block]:
    """Show what it is about, what is unusual, where it stands, and why it was rejected."""
    what: list[Block] = []
    facts = say("expense-id", id=sentences.named(expense, str))
    if expense.claim:
        what = [section(plain(expense.claim.description))]
        particulars = sentences.particulars(expense.claim, locale)
        facts = say("facts", particulars=particulars, id=expense.name)
    if expense.previous_id:
        facts = " · ".join(
            (facts, say("made-from", id=expense.previous_number or expense.previous_id))
        )
    rule = sentences.why_asked(expense)
    before = [*what, small(plain(facts)), *flags, section(sentences.headline(expense))]
    after = [*([small(rule)] if rule else []), *receipts.links(expense.claim)]
    reason: list[Block] = []
    if expense.reason:
        room = MAX_TEXTS - _AROUND - weight([*before, *after])
        reason = paragraphs(say("the-reason", reason=expense.reason), max(room, _LEAST_REASON))
    return [*before, *reason, *after]
