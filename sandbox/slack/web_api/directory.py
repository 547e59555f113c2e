"""The Web API's methods about people, groups, conversations and the app itself."""

from typing import Any

from sandbox.slack.config import User
from sandbox.slack.errors import SlackError
from sandbox.slack.workspace import SLACKBOT, Workspace

# What Slack may say nothing of, or null.
NULLABLE = (
    *("real_name", "tz", "tz_label", "enterprise_user"),
    *("is_admin", "is_owner", "is_restricted", "is_ultra_restricted"),
)


class Directory:
    """Answers who is who.

    What Slack refuses raises `SlackError` with Slack's error string.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def auth_test(self, base_url: str) -> dict[str, Any]:
        """Describe the app's own token."""
        config = self.workspace.config
        org = config.organisation
        return {
            "ok": True,
            "url": f"{base_url}/",
            "team": config.team_name,
            "user": "expenses",
            "team_id": config.team_id,
            "user_id": config.bot_user_id,
            "bot_id": config.bot_id,
            "is_enterprise_install": config.is_enterprise_install,
            **({"enterprise_id": org.id} if org else {}),
        }

    def users_info(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Describe a person; their locale only when asked for."""
        user = self.workspace.user(arguments["user"])
        described = self._describe(user)
        if arguments.get("include_locale") in (True, "1", "true", "True"):
            described["locale"] = None if user.is_sparse else user.locale
        return {"ok": True, "user": described}

    def lookup_by_email(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Describe who has an e-mail address; those who have left are not found by it."""
        wanted = arguments["email"].casefold()
        for user in self.workspace.users.values():
            if user.email.casefold() == wanted and not (user.deleted or user.is_bot):
                return {"ok": True, "user": self._describe(user)}
        raise SlackError("users_not_found")

    def _describe(self, user: User) -> dict[str, Any]:
        team_id = user.team_id or self.workspace.config.team_id
        described: dict[str, Any] = {
            "id": user.id,
            "team_id": team_id,
            "name": user.name,
            "deleted": user.deleted,
            # Slack does not call Slackbot a bot.
            "is_bot": user.is_bot and user.id != SLACKBOT,
            "color": "9f69e7",
            "who_can_share_contact_card": "EVERYONE",
            "is_app_user": False,
            "updated": 1_700_000_000,
            "profile": {
                "title": user.title,
                "real_name": user.real_name,
                "real_name_normalized": user.real_name,
                "display_name": user.name,
                "display_name_normalized": user.name,
                "status_text": "",
                "status_emoji": "",
                "team": team_id,
            },
        }
        if "users:read.email" in self.workspace.config.manifest.scopes and not user.is_bot:
            described["profile"]["email"] = user.email
        # Slack leaves these out for deactivated accounts.
        if not user.deleted:
            described |= {
                "real_name": user.real_name,
                "tz": user.tz,
                "tz_label": user.tz,
                "tz_offset": 0,
                "is_admin": False,
                "is_owner": False,
                "is_primary_owner": False,
                "is_email_confirmed": True,
                "is_restricted": user.is_restricted,
                "is_ultra_restricted": False,
            }
        described |= dict.fromkeys(user.marks, True)
        if user.is_sparse:
            described |= dict.fromkeys(NULLABLE)
            described["profile"] = dict.fromkeys(described["profile"])
        return described

    def group_members(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """List who is in a user group."""
        group = self.workspace.groups.get(arguments["usergroup"])
        if group is None:
            raise SlackError("no_such_subteam")
        if group.error:
            raise SlackError(group.error)
        # Whether Slack leaves out those who have left the company, it does not say.
        users = [user for user in group.users if user in self.workspace.users]
        return {"ok": True, "users": users}

    def conversations_open(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Open the direct messages with one person."""
        people = arguments["users"].split(",")
        if len(people) != 1:
            # Group direct messages are not part of this workspace.
            raise SlackError("method_not_supported_for_channel_type")
        user = self.workspace.user(people[0])
        if user.deleted:
            raise SlackError("user_disabled")
        if user.is_bot:
            raise SlackError("cannot_dm_bot")
        already_open = user.id in self.workspace.dms
        channel = {"id": self.workspace.dm(user.id)}
        return {"ok": True, "channel": channel} | (
            {"no_op": True, "already_open": True} if already_open else {}
        )

    def conversations_info(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Describe a channel or direct message."""
        conversation = arguments["channel"]
        if conversation in self.workspace.dm_users:
            user = self.workspace.dm_users[conversation]
            return {"ok": True, "channel": {"id": conversation, "is_im": True, "user": user}}
        channel = self.workspace.channels.get(conversation)
        if channel is None or (channel.is_private and not channel.bot_is_member):
            raise SlackError("channel_not_found")
        return {
            "ok": True,
            "channel": {
                "id": channel.id,
                "name": channel.name,
                "is_channel": not channel.is_private,
                "is_private": channel.is_private,
                "is_im": False,
                "is_archived": channel.is_archived,
                "is_member": channel.bot_is_member,
                "topic": {"value": channel.topic},
            },
        }

    def bots_info(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Describe the app's bot."""
        config = self.workspace.config
        if arguments["bot"] != config.bot_id:
            raise SlackError("bot_not_found")
        return {
            "ok": True,
            "bot": config.bot_profile,
        }
