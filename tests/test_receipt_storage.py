"""Receipts are kept in the database, in a folder, and in a real S3, whole or not at all."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.database.engine.connection import Database
from bot.database.engine.url import parse_database_url
from bot.domain.errors import TryAgain
from bot.domain.health.findings import Level
from bot.receipt_storage import ReceiptStorage
from tests.support.buckets import S3, s3
from tests.support.house import environment

CONTENT = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(CONTENT).hexdigest()
KEY = f"{SHA256[:2]}/{SHA256}"


@pytest.fixture(scope="module")
async def bucket(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[S3]:
    async with s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@asynccontextmanager
async def storage(url: str, place: str, **variables: str) -> AsyncIterator[ReceiptStorage]:
    database = Database(parse_database_url(url))  # type: ignore[arg-type]
    try:
        with environment(variables):
            yield ReceiptStorage(place, database)
    finally:
        await database.close()


async def check_that_it_keeps(kept: ReceiptStorage) -> None:
    assert [finding.level for finding in await kept.look()] == [Level.OK]
    assert await kept.get(SHA256) is None
    await asyncio.gather(*(kept.put(SHA256, CONTENT) for _ in range(3)))
    assert await kept.get(SHA256) == CONTENT


async def check_that_it_forgets(kept: ReceiptStorage) -> None:
    for _ in range(2):
        await kept.delete(SHA256)
    assert await kept.get(SHA256) is None


async def test_in_the_database(database_url: str) -> None:
    async with storage(database_url, "database") as kept:
        await check_that_it_keeps(kept)
        await check_that_it_forgets(kept)


async def test_in_a_folder_that_nobody_else_may_read(sqlite_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    async with storage(sqlite_url, f"file://{tmp_path}/a%20folder") as kept:
        await check_that_it_keeps(kept)
        [file] = [path for path in folder.rglob("*") if path.is_file()]
        assert (file, file.read_bytes()) == (folder / KEY, CONTENT)
        assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        await check_that_it_forgets(kept)


async def test_in_a_bucket_of_s3(sqlite_url: str, bucket: S3) -> None:
    async with storage(sqlite_url, "s3://receipts/of/acme", **bucket.variables) as kept:
        await check_that_it_keeps(kept)
        assert (bucket.folder / "of/acme" / KEY).read_bytes() == CONTENT
        await check_that_it_forgets(kept)


@pytest.mark.parametrize(
    ("place", "changed", "why"),
    [
        ("s3://receipts", {"AWS_SECRET_ACCESS_KEY": "another secret"}, "SignatureDoesNotMatch"),
        ("s3://receipts", {"AWS_ACCESS_KEY_ID": "somebody"}, "InvalidAccessKeyId"),
        ("s3://nowhere", {}, "NoSuchBucket"),
        ("s3://receipts", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "Connection refused"),
        ("file:///proc/no-such-folder", {}, "No such file or directory"),
    ],
)
async def test_what_keeps_nothing_is_named_with_what_to_do_and_without_a_secret(
    sqlite_url: str,
    bucket: S3,
    caplog: pytest.LogCaptureFixture,
    place: str,
    changed: dict[str, str],
    why: str,
) -> None:
    async with storage(sqlite_url, place, **bucket.variables | changed) as kept:
        with pytest.raises(TryAgain, match=why):
            await kept.put(SHA256, CONTENT)
        [finding] = await kept.look()
    assert finding.level is Level.ERROR
    assert finding.what == f"{place} does not keep them: {why}"
    assert "EXPENSE_RECEIPTS" in finding.do
    assert why in caplog.text
    told = f"{finding} {caplog.text}"
    assert "secret" not in told.replace("AWS_SECRET_ACCESS_KEY", "")
