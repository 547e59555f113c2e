"""What depends on the operator's secret: encrypted task tokens, spot checks, and pseudonyms."""

import base64
import hmac
from decimal import Decimal

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import String, and_, bindparam, or_, select, update

from bot.database.engine.connection import Database
from bot.database.expense_rows import is_in
from bot.database.schema import expenses
from bot.domain.expense import DECIDED, State
from bot.domain.people.slack_ids import PSEUDONYM

_BATCH = 200
IS_NEEDED = and_(
    expenses.c.task_token.is_not(None),
    or_(is_in({State.CREATED}), and_(is_in(DECIDED), expenses.c.delivered_at.is_(None))),
)
_NEXT = (
    select(expenses.c.id, expenses.c.task_token)
    .where(IS_NEEDED, expenses.c.id > bindparam("last", type_=String))
    .order_by(expenses.c.id)
    .limit(_BATCH)
)


class Cipher:
    """Encrypts and draws lots with the newest of several secrets, and decrypts with any of them.

    Args:
        secrets: at least one, the newest first; each of at least 32 random characters.
    """

    def __init__(self, secrets: list[str]) -> None:
        keys = [derive(secret, b"expense task tokens") for secret in secrets]
        # Fernet takes 32 bytes in base64; the secrets that platforms generate have any alphabet.
        self._fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
        self._lots = derive(secrets[0], b"expense spot checks")
        self._pseudonyms = derive(secrets[0], b"expense pseudonyms")

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

    def draw(self, text: str) -> Decimal:
        """Return a number from 0 to 1, always the same for a text, that nobody else can know."""
        digest = hmac.digest(self._lots, text.encode(), "sha256")
        return Decimal(int.from_bytes(digest[:6])) / 2**48

    def pseudonym(self, person: str) -> str:
        """Return what stands for a Slack user id, always the same, from which nobody finds it."""
        digest = hmac.digest(self._pseudonyms, person.encode(), "sha256")
        return PSEUDONYM + base64.b32encode(digest)[:10].decode().lower()


def derive(secret: str, use: bytes) -> bytes:
    """Derive a key of 32 bytes for one use."""
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=use)
    return hkdf.derive(secret.encode())


async def rotate_keys(
    database: Database, cipher: Cipher, *, is_dry: bool = False
) -> tuple[int, int]:
    """Encrypt every task token of an undelivered decision or open expense with the newest key.

    Args:
        database: where they are.
        cipher: has the keys.
        is_dry: whether to count them only.

    Returns:
        The number of encrypted tokens, and of tokens that no key decrypts.

    Raises:
        TryAgain: the database does not answer; another call does the rest.
    """
    count, unreadable, last = 0, 0, ""
    while True:
        rows = await database.execute(_NEXT, {"last": last})
        if not rows:
            return count, unreadable
        for row in rows:
            if (token := cipher.rotate(row.task_token)) is None:
                unreadable += 1
            elif is_dry:
                count += 1
            else:
                count += await _replace(database, row.id, row.task_token, token)
        last = rows[-1].id


async def _replace(database: Database, expense_id: str, old: bytes, new: bytes) -> int:
    """Replace a token, unless a worker has registered another one since."""
    change = (
        update(expenses)
        .where(expenses.c.id == expense_id, expenses.c.task_token == old)
        .values(task_token=new)
        .returning(expenses.c.id)
    )
    return len(await database.execute(change))
