"""Posts and updates messages about expenses, and remembers what they show."""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.block_kit import receipts
from bot.block_kit.components import Step
from bot.block_kit.thread_replies import reply
from bot.database.messages import Message, MessageStore
from bot.domain.audience import Audience
from bot.domain.audit_events import AuditEntry
from bot.domain.errors import TryAgain
from bot.domain.expense import Claim, Expense
from bot.slack.errors import SlackRefusal
from bot.slack.web_client import asking_slack

logger = logging.getLogger(__name__)

_MOST_REFUSED = 1000

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


class Messenger:
    """Says things in Slack, each once as far as we know.

    Args:
        client: Slack's Web API.
        messages: remembers which messages show what.
        pictures: for how long a picture that Slack refused is not tried again.
    """

    def __init__(self, client: AsyncWebClient, messages: MessageStore, pictures: timedelta) -> None:
        self._client = client
        self._messages = messages
        self._refused_seconds = pictures.total_seconds()
        self._refused: dict[str, float] = {}

    async def post(
        self,
        expense: Expense,
        audience: Audience,
        channel: str,
        text: str,
        body: Sequence[Block],
        *,
        told: int = 0,
    ) -> Message | None:
        """Post a message and remember it; if somebody was faster, take ours back.

        Args:
            expense: what it is about.
            audience: to whom; an expense has one message for each.
            channel: Slack id of a channel, or of a person for a direct message.
            text: all facts, for screen readers and alerts.
            body: what people see.
            told: number of the last audit entry that its thread need not tell.

        Returns:
            What is remembered; None if the person cannot be written to.

        Raises:
            TryAgain: Slack does not answer, or asks for patience.
            SlackRefusal: Slack refuses for a reason that somebody has to mend.
        """
        try:
            answer = await self._show(
                self._client.chat_postMessage, body, channel=channel, text=text, unfurl_links=False
            )
        except SlackRefusal as refusal:
            if channel.startswith(("C", "G")) or refusal.code not in _GONE:
                raise
            logger.warning("nobody to tell about %s: %s is %s", expense.id, channel, refusal)
            return None
        message = Message(
            expense_id=expense.id,
            audience=audience,
            channel=answer["channel"],
            ts=answer["ts"],
            shown_version=expense.version,
            told=told,
        )
        if await self._messages.add(message):
            return message
        remembered = await self._messages.find(expense.id, audience)
        if remembered and remembered.ts != message.ts:
            async with asking_slack():
                await self._client.chat_delete(channel=message.channel, ts=message.ts)
        return remembered

    async def update(self, channel: str, ts: str, text: str, body: Sequence[Block]) -> None:
        """Make a message say something else.

        Raises:
            TryAgain, SlackRefusal: as in `post`.
        """
        try:
            await self._show(self._client.chat_update, body, channel=channel, ts=ts, text=text)
        except SlackRefusal as refusal:
            if refusal.code not in _GONE:
                raise
            logger.warning("message %s in %s: %s", ts, channel, refusal)

    async def tell(self, expense: Expense, thread: Message, history: Sequence[AuditEntry]) -> None:
        """Tell in a message's thread what has happened since, and remember what it shows.

        Args:
            expense: as it is now, and as the message shows it.
            thread: the message, as it is remembered.
            history: the audit trail, at least from behind what was told.

        Raises:
            TryAgain, SlackRefusal: as in `post`.
        """
        marked, told = (thread.shown_version, thread.told), thread.told
        for entry in history:
            if entry.number <= told:
                continue
            if step := reply(entry, expense, thread.audience):
                try:
                    await self._reply(thread, step)
                except TryAgain:
                    # The message itself is up to date, and need not be drawn again for this.
                    if marked[0] != expense.version:
                        await self._messages.mark_shown(thread, version=expense.version, told=told)
                    raise
                await self._messages.mark_shown(thread, version=expense.version, told=entry.number)
                marked = expense.version, entry.number
            told = entry.number
        if marked != (expense.version, told):
            await self._messages.mark_shown(thread, version=expense.version, told=told)

    def lacks_pictures(self, claim: Claim | None) -> bool:
        """Say whether messages about a claim stand there without a picture that Slack refused."""
        now = time.monotonic()
        shown = claim.receipts if claim else ()
        return any(now < self._refused.get(receipt.id, 0) for receipt in shown)

    async def _reply(self, thread: Message, step: Step) -> None:
        try:
            async with asking_slack():
                await self._client.chat_postMessage(
                    channel=thread.channel, thread_ts=thread.ts, text=step.text, blocks=step.body
                )
        except SlackRefusal as refusal:
            if refusal.code not in _GONE:
                raise
            logger.warning("thread %s in %s: %s", thread.ts, thread.channel, refusal)

    async def _show(
        self,
        write: Callable[..., Awaitable[AsyncSlackResponse]],
        body: Sequence[Block],
        **given: Any,
    ) -> AsyncSlackResponse:
        """Write a message, without its pictures if Slack refuses one.

        A receipt that was deleted, or that Slack has not looked at yet, must not keep an expense
        from its approvers; its link stands in the message all the same. What was refused is
        remembered for a while: two calls in a row could wait in line for ever.
        """
        pictures, plain = receipts.picture_ids(body), receipts.without_pictures(body)
        now = time.monotonic()
        if any(now < self._refused.get(id, 0) for id in pictures):
            body, pictures = plain, []
        try:
            async with asking_slack():
                return await write(blocks=body, **given)
        except SlackRefusal as refusal:
            if refusal.code != "invalid_blocks" or not pictures:
                raise
        logger.warning("Slack refuses to show one of %s, so people get links", pictures)
        if len(self._refused) > _MOST_REFUSED:
            self._refused.clear()
        self._refused |= dict.fromkeys(pictures, now + self._refused_seconds)
        async with asking_slack():
            return await write(blocks=plain, **given)
