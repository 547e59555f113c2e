"""Puts together what asks Temporal something."""

from dataclasses import dataclass

from temporalio.client import Client

from bot.database.encryption import Cipher
from bot.delivery.proof import Proofs
from bot.delivery.temporal import Temporal
from bot.delivery.temporal_place import TemporalPlace
from bot.delivery.temporal_record import TemporalRecord


@dataclass(frozen=True, slots=True)
class TemporalParts:
    """What starts and completes, and what reads Temporal's record."""

    temporal: Temporal
    record: TemporalRecord

    @classmethod
    def on(
        cls, client: Client, task_queue: str, cipher: Cipher, *, is_lost: bool = False
    ) -> "TemporalParts":
        """Put them together on one client; see `Temporal`, `Proofs` and `TemporalPlace`."""
        proofs = Proofs(cipher)
        place = TemporalPlace(client, is_lost=is_lost)
        return cls(Temporal(client, task_queue, proofs), TemporalRecord(client, proofs, place))
