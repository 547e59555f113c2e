"""Compiles SQLAlchemy's statements once, and converts their values for the drivers.

SQLAlchemy's own engine takes four times the processor time of the drivers (measured), and queries
are most of what the bot does.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

# The bot builds fewer than a hundred statements once, and others anew for each App Home.
_KEPT = 256


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a statement.

    Attributes:
        rows: named tuples.
        rowcount: the number of rows found or changed.
    """

    rows: Sequence[Any]
    rowcount: int

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def all(self) -> Sequence[Any]:
        """Return every row."""
        return self.rows

    def first(self) -> Any:
        """Return the first row, or None if there is none."""
        return self.rows[0] if self.rows else None

    def scalars(self) -> list[Any]:
        """Return the first value of every row."""
        return [row[0] for row in self.rows]

    def scalar(self) -> Any:
        """Return the first value of the first row."""
        return self.rows[0][0]


class Statement:
    """A compiled statement.

    Args:
        executable: SQLAlchemy's statement.
        dialect: the database's.
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
        self.columns = [column.name for column in columns]
        self._readers = [_reader(column.type, dialect) for column in columns]
        self._row: Any = None
        self.is_change = bool(executable.is_dml)
        # INSERT, UPDATE and DELETE give back rows if they say so.
        self.has_rows = bool(self._readers) or not self.is_change

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """Return the values of parameters, converted, in the order of the placeholders."""
        values = {**self._own, **given}
        return [
            write(values[name]) if write else values[name]
            for name, write in zip(self._names, self._writers, strict=True)
        ]

    def rows(self, names: Iterable[str], found: Iterable[Iterable[Any]]) -> list[Any]:
        """Convert rows of the driver to named tuples."""
        if self._row is None:
            self._row = namedtuple("Row", names, rename=True)  # type: ignore[misc]
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
