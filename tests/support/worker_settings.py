"""Which environment variables the worker reads, for tests of what is written about them."""

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "expense_workflow" / "settings.py"


def worker_settings() -> set[str]:
    """Read from the source which variables are asked for by name."""
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(SOURCE.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "_read"
        and isinstance(node.args[0], ast.Constant)
    }
