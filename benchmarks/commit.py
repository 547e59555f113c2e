"""What one durable commit costs with the bare driver: the least that a decision can take."""

import sqlite3
import time

import asyncpg  # type: ignore[import-untyped]

from benchmarks.figures import percentile

COMMITS = 300


async def durable_commit(url: str) -> float:
    """Commit rows in the bot's database with the bare driver, and return the median in ms."""
    times = []
    if url.startswith("sqlite"):
        # Blocking calls, because nothing else runs in this process meanwhile.
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS floor (at REAL)")
        for _ in range(COMMITS):
            began = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO floor VALUES (1)")
            connection.execute("COMMIT")
            times.append(time.perf_counter() - began)
        connection.close()
    else:
        postgres_connection = await asyncpg.connect(url)
        await postgres_connection.execute("CREATE TABLE IF NOT EXISTS floor (at real)")
        for _ in range(COMMITS):
            began = time.perf_counter()
            await postgres_connection.execute("INSERT INTO floor VALUES (1)")
            times.append(time.perf_counter() - began)
        await postgres_connection.close()
    return percentile(times, 0.5) * 1000
