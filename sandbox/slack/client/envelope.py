"""The parts that Slack puts around everything it sends: which app, which workspace, who."""

from typing import Any

from sandbox.ids import new_id
from sandbox.slack.config import Team, User, WorkspaceConfig

# Long replaced by signatures, and sent all the same.
TOKEN = "legacy-verification-token"  # noqa: S105


class Envelope:
    """Writes what is around a payload.

    Args:
        config: the workspace that the app works in.
    """

    def __init__(self, config: WorkspaceConfig) -> None:
        self.config = config

    def team_of(self, user: User) -> Team:
        """Return the workspace that a person belongs to."""
        known = {team.id: team for team in (self.config.team, *self.config.other_teams)}
        wanted = user.team_id or self.config.team_id
        return known.get(wanted) or Team(wanted, wanted.lower())

    def interaction(self, user: User, team: Team) -> dict[str, Any]:
        """Write the head of a click or form.

        Args:
            user: who acted.
            team: where; of a form, it is theirs, also if they filled it in as guests of ours.
        """
        org = team.organisation
        described: dict[str, Any] = {"id": team.id, "domain": team.domain}
        if org:
            described |= {"enterprise_id": org.id, "enterprise_name": org.name}
        return {
            "user": {
                "id": user.id,
                "username": user.name,
                "name": user.name,
                "team_id": self.team_of(user).id,
            },
            "api_app_id": self.config.app_id,
            "token": TOKEN,
            "team": None if self.config.is_enterprise_install else described,
            "enterprise": {"id": org.id, "name": org.name} if org else None,
            "is_enterprise_install": self.config.is_enterprise_install,
        }

    def command(self, user: User) -> dict[str, str]:
        """Write the head of a command, which a person can give only where they belong."""
        team = self.team_of(user)
        org = team.organisation
        named = {"enterprise_id": org.id, "enterprise_name": org.name} if org else {}
        return {
            "token": TOKEN,
            "team_id": team.id,
            "team_domain": team.domain,
            **named,
            "user_id": user.id,
            "user_name": user.name,
            "api_app_id": self.config.app_id,
            "is_enterprise_install": str(self.config.is_enterprise_install).lower(),
        }

    def event(self, event: dict[str, Any], team: Team, seconds: int) -> dict[str, Any]:
        """Write a whole event.

        Args:
            event: what happened.
            team: where.
            seconds: when, since 1970.
        """
        org = team.organisation
        return {
            "token": TOKEN,
            "team_id": team.id,
            **({"enterprise_id": org.id} if org else {}),
            "api_app_id": self.config.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": new_id("Ev"),
            "event_time": seconds,
            "authorizations": [
                {
                    "enterprise_id": org.id if org else None,
                    "team_id": team.id,
                    "user_id": self.config.bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": self.config.is_enterprise_install,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": f"4-{new_id('ctx')}",
        }
