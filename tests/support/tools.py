"""Programs that some tests need and pip does not install: one list, for the tests and for `make tools`.

A test that lacks one is reported as not run, by name, with the command that installs it. Where `CI` is
set it fails instead, so that no law goes unproved without a word.
"""

import os
import platform
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

import pytest

INSTALL = "run 'make tools'"
PROGRAMS: dict[str, tuple[str, ...]] = {
    "promtool": ("promtool",),
    "prometheus-pushgateway": ("prometheus-pushgateway", "pushgateway"),
    "wrk": ("wrk",),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
}
"""By tool, the names of the program that will do, the first of which is the usual one."""
PACKAGES = {"promtool": "prometheus"}
"""The Debian package of a tool, where its name is another."""
PACKAGES_ON = {"ubuntu": {"chromium": "chromium-browser"}}
ELSEWHERE = """\
make tools installs with apt-get, on Debian and Ubuntu; this machine has none.
  missing: {missing}
  fix: install them by hand so that they are on PATH: Prometheus (promtool), its Pushgateway, wrk, Chromium
"""


def path_of(tool: str) -> str | None:
    """Return the path of a tool, None where it is missing."""
    found = (shutil.which(name) for name in PROGRAMS[tool])
    return next((path for path in found if path), None)


def needs(tool: str) -> str:
    """Return the path of a tool; where it is missing, the test that asks is not run."""
    path = path_of(tool)
    return path if path else not_run(f"{tool} is missing", INSTALL)


def not_run(why: str, fix: str) -> NoReturn:
    """End a test that lacks something of this machine: skipped, or failed where `CI` is set."""
    text = f"{why}; fix: {fix}"
    if in_ci(os.environ):
        pytest.fail(f"not run, which CI does not allow: {text}", pytrace=False)
    pytest.skip(text)


def in_ci(environment: Mapping[str, str]) -> bool:
    """Return whether the variable that CI systems set is set."""
    return environment.get("CI", "").lower() not in ("", "0", "false")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """List the tests that did not run by what kept them from it, in the last lines of the output."""
    tests: dict[str, set[str]] = {}
    for report in terminalreporter.getreports("skipped"):
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        tests.setdefault(why.removeprefix("Skipped: "), set()).add(report.nodeid)
    if not tests:
        return
    terminalreporter.section("NOT RUN", yellow=True)
    for why, names in sorted(tests.items()):
        terminalreporter.line(why)
        for name in sorted(names):
            terminalreporter.line(f"  {name}")


def install() -> int:
    """Install what is missing with apt-get; return its exit status, 2 where there is none."""
    missing = [tool for tool in PROGRAMS if not path_of(tool)]
    if not missing:
        print(f"all there: {', '.join(PROGRAMS)}")
        return 0
    if not shutil.which("apt-get"):
        print(ELSEWHERE.format(missing=", ".join(missing)), end="", file=sys.stderr)
        return 2
    for command in commands(missing):
        print(f"$ {shlex.join(command)}", flush=True)
        status = subprocess.run(command).returncode
        if status:
            return status
    return 0


def commands(missing: list[str]) -> list[list[str]]:
    """Return the commands that install tools, with sudo unless this is root."""
    named = PACKAGES | PACKAGES_ON.get(platform.freedesktop_os_release()["ID"], {})
    packages = [named.get(tool, tool) for tool in missing]
    root = [] if os.geteuid() == 0 else ["sudo"]
    flags = ["--yes", "--no-install-recommends"]
    return [[*root, "apt-get", "update"], [*root, "apt-get", "install", *flags, *packages]]


if __name__ == "__main__":
    sys.exit(install())
