"""What admins find on their Home: expenses that wait for help, why, and a button to give it."""

from collections.abc import Sequence

from babel import Locale
from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    DividerBlock,
    HeaderBlock,
)

from bot.block_kit import sentences
from bot.block_kit.components import confirm, id_within, section
from bot.block_kit.forms.handover_modal import REASSIGN_ACTION
from bot.block_kit.message_blocks import list_blocks
from bot.block_kit.mrkdwn import alternatives, mention, moment
from bot.block_kit.stuck import why_stuck
from bot.catalogue import say
from bot.domain.expense import Expense, State
from bot.domain.inbox import PAGE_LENGTH, Stuck
from bot.domain.text import shorten

ASK_FOR_PAYMENT_ACTION = "ask_for_payment_again"

_MOST_NAMED = 5


def stuck_list(stuck: Sequence[Stuck], person: str, locale: Locale) -> list[Block]:
    """Build the list.

    Args:
        stuck: what is listed; what does not fit on the page is counted.
        person: Slack user id of the admin, who can do nothing about what they asked for.
        locale: how they read.
    """
    built: list[Block] = [HeaderBlock(text=say("home-stuck"))]
    if not stuck:
        built.append(section(say("home-nothing-stuck")))
    for one in stuck[:PAGE_LENGTH]:
        expense = one.expense
        said = _why(one)
        if expense.requester:
            said += " " + say("home-asked-for-by", who=mention(expense.requester))
        _, facts = list_blocks(expense, locale)
        built += [section(said), facts]
        if expense.requester != person and (button := _help(expense)):
            block_id = id_within(255, f"stuck {expense.id}")
            built.append(ActionsBlock(block_id=block_id, elements=[button]))
    if len(stuck) > PAGE_LENGTH:
        built.append(section(say("home-more-stuck")))
    return [*built, DividerBlock()]


def pay_again_button(expense: Expense) -> ButtonElement:
    """Build the button with which a refused payment is asked for again."""
    return ButtonElement(
        text=say("home-pay-again"),
        action_id=ASK_FOR_PAYMENT_ACTION,
        value=expense.id,
        accessibility_label=shorten(say("home-pay-again.spoken", id=expense.name), 75),
        confirm=confirm("home-pay-again-sure", "primary"),
    )


def _help(expense: Expense) -> ButtonElement | None:
    """Build the button with which an admin helps; None if they cannot."""
    if expense.state is State.PAYMENT_FAILED:
        return pay_again_button(expense)
    if not expense.is_asking:
        return None
    return ButtonElement(
        text=say("home-reassign"),
        action_id=REASSIGN_ACTION,
        value=expense.id,
        accessibility_label=shorten(say("home-reassign.spoken", id=expense.name), 75),
    )


def _why(stuck: Stuck) -> str:
    expense = stuck.expense
    if expense.state is State.PAYMENT_FAILED:
        return sentences.headline(expense)
    if expense.obstacle:
        return say("home-stuck-because", why=why_stuck(expense, expense.obstacle))
    since = moment(expense.created_at)
    if not expense.is_asking:
        return say("home-not-asked", since=since)
    return say("home-undecided", since=since, whom=alternatives(stuck.asked, _MOST_NAMED))
