"""Dockerfile, compose.yaml, render.yaml and systemd's units say what the Procfile says."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import Settings
from sandbox.programs import procfile
from tests.support.worker_settings import worker_settings
from tests.test_docs import read

ROOT = Path(__file__).parents[1]
COMMANDS = {kind: ["python", *command[1:]] for kind, command in procfile().items()}
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
RENDER: dict[str, Any] = yaml.safe_load((ROOT / "render.yaml").read_text())
TEMPORAL = {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_API_KEY"}
AWS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ENDPOINT_URL"}
# OTEL_SERVICE_NAME would give bot and worker one name.
OTEL = set(re.findall(r"\bOTEL_[A-Z_]+[A-Z]\b", read("docs/metrics.md") + read("docs/traces.md")))
OTEL -= {"OTEL_SERVICE_NAME"}
BY_BOT = {name.upper() for name in Settings.model_fields} | TEMPORAL | OTEL | AWS
BY_WORKER = worker_settings() | TEMPORAL | OTEL
# Without these the bot refuses to start with PostgreSQL, or listens to this machine only.
NEEDED = {name.upper() for name, field in Settings.model_fields.items() if field.is_required()}
NEEDED |= {"DATABASE_URL", "EXPENSE_API_KEY", "EXPENSE_ENCRYPTION_KEY", "TEMPORAL_ADDRESS"}
NEEDED |= {"SLACK_SIGNING_SECRET", "EXPENSE_APPROVERS"}
OF_COMPOSE = {"PORT", "SLACK_API_URL", "EXPENSE_DATABASE_CA"}
NEEDED_BY_WORKER = {"EXPENSE_SERVER_URL", "EXPENSE_API_KEY", "TEMPORAL_ADDRESS"}
UNITS = sorted((ROOT / "deploy").glob("*.service"))


def instructions(name: str) -> list[tuple[str, str]]:
    """The instructions of the Dockerfile's last stage, which is the image, or of the one before."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
    found = [line.partition(" ") for line in text.splitlines() if line and line[0] != "#"]
    pairs = [(word, rest.strip()) for word, _, rest in found]
    last = max(place for place, (word, _) in enumerate(pairs) if word == "FROM")
    return pairs[last:] if name == "image" else pairs[:last]


def test_the_image_has_the_product_and_nothing_else() -> None:
    copied = [rest.split() for word, rest in instructions("image") if word == "COPY"]
    assert copied == [
        ["--from=build", "/app/.venv", ".venv"],
        ["pyproject.toml", "."],  # which has the version
        ["bot", "bot"],
        ["expense_workflow", "expense_workflow"],
    ]
    # What is not sent to the builder cannot be copied either.
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    sent = [line[1:] for line in lines if line.startswith("!")]
    assert sent == ["bot", "expense_workflow", "pyproject.toml", "uv.lock"]
    assert "*" in lines


def test_the_image_is_made_from_the_lock_file_by_the_same_python_and_uv() -> None:
    version = (ROOT / ".python-version").read_text().strip()
    everything = [*instructions("build"), *instructions("image")]
    bases = [rest.split()[0] for word, rest in everything if word == "FROM"]
    assert bases == [f"python:{version}-slim-bookworm"] * 2
    assert ("RUN", "uv sync --locked --no-dev") in instructions("build")
    [pinned] = re.findall(r"^UV_VERSION := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert f"astral-sh/uv:{pinned} " in (ROOT / "Dockerfile").read_text()


def test_the_image_runs_the_bot_and_not_as_root() -> None:
    *_, (user, who), (expose, port), (command, words) = instructions("image")
    assert (user, expose, command) == ("USER", "EXPOSE", "CMD")
    assert who not in {"root", "0"}
    assert port == str(Settings.model_fields["port"].default)
    assert yaml.safe_load(words) == COMMANDS["web"]


@pytest.mark.parametrize("kind", COMMANDS)
def test_compose_runs_the_procfile_s_processes(kind: str) -> None:
    service = COMPOSE["services"][kind]
    assert service["command"].split() == COMMANDS[kind]
    known, needed = (BY_WORKER, NEEDED_BY_WORKER) if kind == "worker" else (BY_BOT, NEEDED)
    assert needed <= set(service["environment"]) <= known
    # What somebody writes into .env reaches the process. The rest has its value in this file.
    assert known - TEMPORAL - OF_COMPOSE <= set(service["environment"])
    # Both processes end within 10 s.
    assert service["stop_grace_period"] == "15s"


def test_compose_runs_the_release_before_the_bot() -> None:
    services = COMPOSE["services"]
    assert services["web"]["depends_on"]["release"]["condition"] == "service_completed_successfully"
    assert services["release"]["restart"] == "no"
    assert set(services) == {*COMMANDS, "postgres", "temporal"}
    for service in services.values():  # nothing but this machine reaches a port
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_render_runs_the_procfile_s_processes() -> None:
    web, worker = RENDER["services"]
    assert (web["type"], worker["type"]) == ("web", "worker")
    assert web["preDeployCommand"].split() == COMMANDS["release"]
    assert web["dockerCommand"].split() == COMMANDS["web"]
    assert worker["dockerCommand"].split() == COMMANDS["worker"]
    assert NEEDED <= {entry["key"] for entry in web["envVars"]} <= BY_BOT
    given = {entry["key"]: entry for entry in worker["envVars"]}
    assert NEEDED_BY_WORKER <= set(given) <= BY_WORKER
    for name, entry in given.items():
        other = "RENDER_EXTERNAL_URL" if name == "EXPENSE_SERVER_URL" else name
        assert entry["fromService"] == {"type": "web", "name": web["name"], "envVarKey": other}


def test_the_units_run_the_procfile_s_processes() -> None:
    begun = {
        unit.stem: re.findall(r"^ExecStart(?:Pre)?=(.+)$", unit.read_text(), re.MULTILINE)
        for unit in UNITS
    }
    python = "/opt/expense-approvals/.venv/bin/python"
    commands = {kind: shlex.join([python, *command[1:]]) for kind, command in COMMANDS.items()}
    assert begun == {
        "expenses-web": [commands["release"], commands["web"]],
        "expenses-worker": [commands["worker"]],
    }
    # On one machine, the worker's port for metrics has to be another one than the bot's.
    [web, worker] = [re.findall("^EnvironmentFile=(.+)", unit.read_text(), re.M) for unit in UNITS]
    assert worker == [*web, "-/etc/expense-approvals-worker.env"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        here = re.sub(r"/opt/\S+/python", sys.executable, unit.read_text())
        (tmp_path / unit.name).write_text(here)
    units = [str(tmp_path / unit.name) for unit in UNITS]
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    # The machine's own units may have faults as well.
    assert [line for line in ran.stderr.splitlines() if str(tmp_path) in line] == []
    assert ran.returncode == 0
