"""Forms with one box, modals that only say something, and what is said if none of them opens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import Block, InputBlock, PlainTextInputElement
from slack_sdk.models.views import View

from bot.block_kit.components import section
from bot.block_kit.inputs import VALUE, InvalidForm, typed, visible

MAX_WORDS = 1000

DID_NOT_OPEN = "The form could not be opened. Please try again."
# Slack may have opened it although its answer did not arrive.
MAY_BE_OPEN = "I cannot say whether the form has opened. If you do not see it, try again."
REJECTION_DID_NOT_OPEN = (
    "The form for the reason could not be opened, so you have not rejected anything. "
    "Please try again."
)
REJECTION_MAY_BE_OPEN = (
    "I cannot say whether the form for the reason has opened. You have not rejected anything yet: "
    "if you do not see the form, try again."
)


def read_words(values: Mapping[str, Any], block_id: str) -> str:
    """Read what was written into a box; empty if nothing was.

    Raises:
        InvalidForm: it is longer than MAX_WORDS.
    """
    words = visible(typed(values, block_id))
    if len(words) > MAX_WORDS:
        raise InvalidForm({block_id: f"Please say it in at most {MAX_WORDS:,} characters."})
    return words


@dataclass(frozen=True, slots=True, kw_only=True)
class TextModal:
    """A form with one box to write into."""

    callback_id: str
    title: str  # stands above it, at most 24 characters
    submit: str  # stands on its button, at most 24 characters
    field: str  # the block_id of the box
    label: str
    hint: str
    if_empty: str  # what they read if they write nothing

    def build(self, reference: str, above: Sequence[Block] = ()) -> View:
        """Build the form.

        Args:
            reference: comes back with the form, at most 3,000 characters.
        """
        box = PlainTextInputElement(action_id=VALUE, multiline=True, max_length=MAX_WORDS)
        field = InputBlock(block_id=self.field, label=self.label, element=box, hint=self.hint)
        return View(
            type="modal",
            callback_id=self.callback_id,
            private_metadata=reference,
            title=self.title,
            submit=self.submit,
            close="Cancel",
            blocks=[*above, field],
        )

    def parse(self, values: Mapping[str, Any]) -> str:
        """Read what was written."""
        words = read_words(values, self.field)
        if not words:
            raise InvalidForm({self.field: self.if_empty})
        return words


# Closing one of these forms changes nothing.
REJECT = TextModal(
    callback_id="reject_modal",
    title="Reject this expense",
    submit="Reject",
    field="reason",
    label="Why?",
    hint="The requester and the other approvers can read it.",
    if_empty="Please give a reason, so that the requester understands.",
)
ASK = TextModal(
    callback_id="ask_modal",
    title="Ask the requester",
    submit="Ask",
    field="question",
    label="What would you like to know?",
    hint="The requester is asked to answer; the other approvers can read it.",
    if_empty="Please write your question.",
)
ANSWER = TextModal(
    callback_id="answer_modal",
    title="Answer the question",
    submit="Answer",
    field="answer",
    label="Your answer",
    hint="The approvers can read it.",
    if_empty="Please write your answer.",
)


def notice_modal(title: str, text: str) -> View:
    """Build a modal that only says something.

    Args:
        title: at most 24 characters.
        text: mrkdwn.
    """
    return View(type="modal", title=title, close="Close", blocks=[section(text)])
