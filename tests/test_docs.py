"""What is written about the project is true of the code."""

import importlib.util
import json
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot import catalogue
from bot.__main__ import cli
from bot.app.application import create_app
from bot.commands.inspection import expenses
from bot.domain.errors import SettingsError
from bot.domain.expense import TRANSITIONS, Category, State
from bot.domain.health.backlog import Backlog
from bot.domain.health.findings import Finding, well
from bot.payment_system import PaymentSystem
from bot.policy.file.loader import load_policy
from bot.settings import Settings, load_settings
from bot.web.bot_status import describe_bot
from chaos.invariants import CHECKS
from expense_workflow.settings import Settings as WorkerSettings
from sandbox import Sandbox
from sandbox.programs import procfile
from sandbox.slack.config import APPROVALS
from tests.support.claims import expense
from tests.support.house import environment
from tests.support.worker_settings import worker_settings

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FOLDERS = ("bot", "expense_workflow", "sandbox", "chaos", "fuzz", "benchmarks", "tests", "docs")
NEEDED = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "s",
    "SLACK_APPROVALS_CHANNEL": APPROVALS.id,
}
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
# Of libraries that read the environment themselves.
BOTH = {"bot", "worker"}
OTHERS = {"AWS_*": {"bot"}, "OTEL_*": BOTH, "TEMPORAL_*": BOTH}
MAX_README = 8_000  # bytes: two screens

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def read(name: str) -> str:
    return (ROOT / name).read_text()


def section(page: str, title: str) -> str:
    """What stands under a heading, with its subsections."""
    return read(page).split(f"\n## {title}\n")[1].split("\n## ")[0]


def tables(text: str) -> Iterator[list[str]]:
    """The cells of every row of the tables in a text, without their heads."""
    head = True
    for line in text.splitlines():
        if not line.startswith("|"):
            head = True
        elif line.startswith("| ---"):
            head = False
        elif not head:
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def fences(page: str, language: str) -> list[str]:
    """The blocks of code of a page in a language, which may be none."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", read(page), re.MULTILINE | re.DOTALL)
    return [code for written, code in blocks if written == language]


# Links


def targets(page: Path) -> Iterator[tuple[Path, str]]:
    """Every file that a page links to, with the heading in it."""
    prose = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if not target.startswith(("https://", "mailto:")):
            path, _, anchor = target.partition("#")
            yield (page.parent / path).resolve() if path else page, anchor


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for linked, anchor in targets(page):
        assert linked.exists(), linked
        assert linked.is_relative_to(ROOT), linked
        if anchor:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(), re.MULTILINE)
            assert anchor in {slug(heading) for heading in headings}, f"{linked}#{anchor}"


def test_every_page_is_reached_from_the_readme() -> None:
    reached, new = set[Path](), {ROOT / "README.md"}
    while new:
        reached |= new
        new = {linked for page in new for linked, _ in targets(page)} & set(PAGES) - reached
    assert reached == set(PAGES)


@each_page
def test_files_that_are_named_exist(page: Path) -> None:
    for name in re.findall(rf"`((?:{'|'.join(FOLDERS)}|\.ci)/[\w./-]*)`", page.read_text()):
        assert (ROOT / name).exists() or (ROOT / f"{name}.py").exists(), name


@each_page
def test_commands_that_are_named_exist(page: Path) -> None:
    text = page.read_text()
    inline = re.findall(r"`([^`\n]+)`", text)
    code = "\n".join([*fences(str(page.relative_to(ROOT)), ""), *inline])
    makefile = re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE)
    assert set(re.findall(r"^make ([a-z]+)\b", code, re.MULTILINE)) <= set(makefile)
    for module in re.findall(r"python -m ([a-z_][\w.]*)", text):
        assert importlib.util.find_spec(module), module
    assert set(re.findall(r"python -m bot ([a-z][a-z-]*)", text)) <= set(cli.commands)
    verbs = set(re.findall(r"python -m bot expenses ([a-z-]+)", text))
    assert verbs <= set(expenses.commands)


@each_page
def test_pictures_are_small_and_described(page: Path) -> None:
    for text, target in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", page.read_text()):
        assert text
        if not target.startswith("https://"):
            assert (page.parent / target).stat().st_size < 300_000


def test_every_picture_is_shown() -> None:
    shown = {linked for page in PAGES for linked, _ in targets(page)}
    assert set((ROOT / "docs" / "images").iterdir()) <= shown


# The README


def test_the_readme_fits_on_two_screens() -> None:
    assert len(read("README.md").encode()) < MAX_README


def test_the_readme_names_the_two_commands() -> None:
    assert {"make demo", "make test"} <= set(read("README.md").splitlines())


def test_the_readme_s_map_has_every_package() -> None:
    packages = {path.parent.name for path in (ROOT / "bot").glob("*/__init__.py")}
    mapped = [cells[0] for cells in tables(section("README.md", "The code"))]
    assert {name for cell in mapped for name in re.findall(r"\[bot/(\w+)\]", cell)} == packages
    others = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"bot", "tests"}
    assert {name for cell in mapped for name in re.findall(r"\[(\w+)\]", cell)} == others


# Settings


def settings_table() -> dict[str, list[str]]:
    return {name.strip("`"): cells for name, *cells in tables(read("docs/settings.md"))}


@pytest.fixture
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("SLACK_", "EXPENSE_", "TEMPORAL_")) or name in Settings.model_fields:
            monkeypatch.delenv(name)
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)


def test_the_settings_table_has_every_setting_and_says_who_reads_it() -> None:
    readers = {name: set(cells[0].split(", ")) for name, cells in settings_table().items()}
    for others, read_by in OTHERS.items():
        assert readers.pop(others) == read_by
    expected: dict[str, set[str]] = {name.upper(): {"bot"} for name in Settings.model_fields}
    for name in worker_settings():
        expected[name] = expected.get(name, set()) | {"worker"}
    assert readers == expected


@pytest.mark.parametrize("name", sorted(settings_table().keys() - OTHERS))
@pytest.mark.usefixtures("_clean_environment")
def test_the_settings_table_has_the_defaults(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read_by, _, default = settings_table()[name]
    if name == "PORT":  # which a platform sets, where SQLite has to be spelled out
        monkeypatch.setenv("DATABASE_URL", "sqlite:///expenses.db")
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


# The other pages


def test_the_diagram_is_the_table_of_transitions() -> None:
    [diagram] = [text for text in fences("docs/architecture.md", "mermaid") if "[*]" in text]
    arrows = re.findall(r"^ +(\S+) --> ([A-Z_]+|\[\*\])", diagram, re.MULTILINE)
    drawn = {(start, end) for start, end in arrows if "[*]" not in (start, end)}
    assert drawn == {(start, end) for start, ends in TRANSITIONS.items() for end in ends}
    assert len(arrows) == len(set(arrows))
    ends = {start for start, end in arrows if end == "[*]"}
    assert ends == {state for state in State if not TRANSITIONS[state]}
    assert {end for start, end in arrows if start == "[*]"} == {"SUBMITTED", "CREATED"}


def test_the_order_of_packages_is_the_contract_s() -> None:
    [drawn] = [text for text in fences("docs/architecture.md", "") if "domain " in text]
    contracts = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    assert re.findall(r"^(.+?)  ", drawn, re.MULTILINE) == contracts[0]["layers"]


def test_each_word_of_the_glossary_stands_there_once() -> None:
    glossary = section("docs/architecture.md", "Glossary")
    words = re.findall(r"\*\*(.+?)\*\*", glossary.lower())
    assert len(words) > 30
    assert len(words) == len(set(words))


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
    calls = " ".join(cells[0] for cells in tables(section("docs/http-api.md", "Calls")))
    async with Sandbox.start() as slack:
        assert set(re.findall(r"`((?:GET|POST) /\S*)`", calls)) == await routes(slack, tmp_path)


async def test_a_payment_is_asked_for_with_the_documented_fields() -> None:
    asked: list[dict[str, str]] = []

    async def pay(request: web.Request) -> web.Response:
        asked.append(await request.json())
        return web.Response()

    app = web.Application()
    app.add_routes([web.post("/pay", pay)])
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        await PaymentSystem(session, str(server.make_url("/pay")), ["a key"]).pay(expense())
    [_, example] = fences("docs/http-api.md", "json")
    assert [*asked[0]] == [*json.loads(example)]


async def test_the_bot_describes_itself_with_the_documented_fields() -> None:
    nothing = dict.fromkeys(Backlog.__dataclass_fields__, 0)

    async def findings() -> list[Finding]:
        return [well("database", "it answers")]

    async def backlog() -> Backlog:
        return Backlog(**nothing)

    [example, _] = map(json.loads, fences("docs/http-api.md", "json"))
    status = json.loads(await describe_bot(findings, backlog))
    assert [*status] == [*example]
    assert [*status["expenses"]] == [*example["expenses"]]
    assert [*status["findings"][0]] == [*example["findings"][0]]


def test_the_process_table_is_the_procfile() -> None:
    rows = tables(section("docs/deploy.md", "Any platform that runs a Procfile"))
    written = {cells[0].strip("`"): cells[1].strip("`").split() for cells in rows}
    assert written == {kind: ["python", *command[1:]] for kind, command in procfile().items()}


def test_the_policy_page_shows_the_example() -> None:
    assert fences("docs/policy.md", "toml") == [read("policy.example.toml")]


def test_the_policy_page_s_own_words_are_read_as_they_stand_there(tmp_path: Path) -> None:
    page = section("docs/policy.md", "The company's own words")
    tables = "".join(re.findall(r"```ini\n(.*?)```", page, re.DOTALL))
    [people] = re.findall(r"```\n(person,.*?)```", page, re.DOTALL)
    (tmp_path / "people.csv").write_text(people)
    (tmp_path / "cost_centers.csv").write_text("value,name\n4711,Marketing\n4712,Sales\n")
    (tmp_path / "policy.toml").write_text(f'base_currency = "EUR"\n{tables}')
    words = load_policy(tmp_path / "policy.toml").words
    assert [*words.categories] == ["taxi", "client_meal"]
    assert {one.dimensions["cost_center"] for one in words.people.values()} == {"4711", "4712"}


def test_everybody_knows_the_same_commands() -> None:
    told = re.findall(r"`(/expense[^`]*)`", catalogue.say("help"))
    documented = [cells[0].strip("`") for cells in tables(section("docs/using.md", "Commands"))]
    assert [command for command in documented if command in told] == told
    words = {command.split()[1] for command in documented if " " in command}
    listener = read("bot/slack/listeners/commands.py")
    assert words == {"help", *re.findall(r'case "(\w+)"', listener)}
    [hint] = re.findall(r"usage_hint: (.+)", read("manifest.yml"))
    named = {command.split()[1] for command in told if " " in command}
    assert named == {alternative.split()[0] for alternative in hint.split(" | ")}


def test_the_example_of_a_policy_names_every_category() -> None:
    [named] = re.findall(r"categories = .+# (.+)", read("policy.example.toml"))
    assert named.split(", ") == [*Category]


def test_every_promise_has_a_test() -> None:
    promises = [*tables(read("docs/promises.md"))]
    assert len(promises) > 20
    for what, _, tests in promises:
        assert re.findall(r"\]\(\.\./tests/\S+\.py\)", tests), what
    in_the_readme = section("README.md", "Five promises").split("\n\n")[1]
    for promise in re.split(r"^\d\. ", in_the_readme, flags=re.MULTILINE)[1:]:
        assert re.search(r"\]\(tests/\S+\.py\)", promise), promise


def test_the_invariants_of_chaos_are_counted() -> None:
    assert f"{len(CHECKS)} invariants" in " ".join(read("docs/chaos.md").split())


def test_the_readme_adds_the_long_runs_of_chaos_up() -> None:
    rows = [cells for cells in tables(read("docs/chaos.md")) if "--seed" in cells[0]]
    expenses, kills, faults, misfortunes, violations = (
        sum(int(cells[column].replace(",", "")) for cells in rows) for column in range(1, 6)
    )
    assert not violations
    summary = (
        f"{expenses:,} expenses, {kills} kills, {faults:,} faults and {misfortunes} misfortunes"
    )
    assert summary in " ".join(read("README.md").split())


def test_the_index_of_decisions_is_complete() -> None:
    folder = ROOT / "docs" / "adr"
    listed = [linked.name for linked, _ in targets(folder / "README.md")]
    written = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert listed == written
    for number, name in enumerate(written, start=1):
        text = (folder / name).read_text()
        assert text.startswith(f"# {number}. ")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
            *("Context", "Decision", "Consequences")
        ]


def test_the_changelog_keeps_its_form() -> None:
    text = read("CHANGELOG.md")
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
