"""Looks whether Slack can do for an expense what it will be asked to."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import TryAgain
from bot.domain.health.findings import Finding, Level, well, wrong
from bot.domain.health.outages import cause_of, with_cause
from bot.domain.people.slack_ids import is_group
from bot.slack.directory import SlackDirectory
from bot.slack.errors import RateLimited, SlackRefusal
from bot.slack.socket_mode import ADVICE
from bot.slack.web_client import asking_slack

logger = logging.getLogger(__name__)

PART = "Slack"
_METHODS = "https://docs.slack.dev/reference/methods"
# Only lists of people that have e-mail addresses need it.
EMAIL_SCOPE = "users:read.email"
# What manifest.yml asks for, and what does not work without it.
SCOPES = {
    "commands": "people cannot use /expense",
    "chat:write": "nobody can be asked or told anything",
    EMAIL_SCOPE: "nobody is found by the e-mail addresses in the company's list of people",
    "users:read": "nobody can decide, as the bot cannot see who is a full member",
    "usergroups:read": "nobody can decide as a member of a user group",
    "files:read": "expenses with receipts are shown without their pictures",
    "files:write": "finance gets no export in Slack, and no receipt is shown in a thread",
}
# Nobody ever sees the message that proves that one could be posted, unless Slack loses our word
# that takes it back.
_PROOF = "This is only a proof that I may post here. You can delete it."
_PROOF_IN = timedelta(days=30)
_JOIN = "Invite the bot to it: type /invite @Expenses there."
_REMEDIES = {
    "not_in_channel": _JOIN,
    "channel_not_found": f"Correct the id, if it is wrong. {_JOIN}",
    "is_archived": "Unarchive it, or name another channel.",
    "is_inactive": "Unarchive it, or name another channel.",
}
_REACH = (
    "See whether the bot can reach slack.com, and HTTPS_PROXY and SLACK_API_URL, if they are set."
)
_LET_IT_POST = "Let the app post in it: see the channel's and the workspace's posting permissions."
# In groups and people, each a call that clicks may need, too.
LONGEST_WAIT = 60.0


class SlackProbe:
    """Looks at the token, the channels and the people that the settings and the policy name.

    Args:
        pause: seconds between two look-ups of people or groups, of which Slack allows so many a
            minute and clicks need some.
    """

    def __init__(self, client: AsyncWebClient, directory: SlackDirectory, pause: float) -> None:
        self._client = client
        self.directory = directory
        self._pause = pause
        self._left: dict[str, str] = {}

    async def token(self, *, looks_up_emails: bool = False) -> list[Finding]:
        """Find out whether the token is good, and for what."""
        try:
            async with asking_slack():
                answer = await self._client.auth_test()
                granted = answer.headers.get("x-oauth-scopes")
                name = f"{answer['user']} in {answer['team']}"
        except SlackRefusal as refusal:
            if not refusal.is_of_token:
                do = refusal.advice or f"see {_METHODS}/auth.test"
                what = f"Slack does not say who the bot is ({refusal.code})"
                return [wrong(PART, what, f"{do[0].upper()}{do[1:]}.")]
            do = "Copy it again from the app's OAuth & Permissions; install the app first."
            return [wrong(PART, f"SLACK_BOT_TOKEN is refused ({refusal.code})", do)]
        except TryAgain as away:
            return [wrong(PART, with_cause(away), _REACH)]
        if granted is None:  # another server than Slack, or a proxy, leaves the header out
            return [well(PART, f"the bot token is {name}'s; with which scopes, nobody says")]
        needless = set() if looks_up_emails else {EMAIL_SCOPE}
        has = {*granted.replace(" ", "").split(","), *needless}
        missing = [scope for scope in SCOPES if scope not in has]
        do = "Give the app the scopes of manifest.yml, and install it to the workspace again."
        return [
            wrong(PART, f"the bot token lacks the scope {scope}, so {SCOPES[scope]}", do)
            for scope in missing
        ] or [well(PART, f"the bot token is {name}'s, with every scope that it needs")]

    async def app_token(self, token: str) -> list[Finding]:
        """Find out whether Slack gives an address for Socket Mode.

        Args:
            token: the app-level token, xapp-….
        """
        try:
            async with asking_slack():
                await self._client.apps_connections_open(app_token=token)
        except SlackRefusal as refusal:
            if refusal.is_of_token:
                what, do = f"SLACK_APP_TOKEN is refused ({refusal.code})", ADVICE
            else:
                what = f"Slack gives no address for Socket Mode ({refusal.code})"
                do = refusal.advice or f"see {_METHODS}/apps.connections.open"
            return [wrong(PART, what, f"{do[0].upper()}{do[1:]}.")]
        except TryAgain as away:
            return [_unknown("whether Slack takes SLACK_APP_TOKEN", away)]
        return [well(PART, "the app-level token opens Socket Mode")]

    async def channels(self, named: Mapping[str, str]) -> list[Finding]:
        """Find out whether the bot can post in channels.

        Args:
            named: the name of the setting or file by the channel's id.
        """
        findings = [await self._channel(channel, where) for channel, where in named.items()]
        return [finding for finding in findings if finding]

    async def _channel(self, channel: str, where: str) -> Finding | None:
        """Schedule a message and take it back, which is refused for the same reasons as posting.

        Reading a channel would take scopes that nothing else needs.
        """
        at = datetime.now(UTC) + _PROOF_IN
        try:
            await self._take_back(channel)
            async with asking_slack():
                answer = await self._client.chat_scheduleMessage(
                    channel=channel, text=_PROOF, post_at=str(int(at.timestamp()))
                )
                self._left[channel] = answer["scheduled_message_id"]
            await self._take_back(channel)
        except SlackRefusal as refusal:
            if refusal.is_of_token:  # `token` says so
                return None
            do = _REMEDIES.get(refusal.code, _LET_IT_POST)
            return wrong(PART, f"the bot cannot post in {channel} of {where} ({refusal.code})", do)
        except TryAgain as away:
            return _unknown(f"whether the bot can post in {channel} of {where}", away)
        return well(PART, f"the bot can post in {channel} of {where}")

    async def _take_back(self, channel: str) -> None:
        if (left := self._left.get(channel)) is None:
            return
        try:
            async with asking_slack():
                await self._client.chat_deleteScheduledMessage(
                    channel=channel, scheduled_message_id=left
                )
        except SlackRefusal as refusal:
            logger.warning("a message scheduled in %s cannot be taken back: %s", channel, refusal)
        del self._left[channel]

    async def people(self, named: Collection[str]) -> list[Finding]:
        """Find out whether the people and groups who are to decide are there."""
        found: list[Finding] = []
        for number, id in enumerate(sorted(named)):
            await asyncio.sleep(self._pause if number else 0)
            try:
                found += filter(None, [await self._patiently(id)])
            except TryAgain as away:
                return [*found, _unknown("whether everybody who is named can decide", away)]
        left = len(named) - len(found)
        if not left:
            do = "Name people who can decide in EXPENSE_APPROVERS or the policy."
            return [*found, wrong(PART, "nobody who is named can decide", do)]
        return [*found, well(PART, f"{left} of {len(named)} people and groups can decide")]

    async def operators(self, named: Collection[str]) -> list[Finding]:
        """Find out whether the people are there who are told what is stuck."""
        do = "Replace who has left, and guests and bots, in EXPENSE_OPERATORS."
        return [
            Finding(
                part=PART,
                level=Level.WARNING,
                what=f"{person} is not told what is stuck: no full member has this id",
                do=do,
            )
            for person in named
            if await self._patiently(person)
        ]

    async def role_holders(self, named: Collection[str]) -> list[Finding]:
        """Find out whether the people and groups are there who have a role."""
        do = (
            "Replace who has left, and guests and bots, in EXPENSE_ADMINS, EXPENSE_FINANCE, "
            "EXPENSE_AUDITORS and the policy's [roles]."
        )
        found: list[Finding] = []
        for number, id in enumerate(sorted(named)):
            await asyncio.sleep(self._pause if number else 0)
            if await self._patiently(id):
                what = (
                    f"{id} has no role: no full member, and no user group with members, has this id"
                )
                found.append(Finding(part=PART, level=Level.WARNING, what=what, do=do))
        return found

    async def _patiently(self, id: str) -> Finding | None:
        """Look up one of them, when Slack has room for it."""
        while True:
            try:
                return await (self._group(id) if is_group(id) else self._person(id))
            except RateLimited as later:
                await asyncio.sleep(min(later.after, LONGEST_WAIT))

    async def _person(self, person: str) -> Finding | None:
        if await self.directory.is_full_member(person):
            return None
        return Finding(
            part=PART,
            level=Level.WARNING,
            what=f"{person} decides nothing: no full member of the workspace has this id",
            do="Replace who has left, and guests and bots, in EXPENSE_APPROVERS and the policy.",
        )

    async def _group(self, group: str) -> Finding | None:
        try:
            async with asking_slack():
                answer = await self._client.usergroups_users_list(usergroup=group)
                members = [*answer["users"]]
        except SlackRefusal as refusal:
            if refusal.is_of_token:  # `token` says so
                raise TryAgain("The bot token is refused.") from refusal
            do = "Enable the user group, or replace it in EXPENSE_APPROVERS and the policy."
            return wrong(PART, f"the user group {group} cannot be read ({refusal.code})", do)
        if members:
            return None
        do = "Add members to it in Slack, or replace it in EXPENSE_APPROVERS and the policy."
        return wrong(PART, f"the user group {group} has no members", do)


def _unknown(what: str, away: TryAgain) -> Finding:
    why = cause_of(away) or str(away)
    return Finding(part=PART, level=Level.UNKNOWN, what=f"nobody knows {what} ({why})", key=what)
