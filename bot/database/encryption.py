"""Encrypts the task tokens in the database."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Cipher:
    """Encrypts with the newest of several secrets, and decrypts with any of them.

    Args:
        secrets: at least one, the newest first; each of at least 32 random characters.
    """

    def __init__(self, secrets: list[str]) -> None:
        self._fernet = MultiFernet([Fernet(_derive(secret)) for secret in secrets])

    def encrypt(self, plain: bytes) -> bytes:
        """Encrypt with the newest secret."""
        return self._fernet.encrypt(plain)

    def decrypt(self, token: bytes) -> bytes | None:
        """Decrypt; return None if no secret fits."""
        try:
            return self._fernet.decrypt(token)
        except InvalidToken:
            return None

    def rotate(self, token: bytes) -> bytes | None:
        """Decrypt, and encrypt with the newest secret; return None if no secret fits."""
        try:
            return self._fernet.rotate(token)
        except InvalidToken:
            return None


def _derive(secret: str) -> bytes:
    # Fernet takes 32 bytes in base64; the secrets that platforms generate have any alphabet.
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"expense task tokens")
    return base64.urlsafe_b64encode(hkdf.derive(secret.encode()))
