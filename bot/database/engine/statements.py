"""Compiles SQLAlchemy's statements once, and converts their values for the drivers.

SQLAlchemy's own engine takes four times the processor time of the drivers (measured), and queries
are most of what the bot does.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

# The bot builds fewer than a hundred statements once, and others anew for each App Home.
_KEPT = 256

Given = Mapping[str, Any]
Rows = Sequence[Any]


class Statement:
    """A compiled statement.

    Args:
        keys: the names of the parameters; an INSERT takes its columns from them.
    """

    def __init__(self, executable: Executable, dialect: Dialect, keys: Sequence[str]) -> None:
        made = executable.compile(  # type: ignore[attr-defined]
            dialect=dialect,
            column_keys=list(keys) or None,
            # An IN with a list gets as many placeholders as the list has values.
            compile_kwargs={"render_postcompile": True},
        )
        assert isinstance(made, SQLCompiler)  # noqa: S101
        self.sql = str(made)
        self._names = list(made.positiontup or ())
        binds = [made.binds.get(name) for name in self._names]
        self._own = {
            name: made.params[name]
            for name, bind in zip(self._names, binds, strict=True)
            if bind is None or not bind.required
        }
        self._writers = [None if bind is None else _writer(bind.type, dialect) for bind in binds]
        columns = getattr(executable, "exported_columns", ())
        self._readers = [_reader(column.type, dialect) for column in columns]
        names = [column.name for column in columns]
        self._row: Any = namedtuple("Row", names, rename=True) if names else None
        self.is_change = bool(executable.is_dml)

    def values(self, given: Given) -> list[Any]:
        """Return the values of parameters, converted, in the order of the placeholders."""
        values = {**self._own, **given}
        return [
            write(values[name]) if write else values[name]
            for name, write in zip(self._names, self._writers, strict=True)
        ]

    def rows(self, found: Iterable[Any]) -> list[Any]:
        """Convert rows of the driver to named tuples; those of a plain text stay as they are."""
        if self._row is None:
            return [*found]
        make = self._row._make
        if not any(self._readers):
            return [make(row) for row in found]
        return [
            make(
                read(value) if read else value
                for read, value in zip(self._readers, row, strict=True)
            )
            for row in found
        ]


@lru_cache(maxsize=_KEPT)
def compiled(executable: Executable, dialect: Dialect, keys: tuple[str, ...]) -> Statement:
    """Compile a statement, or return it from the cache."""
    return Statement(executable, dialect, keys)


def _writer(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    # asyncpg returns instants and dates, SQLite only texts and numbers.
    if dialect.name != "sqlite":
        return None
    return kind.dialect_impl(dialect).result_processor(dialect, None)
