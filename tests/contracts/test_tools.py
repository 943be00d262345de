"""A test that lacks a program is reported by name with what installs it, and fails in CI."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import tools
from tests.support.project import ROOT

LAW = """
from tests.support.tools import needs

def test_the_rules_are_sound():
    needs("promtool")

def test_the_rules_fire():
    needs("promtool")
"""


def run_without_tools(directory: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run two tests that need promtool where no program is on PATH."""
    (directory / "test_rules.py").write_text(LAW)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.support.tools"],
        cwd=directory,
        env={"PATH": "", "PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
    )


def test_a_test_without_its_tool_is_named_with_what_installs_it(tmp_path: Path) -> None:
    done = run_without_tools(tmp_path)
    assert done.returncode == 0
    head, *lines = done.stdout.splitlines()[-5:]
    assert head.strip("= ") == "NOT RUN"
    assert lines[:3] == [
        "promtool is missing; fix: run 'make tools'",
        "  test_rules.py::test_the_rules_are_sound",
        "  test_rules.py::test_the_rules_fire",
    ]
    assert lines[3].startswith("2 skipped in ")


def test_in_ci_a_test_without_its_tool_fails(tmp_path: Path) -> None:
    done = run_without_tools(tmp_path, CI="true")
    assert done.returncode == 1
    said = "not run, which CI does not allow: promtool is missing; fix: run 'make tools'"
    assert done.stdout.count(said) >= 2


def test_all_tests_are_run_with_the_list_of_those_that_were_not(request) -> None:
    assert request.config.pluginmanager.has_plugin("tests.support.tools")


def test_nothing_is_installed_where_everything_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for names in tools.PROGRAMS.values():
        (tmp_path / names[-1]).touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tools.install() == 0
    assert capsys.readouterr().out == (
        "all there: promtool, prometheus-pushgateway, wrk, chromium\n"
    )


def test_without_apt_get_it_says_what_to_install_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "wrk").touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tools.install() == 2
    assert capsys.readouterr().err == (
        "make tools installs with apt-get, on Debian and Ubuntu; this machine has none.\n"
        "  missing: promtool, prometheus-pushgateway, chromium\n"
        "  fix: install them by hand so that they are on PATH: "
        "Prometheus (promtool), its Pushgateway, wrk, Chromium\n"
    )


@pytest.mark.parametrize(
    ("system", "user", "packages", "prefix"),
    [
        ("debian", 0, ["prometheus", "wrk", "chromium"], []),
        ("debian", 1000, ["prometheus", "wrk", "chromium"], ["sudo"]),
        ("ubuntu", 1000, ["prometheus", "wrk", "chromium-browser"], ["sudo"]),
    ],
)
def test_packages_are_those_of_the_system_and_sudo_is_for_users(
    monkeypatch: pytest.MonkeyPatch, system: str, user: int, packages: list[str], prefix: list[str]
) -> None:
    monkeypatch.setattr(tools.platform, "freedesktop_os_release", lambda: {"ID": system})
    monkeypatch.setattr(tools.os, "geteuid", lambda: user)
    update, install = tools.commands(["promtool", "wrk", "chromium"])
    assert update == [*prefix, "apt-get", "update"]
    flags = ["--yes", "--no-install-recommends"]
    assert install == [*prefix, "apt-get", "install", *flags, *packages]
