"""A requester's own expenses: the form, and the buttons to withdraw and to submit again."""

import asyncio
import logging
from contextlib import suppress
from functools import partial
from typing import Any

from slack_sdk.models.blocks import Option
from slack_sdk.models.views import View

from bot.block_kit import command_answers, message_blocks
from bot.block_kit.bulk_approval import read_pages
from bot.block_kit.flags import why_modal
from bot.block_kit.forms.expense_claim import parse_expense_modal
from bot.block_kit.forms.expense_modal import EXPENSE_MODAL, Draft, expense_modal
from bot.block_kit.forms.own_fields import CATEGORY, Company, suggestions, with_answer_fields
from bot.block_kit.modals import WHY, notice_modal
from bot.block_kit.mrkdwn import mention
from bot.catalogue import say
from bot.domain.errors import AlreadySubmitted, InvalidInput, TryAgain
from bot.domain.expense import Expense
from bot.slack.errors import SlackRefusal
from bot.slack.listeners.home_tab import draw_soon
from bot.slack.listeners.interactions import Click, FormSubmission, Interaction
from bot.slack.listeners.registry import Listeners
from bot.slack.time_budget import NAMES_UNTIL, OPENED_UNTIL
from bot.slack.web_client import asking_slack

logger = logging.getLogger(__name__)


def register(listeners: Listeners) -> None:
    """Register the buttons and the form of requesters."""
    listeners.action(message_blocks.NEW_EXPENSE_ACTION, open_form)
    listeners.action(message_blocks.WITHDRAW_ACTION, withdraw)
    listeners.action(message_blocks.RESUBMIT_ACTION, resubmit)
    listeners.action(message_blocks.ASK_AGAIN_ACTION, ask_again)
    listeners.action(message_blocks.NUDGE_ACTION, nudge)
    listeners.choice(CATEGORY, ask_for_more)
    listeners.suggestions(suggest)
    listeners.view(EXPENSE_MODAL, submit, at="amount", refused="notice-not-submitted")
    listeners.view(WHY.callback_id, explain, at=WHY.field, refused="notice-not-sent")


async def open_form(
    who: Interaction,
    previous: Expense | None = None,
    draft: Draft | None = None,
    otherwise: str = "",
) -> str:
    """Open the form for an expense, and return what to say if that fails.

    Args:
        draft: what is known of a new expense.
        otherwise: what they have to know of it if the form is not open, or may not be.
    """
    form = partial(_form, who, previous, draft)
    perhaps = f"{otherwise} {say('form-may-be-open')}".strip()
    otherwise = otherwise or say("expense-form-did-not-open")
    return await who.open_form(form, otherwise=otherwise, perhaps=perhaps)


async def _form(who: Interaction, previous: Expense | None, draft: Draft | None) -> View:
    within, book = who.time.left(NAMES_UNTIL), who.bot.policy.rulebook
    reader, company, managers, chosen = await asyncio.gather(
        who.reader(),
        _company(who, within),
        who.bot.people.names_of(book.managers, besides=who.person, within=within),
        who.bot.submissions.chosen_before(who.person, within),
    )
    return expense_modal(
        reader,
        managers.names,
        previous,
        draft,
        chosen=chosen,
        taken=book.currencies,
        are_all_known=managers.are_all,
        company=company,
    )


async def _company(who: Interaction, within: float) -> Company:
    """Say what the policy has of its own for a requester.

    Who their manager is, is asked again when they submit.
    """
    book = who.bot.policy.rulebook
    with suppress(TryAgain, TimeoutError):
        async with asyncio.timeout(within):
            listed = await who.bot.policy.listed(who.person)
            manager = mention(listed.manager) if listed.manager and book.asks_managers else ""
            problem = listed.problem if book.asks_managers else ""
            return Company(words=book.words, person=listed.line, manager=manager, problem=problem)
    return Company(words=book.words)


async def resubmit(click: Click) -> str:
    """Open the form, filled in from an expense of one's own that was not paid."""
    previous = await click.bot.submissions.to_resubmit(click.value, click.person)
    return await open_form(click, previous)


async def ask_again(click: Click) -> str:
    """Submit an expense of one's own anew, as it was, on which nobody decided."""
    try:
        expense = await click.bot.submissions.ask_again(click.value, click.person)
    except InvalidInput as error:
        return f"{error} {say('edit-instead')}"
    _redraw_home(click)
    return command_answers.asked_again(expense)


async def nudge(click: Click) -> str:
    """Remind those who have not decided; in a message, its thread says so."""
    whom = await click.bot.reminders.nudge(click.value, click.person)
    return "" if click.message else command_answers.nudged(whom)


async def withdraw(click: Click) -> str:
    """Take back an expense of one's own; its messages say so soon, and the App Home at once."""
    try:
        await click.bot.submissions.withdraw(click.value, click.person)
    finally:
        _redraw_home(click)
    return ""


def _redraw_home(click: Click) -> None:
    """Show in the Home what a click in it has changed."""
    view = click.payload.get("view")
    if isinstance(view, dict) and view.get("type") == "home":
        draw_soon(click, read_pages(view), view.get("hash"))


async def ask_for_more(who: Interaction) -> None:
    """Show the fields of the category that was chosen in an open form."""
    view = who.payload["view"]
    changed = with_answer_fields(view, who.bot.policy.rulebook.words)
    if changed is None:
        return
    try:
        async with asking_slack(who.time.left(OPENED_UNTIL)):
            await who.client.views_update(view_id=view["id"], hash=view["hash"], view=changed)
    except (TryAgain, SlackRefusal) as error:
        # They were quicker, or it is shown when they submit.
        logger.info("a form was not changed, as far as we know: %s", error)


def suggest(who: Interaction) -> list[Option]:
    """List the values of a dimension that somebody searches for."""
    words, payload = who.bot.policy.rulebook.words, who.payload
    return suggestions(words, str(payload["block_id"]), str(payload.get("value") or ""))


async def submit(form: FormSubmission) -> View | dict[str, Any] | None:
    """Submit a new expense, or an earlier one once more.

    What is unusual about it is asked in the form's place once it is recorded: so nobody can try out
    what would not be noticed, and who closes the question has submitted all the same.

    Slack leaves a form open if our answer to it comes too late: a person who corrects it then has
    submitted already what they correct.
    """
    submissions, previous_id = form.bot.submissions, form.metadata or None
    words = form.bot.policy.rulebook.words
    if changed := with_answer_fields(form.payload["view"], words):
        return changed  # they submitted before the fields of their category were there
    previous = await submissions.own(previous_id, form.person) if previous_id else None
    receipts = previous.claim.receipts if previous and previous.claim else ()
    reader = await form.reader()
    claim = parse_expense_modal(form.values, reader, receipts, words)
    try:
        expense = await submissions.submit(form.person, claim, f"view {form.id}", previous_id)
    except AlreadySubmitted as error:
        said = command_answers.submitted_otherwise(error.expense, claim, reader.locale)
        return notice_modal(say("notice-already-submitted"), said)
    # The form may have been opened from there, and nothing says so.
    draw_soon(form)
    return why_modal(expense)


async def explain(form: FormSubmission) -> None:
    """Record what a requester says to what is unusual about their expense."""
    await form.bot.submissions.explain(form.metadata, form.person, WHY.parse(form.values))
