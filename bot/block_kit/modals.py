"""Forms with one box, and modals that only say something."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import Block, InputBlock, PlainTextInputElement
from slack_sdk.models.views import View

from bot.block_kit.components import section
from bot.block_kit.inputs import VALUE, InvalidForm, typed, visible
from bot.catalogue import say

MAX_WORDS = 1000


def read_words(values: Mapping[str, Any], block_id: str) -> str:
    """Read what was written into a box; empty if nothing was.

    Raises:
        InvalidForm: it is longer than MAX_WORDS.
    """
    words = visible(typed(values, block_id))
    if len(words) > MAX_WORDS:
        raise InvalidForm({block_id: say("text-too-long", most=MAX_WORDS)})
    return words


@dataclass(frozen=True, slots=True, kw_only=True)
class TextModal:
    """A form with one box to write into."""

    callback_id: str
    name: str  # what the catalogue calls it
    field: str  # the block_id of the box

    def build(self, reference: str, above: Sequence[Block] = ()) -> View:
        """Build the form.

        Args:
            reference: comes back with the form, at most 3,000 characters.
        """
        field = InputBlock(
            block_id=self.field,
            label=say(f"{self.name}.label"),
            element=PlainTextInputElement(action_id=VALUE, multiline=True, max_length=MAX_WORDS),
            hint=say(f"{self.name}.hint"),
        )
        return View(
            type="modal",
            callback_id=self.callback_id,
            private_metadata=reference,
            title=say(self.name),
            submit=say(f"{self.name}.submit"),
            close=say("cancel"),
            blocks=[*above, field],
        )

    def parse(self, values: Mapping[str, Any]) -> str:
        """Read what was written."""
        words = read_words(values, self.field)
        if not words:
            raise InvalidForm({self.field: say(f"{self.name}.if-empty")})
        return words


# Closing one of these forms changes nothing.
REJECT = TextModal(callback_id="reject_modal", name="reject-form", field="reason")
ASK = TextModal(callback_id="ask_modal", name="ask-form", field="question")
ANSWER = TextModal(callback_id="answer_modal", name="answer-form", field="answer")
WHY = TextModal(callback_id="why_modal", name="why-form", field="why")


def notice_modal(title: str, text: str) -> View:
    """Build a modal that only says something.

    Args:
        title: at most 24 characters.
        text: mrkdwn.
    """
    return View(type="modal", title=title, close=say("close"), blocks=[section(text)])
