"""Runbooks: one page for each alert, titled by its summary, of one shape, with commands that exist."""

import re
from typing import get_args

import pytest
import yaml

from mooring.alerts.runbooks import Alert
from mooring.cli import COMMANDS
from mooring.manifests.alert_rules import MODEL
from tests.support.workspaces import ROOT

ALERTS = get_args(Alert)
RUNBOOKS = ROOT / "docs/runbooks"


def test_every_alert_has_a_page_and_every_page_an_alert() -> None:
    assert sorted(path.name for path in RUNBOOKS.iterdir()) == sorted(
        f"{name}.md" for name in ALERTS
    )


def test_the_title_of_a_page_says_what_the_summary_of_its_alert_says() -> None:
    rules = yaml.safe_load((ROOT / "argo/monitoring/drift-rules.yaml").read_text(encoding="utf-8"))
    summaries = {
        rule["alert"]: rule["annotations"]["summary"]
        for group in rules["spec"]["groups"]
        for rule in group["rules"]
    }
    titles = {
        path.stem: path.read_text(encoding="utf-8").splitlines()[0] for path in RUNBOOKS.iterdir()
    }
    assert titles == {name: f"# {title_of(summary)}" for name, summary in summaries.items()}


def title_of(summary: str) -> str:
    """Return an alert's summary without the names of its data and model."""
    general = summary.removeprefix("{{ $labels.data }}: ").replace(MODEL, "the model")
    return general[0].upper() + general[1:]


@pytest.mark.parametrize("name", ALERTS)
def test_a_page_says_what_it_means_how_to_look_what_to_do_and_what_not(name: str) -> None:
    text = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", text, re.M) == ["How to look", "What to do", "What not to do"]
    assert f"\nAlert `{name}`.\n" in text
    assert len(text.splitlines()) <= 50


@pytest.mark.parametrize("name", ALERTS)
def test_a_page_names_commands_and_settings_that_exist(name: str) -> None:
    text = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\bmooring ([a-z]+)", text)) <= set(COMMANDS)
    for group in re.findall(r"\bconf/([a-z]+)", text):
        assert (ROOT / "conf" / group).is_dir()
