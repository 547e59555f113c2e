"""What finance and auditors look for and open, each time asked anew whether they may."""

from datetime import UTC, datetime

from slack_sdk.models.blocks import Block

from bot.block_kit import finance
from bot.block_kit.history import history_text
from bot.slack.listeners.interactions import Click, Interaction
from bot.slack.listeners.registry import Listeners
from bot.slack.search_parser import parse_search, write_search


def register(listeners: Listeners) -> None:
    """Register the buttons."""
    listeners.action(finance.HISTORY_ACTION, show_history)
    listeners.action(finance.OLDER_ACTION, find_older)


async def find(
    who: Interaction, text: str, before_id: str | None = None
) -> tuple[str, list[Block]]:
    """Find the expenses that somebody looks for.

    Args:
        text: what they wrote, as Slack sends it.
        before_id: the id of the last expense that they have seen; None for the newest ones.
    """
    search = parse_search(text, datetime.now(UTC).date())
    page = await who.bot.finance.find(who.person, search, before_id)
    locale = (await who.reader()).locale
    return finance.found(search, write_search(search), page, locale)


async def find_older(click: Click) -> str:
    """Show the next page of what was found."""
    before_id, _, text = click.value.partition(" ")
    await click.show(*await find(click, text, before_id))
    return ""


async def show_history(click: Click) -> str:
    """Open an expense's history."""
    expense, history = await click.bot.finance.history_for(click.person, click.value)
    locale = (await click.reader()).locale
    text = history_text(expense, history, locale)
    return await click.open_form(finance.history_modal(expense, history, locale), otherwise=text)
