"""What somebody did in Slack, as listeners get it, and the ways in which it is answered."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncRespond
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.block_kit import message_blocks, modals, sentences
from bot.domain.errors import AlreadyAgreed, AlreadyDecided, ExpenseError, TryAgain
from bot.slack.errors import SlackRefusal
from bot.slack.listeners.context import ListenerContext
from bot.slack.web_client import ANSWER_SECONDS, asking_slack, keep_asking, whisper

logger = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Interaction:
    """Something that a person did.

    Attributes:
        bot: what listeners work with.
        client: Slack's Web API.
        person: Slack user id.
        payload: what Slack sent.
    """

    bot: ListenerContext
    client: AsyncWebClient
    person: str
    payload: dict[str, Any]
    _has_trigger: bool = field(default=True, init=False)

    async def open_form(self, view: View | Callable[[], Awaitable[View]]) -> bool:
        """Open a form before the ack, so that whoever is acknowledged has it before them.

        Slack's trigger_id opens one form, within 3 seconds.

        Args:
            view: the form, or a function that makes it.

        Returns:
            Whether Slack says that it is open.
        """
        trigger_id = self.payload["trigger_id"]
        self._has_trigger = False
        try:
            async with asking_slack(ANSWER_SECONDS):
                built = view if isinstance(view, View) else await view()
                await self.client.views_open(trigger_id=trigger_id, view=built)
        except (TryAgain, SlackRefusal) as error:
            logger.warning("a form did not open: %s", error)
            return False
        return True


@dataclass(slots=True, kw_only=True)
class Click(Interaction):
    """A click on a button, in a message or in the App Home."""

    respond: AsyncRespond

    @property
    def value(self) -> str:
        """What the button stands for, mostly an expense's id."""
        return str(self.payload["actions"][0]["value"])

    @property
    def action_id(self) -> str:
        """Which button it is."""
        return str(self.payload["actions"][0]["action_id"])

    @property
    def message(self) -> tuple[str, str] | None:
        """The channel and the ts of the message that was clicked; None in the App Home."""
        if "message" not in self.payload:
            return None
        return self.payload["channel"]["id"], self.payload["message"]["ts"]

    async def tell(self, text: str) -> None:
        """Say something to who clicked: privately where they did, in the App Home as a notice.

        Raises:
            TryAgain, SlackRefusal: nobody could be told; without an ack, Slack shows an error.
        """
        if self.payload.get("response_url"):
            await whisper(self.respond, text)
            return
        notice = modals.notice_modal("Expenses", text)
        if not (self._has_trigger and await self.open_form(notice)):
            async with asking_slack(ANSWER_SECONDS):
                await self.client.chat_postMessage(channel=self.person, text=text)

    async def refuse(self, error: ExpenseError) -> None:
        """Tell who clicked why that changed nothing, and bring an approvers' message up to date.

        Raises:
            TryAgain, SlackRefusal: as in `tell`.
        """
        await self.tell(explain(error, self.person))
        is_on_request = self.action_id in message_blocks.REQUEST_ACTIONS
        if isinstance(error, AlreadyDecided) and self.message and is_on_request:
            draw = partial(self.bot.message_sync.redraw, *self.message, self.person, error.expense)
            # Delivery draws whatever is remembered; this is for what is not, so it may give up.
            self.bot.background.start(keep_asking(draw, "redrawing a message that was clicked"))


@dataclass(slots=True, kw_only=True)
class FormSubmission(Interaction):
    """A form that came back."""

    @property
    def id(self) -> str:
        """The view's id: a form is submitted once, so what repeats it is the same submission."""
        return str(self.payload["view"]["id"])

    @property
    def values(self) -> dict[str, Any]:
        """What was filled in, as Slack sends it: by block_id, then by action_id."""
        values: dict[str, Any] = self.payload["view"]["state"]["values"]
        return values

    @property
    def metadata(self) -> str:
        """What the form kept since it was built, mostly an expense's id."""
        return str(self.payload["view"].get("private_metadata") or "")


def explain(error: ExpenseError, person: str) -> str:
    """Word an error for the person whom it stopped."""
    match error:
        case AlreadyDecided(expense=expense):
            return sentences.too_late(expense, person)
        case AlreadyAgreed(expense=expense):
            return sentences.already_agreed(expense)
        case TryAgain():
            return sentences.TRY_AGAIN
    return str(error)
