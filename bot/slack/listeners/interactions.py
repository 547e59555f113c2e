"""What somebody did in Slack, as listeners get it, and the ways in which it is answered."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncRespond
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.block_kit import message_blocks, modals, sentences
from bot.catalogue import say
from bot.database.delegations import Delegations
from bot.database.queries.home_queries import HomeQueries
from bot.domain.errors import (
    AlreadyAgreed,
    AlreadyDecided,
    Conflict,
    ExpenseError,
    TryAgain,
    WrittenByNewer,
)
from bot.domain.health.outages import cause_of
from bot.domain.people.locale import Reader
from bot.policy.approvers import Policy
from bot.services.decisions import Decisions
from bot.services.exports import Exports
from bot.services.finance import Finance
from bot.services.hand_payments import HandPayments
from bot.services.handovers import Handovers
from bot.services.inbox import Inbox
from bot.services.questions import Questions
from bot.services.refused_payments import RefusedPayments
from bot.services.reminders import Reminders
from bot.services.submissions import Submissions
from bot.slack.background_tasks import Background
from bot.slack.directory import SlackDirectory
from bot.slack.errors import RateLimited, SlackRefusal
from bot.slack.installation import Installation
from bot.slack.message_links import MessageLinks
from bot.slack.message_sync import MessageSync
from bot.slack.time_budget import LEAST_SECONDS, OPENED_UNTIL, READER_UNTIL, TOLD_UNTIL, TimeBudget
from bot.slack.web_client import asking_slack, keep_asking, whisper

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerContext:
    """The services of the bot that listeners call."""

    submissions: Submissions
    decisions: Decisions
    handovers: Handovers
    refused_payments: RefusedPayments
    finance: Finance
    hand_payments: HandPayments
    exports: Exports
    questions: Questions
    reminders: Reminders
    delegations: Delegations
    inbox: Inbox
    home_queries: HomeQueries
    people: SlackDirectory
    policy: Policy
    message_sync: MessageSync
    links: MessageLinks
    background: Background
    installation: Installation


@dataclass
class Interaction:
    """Something that a person did."""

    bot: ListenerContext
    client: AsyncWebClient
    person: str
    payload: dict[str, Any]
    # What is left of Slack's three seconds.
    time: TimeBudget = field(default_factory=TimeBudget, init=False)
    _has_trigger: bool = field(default=True, init=False)

    async def reader(self) -> Reader:
        """Say how the person reads; like anybody if Slack takes too long to tell."""
        return await self.bot.people.reader(self.person, within=self.time.left(READER_UNTIL))

    async def open_form(
        self,
        view: View | Callable[[], Awaitable[View]],
        *,
        otherwise: str,
        perhaps: str | None = None,
    ) -> str:
        """Open a form before the ack, so that an acknowledged person has it before them.

        Slack's trigger_id opens one form, within 3 seconds.

        Args:
            otherwise: what the person has to be told if the form is not open.
            perhaps: what they have to be told if nobody knows whether it is.

        Returns:
            What the person has to be told; "" if the form is open.
        """
        trigger_id = self.payload["trigger_id"]
        self._has_trigger = False
        try:
            built = view if isinstance(view, View) else await view()
        except TryAgain as error:
            logger.warning("a form was not built: %s", error)
            return otherwise
        within = self.time.left(OPENED_UNTIL)
        if within < LEAST_SECONDS:
            logger.warning("a form was built too late to open it")
            return otherwise
        try:
            async with asking_slack(within):
                await self.client.views_open(trigger_id=trigger_id, view=built)
        except (TryAgain, SlackRefusal) as error:
            logger.warning("a form did not open, as far as we know: %s", error)
            perhaps = perhaps or say("form-may-be-open")
            return perhaps if _may_be_open(error) else otherwise
        return ""


class Click(Interaction):
    """A click on a button, in a message or in the App Home.

    Attributes:
        value: what the button stands for, mostly an expense's id.
        message: the channel and the ts of the message that was clicked; None in the App Home.
    """

    def __init__(
        self,
        bot: ListenerContext,
        client: AsyncWebClient,
        body: dict[str, Any],
        respond: AsyncRespond,
    ) -> None:
        super().__init__(bot, client, body["user"]["id"], body)
        action, message = body["actions"][0], body.get("message")
        self.respond = respond
        self.action_id: str = action["action_id"]
        self.value = str(action.get("value"))
        self.message = (body["channel"]["id"], message["ts"]) if message else None

    async def tell(self, text: str) -> None:
        """Say something to who clicked: privately where they did, in the App Home as a notice.

        Raises:
            TryAgain, SlackRefusal: nobody could be told; without an ack, Slack shows an error.
        """
        if self.payload.get("response_url"):
            await whisper(self.respond, text, self._time_to_tell)
            return
        notice = modals.notice_modal(say("notice"), text)
        if not self._has_trigger or await self.open_form(notice, otherwise=text):
            async with asking_slack(self._time_to_tell):
                await self.client.chat_postMessage(channel=self.person, text=text)

    async def show(self, text: str, built: Sequence[Block]) -> None:
        """Show something to who clicked on a message, privately and below it.

        Raises:
            TryAgain: nobody could be shown it; without an ack, Slack shows an error.
        """
        await whisper(self.respond, text, self._time_to_tell, built)

    @property
    def _time_to_tell(self) -> float:
        return max(self.time.left(TOLD_UNTIL), LEAST_SECONDS)

    async def refuse(self, error: ExpenseError) -> None:
        """Tell who clicked why that changed nothing, and bring an approvers' message up to date."""
        await self.tell(explain(error, self.person))
        is_on_request = self.action_id in message_blocks.REQUEST_ACTIONS
        if isinstance(error, AlreadyDecided) and self.message and is_on_request:
            draw = partial(self.bot.message_sync.redraw, *self.message, self.person, error.expense)
            # Delivery draws remembered messages; this is for one that is not, so it may give up.
            self.bot.background.start(keep_asking(draw, "redrawing a message that was clicked"))


class FormSubmission(Interaction):
    """A form that came back.

    Attributes:
        id: the view's: a form is submitted once, so what repeats it is the same submission.
        values: what was filled in, as Slack sends it: by block_id, then by action_id.
        metadata: what the form kept since it was built, mostly an expense's id.
    """

    def __init__(self, bot: ListenerContext, client: AsyncWebClient, body: dict[str, Any]) -> None:
        super().__init__(bot, client, body["user"]["id"], body)
        view = body["view"]
        self.id: str = view["id"]
        self.values: dict[str, Any] = view["state"]["values"]
        self.metadata: str = view.get("private_metadata") or ""


def _may_be_open(error: TryAgain | SlackRefusal) -> bool:
    """Say whether Slack may have opened a form although it did not say so."""
    if isinstance(error, SlackRefusal):
        # Somebody on the way repeated our call, and this is the answer to the second one.
        return error.code == "exchanged_trigger_id"
    return not isinstance(error, RateLimited)


# Each is called with the code of every error that a person is told.
on_error: list[Callable[[str], None]] = []


def note_error(what: str, code: str, person: str) -> None:
    """Tell the log what a person is told as an error, without words that may repeat theirs."""
    for count in on_error:
        count(code)
    logger.info("told a person: %s", what, extra={"actor": person, "code": code})


def explain(error: ExpenseError, person: str) -> str:
    """Word an error for the person whom it stopped, and tell the log that they read it."""
    name, cause = type(error).__name__, cause_of(error)
    note_error(f"{name} ({cause})" if cause else name, error.code, person)
    match error:
        case AlreadyDecided(expense=expense):
            return sentences.too_late(expense, person)
        case AlreadyAgreed(expense=expense):
            return sentences.already_agreed(expense, person)
        case Conflict():
            return say("conflict")
        case WrittenByNewer():
            return say("being-updated")
        case TryAgain():
            return say("try-again")
    return str(error)
