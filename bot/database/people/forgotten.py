"""What becomes of each recorded value when people are forgotten: ids become pseudonyms, words go.

Amounts, days, accounts, decisions, and when they were made stay as they are.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.domain import audit_events as events
from bot.domain.handover import HandedOver
from bot.domain.people.slack_ids import is_user_id
from bot.domain.recorded import Recorded

# Stands for a text that cannot be empty.
ERASED = "(erased)"
# Events whose detail is what somebody wrote, or read.
_WORDS = frozenset(
    kind.stored_as
    for kind in (
        *(events.Decided, events.Explained, events.Asked, events.Answered, events.Justified),
        *(events.Closed, events.Refused, events.Cancelled),
    )
)
_FILES = frozenset({events.ReceiptKept.stored_as, events.ReceiptFlawed.stored_as})
_HANDOVERS = frozenset({events.Forwarded.stored_as, events.Reassigned.stored_as})


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """Whom to forget.

    Attributes:
        pseudonym: returns what stands for a Slack user id from now on.
        person: Slack user id; None for everybody, where nothing has to be retained any more.
    """

    pseudonym: Callable[[str], str]
    person: str | None = None

    def name(self, whom: str | None) -> str | None:
        """Return what stands for somebody."""
        if whom is None or not is_user_id(whom) or self.person not in (None, whom):
            return whom
        return self.pseudonym(whom)

    def _wrote(self, writer: str | None) -> bool:
        return self.person in (None, writer)

    def _text(self, text: str | None) -> str | None:
        """Replace the ids in a text whose words stay."""
        if text is None:
            return None
        words = " ".join(self.name(word) or "" for word in text.split(" "))
        return words.replace(self.person, self.pseudonym(self.person)) if self.person else words

    def _json(self, text: str | None) -> str | None:
        """Replace the ids in what is stored as JSON."""
        if text is None:
            return None
        found = json.loads(text)
        named = self._named(found)
        return text if named == found else json.dumps(named, separators=(",", ":"))

    def _named(self, thing: Any) -> Any:
        if isinstance(thing, str):
            return self.name(thing)
        if isinstance(thing, list):
            return [self._named(one) for one in thing]
        if isinstance(thing, dict):
            return {key: self._named(one) for key, one in thing.items()}
        return thing

    def line(self, event: str, actor: str, detail: str | None) -> dict[str, str | None]:
        """Return what `actor` and `detail` of a line of the audit trail become."""
        who, wrote = self.name(actor), self._wrote(actor)
        if event in _HANDOVERS:
            change = HandedOver.read(detail)
            note = None if wrote else self._text(change.note)
            to = self.name(change.to) or ""
            return {"actor": who, "detail": str(HandedOver(self.name(change.of), to, note))}
        if event in _FILES and self.person is None:
            return {"actor": who, "detail": (detail or "").split(" ")[0]}
        if event in _WORDS or event not in Recorded.kinds:
            return {"actor": who, "detail": None if wrote else self._text(detail)}
        return {"actor": who, "detail": self._text(detail)}

    def claim(self, row: Any) -> dict[str, str | None]:
        """Return what the columns of a claim become; a receipt is evidence while it is retained."""
        found = {
            "requester": self.name(row.requester),
            "manager": self.name(row.manager),
            "plan": self._json(row.plan),
            "coding": self._coding(row),
        }
        if self.person is None:
            found |= {"receipts": None, "description": row.description and ERASED}
        return found

    def _coding(self, row: Any) -> str | None:
        """Leave accounts and dimensions, and drop what points to a person."""
        stored = json.loads(row.coding) if row.coding else {}
        kept = dict(stored)
        if self._wrote(row.requester):
            kept.pop("employee_number", None)
        if self.person is None:
            kept.pop("answers", None)
        return self._json(json.dumps(kept)) if kept != stored else self._json(row.coding)

    def rest(self, row: Any) -> dict[str, Any]:
        """Return what other columns of an expense become."""
        return {
            "decided_by": self.name(row.decided_by),
            "decided_for": self.name(row.decided_for),
            "reason": None if self._wrote(row.decided_by) else row.reason,
            "flag_answer": None if self._wrote(row.requester) else row.flag_answer,
            "progress": self._json(row.progress),
            "asks_instead": self._json(row.asks_instead),
            "obstacle": self._text(row.obstacle),
        }
