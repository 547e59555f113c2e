"""Encrypts task tokens at rest."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Cipher:
    """Encrypts with the newest secret and decrypts with any of them.

    Args:
        secrets: at least one, the newest first; each any string of at least 32 random characters.
    """

    def __init__(self, secrets: list[str]) -> None:
        self._fernet = MultiFernet([Fernet(_derive(secret)) for secret in secrets])

    def encrypt(self, plain: bytes) -> bytes:
        """Encrypt, so that only a holder of a secret can read it."""
        return self._fernet.encrypt(plain)

    def decrypt(self, token: bytes) -> bytes | None:
        """Decrypt; None if none of the secrets fits, as after losing a key."""
        try:
            return self._fernet.decrypt(token)
        except InvalidToken:
            return None

    def rotate(self, token: bytes) -> bytes | None:
        """Encrypt anew, with the newest secret; None if none of the secrets fits."""
        try:
            return self._fernet.rotate(token)
        except InvalidToken:
            return None


def _derive(secret: str) -> bytes:
    # Platforms generate secrets of any alphabet; Fernet wants exactly 32 bytes in base64.
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"expense task tokens")
    return base64.urlsafe_b64encode(hkdf.derive(secret.encode()))
