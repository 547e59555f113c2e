"""Signs the decisions that the bot delivers, so that Temporal's record proves whose they were.

A database that comes back older than Temporal lacks decisions that Temporal has. The same result of
the waiting activity can also come from somebody who completed it by hand; only the bot can make
these signatures.
"""

import json
from datetime import datetime
from hashlib import sha256

from temporalio.api.common.v1 import Payload

from bot.database.encryption import Cipher
from bot.domain.expense import Decision, Expense
from bot.services.recovery import Proof

# In the metadata of the result's payload, which everybody else ignores.
_KEY = "expense-bot-proof"


class Proofs:
    """Writes and reads proofs.

    Args:
        cipher: authenticates them, and hides people's ids from those who read Temporal's history.
    """

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    def sign(self, payload: Payload, expense: Expense, decision: Decision) -> None:
        """Add a proof to the payload that holds a decision."""
        at = expense.decided_at.isoformat() if expense.decided_at else None
        words = [_digest(expense.id), decision, expense.decided_by, expense.decided_for, at]
        payload.metadata[_KEY] = self._cipher.encrypt(json.dumps(words).encode())

    def read(self, payload: Payload, expense_id: str) -> Proof | None:
        """Read a proof of this expense; None if there is none that this bot has made."""
        plain = self._cipher.decrypt(bytes(payload.metadata.get(_KEY, b"")))
        if plain is None:
            return None
        try:
            digest, decision, person, on_behalf_of, at = json.loads(plain)
            instant = datetime.fromisoformat(at) if at else None
        except ValueError:
            return None  # something else that this bot has encrypted
        if digest != _digest(expense_id):
            return None  # copied from another expense
        return Proof(
            decision=Decision(decision), person=person, on_behalf_of=on_behalf_of, at=instant
        )


def _digest(expense_id: str) -> str:
    return sha256(expense_id.encode()).hexdigest()
