"""Tells operators in Slack which expenses are stuck, and what to do."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from slack_sdk.web.async_client import AsyncWebClient

from bot.block_kit.mrkdwn import escape, moment
from bot.database.engine.connection import Database
from bot.database.queries.stuck import Found, claim_to_tell, give_back
from bot.domain.errors import TryAgain
from bot.slack.errors import SlackRefusal
from bot.slack.web_client import asking_slack

logger = logging.getLogger(__name__)

TELL_AFTER, TELL_AGAIN = timedelta(minutes=5), timedelta(hours=1)
LOOK_SECONDS = 30.0
# A message in Slack has room for these, and the command line shows them all.
MOST_NAMED = 10


class Operators:
    """Tells each operator in a direct message, for all bots once.

    Args:
        database: where expenses are.
        client: Slack's Web API.
        people: Slack ids of the operators.
    """

    def __init__(self, database: Database, client: AsyncWebClient, people: Sequence[str]) -> None:
        self._database = database
        self._client = client
        self._people = people

    async def watch(self) -> None:
        """Tell them of what is stuck for long, and again while it is, until cancelled."""
        while self._people:
            try:
                await self.tell()
            except TryAgain:
                pass  # the database's own line in the log says why
            except Exception:
                # What nobody foresaw must not end this for good.
                logger.exception("operators could not be told what is stuck")
            await asyncio.sleep(LOOK_SECONDS)

    async def tell(self, after: timedelta = TELL_AFTER, again: timedelta = TELL_AGAIN) -> None:
        """Tell them once.

        Args:
            after: for how long expenses have been stuck of which they are told.
            again: after how long they are told once more.

        Raises:
            TryAgain: the database does not answer.
        """
        at, found = await claim_to_tell(self._database, after, again)
        if not found:
            return
        answered = [await self._post(person, _text(found)) for person in self._people]
        if not any(answered):
            await give_back(self._database, at)
            return
        logger.error("%s stuck; python -m bot expenses list --stuck says why", _count(found))

    async def say(self, text: str) -> None:
        """Tell each of them something once; the log says whom it did not reach."""
        for person in self._people:
            await self._post(person, text)

    async def _post(self, person: str, text: str) -> bool:
        """Tell one of them; return False if Slack is away, so that it is worth another try soon."""
        try:
            async with asking_slack():
                await self._client.chat_postMessage(channel=person, text=text, unfurl_links=False)
        except SlackRefusal as refusal:
            logger.error("EXPENSE_OPERATORS: %s cannot be told: %s", person, refusal)
        except TryAgain:
            return False  # Slack's own line in the log says why
        return True


def _count(found: Sequence[Found]) -> str:
    return "1 expense is" if len(found) == 1 else f"{len(found)} expenses are"


def _text(found: Sequence[Found]) -> str:
    lines = [f":warning: *{_count(found)} stuck.*"]
    for one in found[:MOST_NAMED]:
        if one.stuck:
            since, why = moment(one.stuck.since), one.stuck.words(one.expense)
            lines.append(f"• `{escape(one.expense.id)}` since {since}: {escape(why)}.")
    if len(found) > MOST_NAMED:
        left = len(found) - MOST_NAMED
        lines.append(f"… and {left} more: `python -m bot expenses list --stuck`")
    return "\n".join(lines)
