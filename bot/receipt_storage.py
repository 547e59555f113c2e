"""Keeps what is in receipts where EXPENSE_RECEIPTS says: in the database, a folder, or a bucket.

Each receipt is kept once, under the SHA-256 of what is in it, as it is: nothing here is encrypted.
"""

import asyncio
import hashlib
import logging
import os
import re
import secrets
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from bot.database.engine.connection import Database
from bot.database.receipts.contents import ReceiptContents
from bot.domain.errors import TryAgain
from bot.domain.health.findings import Finding, well, wrong
from bot.domain.health.outages import Outage, cause_of

logger = logging.getLogger(__name__)

PART = "receipts"
IN_DATABASE = "database"
_SECONDS = 90.0
# What S3 says is wrong, and what the HTTP client does, in what obstore says of both.
_CODE, _INNERMOST = re.compile(r"<Code>(\w+)</Code>"), re.compile(r'message: "([^"]+)"')
_DO = {
    "file": "See that the folder of EXPENSE_RECEIPTS exists, that the bot may write there, and "
    "that there is room.",
    "s3": "See the bucket in EXPENSE_RECEIPTS, and AWS_ENDPOINT_URL, AWS_REGION, "
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; the key has to be allowed to get, put and "
    "delete objects.",
}


class _Contents(Protocol):
    async def put(self, sha256: str, content: bytes) -> None: ...
    async def get(self, sha256: str) -> bytes | None: ...
    async def delete(self, sha256: str) -> None: ...


class ReceiptStorage:
    """Keeps receipts.

    Args:
        place: as EXPENSE_RECEIPTS names it.
        database: the bot's own.
    """

    def __init__(self, place: str, database: Database) -> None:
        self.place = place
        self._kind = urlsplit(place).scheme
        self._contents = _contents(place, self._kind, database)
        do = _DO.get(self._kind, "")
        self._outage = Outage("The storage of receipts", logger, do=do)

    async def put(self, sha256: str, content: bytes) -> None:
        """Keep what is in a receipt, so that it is there whole or not at all.

        Raises:
            TryAgain: it is not kept, or nobody knows.
        """
        async with self._reachable():
            await self._contents.put(sha256, content)

    async def get(self, sha256: str) -> bytes | None:
        """Return what is in a receipt; None if it is not there."""
        async with self._reachable():
            return await self._contents.get(sha256)

    async def delete(self, sha256: str) -> None:
        """Forget what is in a receipt, if it is there."""
        async with self._reachable():
            await self._contents.delete(sha256)

    async def look(self) -> Sequence[Finding]:
        """Find out whether it keeps a few bytes, gives them back, and forgets them."""
        content = secrets.token_bytes(16)
        sha256 = hashlib.sha256(content).hexdigest()
        try:
            await self.put(sha256, content)
            found = await self.get(sha256)
            await self.delete(sha256)
        except TryAgain as away:
            return [
                wrong(PART, f"{self.place} does not keep them: {away}", _DO.get(self._kind, ""))
            ]
        if found != content:
            what = f"{self.place} takes receipts, and does not give them back"
            return [wrong(PART, what, _DO.get(self._kind, ""))]
        return [well(PART, f"{self.place} keeps them, and gives them back")]

    @asynccontextmanager
    async def _reachable(self) -> AsyncIterator[None]:
        with self._outage:
            try:
                async with asyncio.timeout(_SECONDS):
                    yield
            except TryAgain:
                raise
            except Exception as error:  # obstore has no error that all of its errors are
                raise TryAgain(_reason(error), after=5) from None


class _Folder:
    """A folder, in which only the bot's user may read."""

    def __init__(self, place: str) -> None:
        self._folder = Path(unquote(urlsplit(place).path))

    async def put(self, sha256: str, content: bytes) -> None:
        await asyncio.to_thread(self._put, self._path(sha256), content)

    def _put(self, path: Path, content: bytes) -> None:
        # Not the folder itself: on a disk that is not mounted, nothing would be kept.
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                os.replace(file.name, path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
        for folder in (path.parent, self._folder):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    async def get(self, sha256: str) -> bytes | None:
        with suppress(FileNotFoundError):
            return await asyncio.to_thread(self._path(sha256).read_bytes)
        return None

    async def delete(self, sha256: str) -> None:
        await asyncio.to_thread(self._path(sha256).unlink, missing_ok=True)

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


class _Bucket:
    """A bucket of S3, or of what speaks its language; AWS_* say where that is, and have the key."""

    def __init__(self, place: str) -> None:
        # 15 MB that nobody has to load who keeps receipts elsewhere.
        import obstore
        from obstore.store import S3Store

        self._obstore = obstore
        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
        self._store = S3Store.from_url(
            place,
            client_options={
                "timeout": "60s",
                "connect_timeout": "5s",
                "allow_http": endpoint.startswith("http://"),
            },
            retry_config={"max_retries": 1},
        )

    async def put(self, sha256: str, content: bytes) -> None:
        await self._obstore.put_async(self._store, _key(sha256), content, use_multipart=False)

    async def get(self, sha256: str) -> bytes | None:
        with suppress(FileNotFoundError):
            found = await self._obstore.get_async(self._store, _key(sha256))
            return bytes(await found.bytes_async())
        return None

    async def delete(self, sha256: str) -> None:
        with suppress(FileNotFoundError):
            await self._obstore.delete_async(self._store, _key(sha256))


def _key(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def _contents(place: str, kind: str, database: Database) -> _Contents:
    if place == IN_DATABASE:
        return ReceiptContents(database)
    return _Bucket(place) if kind == "s3" else _Folder(place)


def _reason(error: Exception) -> str:
    """Say why in a few words: what obstore says has pages, and S3 may repeat the key's id in it."""
    said = str(error)
    found = _CODE.findall(said) or _INNERMOST.findall(said)
    return str(found[0]) if found else cause_of(error)
