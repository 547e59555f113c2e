"""What makes a class an audit event: it is a frozen dataclass with a name under which it is stored.

`bot.domain.audit_events` has the events.
"""

from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self, dataclass_transform


@dataclass_transform(frozen_default=True)
class Recorded:
    """Makes each event a frozen dataclass, and notes under which name it is stored.

    An event has at most one field, which is stored as the entry's detail.
    """

    stored_as: ClassVar[str]
    kinds: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls, *, stored_as: str) -> None:
        cls.stored_as = stored_as
        cls.kinds[stored_as] = dataclass(frozen=True)(cls)

    @property
    def detail(self) -> str | None:
        """What is stored of its field: a text, Slack ids separated by blanks, or None."""
        value: str | tuple[str, ...] | None = next(iter(vars(self).values()), None)
        return " ".join(value) if isinstance(value, tuple) else value

    @classmethod
    def read(cls, detail: str | None) -> Self:
        """Read an event from its stored detail."""
        values = [
            tuple((detail or "").split()) if field.default == () else detail
            for field in fields(cls)  # type: ignore[arg-type]
        ]
        return cls(*values)
