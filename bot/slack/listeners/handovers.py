"""Handing an expense to a colleague: the buttons and the forms.

Who may is checked at the click, and again with the form.
"""

from bot.block_kit import message_blocks
from bot.block_kit.forms import handover_modal
from bot.catalogue import say
from bot.slack.listeners.home_tab import draw_soon
from bot.slack.listeners.interactions import Click, FormSubmission
from bot.slack.listeners.registry import Listeners


def register(listeners: Listeners) -> None:
    """Register the buttons and the forms of handovers."""
    listeners.action(message_blocks.FORWARD_ACTION, open_forward)
    listeners.view(
        handover_modal.FORWARD_MODAL,
        forward,
        at=handover_modal.COLLEAGUE,
        refused="notice-not-forwarded",
    )
    listeners.action(handover_modal.REASSIGN_ACTION, open_reassign)
    listeners.view(
        handover_modal.REASSIGN_MODAL,
        reassign,
        at=handover_modal.COLLEAGUE,
        refused="notice-not-reassigned",
    )


async def open_forward(click: Click) -> str:
    """Ask to whom somebody who is asked forwards an expense."""
    await click.bot.decisions.check_may_decide(click.value, click.person)
    form = handover_modal.FORWARD.build(click.value)
    return await click.open_form(form, otherwise=say("form-did-not-open"))


async def forward(form: FormSubmission) -> None:
    """Have a colleague asked in one's own place."""
    chosen = handover_modal.parse_handover_modal(form.values)
    await form.bot.handovers.forward(form.metadata, form.person, chosen.colleague, chosen.note)
    for person in (form.person, chosen.colleague):
        draw_soon(form, person=person)


async def open_reassign(click: Click) -> str:
    """Ask an admin to whom an expense goes."""
    await click.bot.handovers.check_may_reassign(click.value, click.person)
    form = handover_modal.REASSIGN.build(click.value)
    return await click.open_form(form, otherwise=say("form-did-not-open"))


async def reassign(form: FormSubmission) -> None:
    """Have a colleague asked, because an admin says so."""
    chosen = handover_modal.parse_handover_modal(form.values)
    await form.bot.handovers.reassign(
        form.metadata, form.person, chosen.colleague, chosen.instead_of, chosen.note
    )
    for person in (form.person, chosen.colleague):
        draw_soon(form, person=person)
