"""What was found out about the parts that an expense needs, for the operator."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum


class Level(IntEnum):
    """How bad a finding is; the larger, the worse."""

    OK = 0
    UNKNOWN = 1
    WARNING = 2
    ERROR = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found out."""

    part: str  # of the system, such as "Temporal"
    level: Level
    what: str  # what is right or wrong, in one sentence without secrets
    do: str = ""  # what the operator has to do, in one sentence; empty if nothing
    key: str = ""  # stays the same while `what` counts; empty if `what` does not
    # Whether a process that starts after this one may mend it, as the worker does.
    comes_later: bool = False

    @property
    def identity(self) -> tuple[str, str]:
        """What makes two findings the same, however much the numbers in them differ."""
        return self.part, self.key or self.what

    def before_the_start(self) -> "Finding":
        """Return it as it is while the processes that may mend it have not been started."""
        return replace(self, level=Level.WARNING) if self.comes_later else self


def well(part: str, what: str) -> Finding:
    """Say that a part is as an expense needs it."""
    return Finding(part=part, level=Level.OK, what=what)


def wrong(part: str, what: str, do: str, key: str = "") -> Finding:
    """Say that a part cannot do what an expense needs of it."""
    return Finding(part=part, level=Level.ERROR, what=what, do=do, key=key)


def worst(findings: Iterable[Finding]) -> Level:
    """Return the level of the worst finding; OK if there is none."""
    return max((finding.level for finding in findings), default=Level.OK)
