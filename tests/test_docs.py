"""What is written about the project is true of the code."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web

from bot.app import create_app
from bot.domain.errors import SettingsError
from bot.domain.expense import TRANSITIONS, State
from bot.settings import Settings, load_settings
from expense_workflow.settings import Settings as WorkerSettings
from sandbox import Sandbox
from sandbox.programs import procfile
from sandbox.slack.config import APPROVALS
from tests.support.house import environment
from tests.support.worker_settings import worker_settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PAGES = sorted(ROOT.glob("*.md"))
NEEDED = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "s",
    "SLACK_APPROVALS_CHANNEL": APPROVALS.id,
}
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def section(title: str, page: str = README) -> str:
    """What stands under a heading, without its subsections' siblings."""
    return page.split(f"\n## {title}\n")[1].split("\n## ")[0]


def table(text: str) -> list[list[str]]:
    """The cells of the first table in a text, without its head."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[2:]]


def settings_table() -> dict[str, list[str]]:
    return {name.strip("`"): cells for name, *cells in table(section("Settings"))}


@pytest.fixture
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("SLACK_", "EXPENSE_", "TEMPORAL_")) or name in Settings.model_fields:
            monkeypatch.delenv(name)
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)


def test_the_settings_table_has_every_setting_and_says_who_reads_it() -> None:
    readers = {name: set(cells[0].split(", ")) for name, cells in settings_table().items()}
    assert readers.pop("TEMPORAL_*") == {"bot", "worker"}
    expected: dict[str, set[str]] = {name.upper(): {"bot"} for name in Settings.model_fields}
    for name in worker_settings():
        expected[name] = expected.get(name, set()) | {"worker"}
    assert readers == expected


@pytest.mark.parametrize("name", sorted(set(settings_table()) - {"TEMPORAL_*"}))
@pytest.mark.usefixtures("_clean_environment")
def test_the_settings_table_has_the_defaults(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read_by, _, default = settings_table()[name]
    if default.startswith("required"):
        monkeypatch.delenv(name)
        with pytest.raises(SettingsError, match=f"^{name} is missing"):
            load_settings()
        return
    if default.startswith("none"):
        assert not getattr(load_settings(), name.lower())
        return
    assert default.startswith("`")
    value = default.split("`")[1]
    if "bot" in read_by:
        left = load_settings()
        monkeypatch.setenv(name, value)
        assert load_settings() == left
        assert repr(getattr(left, name.lower()))
    if "worker" in read_by:
        monkeypatch.setenv(name, value)
        assert WorkerSettings.from_environment() == WorkerSettings()


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("EXPENSE_ENCRYPTION_KEY", {"DATABASE_URL": "postgres://localhost/expenses"}),
        ("EXPENSE_PAYMENT_KEY", {"EXPENSE_PAYMENT_URL": "https://pay.example.com/"}),
    ],
)
@pytest.mark.usefixtures("_clean_environment")
def test_what_is_required_with_another_setting_is(
    name: str, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "PostgreSQL" if "DATABASE_URL" in variables else next(iter(variables))
    assert re.search(rf"required with `?{other}", settings_table()[name][2])
    for key, value in variables.items():
        monkeypatch.setenv(key, value)
    with pytest.raises(SettingsError, match=f"^{name} is missing"):
        load_settings()


@pytest.mark.usefixtures("_clean_environment")
def test_socket_mode_needs_no_signing_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "without `SLACK_APP_TOKEN`" in settings_table()["SLACK_SIGNING_SECRET"][2]
    monkeypatch.delenv("SLACK_SIGNING_SECRET")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    assert load_settings().slack_app_token


def test_the_diagram_is_the_table_of_transitions() -> None:
    diagram = README.split("```mermaid\n")[1].split("```")[0]
    arrows = re.findall(r"^ +(\S+) --> ([A-Z_]+|\[\*\])", diagram, re.MULTILINE)
    drawn = {(start, end) for start, end in arrows if "[*]" not in (start, end)}
    assert drawn == {(start, end) for start, ends in TRANSITIONS.items() for end in ends}
    assert len(arrows) == len(set(arrows))
    ends = {start for start, end in arrows if end == "[*]"}
    assert ends == {state for state in State if not TRANSITIONS[state]}
    assert {end for start, end in arrows if start == "[*]"} == {"SUBMITTED", "CREATED"}


async def routes(slack: Sandbox, folder: Path) -> set[str]:
    """Every route of the bot, as "METHOD /path"."""
    variables = NEEDED | {
        "SLACK_BOT_TOKEN": slack.config.bot_token,
        "SLACK_API_URL": slack.api_url,
        "DATABASE_URL": f"sqlite:///{folder}/expenses.db",
    }
    with environment(variables):
        app = await create_app(load_settings())
    runner = web.AppRunner(app)
    await runner.setup()
    found = {f"{route.method} {route.resource.canonical}" for route in app.router.routes()}  # type: ignore[union-attr]
    await runner.cleanup()
    return {route for route in found if not route.startswith("HEAD")}


async def test_the_http_table_has_every_route(tmp_path: Path) -> None:
    calls = " ".join(cells[0] for cells in table(section("HTTP API")))
    async with Sandbox.start() as slack:
        assert set(re.findall(r"`((?:GET|POST) /\S*)`", calls)) == await routes(slack, tmp_path)


def targets() -> Iterator[str]:
    makefile = (ROOT / "Makefile").read_text()
    yield from re.findall(r"^([a-z]+):", makefile, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_command_exists(page: Path) -> None:
    named = set(re.findall(r"(?:^|`)make ([a-z]+)\b", page.read_text(), re.MULTILINE))
    assert named <= set(targets())


def test_the_readme_names_the_two_commands() -> None:
    assert {"make demo", "make test"} <= set(README.splitlines())


def test_the_process_table_is_the_procfile() -> None:
    written = {cells[0].strip("`"): cells[1].strip("`").split() for cells in table(deployment())}
    assert written == {kind: ["python", *command[1:]] for kind, command in procfile().items()}


def deployment() -> str:
    return section("Deploy")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = page.read_text()
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        linked = page.parent / path if path else page
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(), re.MULTILINE)
            assert anchor in {slug(heading) for heading in headings}, target


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_are_named_exist(page: Path) -> None:
    roots = r"(?:bot|expense_workflow|tests|docs|\.ci)"
    for name in re.findall(rf"`({roots}/[\w./-]*)`", page.read_text()):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pictures_are_small_and_described(page: Path) -> None:
    for text, target in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", page.read_text()):
        assert text
        if not target.startswith("https://"):
            assert (page.parent / target).stat().st_size < 300_000


def test_the_changelog_keeps_its_form() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    assert text.startswith("# Changelog\n")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    release = r"\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}"
    assert all(re.fullmatch(release, heading) for heading in headings[1:])
    kinds = re.findall(r"^### (.+)$", text, re.MULTILINE)
    assert kinds
    assert set(kinds) <= KINDS
    for entry in re.findall(r"^- (.+)$", text, re.MULTILINE):
        assert not entry[0].islower()
