"""The encryption key that is made where the operator set none, kept beside a SQLite file."""

import contextlib
import os
import tempfile
from functools import cache
from pathlib import Path

from cryptography.fernet import Fernet

from bot.domain.errors import SettingsError
from bot.setting_types import MIN_SECRET


def read_or_make_key(database: str | None) -> str:
    """Read the key of a SQLite file, made the first time and readable by its owner only.

    Args:
        database: the file's path; a database in memory gets a key that lives as long.

    Raises:
        SettingsError: the key file is damaged.
    """
    if database in (None, "", ":memory:"):
        return _key_of_memory()
    file = Path(f"{database}.key")
    if not file.exists():
        _make(file)
    key = file.read_text().strip()
    if len(key) < MIN_SECRET:
        raise SettingsError(
            f"EXPENSE_ENCRYPTION_KEY is missing, and {file} holds no key: "
            "restore that file, or delete it to have a new key made"
        )
    return key


@cache
def _key_of_memory() -> str:
    return Fernet.generate_key().decode()


def _make(file: Path) -> None:
    """Make a key that is whole from its first moment, also when two processes start at once."""
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    with os.fdopen(handle, "w") as new:
        new.write(Fernet.generate_key().decode())
    with contextlib.suppress(FileExistsError):
        os.link(draft, file)
    os.unlink(draft)
