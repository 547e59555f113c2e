"""What finance does about payments that it makes by hand: mark, look, confirm, take back."""

from datetime import datetime
from functools import partial

from slack_sdk.models.views import View

from bot.block_kit import modals
from bot.block_kit.forms import payment_forms
from bot.catalogue import say
from bot.domain.payments.payment import PaidOn
from bot.services.hand_payments import read_paid_on, read_typed_reference
from bot.slack.listeners.home_tab import draw_soon
from bot.slack.listeners.interactions import Click, FormSubmission
from bot.slack.listeners.registry import Listeners


def register(listeners: Listeners) -> None:
    """Register the buttons and forms."""
    listeners.action(payment_forms.MARK_ACTION, open_form)
    listeners.action(payment_forms.CONFIRM_ACTION, look)
    listeners.action(payment_forms.TAKE_BACK_ACTION, take_back)
    listeners.view(
        payment_forms.PAID_MODAL, mark, at=payment_forms.EXPENSES, refused="notice-not-saved"
    )
    listeners.view(
        payment_forms.CONFIRM_MODAL,
        confirm,
        at=payment_forms.EXPENSES,
        refused="notice-not-saved",
    )


async def open_form(click: Click) -> str:
    """Open the form of what was paid."""
    return await click.open_form(partial(_form, click), otherwise=say("payment-form-not-open"))


async def _form(click: Click) -> View:
    expenses, reader = await click.bot.hand_payments.to_pay(click.person), await click.reader()
    today = datetime.now(reader.timezone).date()
    return payment_forms.paid_modal(expenses, today, reader.locale)


async def mark(form: FormSubmission) -> View:
    """Mark what was paid; a form that comes twice marks once."""
    ids, day, reference = payment_forms.parse_paid_modal(form.payload["view"])
    today = datetime.now((await form.reader()).timezone).date()
    paid = PaidOn(read_paid_on(day, today), read_typed_reference(reference))
    count, problems = await form.bot.hand_payments.mark(form.person, ids, paid, form.id)
    draw_soon(form)
    return modals.notice_modal(say("paid-form"), payment_forms.marked(count, problems, paid))


async def look(click: Click) -> str:
    """Show what is in a payment run, ready to be confirmed."""
    run, expenses = await click.bot.hand_payments.run(click.person, click.value)
    locale = (await click.reader()).locale
    form = payment_forms.confirm_modal(run, expenses, locale)
    return await click.open_form(form, otherwise=say("payment-form-not-open"))


async def confirm(form: FormSubmission) -> View:
    """Confirm a payment run; a form that comes twice confirms once."""
    try:
        count = await form.bot.hand_payments.confirm(form.person, form.metadata)
    finally:
        draw_soon(form)
    return modals.notice_modal(say("run-form"), say("run-confirmed", count=count))


async def take_back(click: Click) -> str:
    """Say that a payment run is not right."""
    try:
        count = await click.bot.hand_payments.take_back(click.person, click.value)
    finally:
        draw_soon(click)
    return say("run-taken-back", count=count)
