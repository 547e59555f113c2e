"""What Slack says of a person, as far as the bot needs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.block_kit.inputs import visible
from bot.domain.people.locale import Reader, make_reader

# Who writes to people about Slack itself; Slack does not call it a bot.
SLACKBOT = "USLACKBOT"
# What Slack says of former members, of bots of all kinds, of guests, of people who were invited and
# have never come, and of people of connected workspaces; of those among the last who share a
# channel with us only another team_id tells.
_NOT_FULL_MEMBERS = (
    *("deleted", "is_bot", "is_workflow_bot", "is_connector_bot"),
    *("is_restricted", "is_ultra_restricted", "is_invited_user", "is_stranger"),
)


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as Slack knows them."""

    reader: Reader
    name: str
    is_full_member: bool
    email: str | None  # None without the scope users:read.email


def read_profile(user: Mapping[str, Any], team: str) -> Profile:
    """Read the answer of users.info.

    Args:
        user: as Slack describes them.
        team: the id of our workspace.
    """
    elsewhere = (user.get("enterprise_user") or {}).get("teams") or ()
    email = (user.get("profile") or {}).get("email")
    return Profile(
        make_reader(user.get("locale"), user.get("tz")),
        visible(str(user.get("real_name") or user.get("name") or "")),
        user.get("id") != SLACKBOT
        and team in (user.get("team_id"), *elsewhere)
        and not any(user.get(flag) for flag in _NOT_FULL_MEMBERS),
        str(email) if email else None,
    )
