"""What operators get: `ops/alerts.yml`, `ops/prometheus.yml` and `ops/dashboard.json`."""

import json
import re
import subprocess
from collections import Counter
from itertools import combinations
from typing import Any

import pytest
import yaml

from bot.domain.health.stuck import Reason
from bot.slack.errors import MEANING, SlackRefusal
from sandbox.demo.prometheus import OPS
from tests.support.installed import installed
from tests.test_docs import ROOT, read, section, slug

ALERTS: list[dict[str, Any]] = yaml.safe_load((OPS / "alerts.yml").read_text())["groups"][0][
    "rules"
]
NAMES = [alert["alert"] for alert in ALERTS]
DASHBOARD: dict[str, Any] = json.loads((OPS / "dashboard.json").read_text())
PANELS: list[dict[str, Any]] = [one for one in DASHBOARD["panels"] if one["type"] != "row"]


def alternatives(label: str) -> list[str]:
    """The values of a label that alerts name, each as often as it is named."""
    found = re.findall(rf'{label}=~?"([^"]+)"', " ".join(alert["expr"] for alert in ALERTS))
    return [value for values in found for value in values.split("|")]


@pytest.mark.parametrize(
    "arguments",
    [
        "check config ops/prometheus.yml",
        "check rules ops/alerts.yml",
        "test rules ops/alerts_test.yml",
    ],
)
def test_prometheus_takes_the_files_and_their_own_tests_pass(arguments: str) -> None:
    command = [installed("promtool"), *arguments.split()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_fires_and_ends_in_a_test() -> None:
    tests = yaml.safe_load((OPS / "alerts_test.yml").read_text())["tests"]
    seen = set()
    for test in tests:
        looks = [look for look in test["promql_expr_test"] if "ALERTS{" in look["expr"]]
        fired = [re.findall('alertname="(\\w+)"', str(look.get("exp_samples"))) for look in looks]
        # The last look finds nothing, and finds it after all others.
        assert fired[-1] == []
        seen |= {name for names in fired for name in names}
    assert seen == set(NAMES)


def test_each_alert_has_a_heading_that_it_links_to() -> None:
    headings = re.findall(r"^### (.+)$", section("docs/operations.md", "Alerts"), re.MULTILINE)
    assert headings == NAMES
    for alert in ALERTS:
        annotations, labels = alert["annotations"], alert["labels"]
        assert annotations["runbook_url"] == f"docs/operations.md#{slug(alert['alert'])}"
        assert annotations["summary"].endswith(".")
        assert labels["severity"] in {"page", "ticket"}


def test_each_reason_why_an_expense_is_stuck_has_one_alert() -> None:
    # What no bot looks at in time is `ExpenseDeliveryBehind`, which asks for how long.
    assert Counter(alternatives("reason")) == Counter(set(Reason) - {Reason.OVERDUE})


def test_each_word_of_slack_s_against_the_token_alerts() -> None:
    refusals = {code for code in MEANING if SlackRefusal(code).is_of_token}
    assert Counter(alternatives("error")) == Counter(refusals)


def test_each_metric_that_is_asked_for_is_documented() -> None:
    asked = [alert["expr"] for alert in ALERTS]
    asked += [target["expr"] for panel in PANELS for target in panel["targets"]]
    prefixes = "expense|slack|http|db|event_loop|process|temporal"
    named = set(re.findall(rf"\b((?:{prefixes})_[a-z_]+?)(?:_bucket)?[\[{{)]", " ".join(asked)))
    documented = read("docs/metrics.md")
    assert len(named) > 20
    for name in named:
        assert f"`{name.removesuffix('_count')}`" in documented or f"`{name}`" in documented


def test_the_dashboard_has_three_rows_in_which_no_panel_covers_another() -> None:
    rows = [panel["title"] for panel in DASHBOARD["panels"] if panel["type"] == "row"]
    assert rows == ["People", "Delivery", "Processes"]
    ids = Counter(panel["id"] for panel in DASHBOARD["panels"])
    assert set(ids.values()) == {1}
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        assert beside or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: str(panel["title"]))
def test_each_panel_asks_the_chosen_prometheus(panel: dict[str, Any]) -> None:
    [variable] = DASHBOARD["templating"]["list"]
    chosen = {"type": "prometheus", "uid": f"${{{variable['name']}}}"}
    assert panel["targets"]
    letters = [target["refId"] for target in panel["targets"]]
    assert letters == sorted(set(letters))
    for target in (panel, *panel["targets"]):
        assert target["datasource"] == chosen
    for target in panel["targets"]:
        # What every bot reads from the database is not added up.
        for gauge in ("expense_open", "expense_stuck", "expense_oldest_age", "expense_due"):
            assert gauge not in target["expr"] or re.search(
                rf"max\S* .*{gauge}|max\({gauge}", target["expr"]
            )
