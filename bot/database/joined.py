"""Texts of several rows as one text, so that they can be read beside something else."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class Joined(FunctionElement[str]):
    """Texts of several rows, joined by line breaks; None without any.

    SQLAlchemy's own `aggregate_strings` wants its values when a statement is compiled.
    """

    type = String()
    inherit_cache = True


@compiles(Joined, "postgresql")
def _join_in_postgresql(element: Joined, compiler: Any, **options: Any) -> str:
    return f"string_agg({compiler.process(element.clauses, **options)}, chr(10))"


@compiles(Joined, "sqlite")
def _join_in_sqlite(element: Joined, compiler: Any, **options: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **options)}, char(10))"
