"""Uploads a file into a conversation, in Slack's three calls.

The SDK's `files_upload_v2` reads the whole file into memory, and does not say which call failed.
https://docs.slack.dev/messaging/working-with-files#upload
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from os.path import getsize
from pathlib import Path
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import SlackAway, SlackUnsure
from bot.slack.web_client import asking_slack

_TIMEOUT = aiohttp.ClientTimeout(total=300, sock_connect=5, sock_read=30)


async def upload(
    client: AsyncWebClient,
    content: Path | bytes,
    name: str,
    *,
    channel: str,
    thread_ts: str | None = None,
    comment: str | None = None,
    title: str | None = None,
    before: Callable[[str], Awaitable[None]] | None = None,
) -> str:
    """Share a file in a conversation, and return its id.

    Args:
        client: has connections of its own, as `make_slack_client` makes it.
        content: what is in it; a file is streamed.
        name: under which people save it.
        channel: Slack id of a channel that the bot is in, or of direct messages (D…, never U…).
        thread_ts: the message in whose thread it is shared; None for no thread.
        comment: what the message says that shares it, as mrkdwn.
        title: what people read instead of its name.
        before: is called with the file's id before anybody sees the file.

    Raises:
        SlackUnsure: nobody knows whether it is shared.
        SlackAway: it is not shared, and the same call may succeed later.
        SlackRefusal: it is not shared, as Slack says no.
    """
    length = (
        len(content) if isinstance(content, bytes) else await asyncio.to_thread(getsize, content)
    )
    try:
        async with asking_slack():
            ticket = await client.files_getUploadURLExternal(filename=name, length=length)
            url, file_id = str(ticket["upload_url"]), str(ticket["file_id"])
            await _send(client, url, content)
    except SlackUnsure as away:  # whatever became of it, nobody sees it before the third call
        raise SlackAway(str(away), after=away.after) from away
    if before:
        await before(file_id)
    async with asking_slack():
        await client.files_completeUploadExternal(
            files=[{"id": file_id, "title": title}],
            channel_id=channel,
            thread_ts=thread_ts,
            initial_comment=comment,
        )
    return file_id


async def _send(client: AsyncWebClient, url: str, content: Path | bytes) -> None:
    with ExitStack() as opened:
        if isinstance(content, Path):
            data: Any = opened.enter_context(await asyncio.to_thread(content.open, "rb"))
        else:
            data = content
        assert client.session is not None  # noqa: S101
        async with client.session.post(
            url, data=data, proxy=client.proxy, timeout=_TIMEOUT, allow_redirects=False
        ) as answer:
            if answer.status != 200:
                what = f"Slack does not take the file (HTTP {answer.status})."
                raise SlackAway(what, after=2)
