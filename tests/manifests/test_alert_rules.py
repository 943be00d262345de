"""Alert rules: promtool takes them, they fire when they should, and the file is what conf/alerts says.

The limits that the unit tests know are set here, so that an edit of conf/alerts fails none of them.
"""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from mooring.alerts.runbooks import ALERTS
from mooring.cli import main
from mooring.commands.alerts import RULES
from mooring.config.alerts import Alerts
from mooring.config.load import load
from mooring.manifests.alert_rules import groups, prometheus_rule
from mooring.manifests.rendering import as_yaml
from tests.support.conf import edit
from tests.support.tools import needs
from tests.support.workspaces import ROOT

HERE = Path(__file__).parent
UNIT_TESTS = sorted(path.name for path in HERE.glob("*.yaml"))
LIMITS = {"job_silence_h": 26, "profile_silence_h": 12, "label_silence_h": 48, "pending_m": 15}


def settings(**changes: Any) -> Alerts:
    values = load(Alerts, ROOT / "params.yaml").model_dump(mode="json")
    return Alerts.parse("alerts", values | {"runbooks": "docs/runbooks", "rules": LIMITS} | changes)


def promtool(directory: Path, *arguments: str) -> str:
    """Return what promtool says of the rules; fail if it finds something wrong."""
    (directory / "rules.yaml").write_text(as_yaml(groups(settings(), "flights")))
    done = subprocess.run(
        [needs("promtool"), *arguments],
        cwd=directory,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_promtool_finds_nothing_wrong_with_the_rules(tmp_path: Path) -> None:
    printed = promtool(tmp_path, "check", "rules", "--lint=all", "--lint-fatal", "rules.yaml")
    assert f"SUCCESS: {len(ALERTS)} rules found" in printed


@pytest.mark.parametrize("name", UNIT_TESTS)
def test_rules_fire_when_they_should_and_only_then(name: str, tmp_path: Path) -> None:
    shutil.copy(HERE / name, tmp_path)
    assert "SUCCESS" in promtool(tmp_path, "test", "rules", name)


def test_every_alert_is_seen_firing_and_seen_not_firing() -> None:
    groups_ = [
        group for name in UNIT_TESTS for group in yaml.safe_load((HERE / name).read_text())["tests"]
    ]
    cases = [case for group in groups_ for case in group.get("alert_rule_test", [])]
    fired = {case["alertname"] for case in cases if case["exp_alerts"]}
    assert fired == set(ALERTS)
    silent = {case["alertname"] for case in cases if not case["exp_alerts"]}
    assert silent == set(ALERTS)


def test_every_alert_has_a_severity_a_wait_and_its_page() -> None:
    rules = [rule for group in groups(settings(), "flights")["groups"] for rule in group["rules"]]
    assert sorted(rule["alert"] for rule in rules) == sorted(ALERTS)
    for rule in rules:
        assert rule["for"] == "15m"
        assert rule["labels"]["severity"] in ("info", "warning", "critical")
        assert list(rule["annotations"]) == ["summary", "description", "runbook_url"]
        assert (ROOT / rule["annotations"]["runbook_url"]).is_file()


def test_limits_and_pages_are_those_of_conf() -> None:
    hours = {"job_silence_h": 3, "profile_silence_h": 5, "label_silence_h": 7, "pending_m": 9}
    text = as_yaml(groups(settings(rules=hours, runbooks="https://git.example/r"), "weather"))
    shown = ["> 10800", "[3h]", "> 18000", "than 5 hours", "> 25200", "than 7 hours", "for: 9m"]
    assert [each for each in shown if each not in text] == []
    assert "runbook_url: https://git.example/r/MooringProfileSilence.md" in text
    assert 'data="weather"' in text
    assert "flights" not in text


@pytest.mark.parametrize(
    ("data", "name"), [("flights", "mooring-drift-flights"), ("a_b_", "mooring-drift-a-b")]
)
def test_the_resource_wraps_the_same_groups(data: str, name: str) -> None:
    assert prometheus_rule(settings(), data) == {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": name},
        "spec": groups(settings(), data),
    }


def test_the_committed_file_is_what_conf_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["alerts", "--check"]) == 0
    assert capsys.readouterr().out == f"{RULES} matches conf/alerts\n"


def test_a_file_that_differs_is_reported_and_rewritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(ROOT / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    differs = f"{RULES} does not match conf/alerts\nfix: run 'mooring alerts'\n"
    assert main(["alerts", "--check"]) == 1
    assert not RULES.exists()
    assert main(["alerts"]) == main(["alerts", "--check"]) == 0
    edit(Path("params.yaml"), "pending_m: 15", "pending_m: 16")
    assert main(["alerts", "--check"]) == 1
    same = f"{RULES} matches conf/alerts\n"
    assert capsys.readouterr().out == f"{differs}{RULES} written\n{same}{differs}"


def test_the_plain_file_holds_the_groups_of_the_resource(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["alerts", "--plain"]) == 0
    assert yaml.safe_load(capsys.readouterr().out) == yaml.safe_load(RULES.read_text())["spec"]
