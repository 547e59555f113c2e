"""Block Kit forms: the modals, and the way back from what people typed into them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from slack_sdk.models.blocks import (
    MarkdownTextObject,
    PlainTextInputElement,
    PlainTextObject,
    SectionBlock,
)
from slack_sdk.models.views import View

from bot.block_kit.inputs import VALUE, input_block, typed, visible
from bot.domain.errors import InvalidInput
from bot.domain.expense import Category, Claim
from bot.domain.locale import Reader
from bot.domain.money import parse_money

EXPENSE_MODAL = "expense_modal"
REJECT_MODAL = "reject_modal"
ASK_MODAL = "ask_modal"
ANSWER_MODAL = "answer_modal"

MAX_DESCRIPTION = 500
# Of a reason, a question, an answer.
MAX_WORDS = 1000


class InvalidForm(Exception):
    """Fields that cannot be taken; `errors` has a sentence for each block_id."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


def parse_one_line(text: str, reader: Reader) -> Claim:
    """Read an expense written in one line, such as `42.50 EUR Team lunch`.

    Raises:
        InvalidInput: it cannot be taken; the message says what to write.
    """
    words = text.split(maxsplit=2)
    if len(words) < 3:
        raise InvalidInput(
            "description",
            "Please write amount, currency and what it was for: "
            "`/expense submit 42.50 EUR Team lunch`",
        )
    amount, currency, description = words
    return Claim(
        money=parse_money(amount, currency),
        description=parse_description(description),
        category=Category.OTHER,
        spent_on=today(reader),
    )


def parse_description(text: str) -> str:
    """Read what an expense was for.

    Raises:
        InvalidInput: it is empty or too long.
    """
    description = visible(text)
    if not description:
        raise InvalidInput("description", "Please say what the expense was for.")
    if len(description) > MAX_DESCRIPTION:
        raise InvalidInput("description", f"Please say it in at most {MAX_DESCRIPTION} characters.")
    return description


def reject_modal(expense_id: str) -> View:
    """Build the form that asks why an expense is rejected; closing it decides nothing."""
    hint = "The requester and the other approvers can read it."
    return _words_modal(
        REJECT_MODAL, expense_id, "Reject this expense", "Reject", ("reason", "Why?", hint)
    )


def parse_reject_modal(values: Mapping[str, Any]) -> str:
    """Read the reason of a rejection.

    Raises:
        InvalidForm: it is empty or too long.
    """
    return _parse_words(
        values, "reason", "Please give a reason, so that the requester understands."
    )


def ask_modal(expense_id: str) -> View:
    """Build the form for a question to the requester; it decides nothing."""
    hint = "The requester is asked to answer; the other approvers can read it."
    field = ("question", "What would you like to know?", hint)
    return _words_modal(ASK_MODAL, expense_id, "Ask the requester", "Ask", field)


def parse_ask_modal(values: Mapping[str, Any]) -> str:
    """Read a question.

    Raises:
        InvalidForm: it is empty or too long.
    """
    return _parse_words(values, "question", "Please write your question.")


def answer_modal(reference: str, question: str) -> View:
    """Build the form for the requester's answer, below the question.

    Args:
        reference: names the question when the form comes back.
        question: what was asked.
    """
    view = _words_modal(
        ANSWER_MODAL,
        reference,
        "Answer the question",
        "Answer",
        ("answer", "Your answer", "The approvers can read it."),
    )
    asked = SectionBlock(text=PlainTextObject(text=question, emoji=False))
    view.blocks = [asked, *(view.blocks or [])]
    return view


def parse_answer_modal(values: Mapping[str, Any]) -> str:
    """Read an answer.

    Raises:
        InvalidForm: it is empty or too long.
    """
    return _parse_words(values, "answer", "Please write your answer.")


def notice_modal(title: str, text: str) -> View:
    """Build a modal that only says something.

    Args:
        title: at most 24 characters, Slack's limit.
        text: mrkdwn.
    """
    return View(
        type="modal",
        title=PlainTextObject(text=title),
        close=PlainTextObject(text="Close"),
        blocks=[SectionBlock(text=MarkdownTextObject(text=text, verbatim=True))],
    )


def today(reader: Reader) -> date:
    """Say which day it is for somebody."""
    return datetime.now(reader.timezone).date()


def _words_modal(
    callback_id: str, reference: str, title: str, submit: str, field: tuple[str, str, str]
) -> View:
    """Build a form with one box to write into, which has a name, a label and a hint."""
    name, label, hint = field
    box = PlainTextInputElement(action_id=VALUE, multiline=True, max_length=MAX_WORDS)
    return View(
        type="modal",
        callback_id=callback_id,
        private_metadata=reference,
        title=PlainTextObject(text=title),
        submit=PlainTextObject(text=submit),
        close=PlainTextObject(text="Cancel"),
        blocks=[input_block(name, label, box, hint=hint)],
    )


def _parse_words(values: Mapping[str, Any], name: str, if_empty: str) -> str:
    words = visible(typed(values, name))
    if not words:
        raise InvalidForm({name: if_empty})
    if len(words) > MAX_WORDS:
        raise InvalidForm({name: f"Please say it in at most {MAX_WORDS:,} characters."})
    return words
