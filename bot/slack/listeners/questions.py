"""Questions of approvers and answers of requesters: their buttons, and their forms.

Who may ask and answer is checked at the click, and again with the form.
"""

from bot.block_kit import message_blocks, modals
from bot.block_kit.components import paragraphs
from bot.catalogue import say
from bot.slack.listeners.interactions import Click, FormSubmission
from bot.slack.listeners.registry import Listeners


def register(listeners: Listeners) -> None:
    """Register the buttons and the forms of questions."""
    listeners.action(message_blocks.ASK_ACTION, open_question)
    listeners.action(message_blocks.ANSWER_ACTION, open_answer)
    listeners.view(modals.ASK.callback_id, ask, at=modals.ASK.field, refused="notice-not-sent")
    listeners.view(
        modals.ANSWER.callback_id, answer, at=modals.ANSWER.field, refused="notice-not-sent"
    )


async def open_question(click: Click) -> str:
    """Open the form for a question to the requester."""
    await click.bot.questions.check_may_ask(click.value, click.person)
    form = modals.ASK.build(click.value)
    return await click.open_form(form, otherwise=say("form-did-not-open"))


async def open_answer(click: Click) -> str:
    """Open the form for the answer to a question."""
    number, expense_id = _read(click.value)
    _, number, question = await click.bot.questions.to_answer(expense_id, click.person, number)
    form = modals.ANSWER.build(f"{number} {expense_id}", above=paragraphs(question))
    return await click.open_form(form, otherwise=say("form-did-not-open"))


async def ask(form: FormSubmission) -> None:
    """Record a question."""
    question = modals.ASK.parse(form.values)
    await form.bot.questions.ask(form.metadata, form.person, question)


async def answer(form: FormSubmission) -> None:
    """Record an answer."""
    words = modals.ANSWER.parse(form.values)
    number, expense_id = _read(form.metadata)
    await form.bot.questions.answer(expense_id, form.person, words, number)


def _read(value: str) -> tuple[int | None, str]:
    """Read the number of a question, if there is one, and the expense's id."""
    number, _, expense_id = value.partition(" ")
    is_number = number.isascii() and number.isdecimal() and len(number) < 20
    return (int(number), expense_id) if is_number and expense_id else (None, value)
