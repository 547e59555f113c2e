"""An example of a codec: Temporal stores what only the bot and the worker can read.

Set EXPENSE_PAYLOAD_CODEC=docs.payload_codec:EncryptedPayloads and PAYLOAD_KEYS for both, or begin
your own with it. Make a key with `python -m docs.payload_codec`.
"""

import os
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

ENCODING = b"binary/encrypted"


class EncryptedPayloads(PayloadCodec):
    """Encrypts each payload with Fernet: AES in CBC mode, authenticated by HMAC.

    The keys are in PAYLOAD_KEYS, separated by commas. The first one encrypts, and each decrypts, so
    that a key can be replaced while workflows wait.
    """

    def __init__(self) -> None:
        keys = os.environ["PAYLOAD_KEYS"].split(",")
        self._fernet = MultiFernet([Fernet(key.strip()) for key in keys])

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt whole payloads, with what says how they are encoded."""
        return [
            Payload(
                metadata={"encoding": ENCODING},
                data=self._fernet.encrypt(payload.SerializeToString()),
            )
            for payload in payloads
        ]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt what was encrypted; workflows of the time before are read as they are.

        Raises:
            ValueError: none of the keys fits.
        """
        return [
            self._decrypt(payload) if payload.metadata.get("encoding") == ENCODING else payload
            for payload in payloads
        ]

    def _decrypt(self, payload: Payload) -> Payload:
        try:
            return Payload.FromString(self._fernet.decrypt(payload.data))
        except InvalidToken:
            raise ValueError("none of PAYLOAD_KEYS fits this payload") from None


if __name__ == "__main__":
    print(Fernet.generate_key().decode())  # noqa: T201
