"""What platforms read: Procfile, app.json, .python-version and uv.lock."""

import importlib.util
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import bot
import expense_workflow
from bot.__main__ import main
from bot.settings import Settings
from bot.slack.web_client import make_slack_client
from sandbox.programs import procfile
from tests.support.worker_settings import worker_settings

ROOT = Path(__file__).parents[1]
APP: dict[str, Any] = json.loads((ROOT / "app.json").read_text())
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
TEMPORAL = {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_API_KEY"}


def test_the_procfile_has_the_three_process_types() -> None:
    assert set(procfile()) == {"release", "web", "worker"}


@pytest.mark.parametrize("kind", sorted(procfile()))
def test_every_process_type_runs_a_module_that_exists(kind: str) -> None:
    python, flag, module, *_ = procfile()[kind]
    assert (python, flag) == (sys.executable, "-m")
    spec = importlib.util.find_spec(module)
    assert spec
    if spec.submodule_search_locations:
        assert importlib.util.find_spec(f"{module}.__main__")


@pytest.mark.parametrize("kind", ["release", "web"])
def test_the_bot_knows_the_command(kind: str) -> None:
    *_, command = procfile()[kind]
    assert main([command, "--help"]) == 0


def test_app_json_runs_the_procfile_s_processes() -> None:
    assert set(APP["formation"]) == set(procfile()) - {"release"}
    assert all(process["quantity"] == 1 for process in APP["formation"].values())


def test_app_json_has_nothing_that_heroku_does_not_know() -> None:
    assert set(APP) <= {
        *("name", "description", "keywords", "website", "repository", "logo", "success_url"),
        *("stack", "buildpacks", "formation", "addons", "env", "scripts"),
    }
    for entry in APP["env"].values():
        assert set(entry) <= {"description", "value", "required", "generator"}
        assert entry["description"].endswith(".")


def test_app_json_names_settings_that_exist() -> None:
    known = {name.upper() for name in Settings.model_fields} | worker_settings() | TEMPORAL
    assert set(APP["env"]) <= known


def test_app_json_asks_for_everything_that_the_bot_and_the_worker_need_there() -> None:
    needed = {name.upper() for name, field in Settings.model_fields.items() if field.is_required()}
    # Without these the bot refuses to start with PostgreSQL, or listens to this machine only.
    needed |= {"SLACK_SIGNING_SECRET", "EXPENSE_API_KEY", "EXPENSE_ENCRYPTION_KEY"}
    # Temporal is elsewhere. The app's own address is unknown when the form is filled in, so the
    # worker asks for it when it starts.
    needed |= {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "EXPENSE_APPROVERS"}
    assert "EXPENSE_SERVER_URL" not in APP["env"]
    assert {name for name, entry in APP["env"].items() if entry.get("required", True)} == needed


def test_app_json_makes_the_keys_that_are_nobody_else_s_and_no_other() -> None:
    made = {name for name, entry in APP["env"].items() if entry.get("generator") == "secret"}
    assert made == {"EXPENSE_API_KEY", "EXPENSE_ENCRYPTION_KEY"}


def test_app_json_contains_no_secret() -> None:
    for name, entry in APP["env"].items():
        assert not re.search("TOKEN|SECRET|KEY", name) or "value" not in entry


def test_two_web_processes_and_a_deploy_that_overlaps_fit_app_json_s_database() -> None:
    assert APP["addons"] == ["heroku-postgresql:essential-0"]
    plan = 20  # connections; devcenter.heroku.com/articles/heroku-postgres-plans
    each = int(APP["env"]["EXPENSE_DATABASE_CONNECTIONS"]["value"])
    old, new, release, operator = 2 * each, 2 * each, 1, 1
    assert old + new + release + operator <= plan


def test_python_version_is_one_that_the_project_allows() -> None:
    version = (ROOT / ".python-version").read_text().strip()
    assert PROJECT["project"]["requires-python"] == f">={version}"


def test_the_lock_file_has_what_the_project_asks_for() -> None:
    """Read offline; `uv lock --check` in .ci/run also asks PyPI."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    [project] = [p for p in lock["package"] if p["name"] == PROJECT["project"]["name"]]
    assert project["version"] == PROJECT["project"]["version"]
    asked = [name_of(dependency) for dependency in PROJECT["project"]["dependencies"]]
    assert {dependency["name"] for dependency in project["dependencies"]} == set(asked)
    asked_for_development = [name_of(entry) for entry in PROJECT["dependency-groups"]["dev"]]
    locked = {dependency["name"] for dependency in project["dev-dependencies"]["dev"]}
    assert locked == set(asked_for_development)


def test_everything_says_the_newest_version_of_the_changelog() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    [newest, *_] = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", changelog, re.M)
    assert PROJECT["project"]["version"] == newest
    assert (bot.__version__, expense_workflow.__version__) == (newest, newest)
    client = make_slack_client("xoxb-1", "https://slack.com/api/", None)
    assert client.headers["User-Agent"].startswith(f"expense-approvals/{newest} ")


def test_make_installs_the_uv_that_is_locked() -> None:
    [pinned] = [d for d in PROJECT["dependency-groups"]["dev"] if name_of(d) == "uv"]
    makefile = (ROOT / "Makefile").read_text()
    assert f"UV_VERSION := {pinned.removeprefix('uv==')}\n" in makefile


def name_of(dependency: str) -> str:
    """Read the name of a package from what a project says of it."""
    match = re.match(r"[A-Za-z0-9._-]+", dependency)
    assert match
    return match[0].lower()
