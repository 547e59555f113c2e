"""Shows people in Slack what the database says of an expense.

Every message remembers which version of the expense it shows, and the requester's thread which
line of the audit trail it has told: whatever is behind is brought up to date, as often as it
takes, also by the next process after a crash.
"""

import logging
from collections.abc import Sequence

from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import Block
from slack_sdk.web.async_client import AsyncWebClient

from bot import blocks, sentences
from bot.expense import Expense, State
from bot.outbox import Message, Outbox
from bot.people import People
from bot.ports import Expenses
from bot.reader import ANYBODY
from bot.slack_client import asking_slack, reason_of

logger = logging.getLogger(__name__)

APPROVERS, REQUESTER, APPROVER = "approvers", "requester", "approver"

# A message that cannot be brought up to date any more is not worth trying for ever.
_GONE = {
    "message_not_found",
    "cant_update_message",
    "edit_window_closed",
    "channel_not_found",
    "is_archived",
    "user_not_found",
    "user_disabled",
    "cannot_dm_bot",
    "messages_tab_disabled",
    "thread_not_found",
}


class Notifier:
    """Posts and updates messages about expenses.

    Args:
        client: Slack's Web API.
        channel: where approval messages go.
        people: tells how somebody reads.
        expenses: has the audit trail.
        outbox: remembers which messages show what.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        channel: str,
        people: People,
        expenses: Expenses,
        outbox: Outbox,
    ) -> None:
        self._client = client
        self._channel = channel
        self._people = people
        self._expenses = expenses
        self._outbox = outbox

    async def show(self, expense: Expense) -> None:
        """Bring every message about an expense up to date, the approvers' first.

        Raises:
            TryAgain: Slack does not answer, or asks for patience.
            SlackApiError: Slack refuses for a reason that somebody has to mend.
        """
        await self._show_approvers(expense)
        await self._show_requester(expense)
        await self._tell_approver(expense)

    async def redraw(self, channel: str, ts: str, expense: Expense) -> None:
        """Make a message that was clicked show the expense as it is, from now on.

        The answer to its post may have been lost: then the click tells us that it is there.
        """
        found = Message(
            expense_id=expense.id, audience=APPROVERS, channel=channel, ts=ts, shown_version=0
        )
        await self._outbox.adopt(found)
        text, body = self._for_approvers(expense)
        await self._update(channel, ts, text, body)

    async def heal(self, channel: str, ts: str, expense: Expense) -> None:
        """Redraw a message that was clicked and that we do not remember.

        It was posted twice because Slack's answer was lost; the one we remember is redrawn anyway.
        """
        message = await self._outbox.message(expense.id, APPROVERS)
        if message is None or message.ts != ts:
            await self.redraw(channel, ts, expense)

    async def _show_approvers(self, expense: Expense) -> None:
        message = await self._outbox.message(expense.id, APPROVERS)
        text, body = self._for_approvers(expense)
        if message:
            if message.shown_version < expense.version:
                await self._update(message.channel, message.ts, text, body)
                await self._outbox.mark_shown(message, version=expense.version, told=0)
        elif expense.is_open and expense.decide_by:
            await self._post(expense, APPROVERS, self._channel, text, body)

    def _for_approvers(self, expense: Expense) -> tuple[str, list[Block]]:
        say = sentences.request if expense.is_open else sentences.record
        locale = ANYBODY.locale
        return say(expense, locale), blocks.approval_blocks(expense, locale)

    async def _show_requester(self, expense: Expense) -> None:
        if expense.requester is None:
            return
        locale = (await self._people.reader(expense.requester)).locale
        text = sentences.acknowledgement(expense, locale)
        body = blocks.requester_blocks(expense, locale)
        message = await self._outbox.message(expense.id, REQUESTER)
        if message is None:
            message = await self._post(expense, REQUESTER, expense.requester, text, body)
        elif message.shown_version < expense.version:
            await self._update(message.channel, message.ts, text, body)
        if message:
            await self._tell_steps(expense, message)

    async def _tell_steps(self, expense: Expense, thread: Message) -> None:
        marked, told = (thread.shown_version, thread.told), thread.told
        for entry in await self._expenses.history(expense.id, after=told):
            if step := sentences.step(entry, expense):
                sentence, typed = step
                text = f"{sentence} {sentences.quote(typed)}" if typed else sentence
                await self._reply(thread, text, blocks.step_blocks(sentence, typed))
                await self._outbox.mark_shown(thread, version=expense.version, told=entry.number)
                marked = expense.version, entry.number
            told = entry.number
        if marked != (expense.version, told):
            await self._outbox.mark_shown(thread, version=expense.version, told=told)

    async def _tell_approver(self, expense: Expense) -> None:
        """Tell who decided when their decision did not lead where they meant it to."""
        went_wrong = expense.state in (State.PAYMENT_FAILED, State.EXPIRED, State.CANCELLED)
        if not (went_wrong and expense.decided_by):
            return
        if await self._outbox.message(expense.id, APPROVER):
            return
        locale = (await self._people.reader(expense.decided_by)).locale
        news = sentences.news_for_approver(expense)
        text = f"{news} {sentences.record(expense, locale)}"
        body = blocks.news_blocks(news, expense, locale)
        await self._post(expense, APPROVER, expense.decided_by, text, body)

    async def _post(
        self, expense: Expense, audience: str, channel: str, text: str, body: Sequence[Block]
    ) -> Message | None:
        """Post a message and remember it; if somebody was faster, take ours back."""
        try:
            async with asking_slack():
                answer = await self._client.chat_postMessage(
                    channel=channel, text=text, blocks=body, unfurl_links=False
                )
        except SlackApiError as error:
            if audience == APPROVERS or error.response["error"] not in _GONE:
                raise
            logger.warning(
                "nobody to tell about %s: %s is %s", expense.id, channel, error.response["error"]
            )
            return None
        message = Message(
            expense_id=expense.id,
            audience=audience,
            channel=answer["channel"],
            ts=answer["ts"],
            shown_version=expense.version,
        )
        if await self._outbox.add_message(message):
            return message
        remembered = await self._outbox.message(expense.id, audience)
        if remembered and remembered.ts != message.ts:
            async with asking_slack():
                await self._client.chat_delete(channel=message.channel, ts=message.ts)
        return remembered

    async def _update(self, channel: str, ts: str, text: str, body: Sequence[Block]) -> None:
        try:
            async with asking_slack():
                await self._client.chat_update(channel=channel, ts=ts, text=text, blocks=body)
        except SlackApiError as error:
            if error.response["error"] not in _GONE:
                raise
            logger.warning("message %s in %s: %s", ts, channel, error.response["error"])

    async def _reply(self, thread: Message, text: str, body: Sequence[Block]) -> None:
        try:
            async with asking_slack():
                await self._client.chat_postMessage(
                    channel=thread.channel, thread_ts=thread.ts, text=text, blocks=body
                )
        except SlackApiError as error:
            if error.response["error"] not in _GONE:
                raise
            logger.warning("thread %s in %s: %s", thread.ts, thread.channel, reason_of(error))
