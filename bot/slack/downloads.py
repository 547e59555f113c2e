"""Downloads what is in a file in Slack.

https://docs.slack.dev/reference/objects/file-object#authentication
"""

import re

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from bot.domain.receipts import Flaw
from bot.slack.errors import RateLimited, SlackAway, SlackRefusal
from bot.slack.web_client import asking_slack, patience

_TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=5, sock_read=15)
# The bot token is sent to these only, and to where SLACK_API_URL is: what Slack says of a remote
# file has an address that anybody may have chosen.
_HOSTS = frozenset({"files.slack.com", "files.slack-gov.com"})
_PAGE = re.compile(rb"[\s\xef\xbb\xbf]*<(!doctype\s+html|html|head|a\s+href=)", re.IGNORECASE)

_NOT_THE_FILE = (
    "Slack gives {what} in the place of a file. See that the app has the scope files:read, and "
    "install it to the workspace again."
)
_LONG = 30.0  # somebody has to mend it


class Flawed(Exception):
    """There is nothing to download, and never will be.

    Attributes:
        flaw: why.
    """

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw)
        self.flaw = flaw


async def download(client: AsyncWebClient, file_id: str, most: int) -> bytes:
    """Return what is in a file.

    Args:
        client: has connections of its own, as `make_slack_client` makes it.
        file_id: Slack's, F….
        most: how many bytes are taken.

    Raises:
        Flawed: it was deleted, is empty or larger, or is kept outside Slack.
        SlackAway: the same call may succeed later.
        SlackRefusal: Slack says no until somebody mends something.
    """
    try:
        async with asking_slack():
            file = (await client.files_info(file=file_id))["file"]
            mode, size = file.get("mode"), int(file.get("size") or 0)
            url = URL(file.get("url_private_download") or file.get("url_private") or "")
    except SlackRefusal as refusal:
        if refusal.code in ("file_not_found", "file_deleted"):
            raise Flawed(Flaw.DELETED) from refusal
        raise
    if mode == "tombstone":
        raise Flawed(Flaw.DELETED)
    if file.get("is_external") or not _is_of_slack(url, URL(client.base_url)):
        raise Flawed(Flaw.WRONG_TYPE)
    if size > most:
        raise Flawed(Flaw.TOO_LARGE)
    async with asking_slack():
        content = await _get(client, url, most)
    if len(content) > most:
        raise Flawed(Flaw.TOO_LARGE)
    if len(content) < size or (_PAGE.match(content) and len(content) != size):
        what = "a page" if _PAGE.match(content) else f"{len(content)} of {size} bytes"
        raise SlackAway(_NOT_THE_FILE.format(what=what), after=_LONG)
    if not content:
        raise Flawed(Flaw.EMPTY)
    return content


async def _get(client: AsyncWebClient, url: URL, most: int) -> bytes:
    assert client.session is not None  # noqa: S101
    content = bytearray()
    async with client.session.get(
        url,
        headers={"Authorization": f"Bearer {client.token}"},
        proxy=client.proxy,
        timeout=_TIMEOUT,
        # Slack sends those away to its login page whom it does not give the file.
        allow_redirects=False,
    ) as answer:
        if answer.status == 429:
            raise RateLimited("Slack asks for patience.", after=patience(answer.headers))
        if answer.status != 200:
            is_refused = answer.status < 500
            what = f"HTTP {answer.status}"
            words = _NOT_THE_FILE.format(what=what) if is_refused else f"Slack answers {what}."
            raise SlackAway(words, after=_LONG if is_refused else 2)
        async for chunk in answer.content.iter_any():
            content += chunk
            if len(content) > most:
                break
    return bytes(content)


def _is_of_slack(url: URL, api: URL) -> bool:
    is_at_slack = url.scheme == "https" and url.host in _HOSTS and url.port == 443
    return url.is_absolute() and (is_at_slack or url.origin() == api.origin())
