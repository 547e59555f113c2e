"""A real S3 beside the tests: rclone serves a folder in its language, and checks signatures."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.programs import environment
from tests.support.stopwatch import PATIENCE

BUCKET = "receipts"


@dataclass(frozen=True)
class S3:
    """A server with one bucket, and what a bot has to know of it."""

    folder: Path
    variables: dict[str, str]


@asynccontextmanager
async def s3(folder: Path) -> AsyncIterator[S3]:
    """Serve a folder as S3, with the bucket `receipts`."""
    (folder / BUCKET).mkdir(parents=True)
    process = await asyncio.create_subprocess_exec(
        *(Path(sys.executable).with_name("rclone"), "serve", "s3", "--addr", "127.0.0.1:0"),
        *("--auth-key", "the-id,the-secret-of-the-bucket", str(folder)),
        env=environment(RCLONE_CONFIG="/dev/null"),
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stderr
        async with asyncio.timeout(PATIENCE):
            while not (found := re.search(rb"http://[\d.:]+", await process.stderr.readline())):
                assert process.returncode is None
        yield S3(
            folder / BUCKET,
            {
                "AWS_ENDPOINT_URL": found[0].decode(),
                "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "the-id",
                "AWS_SECRET_ACCESS_KEY": "the-secret-of-the-bucket",
            },
        )
    finally:
        process.kill()
        await process.wait()
