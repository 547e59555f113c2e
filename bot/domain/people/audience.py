"""The audience of a message in Slack."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """The kind of audience: the first word of an audience as it is stored."""

    APPROVERS = "approvers"
    REQUESTER = "requester"
    DECIDER = "approver"


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a message addresses; each expense has at most one message for each audience."""

    role: Role  # the approvers of a stage, the requester, or the person who decided
    stage: int = 0  # number of the stage in which these approvers are asked, from 0
    # Slack user id of an approver asked in direct messages; None for a channel.
    person: str | None = None

    @property
    def is_asked(self) -> bool:
        """Whether this audience is asked to decide."""
        return self.role is Role.APPROVERS

    def __str__(self) -> str:
        """Return the stored form: "approvers", "approvers 1", "approvers 0 U0123"."""
        if self.person:
            return f"{self.role} {self.stage} {self.person}"
        return f"{self.role} {self.stage}" if self.stage else f"{self.role}"

    @classmethod
    def read(cls, stored: str) -> "Audience":
        """Read an audience from its stored form."""
        role, *rest = stored.split(" ")
        stage = int(rest[0]) if rest else 0
        return cls(Role(role), stage, rest[1] if len(rest) > 1 else None)


REQUESTER = Audience(Role.REQUESTER)
DECIDER = Audience(Role.DECIDER)


def approvers(stage: int, person: str | None = None) -> Audience:
    """Return the approvers of a stage, or one of them who is asked in direct messages."""
    return Audience(Role.APPROVERS, stage, person)
