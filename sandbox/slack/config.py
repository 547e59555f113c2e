"""The people, channels and groups that a workspace begins with, and its secrets."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sandbox.slack.manifest import Manifest


@dataclass(frozen=True)
class User:
    """A person of the workspace, with the fields of users.info that apps read.

    Attributes:
        team_id: of another workspace, for people of shared channels.
        marks: further fields that users.info says are true, such as `is_invited_user` of somebody
            who was invited and has never signed in, or `is_workflow_bot`.
        is_sparse: whether every field that may be null is null.
    """

    id: str
    name: str
    real_name: str
    title: str = ""
    locale: str = "en-US"
    tz: str = "Europe/London"
    deleted: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    team_id: str | None = None
    marks: tuple[str, ...] = ()
    is_sparse: bool = False

    @property
    def email(self) -> str:
        """Their e-mail address."""
        return f"{self.name}@sandbox.example"


@dataclass(frozen=True)
class Organisation:
    """An Enterprise organisation of several workspaces."""

    id: str
    name: str


@dataclass(frozen=True)
class Team:
    """A workspace, as Slack names it in what it sends."""

    id: str
    domain: str
    organisation: Organisation | None = None


@dataclass(frozen=True)
class Channel:
    """A channel; everybody of the workspace but guests is in it, unless members are named.

    Attributes:
        posting_error: what Slack says to an app that may not post in it.
    """

    id: str
    name: str
    topic: str = ""
    is_private: bool = False
    bot_is_member: bool = False
    members: frozenset[str] | None = None
    is_archived: bool = False
    posting_error: str | None = None


@dataclass(frozen=True)
class UserGroup:
    """A user group, such as @managers.

    Attributes:
        error: what Slack says when its members are asked for: `no_such_subteam` of a disabled one,
            `plan_upgrade_required` where the plan has no groups any more; None if it tells them.
    """

    id: str
    handle: str
    name: str
    users: tuple[str, ...]
    error: str | None = None


ADA = User("U0ADA4KFR7Q", "ada", "Ada Okafor", "Account manager", "en-GB", "Europe/London")
BRUNO = User("U0BRN7KLR2T", "bruno", "Bruno Keller", "Engineer", "de-DE", "Europe/Berlin")
MINA = User("U0MNA5LRT9W", "mina", "Mina Laurent", "Manager", "fr-FR", "Europe/Paris")
SAM = User("U0SAM3RVR8X", "sam", "Sam Rivera", "Manager", "en-US", "America/New_York")
NOOR = User("U0NRH6DDD4C", "noor", "Noor Haddad", "Finance", "en-GB", "Asia/Dubai")
KIM = User("U0KMP8NRN1D", "kim", "Kim Novak", "Left in May", deleted=True)
LEE = User("U0LEE2GST5G", "lee", "Lee Park", "Guest", tz="Asia/Seoul", is_restricted=True)
PRIYA = User("U0PRY7NRX2K", "priya.nair", "Priya Nair", "Team lead", "en-IN", "Asia/Kolkata")
TOMAS = User(
    "U0TMS4RBR5Q", "tomás.ribeiro", "Tomás Ribeiro", "Finance", "pt-BR", "America/Sao_Paulo"
)
YUKI = User("U0YKT8NKA3J", "yuki", "Yuki Tanaka", "Finance", "ja-JP", "Asia/Tokyo")
GRETA = User("U0GRT6LND9C", "greta", "Greta Lindqvist", "CFO", "sv-SE", "Europe/Stockholm")

APPROVALS = Channel(
    "C0APPR0VLS1", "expenses-approvals", "Expenses that wait for a decision", bot_is_member=True
)
GENERAL = Channel("C0GENERAL01", "general", "Company-wide announcements and work matters")
MONEY = Channel("C0FNANCE001", "finance", "Receipts, questions, payments", bot_is_member=True)

MANAGERS = UserGroup("S0MANAGERS1", "managers", "Managers", (MINA.id, SAM.id))
FINANCE = UserGroup("S0FINANCE01", "finance", "Finance", (NOOR.id, TOMAS.id, YUKI.id))


@cache
def _manifest() -> Manifest:
    """Read the manifest once: to read it takes longer than to start a workspace."""
    return Manifest.load()


def _token(prefix: str) -> Callable[[], str]:
    return lambda: prefix + secrets.token_hex(16)


@dataclass(frozen=True)
class WorkspaceConfig:
    """A workspace with one app installed; the defaults are the demo's."""

    team_id: str = "T0SANDBOX01"
    team_name: str = "Sandbox Ltd"
    team_domain: str = "sandbox"
    organisation: Organisation | None = None
    # Where the app is installed, too, or from where people share channels with us.
    other_teams: tuple[Team, ...] = ()
    # Whether the app was installed into the whole organisation at once.
    is_enterprise_install: bool = False
    app_id: str = "A0EXPENSES1"
    bot_id: str = "B0EXPENSES1"
    bot_user_id: str = "U0EXPNSSB0T"
    # Left out of the representation, so that no secret reaches a log.
    bot_token: str = field(default_factory=_token("xoxb-"), repr=False)
    app_token: str = field(default_factory=_token("xapp-1-"), repr=False)
    signing_secret: str = field(default_factory=_token(""), repr=False)
    users: tuple[User, ...] = (
        *(ADA, BRUNO, MINA, SAM, NOOR, KIM, LEE),
        *(PRIYA, TOMAS, YUKI, GRETA),
    )
    channels: tuple[Channel, ...] = (APPROVALS, GENERAL, MONEY)
    user_groups: tuple[UserGroup, ...] = (MANAGERS, FINANCE)
    manifest: Manifest = field(default_factory=_manifest)
    # Slack's own limits; tests that wait for them make them shorter.
    ack_seconds: float = 3.0
    trigger_seconds: float = 3.0
    response_url_seconds: float = 1800.0
    event_retry_seconds: tuple[float, ...] = (0.0, 60.0, 300.0)
    # How long every call takes; Slack's own take 0.2 to 0.5 s.
    latency_seconds: float = 0.0
    # After how long Slack knows what kind of file was uploaded, and can show it.
    file_seconds: float = 0.0
    rate_limits: bool = False
    rate_limits_clock: Callable[[], float] = time.monotonic

    @property
    def team(self) -> Team:
        """The workspace as Slack names it in what it sends."""
        return Team(self.team_id, self.team_domain, self.organisation)

    @property
    def bot_profile(self) -> dict[str, Any]:
        """The app's bot as answers of the Web API describe it."""
        return {
            "id": self.bot_id,
            "deleted": False,
            "name": self.manifest.bot_name,
            "updated": 1_700_000_000,
            "app_id": self.app_id,
            "user_id": self.bot_user_id,
            "icons": dict.fromkeys(("image_36", "image_48", "image_72"), "https://a.example/b.png"),
            "team_id": self.team_id,
        }
