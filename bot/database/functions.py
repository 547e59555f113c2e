"""Functions of SQL that PostgreSQL and SQLite name differently."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class Joined(FunctionElement[str]):
    """The texts of several rows with line breaks between, for a subquery; NULL without rows.

    SQLAlchemy's own `aggregate_strings` needs its values when the statement is compiled.
    """

    type = sa.String()
    inherit_cache = True


@compiles(Joined, "postgresql")
def _join_in_postgresql(element: Joined, compiler: Any, **options: Any) -> str:
    return f"string_agg({compiler.process(element.clauses, **options)}, chr(10))"


@compiles(Joined, "sqlite")
def _join_in_sqlite(element: Joined, compiler: Any, **options: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **options)}, char(10))"


class JsonArray(FunctionElement[str]):
    """Several columns as one text, a JSON array, for a subquery."""

    type = sa.String()
    inherit_cache = True


@compiles(JsonArray, "postgresql")
def _array_in_postgresql(element: JsonArray, compiler: Any, **options: Any) -> str:
    return f"CAST(json_build_array({compiler.process(element.clauses, **options)}) AS text)"


@compiles(JsonArray, "sqlite")
def _array_in_sqlite(element: JsonArray, compiler: Any, **options: Any) -> str:
    return f"json_array({compiler.process(element.clauses, **options)})"
