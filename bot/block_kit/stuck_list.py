"""What admins find on their Home: expenses that wait for help, why, and a button to give it."""

from collections.abc import Sequence

from babel import Locale
from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, DividerBlock, HeaderBlock

from bot.block_kit.components import id_within, section
from bot.block_kit.handover_modal import REASSIGN_ACTION
from bot.block_kit.message_blocks import list_blocks
from bot.block_kit.mrkdwn import alternatives, mention, moment
from bot.block_kit.stuck import why_stuck
from bot.domain.inbox import PAGE_LENGTH, Stuck
from bot.domain.text import shorten

_MOST_NAMED = 5


def stuck_list(stuck: Sequence[Stuck], person: str, locale: Locale) -> list[Block]:
    """Build the list.

    Args:
        stuck: what is listed; what does not fit on the page is counted.
        person: Slack user id of the admin, who does not reassign what they asked for.
        locale: how they read.
    """
    built: list[Block] = [HeaderBlock(text="Stuck")]
    if not stuck:
        built.append(section("Nothing is stuck, and nothing has waited for long."))
    for one in stuck[:PAGE_LENGTH]:
        expense = one.expense
        who = f" Asked for by {mention(expense.requester)}." if expense.requester else ""
        _, facts = list_blocks(expense, locale)
        built += [section(f"{_why(one)}{who}"), facts]
        if expense.is_asking and expense.requester != person:
            spoken = shorten(f"Reassign expense {expense.id}", 75)
            reassign = ButtonElement(
                text="Reassign",
                action_id=REASSIGN_ACTION,
                value=expense.id,
                accessibility_label=spoken,
            )
            block_id = id_within(255, f"stuck {expense.id}")
            built.append(ActionsBlock(block_id=block_id, elements=[reassign]))
    if len(stuck) > PAGE_LENGTH:
        built.append(section("More are stuck; they move up as these are decided."))
    return [*built, DividerBlock()]


def _why(stuck: Stuck) -> str:
    expense = stuck.expense
    if expense.obstacle:
        return f":warning: {why_stuck(expense, expense.obstacle)}"
    since = f"since {moment(expense.created_at)}"
    if not expense.is_asking:
        return f":hourglass: Nobody has been asked {since}; the people who run this app can help."
    return f":hourglass: Undecided {since}, by {alternatives(stuck.asked, _MOST_NAMED)}."
