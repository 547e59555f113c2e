"""Reads along between a bot and PostgreSQL, and reports the moments that statements mark."""

import re
import struct
from collections.abc import Iterator

from chaos.network.moments import Moments

_SSL_REQUEST = 80877103
_COMMITTED = re.compile(rb"COMMIT\x00")
# What a statement answers that made a change and its audit line, as a transaction of its own.
_CHANGED = re.compile(rb"SELECT [1-9][0-9]*\x00")

# Of an audit row that is committed: the moment in which it is durable and nobody knows yet.
_DURABLE = {b"submit": "submission durable, not acknowledged", b"decide": "decision durable"}
# The statement for any number of decisions says the verb itself.
_DECISIONS = b"WITH decided AS"


class PostgresTap:
    """Follows one connection; enough of the protocol for what asyncpg sends.

    Args:
        moments: learns which have come.
        where: the bot that is connected.
    """

    def __init__(self, moments: Moments, where: str) -> None:
        self._moments = moments
        self._where = where
        self._statements: dict[bytes, bytes] = {}
        self._rest = b""
        self._is_started = False
        self._in_transaction = False
        self._written: str | None = None
        self._end = _COMMITTED

    async def up(self, chunk: bytes) -> bool:
        """Report a statement that is about to be sent."""
        for sql, values in self._bindings(chunk):
            if moment := self._moment_of(sql, values):
                return await self._moments.reached(moment, self._where)
        return True

    async def down(self, chunk: bytes) -> bool:
        """Report the answer to a commit."""
        if self._written and self._end.search(chunk):
            moment, self._written = self._written, None
            return await self._moments.reached(moment, self._where)
        return True

    def _moment_of(self, sql: bytes, values: list[bytes | None]) -> str | None:
        if b"INSERT INTO audit" in sql:
            verbs = (b"decide",) if _DECISIONS in sql else values
            self._written = next((_DURABLE[verb] for verb in verbs if verb in _DURABLE), None)
            self._end = _COMMITTED if self._in_transaction else _CHANGED
        if sql.startswith(b"INSERT INTO messages") and b"approvers" in values:
            return "posted, ts not stored"
        if sql.startswith(b"UPDATE messages"):
            return "redrawn, not remembered"
        if sql.startswith(b"UPDATE expenses SET started_at="):
            return "workflow started, not marked"
        if sql.startswith(b"UPDATE expenses SET delivered_at=") and _is_delivered(sql, values):
            return "delivered, not marked"
        if b"UPDATE expenses SET state=" in sql:
            if b"COMPLETED" in values:
                return "paid and answered, not recorded"
            if b"EXPIRED" in values:
                return "expired in Temporal, not recorded"
        return None

    def _bindings(self, chunk: bytes) -> Iterator[tuple[bytes, list[bytes | None]]]:
        """List the statements that run, with their values."""
        for kind, body in self._messages(chunk):
            if kind == b"P":
                name, sql, _ = body.split(b"\x00", 2)
                self._statements[name] = sql
            elif kind == b"Q":
                self._in_transaction = body.startswith(b"BEGIN")
            elif kind == b"B":
                _, name, rest = body.split(b"\x00", 2)
                yield self._statements.get(name, b""), _values(rest)

    def _messages(self, chunk: bytes) -> Iterator[tuple[bytes, bytes]]:
        data = self._rest + chunk
        while len(data) >= 8 and not self._is_started:
            length, code = struct.unpack("!II", data[:8])
            if len(data) < length:
                break
            self._is_started = code != _SSL_REQUEST
            data = data[length:]
        while self._is_started and len(data) >= 5:
            (length,) = struct.unpack("!I", data[1:5])
            if len(data) < length + 1:
                break
            yield data[:1], data[5 : length + 1]
            data = data[length + 1 :]
        self._rest = data


def _is_delivered(sql: bytes, values: list[bytes | None]) -> bool:
    """Say whether whoever gives an expense back says when its decision was delivered."""
    given = re.search(rb"coalesce\(\$([0-9]+)", sql)
    return bool(given and values[int(given[1]) - 1] is not None)


def _values(rest: bytes) -> list[bytes | None]:
    (formats,) = struct.unpack("!H", rest[:2])
    at = 2 + 2 * formats
    (count,) = struct.unpack("!H", rest[at : at + 2])
    at += 2
    values: list[bytes | None] = []
    for _ in range(count):
        (length,) = struct.unpack("!i", rest[at : at + 4])
        at += 4
        values.append(None if length < 0 else rest[at : at + length])
        at += max(length, 0)
    return values
