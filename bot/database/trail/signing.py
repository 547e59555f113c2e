"""Signs the roots of the audit trail, with a key of its own for each encryption key."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bot.database.encryption import derive


class Signer:
    """Signs with the key of the newest secret, by Ed25519 (RFC 8032).

    Args:
        secrets: those of the cipher, the newest first.
    """

    def __init__(self, secrets: list[str]) -> None:
        keys = [_private_key(secret) for secret in secrets]
        self._key = keys[0]
        # In hexadecimal digits, the newest first.
        self.public_keys = [key.public_key().public_bytes_raw().hex() for key in keys]

    @property
    def public_key(self) -> str:
        """The public key of what is signed from now on."""
        return self.public_keys[0]

    def sign(self, text: str) -> str:
        """Return the signature, in hexadecimal digits."""
        return self._key.sign(text.encode()).hex()


def _private_key(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(derive(secret, b"expense audit roots"))


def is_signed(text: str, signature: str, public_key: str) -> bool:
    """Return whether a text has a key's signature."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
