"""Handing an expense to a colleague: the form, and what comes back with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import InputBlock, PlainTextInputElement, UserSelectElement
from slack_sdk.models.views import View

from bot.block_kit.components import section
from bot.block_kit.inputs import VALUE, InvalidForm, field
from bot.block_kit.modals import MAX_WORDS, read_words
from bot.catalogue import say

FORWARD_MODAL = "forward_modal"
REASSIGN_MODAL = "reassign_modal"
REASSIGN_ACTION = "reassign_expense"
COLLEAGUE, INSTEAD_OF, NOTE = "colleague", "instead_of", "note"


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose.

    Attributes:
        colleague: Slack user id of who is to be asked.
        instead_of: Slack user id of who is not asked any more; None if nobody was chosen.
        note: what the colleague is told, or None.
    """

    colleague: str
    instead_of: str | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverModal:
    """A form that asks to whom an expense goes.

    Attributes:
        callback_id: names the form when it comes back.
        name: what the catalogue calls it.
        has_instead_of: whether it also asks in whose place.
    """

    callback_id: str
    name: str
    has_instead_of: bool = False

    def build(self, expense_id: str) -> View:
        """Build the form; it comes back with the expense's id."""
        colleague = UserSelectElement(action_id=VALUE, placeholder=say("choose-colleague"))
        nobody = say("handover-instead-of.nobody")
        instead_of = UserSelectElement(action_id=VALUE, placeholder=nobody)
        note = PlainTextInputElement(action_id=VALUE, multiline=True, max_length=MAX_WORDS)
        place = InputBlock(
            block_id=INSTEAD_OF,
            label=say("handover-instead-of"),
            element=instead_of,
            optional=True,
            hint=say("handover-instead-of.hint"),
        )
        return View(
            type="modal",
            callback_id=self.callback_id,
            private_metadata=expense_id,
            title=say(self.name),
            submit=say(self.name),
            close=say("cancel"),
            blocks=[
                section(say(f"{self.name}.above")),
                InputBlock(block_id=COLLEAGUE, label=say("handover-colleague"), element=colleague),
                *([place] if self.has_instead_of else []),
                InputBlock(
                    block_id=NOTE,
                    label=say("handover-note"),
                    element=note,
                    optional=True,
                    hint=say("handover-note.hint"),
                ),
            ],
        )


FORWARD = HandoverModal(callback_id=FORWARD_MODAL, name="forward-form")
REASSIGN = HandoverModal(callback_id=REASSIGN_MODAL, name="reassign-form", has_instead_of=True)


def parse_handover_modal(values: Mapping[str, Any]) -> Choice:
    """Read who was chosen, and the note.

    Args:
        values: the view's state.values, as Slack sends them.

    Raises:
        InvalidForm: nobody was chosen, or the note is too long.
    """
    colleague = _person(values, COLLEAGUE)
    if colleague is None:
        raise InvalidForm({COLLEAGUE: say("please-choose-colleague")})
    note = read_words(values, NOTE) or None
    return Choice(colleague, _person(values, INSTEAD_OF), note)


def _person(values: Mapping[str, Any], block_id: str) -> str | None:
    chosen = field(values, block_id).get("selected_user")
    return chosen if isinstance(chosen, str) and chosen else None
