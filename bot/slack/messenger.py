"""Posts and updates messages about expenses, and remembers what they show."""

import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.block_kit import receipts
from bot.block_kit.components import Step
from bot.block_kit.thread_replies import reply
from bot.database.messages import Message, MessageStore
from bot.domain.audit_events import AuditEntry
from bot.domain.errors import TryAgain
from bot.domain.expense import Claim, Expense
from bot.domain.people.audience import Audience
from bot.slack.errors import SlackRefusal
from bot.slack.web_client import asking_slack

logger = logging.getLogger(__name__)

_MOST_REFUSED = 1000


class Messenger:
    """Says things in Slack, each once as far as we know.

    Args:
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
        instead_of: Message | None = None,
    ) -> Message | None:
        """Post a message and remember it; if somebody was faster, take ours back.

        Returns None if the person cannot be written to, and the message remembered then if another
        one is.

        Args:
            channel: Slack id of a channel, or of a person for a direct message.
            text: all facts, for screen readers and alerts.
            told: number of the last audit entry that its thread need not tell.
            instead_of: the message of this audience that it takes the place of.
        """
        try:
            answer = await self._show(
                self._client.chat_postMessage, body, channel=channel, text=text, unfurl_links=False
            )
        except SlackRefusal as refusal:
            # The operator named the channel, and has to learn that nothing can be posted there.
            if channel.startswith(("C", "G")) or not refusal.is_over:
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
        if await self._messages.add(message, instead_of):
            return message
        remembered = await self._messages.find(expense.id, audience)
        if remembered and remembered.ts != message.ts:
            await self.delete(message)
        return remembered

    async def delete(self, message: Message) -> None:
        """Delete a message, if it is still there."""
        with unless_over(f"message {message.ts} in {message.channel}"):
            async with asking_slack():
                await self._client.chat_delete(channel=message.channel, ts=message.ts)

    async def update(self, channel: str, ts: str, text: str, body: Sequence[Block]) -> bool:
        """Make a message say something else; return False if it can never be changed again."""
        with unless_over(f"message {ts} in {channel}"):
            await self._show(self._client.chat_update, body, channel=channel, ts=ts, text=text)
            return True
        return False

    async def tell(self, expense: Expense, thread: Message, history: Sequence[AuditEntry]) -> None:
        """Tell in a message's thread what has happened since, and remember what it shows.

        Args:
            history: the audit trail, at least from behind what was told.
        """
        marked, told = (thread.shown_version, thread.told), thread.told
        for entry in history:
            if entry.number <= told:
                continue
            if step := reply(entry, expense, thread.audience):
                try:
                    if not await self._reply(thread, step):
                        told = history[-1].number
                        break
                except (TryAgain, SlackRefusal):
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

    async def _reply(self, thread: Message, step: Step) -> bool:
        """Reply in a thread; return False if nobody ever can again."""
        with unless_over(f"thread {thread.ts} in {thread.channel}"):
            async with asking_slack():
                await self._client.chat_postMessage(
                    channel=thread.channel, thread_ts=thread.ts, text=step.text, blocks=step.body
                )
            return True
        return False

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


@contextmanager
def unless_over(what: str) -> Iterator[None]:
    """Go on without what Slack says is over: it is not worth trying for ever."""
    try:
        yield
    except SlackRefusal as refusal:
        if not refusal.is_over:
            raise
        logger.warning("%s: %s", what, refusal)
