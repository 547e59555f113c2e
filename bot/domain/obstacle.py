"""Why an open expense is stuck: nobody can decide it, or too few can approve it."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kind of obstacle: the first word of an obstacle as it is stored."""

    NOBODY = "nobody"
    TOO_FEW = "too_few"
    TOO_FEW_LATER = "too_few_later"
    NOT_ASKED = "not_asked"
    UNKNOWN = "unknown"  # another version of the bot found it


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """What keeps an expense from being decided, or from ever being approved."""

    kind: Kind
    stage: int = 0  # number of the stage that lacks people, from 0
    left: int = 0  # how many people could still approve there
    needed: int = 1  # how many have to
    # Slack ids of user groups that Slack does not have any more; for `NOT_ASKED`, Slack's id of the
    # channel, and Slack's word for why it takes no message.
    about: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the stored form: "too_few 0 1 2 S0123"."""
        return " ".join((self.kind, *map(str, (self.stage, self.left, self.needed)), *self.about))

    @classmethod
    def read(cls, stored: str) -> "Obstacle":
        """Read an obstacle from its stored form."""
        kind, *rest = stored.split(" ")
        if kind not in {*Kind} - {Kind.UNKNOWN}:
            return cls(kind=Kind.UNKNOWN)
        stage, left, needed = map(int, rest[:3])
        return cls(kind=Kind(kind), stage=stage, left=left, needed=needed, about=tuple(rest[3:]))
