"""What import-linter does not check: sizes, docstrings, and that nothing is patched."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PRODUCT = ("bot", "expense_workflow")
EQUIPMENT = ("sandbox", "benchmarks", "chaos", "fuzz")
MAX_LINES, MAX_MODULES = 250, 22


def files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", files(*PRODUCT, *EQUIPMENT), ids=name_of)
def test_a_module_is_small(path: Path) -> None:
    if "versions" not in path.parts:  # a migration stays as it was released
        assert len(path.read_text().splitlines()) <= MAX_LINES


def test_a_package_shows_a_reader_few_modules() -> None:
    folders = {path.parent for path in files(*PRODUCT, *EQUIPMENT)}
    crowded = {name_of(folder): len([*folder.glob("*.py")]) for folder in folders}
    assert {folder: count for folder, count in crowded.items() if count > MAX_MODULES} == {}


@pytest.mark.parametrize("path", files(*PRODUCT, "sandbox"), ids=name_of)
def test_everything_public_says_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree) or not tree.body, "the module has no docstring"
    for name, node in public(tree):
        assert ast.get_docstring(node), f"{name} has no docstring"


def public(tree: ast.Module | ast.ClassDef, inside: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Every public class, function and method; a protocol's calls are described elsewhere."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("_") or is_a_property_s_setter(node):
                continue
            yield f"{inside}{node.name}", node
            if isinstance(node, ast.ClassDef) and not is_a_protocol(node):
                yield from public(node, f"{node.name}.")


def is_a_protocol(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)


def is_a_property_s_setter(node: ast.AST) -> bool:
    return any(
        isinstance(decorator, ast.Attribute) and decorator.attr == "setter"
        for decorator in getattr(node, "decorator_list", ())
    )


@pytest.mark.parametrize("path", files("tests"), ids=name_of)
def test_nothing_is_patched(path: Path) -> None:
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            assert not any("mock" in name.lower() for name in names)
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            called = node.func.id if isinstance(node.func, ast.Name) else called
            assert called not in {"patch", "MagicMock", "AsyncMock", "Mock"}
            on_monkeypatch = (
                isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "monkeypatch"
            )
            assert not (on_monkeypatch and called in {"setattr", "setitem", "delattr"})
