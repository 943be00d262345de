"""Runbooks: one page for each alert, of one shape, with commands that there are."""

import re
from typing import get_args

import pytest

from mooring.alerts.runbooks import Alert
from mooring.cli import COMMANDS
from tests.support.workspaces import ROOT

ALERTS = get_args(Alert)
RUNBOOKS = ROOT / "docs/runbooks"


def test_every_alert_has_a_page_and_every_page_an_alert() -> None:
    assert sorted(path.name for path in RUNBOOKS.iterdir()) == sorted(
        f"{name}.md" for name in ALERTS
    )


@pytest.mark.parametrize("name", ALERTS)
def test_a_page_says_what_it_means_how_to_look_what_to_do_and_what_not(name: str) -> None:
    text = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", text, re.M) == ["How to look", "What to do", "What not to do"]
    assert f"\nAlert `{name}`.\n" in text
    assert len(text.splitlines()) <= 50


@pytest.mark.parametrize("name", ALERTS)
def test_a_page_names_commands_and_settings_that_there_are(name: str) -> None:
    text = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\bmooring ([a-z]+)", text)) <= set(COMMANDS)
    for group in re.findall(r"\bconf/([a-z]+)", text):
        assert (ROOT / "conf" / group).is_dir()
