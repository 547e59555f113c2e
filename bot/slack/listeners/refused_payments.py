"""The button with which an admin has a refused payment asked for again."""

from bot.block_kit import stuck_list
from bot.catalogue import say
from bot.slack.listeners.home_tab import draw_soon
from bot.slack.listeners.interactions import Click
from bot.slack.listeners.registry import Listeners


def register(listeners: Listeners) -> None:
    """Register the button."""
    listeners.action(stuck_list.ASK_FOR_PAYMENT_ACTION, ask_again)


async def ask_again(click: Click) -> str:
    """Have a refused payment asked for again; who asks for it once more has done so already."""
    try:
        await click.bot.refused_payments.ask_again(click.value, click.person)
    finally:
        draw_soon(click)
    return say("home-pay-again-done")
