"""Shows copies of receipts in the threads of their expense's messages, each once.

A file that was uploaded in a form is shared with nobody. So that everybody who is asked can open
it, the bot uploads its copy into the thread where they are asked.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from slack_sdk.web.async_client import AsyncWebClient

from bot.block_kit.receipt_copies import word
from bot.database.messages import Message
from bot.database.receipts.threads import ReceiptThreads
from bot.domain.errors import Unanswered
from bot.domain.people.audience import REQUESTER
from bot.domain.receipts import ReceiptCopy
from bot.slack.errors import SlackAway, SlackRefusal, Troubles
from bot.slack.messenger import unless_over
from bot.slack.uploads import upload
from bot.slack.web_client import asking_slack

Content = Callable[[], Awaitable[bytes]]


class ThreadsOfReceipts:
    """Shows copies of receipts to those who are asked, and tells why one cannot be shown.

    Args:
        doubt: how long a call of a process that has died may take to arrive in Slack.
    """

    def __init__(self, client: AsyncWebClient, threads: ReceiptThreads, doubt: timedelta) -> None:
        self._client = client
        self._threads = threads
        self._doubt = doubt

    async def show(self, copy: ReceiptCopy, content: Content, *, is_asking: bool) -> None:
        """Show a receipt in each thread that lacks it.

        Args:
            copy: is kept or flawed.
            content: returns what is in it.
            is_asking: whether people are asked to decide; otherwise only the requester is told.

        Raises:
            TryAgain: a thread lacks it still; the same call may succeed later.
            SlackRefusal: one lacks it still, until somebody mends something.
        """
        troubles = Troubles()
        for thread in await self._threads.lacking(copy):
            if thread.audience != REQUESTER and not is_asking:
                continue
            with troubles.kept(), unless_over(f"thread {thread.ts} in {thread.channel}"):
                await self._show(copy, thread, content)
                await self._threads.end(copy, thread)
        troubles.raise_one()

    async def _show(self, copy: ReceiptCopy, thread: Message, content: Content) -> None:
        is_theirs = thread.audience == REQUESTER
        said = word(copy, is_theirs=is_theirs)
        if not (is_theirs or copy.flaw):
            if not await self._is_shared(copy, thread):
                await self._upload(copy, thread, await content(), said)
        elif said:
            async with asking_slack():
                await self._client.chat_postMessage(
                    channel=thread.channel, thread_ts=thread.ts, text=said
                )

    async def _upload(
        self, copy: ReceiptCopy, thread: Message, content: bytes, said: str | None
    ) -> None:
        begin = partial(self._threads.begin, copy, thread)
        try:
            await upload(
                self._client,
                content,
                copy.name.replace("/", "_"),
                channel=thread.channel,
                thread_ts=thread.ts,
                comment=said,
                before=begin,
            )
        except (SlackAway, SlackRefusal) as error:
            if not isinstance(error, Unanswered):
                await begin(None)  # nobody sees it, so it can be uploaded anew at once
            raise

    async def _is_shared(self, copy: ReceiptCopy, thread: Message) -> bool:
        """Say whether a thread shows what was uploaded for it by a process that died meanwhile.

        Slack has no idempotency key for this, but tells where a file is shared.
        """
        begun = await self._threads.begun(copy, thread)
        if begun is None:
            return False
        places: set[str] = set()
        try:
            async with asking_slack():
                file = (await self._client.files_info(file=begun.upload_id))["file"]
                for kind in ("channels", "groups", "ims"):
                    places.update(file.get(kind) or ())
        except SlackRefusal as refusal:
            if not refusal.is_over:
                raise
        if thread.channel in places:
            return True
        left = (begun.at + self._doubt - await self._threads.now()).total_seconds()
        if left > 0:
            raise SlackAway("Slack may show the receipt yet.", after=left)
        return False
