"""The house as the README draws it: which room imports what, and what no room does."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "expense_workflow")
MAX_LINES, MAX_SANDBOX_LINES = 250, 300

# Which rooms know a library; every other room does without it.
OWNERS = {
    "sqlalchemy": {
        *(
            "bot.database.connection",
            "bot.database.postgres",
            "bot.database.statements",
            "bot.database.schema",
            "bot.database.expenses",
        ),
        *(
            "bot.database.decision_store",
            "bot.database.expense_changes",
            "bot.database.outbox_statements",
        ),
        *("bot.database.rotation", "bot.database.migrate", "bot.database.migrations"),
        *("bot.settings", "bot.setting_types"),
        *(
            "bot.database.audit",
            "bot.database.assignments",
            "bot.database.delegations",
            "bot.services.inbox",
            "bot.database.home_queries",
        ),
    },
    "alembic": {"bot.database.migrate", "bot.database.migrations"},
    "asyncpg": {"bot.database.connection", "bot.database.postgres"},
    "temporalio": {"bot.delivery.temporal", "bot.delivery.activity_outcome", "expense_workflow"},
    "httpx": {"expense_workflow.activities", "expense_workflow.bot_client"},
    "httpx_aiohttp": {"expense_workflow.bot_client"},
    "slack_bolt": {
        "bot.slack.bolt_app",
        "bot.web.slack_endpoint",
        "bot.slack.listeners",
        "bot.app",
    },
    "slack_sdk": {
        *(
            "bot.slack.bolt_app",
            "bot.web.slack_endpoint",
            "bot.slack.web_client",
            "bot.slack.listeners",
            "bot.app",
        ),
        *(
            "bot.slack.directory",
            "bot.slack.message_sync",
            "bot.slack.messenger",
            "bot.delivery.scheduler",
            "bot.block_kit.message_blocks",
            "bot.block_kit.home_tab",
            "bot.block_kit.bulk_approval",
            "bot.block_kit.expense_modal",
            "bot.block_kit.modals",
            "bot.block_kit.receipts",
            "bot.block_kit.inputs",
            "bot.block_kit.delegation_modal",
            "bot.block_kit.history",
        ),
    },
    "aiohttp": {
        *(
            "bot.app",
            "bot.web.worker_api",
            "bot.web.worker_params",
            "bot.web.health",
            "bot.web.limits",
        ),
        *("bot.web.server", "bot.web.slack_endpoint", "bot.slack.web_client", "bot.payment_system"),
        "expense_workflow.bot_client",
    },
    "aiolimiter": {"bot.web.limits", "bot.slack.directory"},
    "babel": {
        *(
            "bot.domain.money",
            "bot.domain.locale",
            "bot.block_kit.sentences",
            "bot.block_kit.message_blocks",
            "bot.block_kit.inputs",
            "bot.block_kit.history",
        ),
        *("bot.block_kit.home_tab", "bot.block_kit.bulk_approval"),
    },
    "cryptography": {"bot.database.encryption", "bot.keyfile"},
    "pydantic": {
        "bot.settings",
        "bot.setting_types",
        "bot.policy.loader",
        "bot.policy.schema",
        "bot.database.expense_rows",
    },
    "pydantic_settings": {"bot.settings", "bot.setting_types"},
    "standardwebhooks": {"bot.payment_system"},
    "async_lru": {"bot.slack.directory"},
    "dateparser": {"bot.slack.command_parser"},
}


@cache
def modules() -> dict[str, Path]:
    """Every module of the product by its name; a package goes by its own."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


@cache
def imports(module: str) -> frozenset[str]:
    """What a module imports: of our own the module, of others the library."""
    found = set()
    for node in ast.walk(ast.parse(modules()[module].read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module
            assert node.level == 0, f"{module} imports relatively"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                found.add(full if full in modules() else node.module)
    return frozenset(name if is_ours(name) else name.split(".")[0] for name in found)


def is_ours(name: str) -> bool:
    return name.split(".")[0] in PACKAGES


def is_in(module: str, place: str) -> bool:
    return module == place or module.startswith(f"{place}.")


def bot_modules() -> list[str]:
    return [name for name in modules() if is_in(name, "bot") and not is_in(name, "bot.sandbox")]


@pytest.mark.parametrize("library", sorted(OWNERS))
def test_a_library_is_known_to_its_owners_only(library: str) -> None:
    users = {
        module
        for module in modules()
        if library in imports(module) and not is_in(module, "bot.sandbox")
    }
    strangers = {user for user in users if not any(is_in(user, own) for own in OWNERS[library])}
    assert not strangers
    idle = {own for own in OWNERS[library] if not any(is_in(user, own) for user in users)}
    assert not idle, "they do not need it any more"


def test_every_library_has_its_owners() -> None:
    known = set(OWNERS) | set(sys.stdlib_module_names)
    for module in modules():
        if not is_in(module, "bot.sandbox"):
            assert {name for name in imports(module) if not is_ours(name)} <= known, module


@pytest.mark.parametrize("module", sorted(modules()))
def test_http_is_the_only_way_between_bot_and_worker(module: str) -> None:
    other = "expense_workflow" if is_in(module, "bot") else "bot"
    assert not any(is_in(name, other) for name in imports(module))


@pytest.mark.parametrize("module", [name for name in modules() if is_in(name, "bot.sandbox")])
def test_the_sandbox_knows_nothing_of_the_bot(module: str) -> None:
    assert all(is_in(name, "bot.sandbox") for name in imports(module) if is_ours(name))


def test_only_the_demo_brings_the_sandbox_in() -> None:
    users = {
        (module, name)
        for module in bot_modules()
        for name in imports(module)
        if is_in(name, "bot.sandbox")
    }
    assert users == {("bot.__main__", "bot.sandbox.demo")}


def test_the_domain_needs_the_standard_library_only() -> None:
    for module in ("bot.domain.expense", "bot.domain.approval_plan"):
        assert imports(module) <= {"bot.domain.approval_plan", *sys.stdlib_module_names}


@pytest.mark.parametrize("module", sorted(modules()))
def test_no_file_is_two_rooms_in_one(module: str) -> None:
    limit = MAX_SANDBOX_LINES if is_in(module, "bot.sandbox") else MAX_LINES
    assert len(modules()[module].read_text().splitlines()) <= limit


@pytest.mark.parametrize("module", sorted(modules()))
def test_everything_public_says_what_it_is(module: str) -> None:
    tree = ast.parse(modules()[module].read_text())
    assert ast.get_docstring(tree) or not tree.body, f"{module} has no docstring"
    for name, node in public(tree):
        assert ast.get_docstring(node), f"{module}.{name} has no docstring"


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


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("*.py")), ids=lambda path: path.name)
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
