"""To whom a message in Slack speaks."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """The first word of a stored audience."""

    APPROVERS = "approvers"
    REQUESTER = "requester"
    DECIDER = "approver"


@dataclass(frozen=True, slots=True)
class Audience:
    """Who reads a message; an expense has one message for each audience.

    Attributes:
        role: approvers who are asked, the requester in their thread, or the one who decided.
        stage: in which stage these approvers are asked, from 0.
        person: Slack user id of the approver whose direct messages it is; None for a channel.
    """

    role: Role
    stage: int = 0
    person: str | None = None

    @property
    def is_asked(self) -> bool:
        """Whether it is asked to decide."""
        return self.role is Role.APPROVERS

    def __str__(self) -> str:
        """Write it as it is stored: "approvers", "approvers 1", "approvers 0 U0123"."""
        if self.person:
            return f"{self.role} {self.stage} {self.person}"
        return f"{self.role} {self.stage}" if self.stage else f"{self.role}"

    @classmethod
    def read(cls, stored: str) -> "Audience":
        """Read an audience as it is stored."""
        role, *rest = stored.split(" ")
        stage = int(rest[0]) if rest else 0
        return cls(Role(role), stage, rest[1] if len(rest) > 1 else None)


REQUESTER = Audience(Role.REQUESTER)
DECIDER = Audience(Role.DECIDER)


def approvers(stage: int, person: str | None = None) -> Audience:
    """Return the approvers of a stage: those in a channel, or one in direct messages."""
    return Audience(Role.APPROVERS, stage, person)
