"""Approving and rejecting: the buttons below a request, and the form for the reason."""

from bot.block_kit import message_blocks, modals
from bot.catalogue import say
from bot.domain.expense import Decision
from bot.slack.listeners.interactions import Click, FormSubmission
from bot.slack.listeners.registry import Listeners


def register(listeners: Listeners) -> None:
    """Register the buttons and the form of decisions."""
    listeners.action(message_blocks.APPROVE_ACTION, approve)
    listeners.action(message_blocks.REJECT_ACTION, open_rejection)
    listeners.view(
        modals.REJECT.callback_id, reject, at=modals.REJECT.field, refused="notice-not-rejected"
    )


async def approve(click: Click) -> str:
    """Approve the expense on whose message Approve was clicked."""
    expense = await click.bot.decisions.decide(click.value, Decision.APPROVED, click.person)
    if click.message:
        click.bot.message_sync.clicked(*click.message, click.person, expense)
    return ""


async def open_rejection(click: Click) -> str:
    """Ask for the reason of a rejection; nothing is decided before that form comes back."""
    await click.bot.decisions.check_may_decide(click.value, click.person)
    return await click.open_form(
        modals.REJECT.build(click.value),
        otherwise=say("reject-form-did-not-open"),
        perhaps=say("reject-form-may-be-open"),
    )


async def reject(form: FormSubmission) -> None:
    """Reject an expense with the reason that was given."""
    reason = modals.REJECT.parse(form.values)
    await form.bot.decisions.decide(form.metadata, Decision.REJECTED, form.person, reason)
