"""The file that keeps a workspace over restarts, also after SIGKILL."""

import json
import sqlite3
from pathlib import Path
from typing import Any


class StateFile:
    """A table of JSON records.

    Args:
        path: of the SQLite file; with None nothing is kept.
    """

    def __init__(self, path: Path | None) -> None:
        self._connection: sqlite3.Connection | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Every record is its own transaction; WAL keeps those cheap and survives SIGKILL.
            self._connection = sqlite3.connect(path, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS record"
                " (kind TEXT, key TEXT, value TEXT, PRIMARY KEY (kind, key))"
            )

    def put(self, kind: str, key: str, value: Any) -> None:
        """Keep a record, replacing the one of the same key."""
        if self._connection is not None:
            self._connection.execute(
                "INSERT OR REPLACE INTO record VALUES (?, ?, ?)", (kind, key, json.dumps(value))
            )

    def delete(self, kind: str, key: str) -> None:
        """Forget a record."""
        if self._connection is not None:
            self._connection.execute("DELETE FROM record WHERE kind = ? AND key = ?", (kind, key))

    def load(self, kind: str) -> dict[str, Any]:
        """Read all records of a kind, in the order of their keys."""
        if self._connection is None:
            return {}
        rows = self._connection.execute(
            "SELECT key, value FROM record WHERE kind = ? ORDER BY key", (kind,)
        )
        return {key: json.loads(value) for key, value in rows}

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
