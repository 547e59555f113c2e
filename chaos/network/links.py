"""TCP links between two processes, which can be cut, held, slowed, or forget their connections."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Literal, Protocol

Mode = Literal["cut", "hold", "slow", "forget"]
MODES: tuple[Mode, ...] = ("cut", "hold", "slow", "forget")
_SLOWNESS = 0.3
_CHUNK = 65536


class Tap(Protocol):
    """Reads along on one connection; when it returns False, bytes and connection are lost."""

    async def up(self, chunk: bytes) -> bool:
        """Read what the client sends."""
        ...

    async def down(self, chunk: bytes) -> bool:
        """Read what the server answers."""
        ...


class _Connection:
    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.writers = (client, server)
        self.is_forgotten = False

    def abort(self) -> None:
        for writer in self.writers:
            writer.transport.abort()


class Link:
    """All connections from one process to another, such as from a bot to its database.

    Args:
        title: its name in the report, such as `web1>postgres`.
        target: where connections go: a port of this machine, or the path of a socket.
        tap: makes a reader for each connection.
    """

    def __init__(self, title: str, target: int | str, tap: Callable[[], Tap] | None = None) -> None:
        self.title = title
        self._target = target
        self._tap = tap
        self._mode: Mode | None = None
        self._flows = asyncio.Event()
        self._flows.set()
        self._connections: set[_Connection] = set()
        self._server: asyncio.Server
        self.held_bytes = 0

    async def start(self) -> None:
        """Start to listen, on a free port of this machine."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    @property
    def port(self) -> int:
        """The port to connect to."""
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """End all connections."""
        self._server.close()
        self.mend()
        for connection in [*self._connections]:
            connection.abort()

    def disturb(self, mode: Mode) -> None:
        """Disturb the link until it is mended.

        Args:
            mode: `cut` resets present and new connections; `hold` delivers nothing; `slow`
                delays; `forget` leaves the connections open and drops all that is sent over
                them, for ever, as a middlebox does that has lost its table.
        """
        self._mode = mode
        if mode == "cut":
            for connection in self._connections:
                connection.abort()
        elif mode == "hold":
            self.held_bytes = 0
            self._flows.clear()
        elif mode == "forget":
            for connection in self._connections:
                connection.is_forgotten = True

    def mend(self) -> None:
        """Let everything through again."""
        self._mode = None
        self._flows.set()

    def reset(self) -> None:
        """Reset all connections, and lose the bytes that are held."""
        for connection in self._connections:
            connection.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._mode == "cut":
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await self._connect()
        except OSError:
            writer.transport.abort()
            return
        connection = _Connection(writer, far_writer)
        self._connections.add(connection)
        tap = self._tap() if self._tap else None
        pumps = [
            asyncio.create_task(
                self._pump(connection, reader, far_writer, tap.up if tap else None)
            ),
            asyncio.create_task(
                self._pump(connection, far_reader, writer, tap.down if tap else None)
            ),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # No client or server here goes on with half a connection.
            connection.abort()
            self._connections.discard(connection)
            for pump in pumps:
                pump.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*pumps, return_exceptions=True)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._target, str):
            return await asyncio.open_unix_connection(self._target)
        return await asyncio.open_connection("127.0.0.1", self._target)

    async def _pump(
        self,
        connection: _Connection,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        tap: Callable[[bytes], Awaitable[bool]] | None,
    ) -> None:
        with suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                if connection.is_forgotten:
                    continue
                if not self._flows.is_set():
                    self.held_bytes += len(chunk)
                    await self._flows.wait()
                if self._mode == "slow":
                    await asyncio.sleep(_SLOWNESS)
                if tap and not await tap(chunk):
                    return
                writer.write(chunk)
                await writer.drain()
